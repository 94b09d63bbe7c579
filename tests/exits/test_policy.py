from __future__ import annotations

import pytest
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Request, Response
from twisted.internet.error import ConnectError, NoRouteError, TCPTimedOutError

from dockerhub.exits.policy import (
    ExitBanPolicy,
    Verdict,
    tunnel_status,
    verdict_of_answer,
    verdict_of_exception,
)

POLICY = ExitBanPolicy()
TINYPROXY = {"server": "tinyproxy/1.11.1", "content-type": "text/html"}


@pytest.mark.parametrize(
    ("status", "headers", "verdict"),
    [
        pytest.param(403, TINYPROXY, Verdict.FORBIDS, id="tinyproxy forbids"),
        pytest.param(500, TINYPROXY, Verdict.FAILS, id="tinyproxy cannot connect"),
        pytest.param(502, TINYPROXY, Verdict.FAILS, id="tinyproxy has no upstream"),
        pytest.param(400, TINYPROXY, Verdict.FAILS, id="tinyproxy does not understand"),
        pytest.param(
            407,
            {**TINYPROXY, "proxy-authenticate": 'Basic realm="Tinyproxy"'},
            Verdict.CREDENTIALS,
            id="tinyproxy wants credentials",
        ),
        pytest.param(
            401,
            {**TINYPROXY, "www-authenticate": 'Basic realm="Tinyproxy"'},
            Verdict.CREDENTIALS,
            id="tinyproxy wants other credentials",
        ),
        pytest.param(407, {}, Verdict.CREDENTIALS, id="nobody but a proxy says 407"),
        pytest.param(
            503,
            {"x-squid-error": "ERR_CONNECT_FAIL 111", "via": "1.1 gw (squid/5.7)"},
            Verdict.FAILS,
            id="squid",
        ),
        pytest.param(403, {"server": "squid/5.7"}, Verdict.FORBIDS, id="squid by its name"),
        pytest.param(
            502, {"proxy-status": "gw; error=dns_error"}, Verdict.FAILS, id="RFC 9209, its own"
        ),
        pytest.param(502, {"proxy-status": "gw; received-status=502"}, None, id="RFC 9209, passed"),
        pytest.param(
            403,
            {"server": "nginx", "via": "1.1 gw (tinyproxy/1.11.1)"},
            None,
            id="what a proxy passed on",
        ),
        pytest.param(404, {"server": "nginx"}, None, id="Docker has not got it"),
        pytest.param(401, {"www-authenticate": "Bearer"}, None, id="Docker wants a token"),
        pytest.param(429, {"server": "nginx"}, None, id="Docker wants a pause"),
        pytest.param(500, {"server": "nginx"}, None, id="Docker is broken"),
        pytest.param(503, {}, None, id="who knows"),
        pytest.param(200, TINYPROXY, None, id="a page of the proxy that is no refusal"),
        pytest.param(429, {**TINYPROXY, "x-ratelimit-limit": "180"}, None, id="Docker's limit"),
        pytest.param(
            404,
            {**TINYPROXY, "docker-distribution-api-version": "registry/2.0"},
            None,
            id="a registry's answer",
        ),
    ],
)
def test_what_a_proxy_says_is_told_from_what_docker_says(
    status: int, headers: dict[str, str], verdict: Verdict | None
) -> None:
    assert verdict_of_answer(status, headers, is_tunnelled=False) is verdict
    # Through a tunnel a proxy can say nothing.
    assert verdict_of_answer(status, headers, is_tunnelled=True) is None


def tunnel_error(answer: object) -> TunnelError:
    return TunnelError(f"Could not open CONNECT tunnel with proxy gw.example:7000 [{answer!r}]")


