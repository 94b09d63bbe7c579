from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from tests.standin.client import ask
from tests.standin.registry_client import get_blob, get_manifest, headers

if TYPE_CHECKING:
    from dockerhub.standin import StandIn, World

NGINX = "library/nginx"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
CHALLENGE = 'Bearer realm="{0}/token",service="registry.docker.io"'


def tag_of_type(world: World, repository: str, media_type: str) -> str:
    names = world.digests(repository)
    return next(n for n in names if world.manifest_bytes(repository, n)[1] == media_type)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_base_wants_a_token_and_names_no_scope(hub: StandIn, method: str) -> None:
    answer = ask(f"{hub.registry_url}/v2/", method=method)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == CHALLENGE.format(hub.auth_url)
    assert answer.headers["docker-distribution-api-version"] == "registry/2.0"
    answer = ask(f"{hub.registry_url}/v2/", method=method, headers=headers(hub))
    assert (answer.status, answer.body) == (200, b"{}" if method == "GET" else b"")


def test_without_a_token_the_challenge_names_the_scope(hub: StandIn) -> None:
    for path in ("manifests/latest", "blobs/sha256:0", "tags/list"):
        answer = ask(f"{hub.registry_url}/v2/library/nginx/{path}")
        scope = ',scope="repository:library/nginx:pull"'
        assert answer.headers["www-authenticate"] == CHALLENGE.format(hub.auth_url) + scope
        assert answer.status == 401
        (error,) = answer.json["errors"]
        assert (error["code"], error["message"]) == ("UNAUTHORIZED", "authentication required")
        assert error["detail"] == [
            {"Type": "repository", "Class": "", "Name": NGINX, "Action": "pull"}
        ]


@pytest.mark.parametrize("name", ["library/none", "bitnami/redis", "nginx", "a/b/c"])
def test_a_token_for_something_else_is_not_enough(hub: StandIn, name: str) -> None:
    sent = headers(hub, NGINX, name) if name != "bitnami/redis" else headers(hub, NGINX)
    answer = get_manifest(hub, name, "latest", sent)
    assert answer.status == 401
    said = f'scope="repository:{name}:pull",error="insufficient_scope"'
    assert answer.headers["www-authenticate"].endswith(said)
    assert hub.journal.stray_tokens == []


def test_a_token_that_is_over_is_invalid(hub: StandIn) -> None:
    sent = headers(hub, NGINX)
    hub.expire_tokens()
    answer = get_manifest(hub, NGINX, "latest", sent)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].endswith('error="invalid_token"')
    assert hub.journal.exchanges[-1].token == "expired"
    assert hub.journal.stray_tokens == []


@pytest.mark.parametrize("reference", ["tag", "digest"])
def test_a_manifest_is_its_bytes_and_says_who_it_is(hub: StandIn, reference: str) -> None:
    world, sent = hub.world, headers(hub, NGINX)
    for name, found in list(world.digests(NGINX).items())[::6]:
        body, media_type = world.manifest_bytes(NGINX, found.tag)
        asked = name if reference == "tag" else found.tag
        for method in ("GET", "HEAD"):
            answer = get_manifest(hub, NGINX, asked, sent, method)
            assert answer.status == 200
            assert answer.headers["content-type"] == media_type
            assert answer.headers["docker-content-digest"] == found.tag
            assert answer.headers["etag"] == f'"{found.tag}"'
            assert answer.headers["content-length"] == str(len(body))
            assert "content-encoding" not in answer.headers
            assert answer.body == (body if method == "GET" else b"")


def test_every_tag_is_whole_over_http(hub: StandIn) -> None:
    sent = headers(hub, NGINX)
    names = ask(f"{hub.registry_url}/v2/{NGINX}/tags/list", headers=sent).json["tags"]
    assert len(names) == 30
    seen: set[str] = set()
    for name in names:
        answer = get_manifest(hub, NGINX, name, sent)
        root = answer.headers["docker-content-digest"]
        assert root == f"sha256:{sha256(answer.body).hexdigest()}"
        if root not in seen:
            seen.add(root)
            check_members(hub, answer.json, sent)
    assert len(seen) == 8


