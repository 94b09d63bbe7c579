"""What Datasette is told of the database: titles, columns, questions, sort orders, facets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.pages.canned import CANNED, described, question, statement
from dockerhub.pages.dashboards import dashboards
from dockerhub.pages.served import NAME
from dockerhub.store.dictionary import data_dictionary

if TYPE_CHECKING:
    from dockerhub.pages.starts import Starts
    from dockerhub.store.dictionary import Entry

_ABOUT = (
    "A local copy of a part of Docker Hub, as far as crawls have seen it. Sizes are compressed"
    " bytes, times are UTC, digests are sha256; what nobody knows is empty, never 0."
    " What the columns mean stands on each view's page."
)
_SOURCES = {
    "source": "Docker Hub (hub.docker.com and its registry)",
    "source_url": "https://hub.docker.com",
    "license": "texts and images belong to those who published them",
    "license_url": "https://www.docker.com/legal/docker-terms-service/",
}
# The views are what people read; what they are made of is there for who asks for it.
_SEARCHED = {"fts_table": "repository_search", "fts_pk": "id"}
_SORTED = {
    "crawls": {"sort_desc": "crawl"},
    "events": {"sort_desc": "event"},
}
# Over a hundred thousand tags these take too long for a page that nobody has filtered yet.
_SORTED_IF_SMALL = {
    "repositories": {"sort_desc": "pull_count"},
    "tags": {"sort_desc": "last_updated"},
    "walks": {"sort_desc": "started_at"},
    "pull_history": {"sort_desc": "snapshot_date"},
}
_FACETS = {
    "crawls": ["spider", "finish_reason"],
    "walks": ["kind", "stop_reason"],
}
_FACETS_IF_SMALL = {
    "repositories": ["namespace", "repository_type", "status_description"],
    "tags": ["namespace", "architectures", "status"],
    "images": ["platform", "namespace"],
    "manifests": ["kind", "platform", "evidence"],
    "layers": ["namespace", "platform", "evidence"],
    "events": ["kind", "namespace"],
    "base_images": ["evidence", "name"],
    "attestations": ["predicate_type", "builder"],
    "pull_usage": ["user_name", "access_token_name"],
}


def metadata(starts: Starts) -> dict[str, Any]:
    """Return Datasette's metadata of a database with those *starts*."""
    return {
        "title": "Docker Hub, as crawled",
        "description": _ABOUT,
        **_SOURCES,
        "databases": {
            NAME: {
                "title": f"Questions, views and tables of {starts.database}",
                "description": _ABOUT,
                "tables": _tables(starts),
                "queries": _queries(),
            }
        },
        "plugins": {"datasette-dashboards": dashboards(starts)},
    }


def _tables(starts: Starts) -> dict[str, Any]:
    told = {name: _table(entry, starts) for name, entry in data_dictionary().items()}
    return told | {name: {"hidden": True} for name in ("sqlite_sequence", "sqlite_stat1")}


def _table(entry: Entry, starts: Starts) -> dict[str, Any]:
    told: dict[str, Any] = {"description": entry.about, "columns": dict(entry.columns)}
    if not entry.is_view:
        return told | {"hidden": True}
    told |= _SORTED.get(entry.name, {})
    facets = _FACETS.get(entry.name, [])
    if not starts.is_large:
        told |= _SORTED_IF_SMALL.get(entry.name, {})
        facets = _FACETS_IF_SMALL.get(entry.name, facets)
    if facets:
        told["facets"] = facets
    return told | (_SEARCHED if entry.name == "repositories" else {})


def _queries() -> dict[str, Any]:
    return {
        name: {
            "sql": statement(name),
            "title": question(name),
            "description": described(name),
            "params": list(canned.parameters),
            "hide_sql": True,
        }
        for name, canned in CANNED.items()
    }
