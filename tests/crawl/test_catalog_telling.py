from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockerhub.standin import Limit
from tests.crawl.catalog_world import SIGNS, catalog_world, discoveries
from tests.extensions.test_progress import ESCAPES, on_a_terminal

if TYPE_CHECKING:
    from tests.crawling import Crawls

__all__ = ["catalog_world", "discoveries"]

BRINGS = r"\d+ new repositories(, \d+\.\d\d a request by search)?(, \d+\.\d\d a request by lists)?"


def test_the_log_has_a_line_for_each_window(discoveries: Crawls) -> None:
    ended = discoveries.run("catalog", alphabet=SIGNS)

    lines = re.findall(rf"INFO: catalog: (\d+) requests, {BRINGS}$", ended.err, re.MULTILINE)
    assert [int(requests) for requests, *_ in lines] == [20, 40, 60, 80, 100]


def test_the_live_line_tells_what_requests_bring(discoveries: Crawls) -> None:
    discoveries.hub.options.limit = Limit(40, 1)

    status, said = on_a_terminal(
        discoveries,
        *("catalog", "-a", f"alphabet={SIGNS}", "-a", "max_requests=80"),
        *("-s", "DOCKERHUB_CATALOG_WINDOW=100"),
    )

    assert status == 0
    lines = [ESCAPES.sub("", line).strip() for line in re.split(r"[\r\n]+", said)]
    assert any(re.match(rf"{BRINGS} · \d+ requests · ", line) for line in lines), lines
