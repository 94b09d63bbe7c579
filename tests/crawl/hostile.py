"""Answers that mean harm, and a place that nobody may be led to."""

from __future__ import annotations

import json
import re
import socket
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from tests.truth import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.crawling import Crawls, Ended

DIGEST = "sha256:" + "ab" * 32
# Where a terminal, a path, a URL or a page would do something else with it than show it.
NAMES = (
    *("..", ".", "../../etc", "a/../b", "a/b/c", "/etc/passwd", "..\\..\\x", "a..b", "a."),
    *("\x1b[31mred", "a\r\nb", "a\nERROR: b", "nul\x00", "bell\x07", "\x9b31m", "a\u202eb"),
    *(
        "%2e%2e%2f",
        "a%2Fb",
        "a?b=c",
        "a#b",
        "a b",
        " ",
        "",
        "caf\u00e9",
        "\uff41\uff42",
        "a\u200bb",
    ),
    *("<script>", "'; DROP TABLE tag; --", "$(reboot)", "a" * 300, "*", "\U000e0041"),
)
TEXTS = (
    "<script>alert(1)</script>",
    "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "\u202egnp.exe\u2066\u200f",
    "a\x00b\r\nERROR: c",
    '=HYPERLINK("http://evil.example")',
    "'; DROP TABLE tag; --",
    "x" * 1_000_000,
    "\U0001f433" * 1000,
)


@contextmanager
def evil_host() -> Iterator[tuple[str, list[Any]]]:
    """Give the origin of a host that nobody may ask, and the list of who did."""
    visitors: list[Any] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        listening.settimeout(0)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", visitors
        try:
            while True:
                visitor, address = listening.accept()
                visitor.close()
                visitors.append(address)
        except BlockingIOError:
            pass


def page(results: Sequence[Any], **more: Any) -> dict[str, Any]:
    """Return a page of a list, as the API would give it."""
    said = {"count": len(results), "next": None, "previous": None, **more}
    return {**said, "results": list(results)}


def text_of(value: Any) -> str:
    """Return JSON in which `"=...="` stands for the bare text between."""
    return json.dumps(value).replace('"=', "").replace('="', "")


def assert_harmless(ended: Ended) -> None:
    """Assert that what was told can be shown on any terminal."""
    assert ended.out == ""
    harmful = {sign for sign in ended.err if not (sign.isprintable() or sign == "\n")}
    assert harmful == set()
    assert max((len(line) for line in ended.lines), default=0) < 1000
    assert "spider_exceptions" not in ended.err
    assert ended.seconds < 60


def errors(ended: Ended) -> list[str]:
    """Return the lines of errors."""
    return [line for line in ended.lines if re.match(r"[0-9-]+ [0-9:]+ ERROR: ", line)]


def refused(crawls: Crawls) -> int:
    """Return how many rows the walks of the last crawl refused."""
    sql = "SELECT COALESCE(SUM(refused_count), 0) FROM walks"
    ((number,),) = rows(crawls.database, sql)
    return int(number)


def names(crawls: Crawls, sql: str = "SELECT name FROM repository") -> list[str]:
    """Return the names that are stored."""
    return sorted(name for (name,) in rows(crawls.database, sql))
