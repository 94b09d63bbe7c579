"""Finds the images whose base has moved on: looks at what was written since the last time."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.errors import NameRefused
from dockerhub.media_types import BASE_DIGEST, BASE_NAME
from dockerhub.names import DIGEST_PREFIX, digest_text, read_digest_text, read_image_name
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from dockerhub.store.engine import Connection

logger = logging.getLogger(__name__)

# Tags that are judged in one transaction: others may write between two of them.
_TAGS_AT_ONCE = 2000
# So many are gathered before: a tag may be found in several ways.
_TAGS_GATHERED = 20_000
# After so many seconds we say what takes so long, and again each time that as many have passed;
_SECONDS_SILENT = 5
# after so many the rest is left to the end of the next crawl: the first one of a large database.
_SECONDS = 60


class _Source(NamedTuple):
    """Rows that may show that a base has moved on."""

    table: str
    statements: tuple[str, ...]
    """those that find the tags which they are about"""
    rows_at_once: int


_MOVES = _Source("tag_move", ("suspect_moved", "suspect_dependents_of_moved"), 100)
_SOURCES = (
    _Source("tag", ("suspect_tags",), 5000),
    _MOVES,
    _Source("absence", ("suspect_returned",), 500),
    _Source("manifest", ("suspect_manifests", "suspect_dependents_of_manifests"), 1000),
    _Source("config", ("suspect_configs",), 1000),
    _Source("attestation", ("suspect_attestations",), 1000),
    _Source("reread", ("suspect_reread", "suspect_dependents_of_reread"), 1000),
)
_TABLES = ("suspect", "judged", "batch", "said", "stand", "borne", "looked_up", "verdict")


class _Named(NamedTuple):
    """A base as somebody names it, by its numbers; None where it is not in the database."""

    repository_id: int | None
    tag_id: int | None


class OutdatedBases:
    """Writes an event for each tag that is built on what its base's tag shows no more.

    It is an event only if something came since events are written: the base's move, the image that
    is built on it, or what is known of the layers or words of either. What was outdated before, in
    a database of an older version, is noted without a word when it is first judged.

    It costs what was written since the last time, not what there is, and takes about a minute at
    most. Killed at any moment, or late, it does the rest the next time, and says nothing twice.
    *guarded* gives a transaction for each part.
    """

    def __init__(
        self, connection: Connection, guarded: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._connection = connection
        self._guarded = guarded
        self._sql = load_queries("outdated")
        self._named: dict[str, _Named] = {}
        self._firsts: dict[str, int] = {}
        self._began = self._said_at = 0.0
        self._judged_count = 0

    def note(self, now: int) -> None:
        """Look at all that was written since the last time; *now* is in microseconds."""
        if not self._tells("has_manifests"):
            return
        run = self._connection.execute
        ends = run(self._sql["ends"]).fetchone()
        self._named.clear()
        self._firsts = dict.fromkeys([source.table for source in _SOURCES], 0)
        self._firsts |= dict(run(self._sql["firsts"]).fetchall())
        self._began = self._said_at = time.monotonic()
        self._judged_count = 0
        for table in _TABLES:
            run(f"DROP TABLE IF EXISTS temp.{table}")
            run(self._sql[f"make_{table}"])
        if self._tells("can_be_outdated"):
            # Before the marks move: bases that came or moved are found by their names.
            self._suspect_by_name()
            self._judge(now)
            self._look(ends, now)
        else:
            marks = {source.table: end for source, end in zip(_SOURCES, ends, strict=True) if end}
            self._settle(marks, now)
        for table in _TABLES:
            run(f"DROP TABLE temp.{table}")

    def _look(self, ends: Sequence[int | None], now: int) -> None:
        """Look at the new rows of each table, until nothing is left or it takes too long."""
        marks: dict[str, int] = {}
        for source, end in zip(_SOURCES, ends, strict=True):
            for last in self._parts(source, end):
                marks[source.table] = last
                self._say()
                if self._suspect_count() >= _TAGS_GATHERED or self._is_late():
                    self._settle(marks, now)
                if self._is_late():
                    logger.info(
                        "outdated bases: %d tags judged, the rest after the next crawl",
                        self._judged_count,
                    )
                    return
        self._settle(marks, now)

    def _is_late(self) -> bool:
        return time.monotonic() - self._began > _SECONDS

    def _say(self) -> None:
        """Log how far it is, where it takes longer than a moment."""
        if time.monotonic() - self._said_at > _SECONDS_SILENT:
            self._said_at = time.monotonic()
            logger.info("outdated bases: %d tags judged so far", self._judged_count)

    def _tells(self, statement: str) -> bool:
        words = {"base_digest": BASE_DIGEST}
        return bool(self._connection.execute(self._sql[statement], words).fetchone()[0])

    def _settle(self, marks: dict[str, int], now: int) -> None:
        """Judge all suspects, then note that what led to them was looked at."""
        self._judge(now)
        with self._guarded():
            self._connection.executemany(self._sql["put_mark"], marks.items())
            self._connection.execute(self._sql["forget_reread"])
        marks.clear()

    def _suspect_count(self) -> int:
        return int(self._connection.execute(self._sql["count_suspects"]).fetchone()[0])

    def _parts(self, source: _Source, end: int | None) -> Iterator[int]:
        """Yield the last row of each part of what is new, once its tags are suspects."""
        run = self._connection.execute
        mark = self._mark(source.table)
        while True:
            next_rows = (mark, end, source.rows_at_once)
            (last,) = run(self._sql[f"last_{source.table}"], next_rows).fetchone()
            if last is None:
                return
            span = {"from": mark, "until": last}
            for statement in source.statements:
                run(self._sql[statement], span)
            if source is _MOVES:
                self._suspect_sayers(span)
            yield last
            mark = last

    def _mark(self, table: str) -> int:
        row = self._connection.execute(self._sql["mark"], (table,)).fetchone()
        return 0 if row is None else int(row[0])

    def _suspect_sayers(self, span: dict[str, int]) -> None:
        """Suspect the tags that are said to be built on a digest which a tag has left."""
        run = self._connection.execute
        for (digest,) in run(self._sql["left_digests"], span).fetchall():
            for text in _ways(digest):
                word = (BASE_DIGEST, text, None)
                run(self._sql["suspect_sayers_by_annotation"], word)
                run(self._sql["suspect_sayers_by_label"], word)
            run(self._sql["suspect_sayers_by_provenance"], (digest,))

    def _suspect_by_name(self) -> None:
        """Suspect the tags that name a base which has come or moved since."""
        run = self._connection.execute
        tag_mark, move_mark = self._mark("tag"), self._mark("tag_move")
        for kind in ("annotation", "label"):
            names = run(self._sql[f"names_by_{kind}"], {"name": BASE_NAME}).fetchall()
            for (name,) in names:
                repository_id, base = self._base(name, has_digest=True)
                if base is not None and (
                    base > tag_mark
                    or run(self._sql["moved_since"], (base, move_mark)).fetchone()[0]
                ):
                    said = (BASE_NAME, name, repository_id)
                    run(self._sql[f"suspect_sayers_by_{kind}"], said)

    def _judge(self, now: int) -> None:
        """Judge all suspects, a batch a transaction."""
        run = self._connection.execute
        while True:
            with self._guarded():
                for table in ("batch", "said", "stand", "verdict"):
                    run(f"DELETE FROM temp.{table}")
                run(self._sql["fill_batch"], (_TAGS_AT_ONCE,))
                if not run(self._sql["drop_suspects"], (_TAGS_AT_ONCE,)).rowcount:
                    return
                self._judge_batch(now)
            self._say()

    def _judge_batch(self, now: int) -> None:
        run = self._connection.execute
        self._judged_count += int(run(self._sql["count_batch"]).fetchone()[0])
        self._put_said()
        for statement in ("put_judged", "fill_stand", "look_up", "put_looked_up"):
            run(self._sql[statement])
        for statement in ("judge_said", "judge_said_left"):
            run(self._sql[statement])
        run(self._sql["judge_layers"], self._firsts)
        if any(self._firsts.values()):
            run(self._sql["put_known_then"], self._firsts)
        run(self._sql["put_outdated"], (now,))
        run(self._sql["put_outdated_base"])

    def _put_said(self) -> None:
        """Put what is said of the bases of a batch where SQL can compare it."""
        words = {"base_name": BASE_NAME, "base_digest": BASE_DIGEST} | self._firsts
        rows = self._connection.execute(self._sql["said_of_batch"], words).fetchall()
        said = []
        for tag_id, name, text, is_known in rows:
            digest = _digest(text)
            base = self._base(name or "", has_digest=digest is not None)
            said.append((tag_id, name is not None, *base, digest, is_known))
        self._connection.executemany(self._sql["put_said"], said)

    def _base(self, name: str, *, has_digest: bool) -> _Named:
        """Return the base that a name means; without a digest a bare name means `latest`."""
        key = name if has_digest else f"{name} alone"
        if key not in self._named:
            self._named[key] = self._look_up(name, has_digest=has_digest)
        return self._named[key]

    def _look_up(self, name: str, *, has_digest: bool) -> _Named:
        try:
            image = read_image_name(name)
        except NameRefused:
            return _Named(None, None)
        tag = image.tag or (None if has_digest or image.digest else "latest")
        asked = (tag, *image.repository)
        row = self._connection.execute(self._sql["find_named"], asked).fetchone()
        return _Named(None, None) if row is None else _Named(*row)


def _ways(digest: bytes) -> tuple[str, ...]:
    """Return a digest as builders write it."""
    upper = digest.hex().upper()
    return digest_text(digest), f"{DIGEST_PREFIX}{upper}", f"{DIGEST_PREFIX.upper()}{upper}"


def _digest(text: str | None) -> bytes | None:
    try:
        return read_digest_text(text or "")
    except NameRefused:
        return None
