"""Follows the registry's redirect for a blob, and no other one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin, urlsplit

from dockerhub.endpoints import Kept, endpoint_of
from dockerhub.errors import HubRefusal, shown
from dockerhub.kinds import Kind
from dockerhub.limits.breaker import DIRECT
from dockerhub.meta import BARE, EXIT, REDIRECTED, REDIRECTED_BY
from dockerhub.services import Service, Services

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ODD = re.compile(r"[^\x21-\x7e]|[\\<>\"{}|^`]")  # no sign of a URL
_PRIORITY = 40  # the address that was given lives for a while only


class BlobsMiddleware:
    """Goes where the registry says a blob is, without our token, once, over https or loopback.

    The registry answers 307 with an address that somebody signed for us: it is never stored.
    Source: https://distribution.github.io/distribution/spec/api/ (read 2026-11-22)
    """

    def __init__(self, crawler: Crawler, *, services: Services) -> None:
        self._crawler = crawler
        self._services = services

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read where the services are."""
        return cls(crawler, services=Services.of_settings(crawler.settings))

    def process_request(self, request: Request) -> None:
        """Take off what is for the registry alone, should it be there."""
        if REDIRECTED in request.meta:
            request.headers.pop(b"Authorization", None)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the request to where a blob is.

        :raises HubRefusal: if it leads where we do not go
        """
        if response.status not in _REDIRECTS or request.meta.get(BARE):
            return response
        url = _target(request, response)
        why = self._refusal(request, url)
        if why is not None:
            self._crawler.stats.inc_value(f"dockerhub/no/{Kind.REFUSED}")
            raise HubRefusal(Kind.REFUSED, response.status, f"{why}, got a redirect to {_to(url)}")
        following: Request = request.replace(url=url, dont_filter=True, priority=_PRIORITY)
        following.headers.pop(b"Authorization", None)
        following.meta[REDIRECTED] = request.url
        following.meta[REDIRECTED_BY] = request.meta.get(EXIT, DIRECT)
        return following

    def _refusal(self, request: Request, url: str) -> str | None:
        """Return what was expected instead of a redirect to *url*, None if it is followed."""
        if REDIRECTED in request.meta:
            return "redirect of a blob: expected its bytes after one redirect"
        is_registry = self._services.of(request.url, request.method) is Service.REGISTRY
        if not is_registry or endpoint_of(request.url).kept is not Kept.BLOB:
            return f"{endpoint_of(request.url)}: expected an answer from the one that was asked"
        if not _is_plain(url):
            return "redirect of a blob: expected a URL with a host and without a user"
        if not self._services.may_redirect(url):
            return "redirect of a blob: expected https"
        return None


def _is_plain(url: str) -> bool:
    """Tell whether nobody finds fault with *url* later, in words that show all of it."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return has_host and "@" not in parts.netloc and not _ODD.search(url)


def _target(request: Request, response: Response) -> str:
    """Return where a redirect leads, empty if that is nowhere, or back to where it came from."""
    said = (response.headers.get(b"Location") or b"").decode("latin-1")
    try:
        url = urljoin(request.url, said)
    except ValueError:
        return ""
    return url if url != request.url else ""


def _to(url: str) -> str:
    """Return scheme and host of *url*: what else it says may be a secret, or hostile."""
    parts = urlsplit(url)
    return shown(f"{parts.scheme}://{parts.hostname or ''}") if url else "nowhere"
