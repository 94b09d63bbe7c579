"""A database of very many images that stand on each other, made without a crawl.

A few roots that most images stand on, bases in between with bases of their own, leaves above them;
each base tag was pushed several times, and images stand on its older pushes too.
"""

from __future__ import annotations

import random
from bisect import bisect
from hashlib import blake2b
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.media_types import BASE_DIGEST, BASE_NAME
from dockerhub.names import digest_text
from dockerhub.store.database import migrations, open_database, transaction
from dockerhub.store.sqlite import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerhub.store.engine import Connection

DAY = 86_400_000_000
NOW = 1_795_334_400_000_000  # 2026-11-22 08:00:00 UTC

LARGE, ORGANISATION, SMALL = "large/one", "small", "tiny"
"""a repository of 10,000 tags, an organisation of 10,000 in 200, one of 1,250 in 25"""
ROOT, MIDDLE = ("library", "root0", "1"), ("library", "middle0", "1")
"""the base that most images stand on, and the first of those in between"""

_LARGE_TAGS, _TAGS_EACH = 10_000, 50
_ROOTS, _MIDDLES, _OWN = 8, 140, 600  # repositories that hold bases
_SAMPLED, _SAMPLE_DAYS = 3_000, 30
_AT_ONCE = 20_000
_BASES = 10  # the migration that keeps what an image stands on
_WORDS = ("fast", "small", "web", "server", "image", "for", "tools", "data", "proxy", "build")

_COLUMNS = {
    "repository": "id namespace name description star_count pull_count last_updated_at"
    " registered_at detail_due first_seen_at last_seen_at",
    "pull_sample": "repository_id day pull_count star_count",
    "image_set": "id fingerprint digest media_type content_type first_seen_at",
    "image": "image_set_id position platform_id digest size",
    "tag": "id repository_id name image_set_id full_size last_updated_at last_pushed_at"
    " last_pulled_at status image_set_seen_at first_seen_at last_seen_at listed_at",
    "tag_move": "tag_id image_set_id seen_from seen_until moved_at",
    "layer": "id digest size",
    "manifest": "id digest kind platform_id refused_count evidence seen_at chain",
    "manifest_layer": "manifest_id position layer_id chain",
    "annotation": "manifest_id member name value",
}


class Made(NamedTuple):
    """A manifest as others are built on it."""

    layers: tuple[int, ...]
    chains: tuple[bytes, ...]
    digest: bytes
    name: str