@pytest.mark.parametrize(
    ("exception", "verdict"),
    [
        pytest.param(
            tunnel_error({"status": 407, "reason": b"Proxy Authentication Required"}),
            Verdict.CREDENTIALS,
            id="CONNECT without credentials",
        ),
        pytest.param(
            tunnel_error({"status": 401, "reason": b"Unauthorized"}),
            Verdict.CREDENTIALS,
            id="CONNECT with wrong credentials",
        ),
        pytest.param(
            tunnel_error({"status": 403, "reason": b"Filtered"}),
            Verdict.FORBIDS,
            id="CONNECT forbidden",
        ),
        pytest.param(
            tunnel_error({"status": 500, "reason": b"Unable to connect"}),
            Verdict.FAILS,
            id="CONNECT cannot connect",
        ),
        pytest.param(
            tunnel_error({"status": 502, "reason": b"Unable to connect to upstream proxy"}),
            Verdict.FAILS,
            id="CONNECT without an upstream",
        ),
        pytest.param(tunnel_error(b"SSH-2.0-x\r\n\r\n"), Verdict.FAILS, id="no proxy at all"),
        pytest.param(DownloadConnectionRefusedError("111"), Verdict.AWAY, id="refused"),
        pytest.param(CannotResolveHostError("gw"), Verdict.AWAY, id="unknown host"),
        pytest.param(ConnectError(113), Verdict.AWAY, id="Twisted cannot connect"),
        pytest.param(NoRouteError(), Verdict.AWAY, id="no route"),
        pytest.param(TCPTimedOutError(), Verdict.AWAY, id="the kernel's timeout"),
        pytest.param(DownloadTimeoutError("60 s"), Verdict.SILENT, id="timeout"),
        pytest.param(DownloadFailedError("closed"), Verdict.SILENT, id="closed, reset, TLS"),
        pytest.param(ResponseDataLossError(), Verdict.SILENT, id="cut"),
        pytest.param(DownloadCancelledError("too large"), None, id="a body that is too large"),
        pytest.param(IgnoreRequest(), None, id="our own"),
        pytest.param(ValueError("status"), None, id="a fault of ours"),
    ],
)
def test_what_went_wrong_says_something_of_the_proxy(
    exception: Exception, verdict: Verdict | None
) -> None:
    assert verdict_of_exception(exception) is verdict
    request = Request("https://hub.docker.com/", meta={"proxy": "http://gw:7000"})
    is_ban = verdict is not None and verdict is not Verdict.SILENT
    assert POLICY.exception_is_ban(request, exception) is is_ban
    assert POLICY.verdict_of_failure(request, exception) is verdict
    # Without a proxy it is the service that cannot be reached.
    assert POLICY.verdict_of_failure(request.replace(meta={}), exception) is None


def test_the_status_of_a_tunnel_is_not_what_somebody_wrote_into_its_reason() -> None:
    reason = b"[{'status': 407, 'reason'"
    assert tunnel_status(tunnel_error({"status": 403, "reason": reason})) == 403
    assert tunnel_status(tunnel_error(b"garbage")) is None


def test_only_wrong_credentials_are_for_good_and_only_silence_is_doubted() -> None:
    assert [verdict for verdict in Verdict if verdict.is_for_good] == [Verdict.CREDENTIALS]
    assert [verdict for verdict in Verdict if verdict.is_doubtful] == [Verdict.SILENT]


@pytest.mark.parametrize(
    ("scheme", "proxy", "is_ban"),
    [
        ("http", "http://gw:7000", True),
        ("https", "http://gw:7000", False),
        ("http", None, False),
    ],
)
def test_the_library_hears_it_too(scheme: str, proxy: str | None, is_ban: bool) -> None:
    request = Request(f"{scheme}://127.0.0.1/", meta={"proxy": proxy})
    response = Response(request.url, status=403, headers={"Server": "tinyproxy/1.11.1"})
    assert POLICY.response_is_ban(request, response) is is_ban
    assert POLICY.verdict_of_response(request, response) is (Verdict.FORBIDS if is_ban else None)
