from __future__ import annotations

from hashlib import sha256

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.names import RepositoryName, digest_bytes
from dockerhub.services import RegistryUrls, Service, Services, judged_body

HUB, REGISTRY, AUTH = "https://hub.example", "https://registry.example", "https://auth.example"
HERE = "http://127.0.0.1:5000"
SERVICES = Services(hub=HUB, registry=REGISTRY, auth=AUTH)
URLS = RegistryUrls(REGISTRY)
REDIS = RepositoryName("bitnami", "redis")
DIGEST = f"sha256:{'ab' * 32}"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        pytest.param(URLS.base(), "/v2/", id="base"),
        pytest.param(
            URLS.manifest(REDIS, digest_bytes(DIGEST)),
            f"/v2/bitnami/redis/manifests/{DIGEST}",
            id="manifest by digest",
        ),
        pytest.param(
            URLS.manifest(REDIS, "7.2"), "/v2/bitnami/redis/manifests/7.2", id="manifest by tag"
        ),
        pytest.param(
            URLS.manifest(REDIS, "a?b#c/d"),
            "/v2/bitnami/redis/manifests/a%3Fb%23c%2Fd",
            id="a tag that is none",
        ),
        pytest.param(
            URLS.blob(REDIS, digest_bytes(DIGEST)), f"/v2/bitnami/redis/blobs/{DIGEST}", id="blob"
        ),
        pytest.param(URLS.tag_names(REDIS), "/v2/bitnami/redis/tags/list?n=1000", id="names"),
        pytest.param(
            URLS.tag_names(REDIS, "17.9"),
            "/v2/bitnami/redis/tags/list?n=1000&last=17.9",
            id="names after one",
        ),
        pytest.param(
            URLS.tag_names(REDIS, "a&b=c"),
            "/v2/bitnami/redis/tags/list?n=1000&last=a%26b%3Dc",
            id="names after one that is none",
        ),
    ],
)
def test_addresses_are_those_of_the_registry(url: str, path: str) -> None:
    assert url == REGISTRY + path


@pytest.mark.parametrize(
    ("url", "method", "service"),
    [
        pytest.param(f"{HUB}/v2/namespaces/a/repositories", "GET", Service.HUB, id="hub"),
        pytest.param(f"{HUB}/v2/auth/token", "POST", Service.HUB, id="sign-in"),
        pytest.param(f"{HUB}/v2/a/b/manifests/c", "GET", Service.HUB, id="hub counts no pulls"),
        pytest.param(HUB, "GET", Service.HUB, id="hub without a path"),
        pytest.param(URLS.base(), "GET", Service.REGISTRY, id="base"),
        pytest.param(URLS.manifest(REDIS, "1"), "GET", Service.PULLS, id="GET of a tag"),
        pytest.param(
            URLS.manifest(REDIS, digest_bytes(DIGEST)), "GET", Service.PULLS, id="GET of a digest"
        ),
        pytest.param(URLS.manifest(REDIS, "1"), "HEAD", Service.REGISTRY, id="HEAD of a manifest"),
        pytest.param(URLS.blob(REDIS, b"\0" * 32), "GET", Service.REGISTRY, id="blob"),
        pytest.param(URLS.tag_names(REDIS, "x"), "GET", Service.REGISTRY, id="names"),
        pytest.param(
            URLS.manifest(RepositoryName("manifests", "blobs"), "tags"),
            "GET",
            Service.PULLS,
            id="a repository of that name",
        ),
        pytest.param(f"{AUTH}/token?scope=x", "GET", None, id="token service"),
        pytest.param("https://cdn.example/x", "GET", None, id="another host"),
        pytest.param("http://registry.example/v2/", "GET", None, id="another scheme"),
        pytest.param("https://registry.example:8443/v2/", "GET", None, id="another port"),
        pytest.param("https://registry.example.evil.example/", "GET", None, id="a longer host"),
        pytest.param("https://registry.example@evil.example/", "GET", None, id="host as user"),
        pytest.param("", "GET", None, id="nothing"),
    ],
)
def test_a_request_is_told_to_its_service(url: str, method: str, service: Service | None) -> None:
    assert SERVICES.of(url, method) is service


@pytest.mark.parametrize(
    ("registry", "url", "service"),
    [
        pytest.param(REGISTRY, "https://cdn.example/x?verify=1", Service.CDN, id="https"),
        pytest.param(REGISTRY, URLS.manifest(REDIS, "1"), Service.CDN, id="no pull, were it there"),
        pytest.param(REGISTRY, "http://cdn.example/x", None, id="http"),
        pytest.param(REGISTRY, f"{HERE}/x", None, id="http of this machine, from elsewhere"),
        pytest.param(REGISTRY, "https://127.0.0.1/x", Service.CDN, id="https of this machine"),
        pytest.param(HERE, "http://localhost:9/x", Service.CDN, id="http among loopback hosts"),
        pytest.param(HERE, "http://cdn.example/x", None, id="http from a loopback host"),
        pytest.param(HERE, "https://cdn.example/x", Service.CDN, id="https from a loopback host"),
        pytest.param(HERE, "ftp://127.0.0.1/x", None, id="another scheme"),
        pytest.param(HERE, "file:///x", None, id="a file"),
    ],
)
def test_a_blob_is_fetched_over_https_or_among_loopback_hosts(
    registry: str, url: str, service: Service | None
) -> None:
    services = Services(hub=HUB, registry=registry, auth=AUTH)
    assert services.of(url, is_redirected=True) is service
    assert services.may_redirect(url) is (service is not None)


SETTINGS = {
    "DOCKERHUB_HUB_URL": "https://Hub.example/",
    "DOCKERHUB_REGISTRY_URL": "http://localhost:5000",
    "DOCKERHUB_AUTH_URL": "https://auth.example:8443",
}


def test_origins_are_read_from_the_settings() -> None:
    services = Services.of_settings(SETTINGS)
    assert (services.hub, services.registry, services.auth) == (
        "https://hub.example",
        "http://localhost:5000",
        "https://auth.example:8443",
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_is_no_origin_is_named(name: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Services.of_settings({**SETTINGS, name: "http://other.example"})
    assert str(caught.value) == (
        f"setting {name}: expected an origin such as https://hub.docker.com"
        ' (http only for loopback hosts, no path), got "http://other.example"'
    )


@pytest.mark.parametrize("service", Service)
def test_a_service_is_its_name(service: Service) -> None:
    assert {service: 1}[str(service)] == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("body", "judged"),
    [
        pytest.param(b"<html>", b"{}", id="a page that is what was asked for"),
        pytest.param(b"", b"{}", id="nothing"),
        pytest.param(b'{"a":1}', b'{"a":1}', id="JSON"),
    ],
)
def test_what_its_digest_proves_is_data_whatever_it_looks_like(body: bytes, judged: bytes) -> None:
    digest = sha256(body).digest()
    assert judged_body(URLS.blob(REDIS, digest), body) == judged
    assert judged_body(URLS.manifest(REDIS, digest), body) == judged
    for url in (URLS.blob(REDIS, digest_bytes(DIGEST)), URLS.manifest(REDIS, "7.2"), URLS.base()):
        assert judged_body(url, body) == body
