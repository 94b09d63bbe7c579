"""What is refused before Datasette sees it, and what every answer carries."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dockerhub.pages.guard import Guard, nonce

HOSTS = ("127.0.0.1:8001", "localhost:8001", "[::1]:8001")


class Asked:
    """Asks the guard, and keeps what it answered."""

    def __init__(
        self, *, kind: bytes = b"text/html", bodies: tuple[bytes, ...] = (b"page",)
    ) -> None:
        self.kind, self.bodies = kind, bodies
        self.reached = ""
        self.unfit = ""

    def __call__(
        self, *hosts: str, path: str = "/", method: str = "GET", **fetched: str
    ) -> tuple[int, dict[str, str], bytes]:
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [
                *((b"host", host.encode()) for host in hosts),
                *((f"sec-fetch-{key}".encode(), text.encode()) for key, text in fetched.items()),
            ],
        }
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError

        guard = Guard(self.page, hosts=HOSTS, compiling="/dockerhub", unfit=lambda: self.unfit)
        asyncio.run(guard(scope, receive, send))
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], headers, b"".join(each["body"] for each in sent[1:])

    async def page(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached = nonce.get()
        headers = [(b"content-type", self.kind), (b"X-Frame-Options", b"ALLOW")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for body in self.bodies:
            await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("host", [*HOSTS, "LOCALHOST:8001"])
def test_its_own_names_are_answered(host: str) -> None:
    assert Asked()(host)[0] == 200


@pytest.mark.parametrize(
    "hosts",
    [(), ("evil.example:8001",), ("127.0.0.1",), ("127.0.0.1:8002",), (HOSTS[0], "evil.example")],
    ids=str,
)
def test_a_name_that_is_not_ours_is_refused(hosts: tuple[str, ...]) -> None:
    asked = Asked()
    status, headers, body = asked(*hosts)
    assert (status, asked.reached) == (421, "")
    assert body == b"Host: expected 127.0.0.1:8001 or [::1]:8001 or localhost:8001\n"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_but_reading_is_answered(method: str) -> None:
    asked = Asked()
    assert asked(HOSTS[0], method=method)[0] == 405
    assert asked.reached == ""


LINK = {"mode": "navigate", "dest": "document"}


@pytest.mark.parametrize(
    ("fetched", "status"),
    [
        ({"site": "none", **LINK}, 200),
        ({"site": "same-origin", "mode": "cors", "dest": "empty"}, 200),
        ({"site": "cross-site", **LINK}, 200),
        ({"site": "cross-site", "mode": "no-cors", "dest": "image"}, 403),
        ({"site": "cross-site", "mode": "navigate", "dest": "iframe"}, 403),
        ({"site": "same-site", "mode": "no-cors", "dest": "script"}, 403),
        ({"site": "cross-site"}, 403),
    ],
    ids=str,
)
def test_pages_from_elsewhere_may_link_here_and_no_more(
    fetched: dict[str, str], status: int
) -> None:
    asked = Asked()
    found, _, body = asked(HOSTS[0], path="/dockerhub.json", **fetched)
    assert (found, bool(asked.reached)) == (status, status == 200)
    assert status == 200 or body == b"expected to be asked by these pages or by their reader\n"


def test_a_database_that_is_gone_is_answered_in_a_line() -> None:
    asked = Asked()
    asked.unfit = "database hub.db: gone"
    assert asked(HOSTS[0])[::2] == (503, b"database hub.db: gone\n")
    assert asked.reached == ""


def test_every_answer_says_what_a_browser_may_do() -> None:
    asked = Asked()
    _, headers, _ = asked(HOSTS[0], path="/-/dashboards/pulls")
    assert headers["content-security-policy"] == (
        f"default-src 'none'; script-src 'self' 'nonce-{asked.reached}';"
        " style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert len(asked.reached) >= 20
    assert headers["x-frame-options"] == "DENY"
    assert "X-Frame-Options" not in headers
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_no_two_answers_share_a_nonce() -> None:
    asked = Asked()
    nonces = set()
    for _ in range(5):
        asked(HOSTS[0])
        nonces.add(asked.reached)
    assert len(nonces) == 5


@pytest.mark.parametrize(
    ("path", "compiles"),
    [("/dockerhub", True), ("/dockerhub/tags", True), ("/", False), ("/dockerhubs", False)],
)
def test_only_pages_with_a_table_may_compile_scripts(path: str, compiles: bool) -> None:
    _, headers, _ = Asked()(HOSTS[0], path=path)
    assert ("'unsafe-eval'" in headers["content-security-policy"]) == compiles


@pytest.mark.parametrize(
    ("path", "body"),
    [("/dockerhub/tags", b"a\r\n=1\r\n"), ("/dockerhub/tags.csv", b"a\r\n'=1\r\n")],
)
def test_csv_comes_without_formulas_row_by_row(path: str, body: bytes) -> None:
    asked = Asked(kind=b"text/plain; charset=utf-8", bodies=(b"a\r\n", b"=1\r\n", b""))
    assert asked(HOSTS[0], path=path)[2] == body
