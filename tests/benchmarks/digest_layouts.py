"""The layouts that digests can be stored in, on the stand-in's data, side by side.

`python -m tests.benchmarks.digest_layouts [--tags 250000] [--names 4] [--only I,C]`

I is what the store does: image sets shared by tags, each image's digest inline. I+index and
I+prefix add an index on image (digest), and on its first 8 bytes. C is content-addressed: a
manifest is stored once under its digest, image sets refer to it by number. All layouts get the same
pages in turn, through the store's own writer, a transaction every 16 pages.
"""
# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import argparse
import random
import resource
import statistics
import tempfile
import time
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.items import ImageRow, TagPage, TagRow
from dockerhub.moments import MICROSECONDS, microseconds
from dockerhub.names import RepositoryName, digest_bytes
from dockerhub.standin import PLAIN, World
from dockerhub.store.database import open_database
from dockerhub.store.tags import TagWriter
from dockerhub.store.writer import Writer
from tests.benchmarks.processes import print_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from dockerhub.standin.truth import Image, Tag

TAGS_EACH = 400
PAGE = 100
PAGES_A_BATCH = 16
DAY = 86_400 * MICROSECONDS

ASK_INLINE = """
    SELECT DISTINCT t.id FROM image AS i
    INNER JOIN tag AS t ON t.image_set_id = i.image_set_id
    WHERE i.digest = ?1
"""
ASK_PREFIX = f"{ASK_INLINE} AND substr(i.digest, 1, 8) = substr(?1, 1, 8)"
ASK_MANIFEST = """
    SELECT DISTINCT t.id FROM manifest AS m
    INNER JOIN image_set_member AS i ON i.manifest_id = m.id
    INNER JOIN tag AS t ON t.image_set_id = i.image_set_id
    WHERE m.digest = ?
"""
ASK_INDEX = """
    SELECT t.id FROM image_set AS s INNER JOIN tag AS t ON t.image_set_id = s.id
    WHERE s.digest = ?
"""

MANIFESTS = """
CREATE TABLE manifest (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    platform_id INTEGER NOT NULL,
    size INTEGER
);
CREATE TABLE image_set_member (
    image_set_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    manifest_id INTEGER NOT NULL,
    PRIMARY KEY (image_set_id, position)
) WITHOUT ROWID;
CREATE INDEX image_set_member_manifest ON image_set_member (manifest_id);
"""


class ContentAddressed(TagWriter):
    """The store's writer of tags, with images that are stored once under their digest."""

    def _put_images(self, image_set_id: int, images: Sequence[ImageRow]) -> None:
        self._connection.executemany(
            "INSERT INTO manifest (digest, platform_id, size) VALUES (?, ?, ?)"
            " ON CONFLICT (digest) DO NOTHING",
            [(image.digest, self._platform_id(image), image.size) for image in images],
        )
        self._connection.executemany(
            "INSERT INTO image_set_member SELECT ?, ?, id FROM manifest WHERE digest = ?",
            [(image_set_id, position, image.digest) for position, image in enumerate(images)],
        )


class Layout:
    """One database with one layout, and the seconds that were spent in it."""

    def __init__(
        self, name: str, folder: Path, *, sql: str = "", ask: str = ASK_INLINE, shared: bool = False
    ) -> None:
        self.name, self.ask = name, ask
        self.path = folder / f"{name}.db"
        self.writer = Writer(f"sqlite:///{self.path}")
        self.connection: sqlite3.Connection = self.writer._connection
        self.connection.executescript(sql)
        if shared:
            parts = (self.connection, self.writer._sql, self.writer._tally)
            self.writer._tags = ContentAddressed(*parts)
        self.seconds: list[float] = []
        self.bytes = 0

    def write(self, batch: list[TagPage]) -> None:
        """Write pages in one transaction and count the time."""
        started = time.perf_counter()
        self.writer.write(batch)
        self.seconds[-1] += time.perf_counter() - started

    def weigh(self) -> None:
        """Fold the WAL into the file and remember its size."""
        started = time.perf_counter()
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.seconds[-1] += time.perf_counter() - started
        self.bytes = self.path.stat().st_size

    def milliseconds(self, ask: str, digests: list[bytes]) -> float:
        """Return the median time of asking for all tags of a digest, from a new connection."""
        connection = open_database(f"sqlite:///{self.path}")
        times = []
        for digest in digests:
            started = time.perf_counter()
            assert connection.execute(ask, (digest,)).fetchall()
            times.append((time.perf_counter() - started) * 1000)
        connection.close()
        return statistics.median(times)


