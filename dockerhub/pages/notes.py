"""What stands beside an answer that may be empty because nothing deeper was crawled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.errors import NameRefused
from dockerhub.names import read_image_name
from dockerhub.pages.canned import CANNED
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerhub.pages.served import Served
    from dockerhub.pages.starts import Starts

_COUNT_MS = 300
_DEEPER = "No layers are known here; the chart needs depth=layers: {crawl} -a depth=layers"
_DAYS = (
    "Pulls a day are known from the second day on that is looked at; on another day run: {crawl}"
)
_TAGS = "No tags are known here; the chart needs depth=tags: {crawl}"
CHARTS = {
    "daily_pulls": _DAYS,
    "growing": _DAYS,
    "most_pulled": "No pulls are known here; run: {crawl}",
    "pushed_tags": "No tag was pushed in the last year, as far as is known; run: {crawl}",
    "weekly_events": "Two crawls in the last year saw nothing change; to look again run: {crawl}",
    "sizes_over_time": _TAGS,
    "sizes_by_tag": _TAGS,
    "shared_bytes": _DEEPER,
    "shared_layers": "No two images are known to share a layer; the chart needs depth=layers:"
    " {crawl} -a depth=layers",
    "image_layers": _DEEPER,
    "image_bases": "No base is known by its layers; it needs depth=layers, of the base's repository"
    " too: {crawl} -a depth=layers",
    "image_dependents": "Nothing is known to be built on it; that needs depth=layers, of the"
    " repositories that may be: {crawl} -a depth=layers",
}
"""What stands in place of a chart with no rows; `{crawl}` is the command that brings them."""

_FILTERS = ("org", "repo", "image")


async def chart_notes(
    database: Served, charts: Mapping[str, Any], typed: Mapping[str, str], starts: Starts
) -> dict[str, str]:
    """Return for each of *charts* the sentence that stands there where it would be empty."""
    filters = {name: typed[name] for name in _FILTERS if typed.get(name)}
    wrong = await database.missing(tuple(filters), filters)
    crawl = _crawl(filters, starts)
    return {name: wrong or CHARTS[name].format(crawl=crawl) for name in charts}


async def question_note(
    database: Served, name: str, typed: Mapping[str, str], starts: Starts
) -> str:
    """Return what a question's answer lacks because no crawl went so deep; empty if nothing."""
    depth = CANNED[name].depth
    if not depth:
        return ""
    scope = next((each for each in _FILTERS if each in CANNED[name].parameters), "")
    filters = {scope: str(typed.get(scope) or "").strip()} if scope else {}
    wanted = f"depth_of_{scope}" if scope else "any_depth"
    rows = await database.execute(
        load_queries("serving")[wanted], filters, custom_time_limit=_COUNT_MS
    )
    told = dict(rows.first())
    whole, known = told.get("tags", 1), told[depth]
    if known >= whole:
        return ""
    crawl = f"{_crawl(filters, starts)} -a depth={depth}"
    if not known:
        return f"Nobody has looked yet: no {depth} are known of what is asked for. Run: {crawl}"
    return f"The {depth} of {known:,} of {whole:,} tags are known; for the others run: {crawl}"


def _crawl(filters: Mapping[str, str], starts: Starts) -> str:
    """Return the command that crawls what the filters name; nothing means what pages start with."""
    for name in ("repo", "image"):
        if name in filters:
            try:
                image = read_image_name(filters[name] or starts.value(name))
            except NameRefused:
                return "scrapy crawl tags -a repo=NAMESPACE/NAME"
            return f"scrapy crawl tags -a repo={image.repository}"
    return f"scrapy crawl org -a org={filters.get('org') or starts.org}"
