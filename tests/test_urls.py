from __future__ import annotations

import pytest

from dockerhub.endpoints import Endpoint, Form, Kept, endpoint_of
from dockerhub.errors import ArgumentError
from dockerhub.names import RepositoryName
from dockerhub.urls import (
    HubUrls,
    is_loopback,
    is_loopback_url,
    is_trusted_next,
    origin_of,
    read_origin,
    unreachable,
)

ORIGIN = "https://hub.docker.com"
URLS, OLD_URLS = HubUrls(ORIGIN), HubUrls(ORIGIN)
for every in Kept:
    OLD_URLS.use_old_form(every)
REDIS = RepositoryName("bitnami", "redis")
EXPECTED = (
    "setting X: expected an origin such as https://hub.docker.com"
    " (http only for loopback hosts, no path), got "
)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        pytest.param(
            URLS.namespace_list("bitnami", 2, 100),
            "/v2/namespaces/bitnami/repositories?page=2&page_size=100",
            id="list",
        ),
        pytest.param(
            URLS.namespace_list("bitnami", 1, 99, "-name"),
            "/v2/namespaces/bitnami/repositories?page=1&page_size=99&ordering=-name",
            id="list in another order",
        ),
        pytest.param(
            OLD_URLS.namespace_list("bitnami", 2, 100),
            "/v2/repositories/bitnami?page=2&page_size=100",
            id="list, old form",
        ),
        pytest.param(
            URLS.repository(REDIS), "/v2/namespaces/bitnami/repositories/redis", id="repository"
        ),
        pytest.param(
            OLD_URLS.repository(REDIS), "/v2/repositories/bitnami/redis", id="repository, old form"
        ),
        pytest.param(
            URLS.tag_list(REDIS, 1, 99),
            "/v2/namespaces/bitnami/repositories/redis/tags"
            "?page=1&page_size=99&ordering=last_updated",
            id="tags",
        ),
        pytest.param(
            URLS.tag_list(REDIS, 3, 99, ordering="-name"),
            "/v2/namespaces/bitnami/repositories/redis/tags?page=3&page_size=99&ordering=-name",
            id="tags in another order",
        ),
        pytest.param(
            URLS.tag_list(REDIS, 1, 99, ordering=""),
            "/v2/namespaces/bitnami/repositories/redis/tags?page=1&page_size=99",
            id="tags in no order",
        ),
        pytest.param(
            OLD_URLS.tag_list(REDIS, 1, 99, containing="alpine 3"),
            "/v2/repositories/bitnami/redis/tags"
            "?page=1&page_size=99&ordering=last_updated&name=alpine+3",
            id="tags that contain a text, old form",
        ),
        pytest.param(
            URLS.tag(REDIS, "7.2"),
            "/v2/namespaces/bitnami/repositories/redis/tags/7.2",
            id="tag",
        ),
        pytest.param(
            OLD_URLS.tag(REDIS, "7.2"),
            "/v2/repositories/bitnami/redis/tags/7.2",
            id="tag, old form",
        ),
        pytest.param(
            URLS.tag_images(REDIS, "7.2"),
            "/v2/namespaces/bitnami/repositories/redis/tags/7.2/images",
            id="build steps",
        ),
        pytest.param(
            OLD_URLS.tag_images(REDIS, "7.2"),
            "/v2/repositories/bitnami/redis/tags/7.2/images",
            id="build steps, old form",
        ),
        pytest.param(
            URLS.search("a&b=c", 3, 100),
            "/v2/search/repositories/?page=3&page_size=100&query=a%26b%3Dc",
            id="search",
        ),
        pytest.param(
            OLD_URLS.search("x", 1, 9),
            "/v2/search/repositories/?page=1&page_size=9&query=x",
            id="search has one form",
        ),
        pytest.param(URLS.token(), "/v2/auth/token", id="token"),
        pytest.param(URLS.login(), "/v2/users/login", id="old sign-in"),
    ],
)
def test_addresses_are_those_of_the_hub(url: str, path: str) -> None:
    assert url == ORIGIN + path


def all_of(urls: HubUrls) -> dict[Kept, str]:
    """Return one address of each endpoint that has two forms."""
    return {
        Kept.REPOSITORIES: urls.namespace_list("bitnami", 1, 9),
        Kept.REPOSITORY: urls.repository(REDIS),
        Kept.TAGS: urls.tag_list(REDIS, 1, 9),
        Kept.TAG: urls.tag(REDIS, "7.2"),
        Kept.IMAGES: urls.tag_images(REDIS, "7.2"),
    }


