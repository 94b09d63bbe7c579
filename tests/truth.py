"""Holds a database against what the stand-in knows to be true."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.postgres import ask

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import Image, World

_FRACTION = re.compile(r"\.(\d+)Z$")


def rows(database: Path | str, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Return what *sql* finds in a file, or in the PostgreSQL database of a URL."""
    if isinstance(database, str):
        return ask(database, sql, parameters)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, parameters).fetchall()


def instant(text: str | None) -> str | None:
    """Return a moment with six digits of a second, as our views write it."""
    if not text:
        return None
    fraction = _FRACTION.search(text)
    digits = fraction[1] if fraction else ""
    whole = datetime.fromisoformat(_FRACTION.sub("Z", text)).astimezone(UTC)
    # Nanoseconds are rounded to microseconds by the decoder.
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{digits[:6]:0<6}Z"


def platform(image: Image) -> str:
    """Return an image's platform as we write it."""
    return "/".join(part for part in (image.os, image.architecture, image.variant) if part)


def assert_repositories(database: Path | str, world: World, namespace: str) -> None:
    """Assert that the repositories of *namespace* are those of the stand-in."""
    stored = rows(
        database,
        "SELECT full_name, description, star_count, pull_count, last_updated, is_official,"
        " full_description, status, date_registered FROM repositories WHERE namespace = ?",
        namespace,
    )
    assert sorted(stored) == sorted(
        (
            truth.full_name,
            truth.description or None,
            truth.star_count,
            truth.pull_count,
            instant(truth.last_updated),
            int(truth.is_official),
            truth.full_description or None,
            truth.status,
            instant(truth.date_registered),
        )
        for truth in world.repositories(namespace)
    )


def assert_tags(database: Path | str, world: World, repository: str) -> None:
    """Assert that the tags of *repository*, with their images, are those of the stand-in."""
    stored = rows(
        database,
        "SELECT tag_name, digest, last_updated, full_size, image_count, architectures, status,"
        " media_type FROM tags WHERE repo_name = ?",
        repository,
    )
    truth = world.tags(repository)
    assert sorted(stored) == sorted(
        (
            tag.name,
            tag.digest,
            instant(tag.last_updated),
            tag.full_size or None,
            len(tag.images),
            "|".join(image.architecture or "unknown" for image in tag.images) or None,
            tag.tag_status,
            tag.media_type,
        )
        for tag in truth
    )
    images = rows(
        database,
        "SELECT tag_name, image_index, platform, digest, size_bytes FROM images"
        " WHERE repo_name = ?",
        repository,
    )
    assert sorted(images) == sorted(
        (tag.name, index, platform(image), image.digest, image.size)
        for tag in truth
        for index, image in enumerate(tag.images)
    )
