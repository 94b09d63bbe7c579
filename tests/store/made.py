"""Items made by hand, and a look at what became of them."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from dockerhub.items import (
    ImageRow,
    RepositoryPage,
    RepositoryRow,
    TagPage,
    TagRow,
    WalkKey,
    WalkStep,
)
from dockerhub.names import RepositoryName
from tests.postgres import ask

if TYPE_CHECKING:
    from dockerhub.kinds import StopReason

NGINX = RepositoryName("bitnami", "nginx")

# 2026-11-22 08:00:00 UTC
NOW = 1_795_334_400_000_000
SECOND = 1_000_000
DAY = 86_400 * SECOND


def at(seconds: float) -> int:
    return NOW + round(seconds * SECOND)


def digest(what: object) -> bytes:
    return hashlib.sha256(str(what).encode()).digest()


def digest_text(what: object) -> str:
    return f"sha256:{digest(what).hex()}"


def image(platform: str = "linux/amd64", **said: Any) -> ImageRow:
    """Return an image; *platform* is os/architecture[/variant], empty if Hub does not say."""
    os, architecture, variant = (*platform.split("/"), "", "", "")[:3]
    values: dict[str, Any] = {
        "digest": digest(platform),
        "size": 1000,
        "os": os or None,
        "architecture": architecture or None,
        "variant": variant or None,
        "os_version": None,
        "features": None,
        "os_features": None,
    }
    return ImageRow(**values | said)


def tag(name: str, shows: object = "first", *, updated: int | None = NOW, **said: Any) -> TagRow:
    """Return a tag whose digest is that of *shows*; None: Hub does not tell it."""
    values: dict[str, Any] = {
        "full_size": 1000,
        "last_pushed": updated,
        "last_pulled": None,
        "status": "active",
        "media_type": "application/vnd.oci.image.index.v1+json",
        "content_type": "image",
        "images": (image(),),
    }
    known = None if shows is None else digest(shows)
    return TagRow(name=name, digest=known, last_updated=updated, **values | said)


def tags(seen: int, *rows: TagRow, walk: WalkStep | None = None) -> TagPage:
    return TagPage(seen=seen, repository=NGINX, rows=rows, walk=walk)


def row(name: str = "nginx", **said: Any) -> RepositoryRow:
    values: dict[str, Any] = {
        "description": "a server",
        "star_count": 5,
        "pull_count": 1000,
        "last_updated": NOW,
        "last_modified": NOW,
        "is_private": False,
    }
    return RepositoryRow(RepositoryName("bitnami", name), **values | said)


def hit(name: str = "nginx", description: str | None = "a server", **said: Any) -> RepositoryRow:
    values: dict[str, Any] = {"star_count": 5, "pull_count": 1000}
    return RepositoryRow(RepositoryName("bitnami", name), description, **values | said)


def page(
    seen: int, *rows: RepositoryRow, walk: WalkStep | None = None, is_search: bool = False
) -> RepositoryPage:
    return RepositoryPage(seen=seen, rows=rows, walk=walk, is_search=is_search)


def step(
    kind: str = "tags",
    reason: StopReason | None = None,
    *,
    started: int = NOW,
    arguments: str = "",
    signed_in: bool = True,
    **said: Any,
) -> WalkStep:
    subject = "bitnami/nginx" if kind == "tags" else "bitnami"
    values: dict[str, Any] = {
        "is_full": True,
        "subject_updated": None,
        "pages": 1,
        "row_count": 1,
        "refused_count": 0,
        "first_count": 1,
        "last_count": 1,
        "next_page": None,
        "stop_reason": reason,
    }
    key = WalkKey(kind, subject, "last_updated", arguments, signed_in)
    return WalkStep(key, started, **values | said)


class Look:
    """Reads a database through a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = url.removeprefix("sqlite:///")
        self.is_file = self.path != url

    def __call__(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        if not self.is_file:
            return ask(self.url, sql, parameters)
        # As anybody would open it, without what our connections set.
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def one(self, sql: str, *parameters: object) -> tuple[Any, ...]:
        found = self(sql, *parameters)
        assert len(found) == 1, found
        return found[0]

    def columns(self, name: str) -> list[str]:
        """Return the columns of a table or a view, in their order."""
        if self.is_file:
            return [column for _, column, *_ in self(f"PRAGMA table_info({name})")]
        asked = (
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'dockerhub' AND table_name = ? ORDER BY ordinal_position"
        )
        return [column for (column,) in self(asked, name)]

    def broken_references(self) -> list[tuple[Any, ...]]:
        """Return the rows that point nowhere; a server lets none be written."""
        return self("PRAGMA foreign_key_check") if self.is_file else []

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of all tables but those of the full-text index and of SQLite itself."""
        if not self.is_file:
            names = self(_SERVER_TABLES)
            return {name: self(f"SELECT * FROM {name} ORDER BY 1, 2") for (name,) in names}
        # One connection for all: each new one reads the schema.
        with closing(sqlite3.connect(self.path)) as connection:
            names = connection.execute(_FILE_TABLES).fetchall()
            return {
                name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
                for (name,) in names
            }


_FILE_TABLES = """
SELECT name FROM sqlite_master
WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'repository_search*'
"""
_SERVER_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'dockerhub' AND table_type = 'BASE TABLE'
"""