def layouts(folder: Path) -> list[Layout]:
    """Return the layouts, each with a new database."""
    prefix = "CREATE INDEX image_prefix ON image (substr(digest, 1, 8))"
    return [
        Layout("I", folder),
        Layout("I+index", folder, sql="CREATE INDEX image_digest ON image (digest)"),
        Layout("I+prefix", folder, sql=prefix, ask=ASK_PREFIX),
        Layout("C", folder, sql=MANIFESTS, ask=ASK_MANIFEST, shared=True),
    ]


def pages(world: World, seen: int) -> Iterator[TagPage]:
    """Yield the pages of tags that a crawl would bring, a repository after the other."""
    for repository in world.repositories():
        name = RepositoryName(repository.namespace, repository.name)
        rows = [_row(tag) for tag in world.tags(repository.full_name)]
        for start in range(0, len(rows), PAGE):
            yield TagPage(seen=seen, repository=name, rows=tuple(rows[start : start + PAGE]))


def _row(tag: Tag) -> TagRow:
    return TagRow(
        tag.name,
        digest_bytes(tag.digest) if tag.digest else None,
        tag.full_size or None,
        _moment(tag.last_updated),
        _moment(tag.tag_last_pushed),
        _moment(tag.tag_last_pulled),
        tag.tag_status,
        tag.media_type,
        tag.content_type,
        tuple([_image(image) for image in tag.images]),
    )


@lru_cache(maxsize=64)
def _image(image: Image) -> ImageRow:
    return ImageRow(
        digest_bytes(image.digest),
        image.size,
        image.os,
        image.architecture,
        image.variant,
        image.os_version,
        None,
        None,
    )


@lru_cache(maxsize=64)
def _moment(text: str | None) -> int | None:
    return None if text is None else microseconds(datetime.fromisoformat(text))


def crawl(world: World, measured: list[Layout], seen: int) -> None:
    """Write every page to every layout, batch by batch in turn."""
    for layout in measured:
        layout.seconds.append(0.0)
    batch: list[TagPage] = []
    order = list(measured)
    for page in pages(world, seen):
        batch.append(page)
        if len(batch) == PAGES_A_BATCH:
            random.shuffle(order)
            for layout in order:
                layout.write(batch)
            batch = []
    for layout in measured:
        layout.write(batch)
        layout.weigh()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tags", type=int, default=250_000)
    parser.add_argument("--names", type=int, default=4, help="names a digest")
    parser.add_argument("--only", help="layouts with commas")
    parser.add_argument("--once", action="store_true", help="no second crawl")
    given = parser.parse_args()
    world = World()
    world.add_namespace(
        "bench",
        given.tags // TAGS_EACH,
        TAGS_EACH,
        never_pushed=0,
        names_per_digest=given.names,
        **PLAIN,
    )
    with tempfile.TemporaryDirectory() as folder:
        measured = layouts(Path(folder))
        if given.only:
            measured = [layout for layout in measured if layout.name in given.only.split(",")]
        crawl(world, measured, DAY * 20_000)
        if not given.once:
            crawl(world, measured, DAY * 20_001)
        print(f"\n{given.tags} tags, 4 platforms, {given.names} names a digest")
        _print(measured, given.tags)
    print(f"(peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB)")


def _print(measured: list[Layout], tags: int) -> None:
    some = "SELECT digest FROM image_set WHERE digest IS NOT NULL ORDER BY random() LIMIT 20"
    indexes = [row[0] for row in measured[0].connection.execute(some)]
    images = _image_digests(measured[0])
    rows = []
    for layout in measured:
        layout.writer.close()
        few = images[:5] if layout.ask == ASK_INLINE and layout.name == "I" else images
        rows.append(
            [
                layout.name,
                *(f"{seconds:.1f}" for seconds in layout.seconds),
                *["-"] * (2 - len(layout.seconds)),
                f"{tags / layout.seconds[0]:.0f}",
                f"{layout.bytes / tags:.0f}",
                f"{layout.milliseconds(ASK_INDEX, indexes):.2f}",
                f"{layout.milliseconds(layout.ask, few):.2f}",
            ]
        )
    head = ["layout", "first crawl s", "second crawl s", "tags/s first", "bytes a tag"]
    print_table([*head, "tags of index ms", "tags of image ms"], rows)


def _image_digests(layout: Layout) -> list[bytes]:
    table = "manifest" if layout.name == "C" else "image"
    some = f"SELECT digest FROM {table} ORDER BY random() LIMIT 20"
    return [row[0] for row in layout.connection.execute(some)]


if __name__ == "__main__":
    main()
