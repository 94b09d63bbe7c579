"""The dashboards: which charts, of which questions, how they are drawn.

Their SQL is `store/sql/charts.sql`. What Vega-Lite draws is data and never markup, and its
expressions are interpreted: no page with charts needs to compile a script.
Source: https://vega.github.io/vega-lite/docs/ and the README of datasette-dashboards 0.8.0
(both read 2026-11-22)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.pages.served import NAME
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from dockerhub.pages.starts import Starts

TITLES = {
    "pulls": "Pulls of an organisation",
    "pushes": "Tag pushes of an organisation",
    "sizes": "Sizes of a repository",
    "shared": "Layers that an organisation shares",
    "lineage": "Lineage of an image",
}
_ABOUT = {
    "pulls": "Pulls a day, reckoned from what was seen on each day that was looked at.",
    "pushes": "By the week (from Monday, UTC) of each tag's last push, and of each event.",
    "sizes": "Compressed bytes of each tag and platform.",
    "shared": "Of the images whose layers are known: a crawl with depth=layers brings them.",
    "lineage": "Its layers and where they come from, its bases, and who is built on it.",
}
_FILTERS = {
    "org": {
        "name": "Organisation",
        "type": "select",
        "db": NAME,
        "query": load_queries("charts")["organisations"].rstrip(";"),
    },
    "repo": {"name": "Repository", "type": "text"},
    "image": {"name": "Image", "type": "text"},
}
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # a name; nobody fetches it
_CONFIG = {
    "background": "#00000000",
    "view": {"stroke": None, "continuousHeight": 260, "discreteHeight": {"step": 22}},
    "axis": {"labelLimit": 260},
    "legend": {
        "labelLimit": 160,
        "orient": "bottom",
        # As many side by side as there is room for.
        "columns": {"expr": "max(1, min(4, floor(width / 180)))"},
    },
    "line": {"point": True},
}
_EMBED = {
    "renderer": "svg",
    "logLevel": 1,  # errors; that bars make their own height is no news
    # Expressions are walked as a tree instead of being compiled: `unsafe-eval` is not needed.
    "ast": True,
    "actions": {"export": True, "source": False, "compiled": False, "editor": False},
}
_AMOUNT = {"labelExpr": "datum.value ? format(datum.value, '.3~s') : '0'"}
_SIZE = _AMOUNT | {"title": "bytes"}
# Days are UTC wherever the browser is.
_DAYS = {"type": "temporal", "scale": {"type": "utc"}, "axis": {"format": "%d %b", "tickCount": 10}}
# Pushes may lie years apart, or hours.
_MOMENTS = _DAYS | {"axis": {"format": "%d %b %Y", "tickCount": 6, "labelOverlap": True}}

_Encoding = dict[str, Any]


def dashboards(starts: Starts) -> dict[str, Any]:
    """Return the dashboards as datasette-dashboards wants them; filters begin with *starts*."""
    return {
        "pulls": _dashboard(
            "pulls",
            [["daily_pulls", "daily_pulls"], ["most_pulled", "growing"]],
            {
                "daily_pulls": _chart("Pulls a day", "daily_pulls", "line", _by_day("pulls")),
                "most_pulled": _chart(
                    "Pulls since they were registered",
                    "most_pulled",
                    "bar",
                    _bars("repository", "pulls"),
                ),
                "growing": _chart(
                    "Pulls in the last 30 days", "growing", "bar", _bars("repository", "pulls")
                ),
            },
            org=starts.org,
        ),
        "pushes": _dashboard(
            "pushes",
            [["pushed_tags", "pushed_tags"], ["weekly_events", "weekly_events"]],
            {
                "pushed_tags": _chart(
                    "Tags by the week of their last push",
                    "pushed_tags",
                    "bar",
                    _weeks("tags", "repository"),
                ),
                "weekly_events": _chart(
                    "What we saw change, a week", "weekly_events", "bar", _weeks("events", "kind")
                ),
            },
            org=starts.org,
        ),
        "sizes": _dashboard(
            "sizes",
            [["sizes_over_time", "sizes_over_time"], ["sizes_by_tag", "sizes_by_tag"]],
            {
                "sizes_over_time": _chart(
                    "Size by the day of the last push",
                    "sizes_over_time",
                    {"type": "point", "filled": True},
                    {
                        "x": _MOMENTS | {"field": "pushed", "title": None},
                        "y": {"field": "bytes", "type": "quantitative", "axis": _SIZE},
                        "color": {"field": "platform", "type": "nominal", "title": None},
                        "tooltip": _tooltip("tag", "platform", "bytes", "pushed"),
                    },
                ),
                "sizes_by_tag": _chart(
                    "The newest tags",
                    "sizes_by_tag",
                    "bar",
                    {
                        "y": {"field": "tag", "type": "nominal", "sort": None, "title": None},
                        "x": {"field": "bytes", "type": "quantitative", "axis": _SIZE},
                        "yOffset": {"field": "platform"},
                        "color": {"field": "platform", "type": "nominal", "title": None},
                        "tooltip": _tooltip("tag", "platform", "bytes"),
                    },
                ),
            },
            repo=starts.repo,
        ),
        "shared": _dashboard(
            "shared",
            [["shared_bytes", "shared_layers", "shared_layers"]],
            {
                "shared_bytes": _chart(
                    "Bytes of layers, each counted once",
                    "shared_bytes",
                    {"type": "arc", "innerRadius": 50},
                    {
                        "theta": {"field": "bytes", "type": "quantitative"},
                        "color": {"field": "layers", "type": "nominal", "title": None},
                        "tooltip": _tooltip("layers", "bytes"),
                    },
                ),
                "shared_layers": _chart(
                    "Layers by the bytes that sharing them saves",
                    "shared_layers",
                    "bar",
                    _bars("layer", "saved", _SIZE, "bytes", "images", "repositories", "step"),
                ),
            },
            org=starts.org,
        ),
        "lineage": _dashboard(
            "lineage",
            [["image_layers", "image_layers"], ["image_bases", "image_dependents"]],
            {
                "image_layers": _chart(
                    "Layers, the lowest at the bottom, by the image that brings them",
                    "image_layers",
                    "bar",
                    {
                        "y": {"field": "place", "type": "ordinal", "sort": "descending"},
                        "x": {"field": "bytes", "type": "quantitative", "axis": _SIZE},
                        "color": {"field": "brought_by", "type": "nominal", "title": None},
                        "tooltip": _tooltip("place", "bytes", "brought_by", "step"),
                    },
                ),
                "image_bases": _chart(
                    "Bytes of it that come from each base, from the root up",
                    "image_bases",
                    "bar",
                    _bars("base", "bytes", _SIZE, "layers"),
                ),
                "image_dependents": _chart(
                    "Built on it, by pulls",
                    "image_dependents",
                    "bar",
                    _bars("repository", "pulls"),
                ),
            },
            image=starts.image,
        ),
    }


def _dashboard(
    slug: str, layout: list[list[str]], charts: dict[str, Any], **filters: str
) -> dict[str, Any]:
    return {
        "title": TITLES[slug],
        "description": _ABOUT[slug],
        "layout": layout,
        "filters": {key: _FILTERS[key] | {"default": value} for key, value in filters.items()},
        "charts": charts,
    }


def _chart(title: str, query: str, mark: str | dict[str, Any], encoding: _Encoding) -> Any:
    return {
        "title": title,
        "db": NAME,
        "query": load_queries("charts")[query].rstrip(";"),
        "library": "vega-lite",
        "display": {
            "$schema": _SCHEMA,
            "autosize": {"type": "fit-x", "contains": "padding"},
            "mark": mark,
            "encoding": encoding,
            "config": _CONFIG,
            "usermeta": {"embedOptions": _EMBED},
        },
    }


def _bars(name: str, number: str, axis: dict[str, Any] | None = None, *more: str) -> _Encoding:
    """Return lying bars, in the order in which the rows come; *more* is told beside each."""
    axis = axis or _AMOUNT | {"title": number}
    return {
        "y": {"field": name, "type": "nominal", "sort": None, "title": None},
        "x": {"field": number, "type": "quantitative", "axis": axis},
        "tooltip": _tooltip(name, number, *more),
    }


def _by_day(number: str) -> _Encoding:
    return {
        "x": _DAYS | {"field": "day", "title": None},
        "y": {"field": number, "type": "quantitative", "axis": _AMOUNT},
        "color": {"field": "repository", "type": "nominal", "title": None, "sort": None},
        "tooltip": _tooltip("repository", "day", number),
    }


def _weeks(number: str, kind: str) -> _Encoding:
    return {
        "x": {"field": "week", "type": "ordinal", "title": None},
        "y": {"field": number, "type": "quantitative", "axis": {"tickMinStep": 1}},
        "color": {"field": kind, "type": "nominal", "title": None},
        "tooltip": _tooltip("week", kind, number),
    }


def _tooltip(*fields: str) -> list[dict[str, str]]:
    return [{"field": field} for field in fields]
