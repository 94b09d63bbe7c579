"""What a proxy itself says, told apart from what Docker says through it.

What tinyproxy 1.11.1 was seen to send, alike for `http` and for CONNECT, its head always with
`Server: tinyproxy/1.11.1` and without `Via`, which only a forwarded answer has:

- 403 `Access denied` (`Allow`), `Filtered` (`Filter`), `Access violation` (`ConnectPort`)
- 407 with `Proxy-Authenticate` without credentials, 401 with `WWW-Authenticate` for wrong ones
- 500 `Unable to connect` to whatever was asked for (refused, unknown), 502 to its own upstream
- nothing at all, the connection closed, where the service closes it or is slower than `Timeout`

Scrapy 2.19.0 makes of that for CONNECT a `TunnelError` which shows status and reason. A refused
connection and an unknown host are the proxy's own there; a proxy that hangs up in the middle of
CONNECT is noticed by `DOWNLOAD_TIMEOUT` alone.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rotating_proxies.policy import BanDetectionPolicy

from dockerhub.limits.headers import plain_headers

if TYPE_CHECKING:
    from collections.abc import Mapping


class Verdict(StrEnum):
    """Why a proxy is not to be used, in words that follow its name."""

    CREDENTIALS = "wants other credentials"
    FORBIDS = "forbids what was asked for"
    FAILS = "cannot pass on what was asked for"
    AWAY = "cannot be connected to"
    SILENT = "brings no answer"

    @property
    def is_for_good(self) -> bool:
        """Whether it would be the same for the rest of the crawl."""
        return self is Verdict.CREDENTIALS

    @property
    def may_be_of_target(self) -> bool:
        """Whether it may be said of what was asked for alone."""
        return self in (Verdict.FORBIDS, Verdict.FAILS)

    @property
    def is_doubtful(self) -> bool:
        """Whether it may as well be the service's fault."""
        return self is Verdict.SILENT


# 402 is what sellers of proxies answer when the traffic is used up; what is not here fails.
_OF_STATUS = {
    401: Verdict.CREDENTIALS,
    407: Verdict.CREDENTIALS,
    402: Verdict.FORBIDS,
    403: Verdict.FORBIDS,
    405: Verdict.FORBIDS,
    451: Verdict.FORBIDS,
}
# By the names of the classes: Scrapy's and Twisted's, neither of which this room knows.
_OF_EXCEPTION = {
    "DownloadConnectionRefusedError": Verdict.AWAY,
    "CannotResolveHostError": Verdict.AWAY,
    # Twisted's, which Scrapy leaves as they are: no route, no way out of the kernel's timeout.
    "ConnectError": Verdict.AWAY,
    "DownloadTimeoutError": Verdict.SILENT,
    # A connection that is closed or reset, a TLS handshake that fails, no HTTP.
    "DownloadFailedError": Verdict.SILENT,
    "ResponseDataLossError": Verdict.SILENT,
}
_TUNNEL_STATUS = re.compile(r"\[\{'status': (\d{3}),", re.ASCII)
_OF_DOCKER = re.compile(r"x-ratelimit-|ratelimit-|docker-", re.ASCII)
_OWN_SERVERS = re.compile(
    r"(?:tinyproxy|squid|mitmproxy|privoxy|3proxy)\b", re.ASCII | re.IGNORECASE
)
_OWN_HEADERS = ("x-squid-error", "proxy-authenticate", "proxy-agent")


def verdict_of_answer(
    status: int, headers: Mapping[str, str], *, is_tunnelled: bool
) -> Verdict | None:
    """Return what the proxy itself said by this answer, None if it is the service's.

    *headers* have lower-case names. What came out of a tunnel (*is_tunnelled*) was said behind
    the proxy, whatever it looks like.
    """
    if is_tunnelled or status < 400:
        return None
    if status != 407 and not _is_of_proxy(headers):
        return None
    return _OF_STATUS.get(status, Verdict.FAILS)


def verdict_of_exception(exception: BaseException) -> Verdict | None:
    """Return what it says of the proxy that a request ended like this, None if nothing."""
    names = [kind.__name__ for kind in type(exception).__mro__]
    if "TunnelError" in names:
        status = tunnel_status(exception)
        return Verdict.FAILS if status is None else _OF_STATUS.get(status, Verdict.FAILS)
    return next((_OF_EXCEPTION[name] for name in names if name in _OF_EXCEPTION), None)


def tunnel_status(exception: BaseException) -> int | None:
    """Return the status that a proxy answered CONNECT with, None if that was no HTTP."""
    found = _TUNNEL_STATUS.search(str(exception))
    return int(found[1]) if found else None


class ExitBanPolicy(BanDetectionPolicy):  # type: ignore[misc]  # the library has no types
    """Calls a ban what a proxy itself says: a 404 of Docker's is none, nor its 429.

    Requests and responses are Scrapy's; what went without a proxy has no verdict.
    """

    def verdict_of_response(self, request: Any, response: Any) -> Verdict | None:
        """Return what the proxy of *request* said by *response*, None if it is the service's."""
        if not request.meta.get("proxy"):
            return None
        headers = plain_headers(response.headers.items())
        is_tunnelled = request.url.startswith("https:")
        return verdict_of_answer(response.status, headers, is_tunnelled=is_tunnelled)

    def verdict_of_failure(self, request: Any, exception: BaseException) -> Verdict | None:
        """Return what *exception* says of the proxy of *request*, None if nothing."""
        return verdict_of_exception(exception) if request.meta.get("proxy") else None

    def response_is_ban(self, request: Any, response: Any) -> bool:
        """Tell whether the proxy is not to be used after *response*, for the library."""
        return self.verdict_of_response(request, response) is not None

    def exception_is_ban(self, request: Any, exception: BaseException) -> bool:
        """Tell whether the proxy is not to be used after *exception*, for the library."""
        verdict = self.verdict_of_failure(request, exception)
        return verdict is not None and not verdict.is_doubtful


def _is_of_proxy(headers: Mapping[str, str]) -> bool:
    """Tell whether a proxy made the answer, and did not just pass it on (then it adds `Via`)."""
    if any(_OF_DOCKER.match(name) for name in headers):
        return False
    if any(name in headers for name in _OWN_HEADERS):
        return True
    # RFC 9209: an intermediary that failed says why.
    return bool(_OWN_SERVERS.match(headers.get("server", ""))) or (
        "error=" in headers.get("proxy-status", "")
    )