@pytest.mark.parametrize("kept", all_of(URLS))
def test_each_endpoint_goes_over_to_the_old_form_alone(kept: Kept) -> None:
    urls = HubUrls(ORIGIN)
    assert all_of(urls) == all_of(URLS)
    assert urls.use_old_form(kept)
    assert not urls.use_old_form(kept)
    assert all_of(urls) == all_of(URLS) | {kept: all_of(OLD_URLS)[kept]}
    assert endpoint_of(all_of(urls)[kept]) == Endpoint(kept, Form.REPOSITORIES)


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        (
            ORIGIN,
            (
                "https://hub.docker.com: expected an answer, it cannot be reached"
                " (offline? try: scrapy demo)"
            ),
        ),
        (
            "http://127.0.0.1:9",
            "http://127.0.0.1:9: expected an answer, it cannot be reached",
        ),
    ],
)
def test_who_is_offline_is_shown_the_demo(origin: str, message: str) -> None:
    assert unreachable(origin) == message


@pytest.mark.parametrize(
    ("link", "answer"),
    [
        pytest.param(f"{ORIGIN}/v2/x?page=4", True, id="forward"),
        pytest.param(f"{ORIGIN}/v2/x?page=3", False, id="same page"),
        pytest.param(f"{ORIGIN}/v2/x?page=2", False, id="back"),
        pytest.param(f"{ORIGIN}/v2/x", False, id="no page"),
        pytest.param(f"{ORIGIN}/v2/x?page=next", False, id="page is no number"),
        pytest.param("https://registry.hub.docker.com/v2/x?page=4", True, id="alias"),
        pytest.param("https://evil.example/v2/x?page=4", False, id="other host"),
        pytest.param("https://hub.docker.com.evil.example/?page=4", False, id="longer host"),
        pytest.param("https://hub.docker.com@evil.example/?page=4", False, id="user name"),
        pytest.param("/v2/x?page=4", False, id="relative"),
        pytest.param("http://[x?page=4", False, id="no URL"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_next_link_is_believed_if_it_goes_forward_here(link: str, answer: bool) -> None:
    assert is_trusted_next(link, ORIGIN, 3) is answer


def test_a_next_link_of_another_port_is_not_believed() -> None:
    assert is_trusted_next("http://127.0.0.1:81/?page=2", "http://127.0.0.1:81", 1)
    assert not is_trusted_next("http://127.0.0.1:82/?page=2", "http://127.0.0.1:81", 1)
    assert not is_trusted_next("https://127.0.0.1:81/?page=2", "http://127.0.0.1:81", 1)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://hub.docker.com", "https://hub.docker.com"),
        (" https://Hub.Docker.com/ ", "https://hub.docker.com"),
        ("https://hub.example:8443", "https://hub.example:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.7", "http://127.0.0.7"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_origins_are_read(text: str, origin: str) -> None:
    assert read_origin("setting X", text) == origin


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", '""', id="nothing"),
        pytest.param("hub.docker.com", '"hub.docker.com"', id="no scheme"),
        pytest.param("ftp://hub.docker.com", '"ftp://hub.docker.com"', id="other scheme"),
        pytest.param("http://hub.docker.com", '"http://hub.docker.com"', id="plain http"),
        pytest.param("http://127.0.0.1.example", '"http://127.0.0.1.example"', id="no loopback"),
        pytest.param("https://hub.docker.com/v2", '"https://hub.docker.com/v2"', id="path"),
        pytest.param("https://h.example?key=s3cret", '"https://h.example?key=***"', id="query"),
        pytest.param("https://ada:s3cret@h.example", '"https://***@h.example"', id="password"),
        pytest.param("https://ada:s3/cret@h.example", '"no URL"', id="password with a slash"),
        pytest.param("https://h.example:99999", '"no URL"', id="port"),
        pytest.param("https://[h", '"no URL"', id="half an address"),
    ],
)
def test_what_is_no_origin_is_refused_without_its_secrets(text: str, found: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_origin("setting X", text)
    assert str(caught.value) == EXPECTED + found


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback_hosts_are_told_from_others(host: str | None, answer: bool) -> None:
    assert is_loopback(host) is answer


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        pytest.param("http://127.0.0.1:8080/x", True, id="address"),
        pytest.param("https://localhost/x?verify=1", True, id="name"),
        pytest.param("http://[::1]:8080/", True, id="address of six"),
        pytest.param("http://cdn.example/x", False, id="another host"),
        pytest.param("http://127.0.0.1.example/x", False, id="a longer host"),
        pytest.param("http://127.0.0.1@cdn.example/x", False, id="address as user"),
        pytest.param("ftp://127.0.0.1/x", False, id="another scheme"),
        pytest.param("//127.0.0.1/x", False, id="no scheme"),
        pytest.param("http://[::1/x", False, id="no URL"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_urls_of_this_machine_are_told_from_others(url: str, answer: bool) -> None:
    assert is_loopback_url(url) is answer


@pytest.mark.parametrize("path", ["", "/", "/v2/a/b/manifests/sha256:ab?x=http://c/d"])
def test_the_origin_of_a_url_is_all_before_its_path(path: str) -> None:
    assert origin_of(f"http://127.0.0.1:9{path}") == "http://127.0.0.1:9"
