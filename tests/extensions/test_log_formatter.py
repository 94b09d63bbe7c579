"""The address that somebody signed for us stands in no line of Scrapy's, whatever the level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.logformatter import LogFormatter
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from dockerhub import settings
from dockerhub.errors import HubRefusal
from dockerhub.extensions.log_formatter import SafeLogFormatter
from dockerhub.kinds import Kind
from dockerhub.meta import REDIRECTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.logformatter import LogFormatterResult

BLOB = "https://registry.example/v2/a/b/blobs/sha256:1"
SIGNED = "https://cdn.example/blobs/sha256/1/data?verify=1800000000-s3cret&page=2"
SHOWN = "https://cdn.example/blobs/sha256/1/data?verify=***&page=2"
REASON = HubRefusal(Kind.BROKEN, 403, f"HTTP 403 from {BLOB}")


def said(url: str = SIGNED, *, is_redirected: bool = True) -> Response:
    """Return the answer to a request, which knows it as those that come from Scrapy do."""
    meta: dict[str, Any] = {REDIRECTED: BLOB} if is_redirected else {}
    return Response(url, request=Request(url, meta=meta))


LINES: dict[str, Callable[[LogFormatter, Response], LogFormatterResult]] = {
    "crawled": lambda our, it: our.crawled(_request(it), it, _spider()),
    "scraped": lambda our, it: our.scraped({"digest": "1"}, it, _spider()),
    "scraped of a refusal": lambda our, _: our.scraped({"a": 1}, Failure(REASON), _spider()),
    "scraped at the start": lambda our, _: our.scraped({"a": 1}, None, _spider()),
    "dropped": lambda our, it: our.dropped({"a": 1}, ValueError("twice"), it, _spider()),
    "item error": lambda our, it: our.item_error({"a": 1}, ValueError("no"), it, _spider()),
    "spider error": lambda our, it: our.spider_error(Failure(REASON), _request(it), it, _spider()),
    "download error": lambda our, it: our.download_error(Failure(REASON), _request(it), _spider()),
    "download error with words": lambda our, it: our.download_error(
        Failure(REASON), _request(it), _spider(), "reset"
    ),
}
WITH_ADDRESS = ["crawled", "scraped", "spider error", "download error"]


def _request(response: Response) -> Request:
    assert response.request is not None
    return response.request


def _spider() -> Any:
    crawler = get_crawler()
    return crawler._create_spider("test")


def line(name: str, response: Response) -> str:
    made = LINES[name](SafeLogFormatter(), response)
    return str(made["msg"] % made["args"])


@pytest.mark.parametrize("name", LINES)
def test_no_line_shows_a_signed_address(name: str) -> None:
    assert "s3cret" not in line(name, said())


@pytest.mark.parametrize("name", WITH_ADDRESS)
def test_what_may_be_shown_of_it_is_shown(name: str) -> None:
    assert SHOWN in line(name, said())


@pytest.mark.parametrize("name", LINES)
def test_other_lines_are_scrapys_own(name: str) -> None:
    response = said(f"{BLOB}?page=2&token=t", is_redirected=False)
    theirs = LINES[name](LogFormatter(), response)
    assert line(name, response) == theirs["msg"] % theirs["args"]


def test_what_is_logged_is_not_changed() -> None:
    response = said()
    for name in LINES:
        line(name, response)
    assert response.url == _request(response).url == SIGNED


def test_it_is_the_one_of_the_settings() -> None:
    formatter = SafeLogFormatter
    assert f"{formatter.__module__}.{formatter.__qualname__}" == settings.LOG_FORMATTER