def check_members(hub: StandIn, content: dict[str, object], sent: dict[str, str]) -> None:
    for entry in content.get("manifests", []):  # type: ignore[attr-defined]
        answer = get_manifest(hub, NGINX, entry["digest"], sent)
        assert f"sha256:{sha256(answer.body).hexdigest()}" == entry["digest"]
        assert len(answer.body) == entry["size"]
        check_members(hub, answer.json, sent)
    if "config" in content:
        config: dict[str, str] = content["config"]  # type: ignore[assignment]
        blob = get_blob(hub, NGINX, config["digest"], sent).body
        assert f"sha256:{sha256(blob).hexdigest()}" == config["digest"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_not_there_is_unknown(hub: StandIn, method: str) -> None:
    sent, digest = headers(hub, NGINX), "sha256:" + "0" * 64
    tag = get_manifest(hub, NGINX, "none", sent, method)
    by_digest = get_manifest(hub, NGINX, digest, sent, method)
    blob = ask(f"{hub.registry_url}/v2/{NGINX}/blobs/{digest}", method=method, headers=sent)
    assert [answer.status for answer in (tag, by_digest, blob)] == [404] * 3
    if method == "GET":
        assert tag.json == {
            "errors": [
                {
                    "code": "MANIFEST_UNKNOWN",
                    "message": "manifest unknown",
                    "detail": {"Tag": "none"},
                }
            ]
        }
        assert by_digest.json["errors"][0]["code"] == "MANIFEST_UNKNOWN"
        assert blob.json["errors"][0]["code"] == "BLOB_UNKNOWN"


def test_the_content_of_another_repository_is_not_there(hub: StandIn) -> None:
    found = hub.world.digests("bitnami/nginx")["latest"]
    sent = headers(hub, NGINX, "bitnami/nginx")
    assert get_manifest(hub, "bitnami/nginx", found.tag, sent).status == 200
    assert get_manifest(hub, NGINX, found.tag, sent).status == 404


def test_layers_have_no_bytes_here(hub: StandIn) -> None:
    image = hub.world.tag(NGINX, "latest").images[0]
    layer = next(each.digest for each in hub.world.layers(image) if each.digest)
    assert get_blob(hub, NGINX, layer, headers(hub, NGINX)).status == 404


def test_who_does_not_accept_oci_is_told_so(hub: StandIn) -> None:
    name = tag_of_type(hub.world, NGINX, OCI_INDEX)
    sent = headers(hub, NGINX)
    for accept in ("*/*", LIST, "text/html, */*;q=0.8"):
        answer = get_manifest(hub, NGINX, name, sent | {"Accept": accept})
        assert answer.status == 404
        (error,) = answer.json["errors"]
        assert error["code"] == "MANIFEST_UNKNOWN"
        assert "Accept header does not support OCI" in error["message"]
    accept = f"text/html, {OCI_INDEX};q=0.5"
    assert get_manifest(hub, NGINX, name, sent | {"Accept": accept}).status == 200


def test_who_does_not_accept_lists_gets_one_platform(hub: StandIn) -> None:
    repository = "bitnami/nginx"
    name, sent = tag_of_type(hub.world, repository, LIST), headers(hub, repository)
    found = hub.world.digests(repository)[name]
    old = get_manifest(hub, repository, name, {"Authorization": sent["Authorization"]})
    assert old.headers["docker-content-digest"] == found.images[0]
    assert old.headers["content-type"].endswith("manifest.v2+json")
    by_digest = get_manifest(hub, repository, found.tag, {"Authorization": sent["Authorization"]})
    assert by_digest.headers["docker-content-digest"] == found.tag


def test_names_of_tags_come_all_at_once_in_ascii_order(hub: StandIn) -> None:
    sent = headers(hub, "bitnami/long")
    answer = ask(f"{hub.registry_url}/v2/bitnami/long/tags/list", headers=sent)
    assert answer.json["name"] == "bitnami/long"
    assert answer.json["tags"] == sorted(tag.name for tag in hub.world.tags("bitnami/long"))
    assert "link" not in answer.headers


@pytest.mark.parametrize("size", [1, 7, 30, 1000])
def test_names_of_tags_come_in_pages_with_relative_links(hub: StandIn, size: int) -> None:
    sent, names, forms = headers(hub, NGINX), [], set()
    path: str | None = f"/v2/{NGINX}/tags/list?n={size}"
    while path:
        answer = ask(hub.registry_url + path, headers=sent)
        names += answer.json["tags"]
        link = answer.headers.get("link")
        path = link.partition("<")[2].partition(">")[0] if link else None
        if link:
            assert link.endswith('>; rel="next"')
            forms.add(link.partition("?")[2][:2])
    assert names == sorted(tag.name for tag in hub.world.tags(NGINX))
    assert forms == ({"n=", "la"} if size < 10 else set())


def test_pages_of_names_may_start_anywhere(hub: StandIn) -> None:
    sent, start = headers(hub, NGINX), f"{hub.registry_url}/v2/{NGINX}/tags/list"
    assert ask(f"{start}?last=zzz", headers=sent).json["tags"] == []
    assert ask(f"{start}?last=latess", headers=sent).json["tags"] == ["latest"]
    assert ask(f"{start}?n=0", headers=sent).status == 400
    answer = ask(f"{start}?n=x", headers=sent)
    assert answer.json["errors"][0]["code"] == "PAGINATION_NUMBER_INVALID"


def test_names_of_a_repository_without_tags_are_unknown(hub: StandIn) -> None:
    name = next(each.full_name for each in hub.world.repositories() if not each.tag_count)
    answer = ask(f"{hub.registry_url}/v2/{name}/tags/list", headers=headers(hub, name))
    assert (answer.status, answer.json["errors"][0]["code"]) == (404, "NAME_UNKNOWN")


def test_nobody_is_granted_the_catalogue(hub: StandIn) -> None:
    for sent in ({}, headers(hub, NGINX)):
        answer = ask(f"{hub.registry_url}/v2/_catalog", headers=sent)
        assert answer.status == 401
        assert 'scope="registry:catalog:*"' in answer.headers["www-authenticate"]


def test_what_no_registry_answers_is_599(hub: StandIn) -> None:
    for path in ("/", "/v2", "/v2/library/nginx", "/v1/search", "/v2/library/nginx/referrers/x"):
        assert ask(hub.registry_url + path).status == 599
    assert ask(f"{hub.registry_url}/v2/", method="POST").status == 599
    assert len(hub.journal.unknown) == 6