class _World:
    def __init__(self, connection: Connection, seed: int) -> None:
        self._connection = connection
        self._random = random.Random(seed)
        self._rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in _COLUMNS}
        self._counts = dict.fromkeys(("repository", "image_set", "tag", "layer", "manifest"), 0)
        self.images = 0

    def repository(self, namespace: str, name: str) -> int:
        draw = self._random
        number = self._number("repository")
        pulls = int(draw.paretovariate(0.6) * 100) % 3_000_000_000
        text = " ".join(draw.choices(_WORDS, k=8))
        stars = pulls // 10_000
        said = (text, stars, pulls, NOW - draw.randrange(300) * DAY, NOW - 900 * DAY, 0)
        self._put("repository", number, namespace, name, *said, NOW - 60 * DAY, NOW)
        if number <= _SAMPLED:
            today = NOW // DAY
            for back in range(_SAMPLE_DAYS):
                then = max(0, pulls - back * (pulls // 2000 + draw.randrange(50)))
                self._put("pull_sample", number, today - back, then, stars)
        return number

    def tag(self, repository: int, name: str, pushes: list[int], pushed: int) -> None:
        """Put a tag that has shown these image sets one after the other, the last one now."""
        number = self._number("tag")
        since = pushed - 20 * DAY * len(pushes)
        for place, left in enumerate(pushes[:-1]):
            began = since + place * 20 * DAY
            self._put("tag_move", number, left, began, began + 19 * DAY, began + 20 * DAY)
        times = (pushed, pushed, NOW - self._random.randrange(60) * DAY)
        status = "active" if pushed > NOW - 30 * DAY else "inactive"
        size = self._random.randrange(10_000_000, 900_000_000)
        seen = (pushed, since, NOW, NOW)
        self._put("tag", number, repository, name, pushes[-1], size, *times, status, *seen)

    def images_on(
        self, bases: tuple[Made, ...], own: int, name: str, *, says: bool = False
    ) -> tuple[int, tuple[Made, ...]]:
        """Put an image set with an image on each of *bases*, and return its number."""
        image_set = self._number("image_set")
        media_type = "application/vnd.oci.image.index.v1+json"
        top = self._random.randbytes(32)
        self._put("image_set", image_set, top[:16], top, media_type, "image", NOW)
        made = []
        for place, base in enumerate(bases):
            made.append(self._image(base, own, name, place + 1))
            size = self._random.randrange(10_000_000, 900_000_000)
            self._put("image", image_set, place, place + 1, made[-1].digest, size)
            if says:
                number = self._counts["manifest"]
                self._put("annotation", number, -1, BASE_NAME, f"docker.io/{base.name}")
                self._put("annotation", number, -1, BASE_DIGEST, digest_text(base.digest))
        return image_set, tuple(made)

    @property
    def repository_count(self) -> int:
        return self._counts["repository"]

    def flush(self, *, at: int = _AT_ONCE) -> None:
        if len(self._rows["manifest"]) < at:
            return
        for table, columns in _COLUMNS.items():
            names = columns.split()
            marks = ", ".join("?" * len(names))
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
            self._connection.executemany(statement, self._rows[table])
            self._rows[table].clear()

    def _image(self, base: Made, own: int, name: str, platform: int) -> Made:
        draw, manifest = self._random, self._number("manifest")
        layers, chains = list(base.layers), list(base.chains)
        for _ in range(own):
            layer, digest = self._number("layer"), draw.randbytes(32)
            self._put("layer", layer, digest, draw.randrange(1_000, 90_000_000))
            below = chains[-1] if chains else b""
            layers.append(layer)
            chains.append(blake2b(below + digest, digest_size=16).digest())
        digest = draw.randbytes(32)
        evidence = "hub" if manifest % 3 else "registry"
        self._put("manifest", manifest, digest, "image", platform, 0, evidence, NOW, chains[-1])
        self._rows["manifest_layer"] += [
            (manifest, place, layer, chain)
            for place, (layer, chain) in enumerate(zip(layers, chains, strict=True))
        ]
        self.images += 1
        return Made(tuple(layers), tuple(chains), digest, name)

    def _put(self, table: str, *row: object) -> None:
        self._rows[table].append(row)

    def _number(self, table: str) -> int:
        self._counts[table] += 1
        return self._counts[table]


class _Shelf:
    """Bases to build on: the first are drawn most."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._bases: list[tuple[Made, ...]] = []
        self._weights: list[float] = []

    def add(self, bases: Iterable[tuple[Made, ...]]) -> None:
        self._bases += bases
        shares = (1 / place for place in range(1, len(self._bases) + 1))
        self._weights = list(accumulate(shares))

    def one(self) -> tuple[Made, ...]:
        drawn = self._draw.random() * self._weights[-1]
        return self._bases[bisect(self._weights, drawn)]


def make_world(
    url: str, *, images: int = 1_000_000, repositories: int = 20_000, seed: int = 6
) -> None:
    """Make the database at *url*: so many images and about as many tags; it has to be a new one."""
    connection = open_database(url)
    for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -600000"):
        connection.execute(f"PRAGMA {pragma}")
    with transaction(connection, "EXCLUSIVE"):
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        # Rows come faster without them.
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.executemany(
            "INSERT INTO platform (id, os, architecture, variant, os_version, features,"
            " os_features) VALUES (?, 'linux', ?, '', '', '', '')",
            [(1, "amd64"), (2, "arm64")],
        )
        _fill(_World(connection, seed), images, repositories, random.Random(seed + 1))
        for _, sql in indexes:
            connection.execute(sql)
        # As the migration that made the table filled it from what was there.
        (fill,) = [
            statement
            for statement in statements(dict(migrations())[_BASES])
            if "INSERT INTO manifest_base" in statement
        ]
        connection.execute(fill)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _fill(world: _World, images: int, repositories: int, draw: random.Random) -> None:
    nothing = Made((), (), b"", "")
    scratch, roots, middles, own = (_Shelf(draw) for _ in range(4))
    scratch.add([(nothing, nothing)])
    for number in range(_ROOTS):
        roots.add(_bases(world, scratch, ("library", f"root{number}"), (1, 5, 6)))
    for number in range(min(_MIDDLES, repositories // 20)):
        middles.add(_bases(world, roots, ("library", f"middle{number}"), (3, 5, 3)))
    for number in range(min(_OWN, repositories // 20)):
        own.add(_bases(world, middles, (f"org{number}", "base"), (2, 2, 2)))
    shelves = (roots, middles, middles, own)
    left = repositories - world.repository_count
    for (namespace, name), count in _plan(left, images - world.images):
        _leaves(world, world.repository(namespace, name), count, shelves, draw)
        world.flush()
    world.flush(at=0)


def _bases(
    world: _World, below: _Shelf, repository: tuple[str, str], shape: tuple[int, int, int]
) -> list[tuple[Made, ...]]:
    """Put a repository of bases, and return them: the newest push of the first tag first."""
    own, tags, pushes = shape
    number, found = world.repository(*repository), []
    for version in range(1, tags + 1):
        name = f"{'/'.join(repository)}:{version}"
        pushed = [world.images_on(below.one(), own, name) for _ in range(pushes)]
        world.tag(number, str(version), [image_set for image_set, _ in pushed], NOW - version * DAY)
        found += [made for _, made in reversed(pushed)]
    return found


def _plan(repositories: int, images: int) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the repositories of leaves with how many images each has."""
    large = min(_LARGE_TAGS, images // 10)
    some = large // 200
    named = [(LARGE.partition("/"), large)]
    named += [((ORGANISATION, "/", f"app{n}"), some) for n in range(200)]
    named += [((SMALL, "/", f"app{n}"), some) for n in range(25)]
    rest = images - sum(count for _, count in named)
    count = max(1, repositories - len(named))
    named += [((f"org{n // 5}", "/", f"app{n}"), -(-rest // count)) for n in range(count)]
    for (namespace, _, name), each in named:
        yield (namespace, name), each


def _leaves(
    world: _World, repository: int, count: int, shelves: tuple[_Shelf, ...], draw: random.Random
) -> None:
    """Put the tags of a repository: a fourth of the images for two platforms, some moved."""
    until, number = world.images + count, 0
    pushes: list[int] = []
    while world.images < until:
        bases = draw.choice(shelves).one()[: 1 + (draw.random() < 0.25)]
        layers = draw.randint(8, 12) - len(bases[0].layers)
        image_set, _ = world.images_on(bases, layers, "", says=draw.random() < 0.05)
        is_moved = bool(pushes) and draw.random() < 0.03
        pushes = [*pushes[-1:] * is_moved, image_set]
        pushed = NOW - draw.randrange(400) * DAY
        for _ in range(1 + (draw.random() < 0.25)):
            number += 1
            world.tag(repository, f"1.{number}", pushes, pushed)
