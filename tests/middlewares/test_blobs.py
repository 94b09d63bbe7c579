"""The registry's redirect for a blob is followed; every other one is refused by its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.http import Response

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import BARE, REDIRECTED, REPOSITORY
from dockerhub.middlewares.blobs import BlobsMiddleware
from dockerhub.services import Services
from tests.middlewares.exchanges import HUB, LIST, REDIS, TAGS
from tests.middlewares.registry import AUTH, REGISTRY, blob, manifest, names

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

LOOPBACK = "http://127.0.0.1:5000"
SIGNED = "https://cdn.example/blobs/1?verify=1-s1gned"
BLOB = blob().url
HERE = BLOB.replace(REGISTRY, LOOPBACK)


@pytest.fixture
def middleware(crawler: Crawler) -> BlobsMiddleware:
    return BlobsMiddleware.from_crawler(crawler)


@pytest.fixture
def at_loopback(crawler: Crawler) -> BlobsMiddleware:
    services = Services(hub=HUB, registry=LOOPBACK, auth=AUTH)
    return BlobsMiddleware(crawler, services=services)


def to(target: str | None, status: int = 307) -> Response:
    return Response(BLOB, status, headers={"Location": target} if target is not None else {})


def followed(middleware: BlobsMiddleware, request: Request, response: Response) -> Request:
    following = middleware.process_response(request, response)
    assert isinstance(following, Request)
    return following


def refused(middleware: BlobsMiddleware, request: Request, response: Response) -> HubRefusal:
    with pytest.raises(HubRefusal) as caught:
        middleware.process_response(request, response)
    assert (caught.value.kind, caught.value.status) == (Kind.REFUSED, response.status)
    return caught.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_blob_is_fetched_from_where_the_registry_says(
    middleware: BlobsMiddleware, crawler: Crawler, status: int
) -> None:
    request = blob(n=7, headers={"Authorization": "Bearer t1", "Accept": "*/*"})
    request.meta["download_maxsize"] = 9
    following = followed(middleware, request, to(SIGNED, status))
    assert (following.url, following.method) == (SIGNED, "GET")
    assert following.headers == {b"Accept": [b"*/*"]}
    assert following.meta[REDIRECTED] == request.url
    assert following.meta["download_maxsize"] == 9
    assert following.meta[REPOSITORY] == "bitnami/redis"
    assert (following.cb_kwargs, following.callback) == ({"n": 7}, request.callback)
    assert following.dont_filter
    # The address lives for a while only: it goes before what was queued earlier.
    assert following.priority > request.priority
    assert crawler.stats.get_stats() == {}
    # The first request is as it was.
    assert (request.headers["Authorization"], REDIRECTED in request.meta) == (b"Bearer t1", False)


@pytest.mark.parametrize(
    ("request_url", "target", "url"),
    [
        pytest.param(HERE, "http://127.0.0.1:5002/x", "http://127.0.0.1:5002/x", id="loopback"),
        pytest.param(HERE, "http://localhost/x", "http://localhost/x", id="loopback by name"),
        pytest.param(HERE, SIGNED, SIGNED, id="https"),
        pytest.param(HERE, "/x?verify=1", f"{LOOPBACK}/x?verify=1", id="relative"),
        pytest.param(HERE, "//127.0.0.1:9/x", "http://127.0.0.1:9/x", id="without a scheme"),
    ],
)
def test_of_a_loopback_registry_loopback_is_enough(
    at_loopback: BlobsMiddleware, request_url: str, target: str, url: str
) -> None:
    assert followed(at_loopback, Request(request_url), to(target)).url == url


def test_what_went_elsewhere_takes_no_token_with_it(middleware: BlobsMiddleware) -> None:
    headers = {"Authorization": "Bearer t1", "Accept": "*/*"}
    elsewhere = Request(SIGNED, headers=headers, meta={REDIRECTED: BLOB})
    assert middleware.process_request(elsewhere) is None
    assert elsewhere.headers == {b"Accept": [b"*/*"]}
    ours = Request(BLOB, headers=headers)
    assert middleware.process_request(ours) is None
    assert ours.headers["Authorization"] == b"Bearer t1"


EXPECTED = "expected an answer from the one that was asked, got a redirect to "
PLAIN = "redirect of a blob: expected https, got a redirect to "


@pytest.mark.parametrize(
    ("request_for", "target", "message"),
    [
        pytest.param(blob(), "http://cdn.example/x", f'{PLAIN}"http://cdn.example"', id="http"),
        pytest.param(blob(), "http://127.0.0.1/x", f'{PLAIN}"http://127.0.0.1"', id="loopback"),
        pytest.param(blob(), "ftp://cdn.example/x", f'{PLAIN}"ftp://cdn.example"', id="ftp"),
        pytest.param(
            blob(),
            "http://cdn.example/x?verify=s3cret",
            f'{PLAIN}"http://cdn.example"',
            id="secret",
        ),
        pytest.param(
            Request(SIGNED, meta={REDIRECTED: BLOB}),
            "https://other.example/x",
            "redirect of a blob: expected its bytes after one redirect,"
            ' got a redirect to "https://other.example"',
            id="a second one",
        ),
        pytest.param(
            manifest(), SIGNED, f'manifests: {EXPECTED}"https://cdn.example"', id="manifest"
        ),
        pytest.param(
            manifest(method="HEAD"),
            SIGNED,
            f'manifests: {EXPECTED}"https://cdn.example"',
            id="HEAD",
        ),
        pytest.param(
            names(), SIGNED, f'names of tags: {EXPECTED}"https://cdn.example"', id="names of tags"
        ),
        pytest.param(
            manifest(), "/v2/x", f'manifests: {EXPECTED}"https://registry.example"', id="to itself"
        ),
        pytest.param(
            Request(LIST),
            "https://evil.example/x",
            f'lists of repositories: {EXPECTED}"https://evil.example"',
            id="hub, list",
        ),
        pytest.param(
            Request(TAGS), "/x", f'lists of tags: {EXPECTED}"http://127.0.0.1"', id="hub, to itself"
        ),
        pytest.param(
            Request(REDIS),
            "https://evil.example/",
            f'repositories: {EXPECTED}"https://evil.example"',
            id="hub, repository",
        ),
        pytest.param(
            Request(f"{HUB}/v2/a/b/blobs/1"),
            SIGNED,
            f'blobs: {EXPECTED}"https://cdn.example"',
            id="hub has no blobs",
        ),
    ],
)
def test_every_other_redirect_is_refused(
    middleware: BlobsMiddleware, crawler: Crawler, request_for: Request, target: str, message: str
) -> None:
    error = refused(middleware, request_for, to(target))
    assert str(error) == error.detail == message
    assert crawler.stats.get_stats() == {f"dockerhub/no/{Kind.REFUSED}": 1}


@pytest.mark.parametrize(
    ("target", "found"),
    [
        pytest.param("http://[::1/x", "nowhere", id="half an address"),
        pytest.param("https://[", "nowhere", id="less of one"),
        pytest.param("", "nowhere", id="empty"),
        pytest.param(None, "nowhere", id="none"),
        pytest.param("file:///etc/passwd", '"file://"', id="file"),
        pytest.param("data:,{}", '"data://"', id="data"),
        pytest.param("https://", "nowhere", id="no host"),
        pytest.param(BLOB, "nowhere", id="where it came from"),
        pytest.param("https://cdn.example:99999999/x", '"https://cdn.example"', id="no port"),
        pytest.param("https://cdn.example:0/x", '"https://cdn.example"', id="port 0"),
        pytest.param("https://ada:s3cret@cdn.example/x", '"https://cdn.example"', id="a user"),
        pytest.param("https://cdn.example/a b", '"https://cdn.example"', id="a blank"),
        pytest.param("https://cdn.example/<script>", '"https://cdn.example"', id="other signs"),
    ],
)
def test_a_redirect_that_is_no_plain_address_is_refused(
    middleware: BlobsMiddleware, target: str | None, found: str
) -> None:
    assert refused(middleware, blob(), to(target)).detail == (
        "redirect of a blob: expected a URL with a host and without a user,"
        f" got a redirect to {found}"
    )


@pytest.mark.parametrize("status", [200, 206, 300, 304, 305, 401, 404, 500])
def test_what_is_no_redirect_goes_on(middleware: BlobsMiddleware, status: int) -> None:
    response = to(SIGNED, status)
    assert middleware.process_response(blob(), response) is response


def test_what_a_middleware_asks_for_itself_is_its_own_matter(middleware: BlobsMiddleware) -> None:
    response: Any = to(SIGNED)
    request = Request(f"{AUTH}/token", meta={BARE: True})
    assert middleware.process_response(request, response) is response


@pytest.mark.parametrize("host", ["a\x1bb", "a\u202eb", "a\x1b[31mb", 'a"b', "a" * 900])
def test_a_hostile_target_is_shown_in_printable_letters(
    middleware: BlobsMiddleware, host: str
) -> None:
    error = refused(middleware, blob(), to(f"http://{host}.example/"))
    assert len(error.detail) < 160
    assert error.detail.isprintable()
    assert "\x1b" not in error.detail
