"""Removes from the database what nobody asks for any more, a little at a time."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from dockerhub.store.database import transaction
from dockerhub.store.maintenance import told, upkeep_of
from dockerhub.store.prune_phases import NUMBERED, PHASES
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.maintenance import Upkeep
    from dockerhub.store.prune_phases import Phase

# Rows that are looked at in one reading: it holds up nobody, but Ctrl-C waits for it.
_LOOKED_AT = 50_000
_FEWEST, _FIRST, _MOST = 100, 500, 5_000
# How long a transaction may take: it holds up all who write.
_SLOW_SECONDS, _FAST_SECONDS = 0.3, 0.1
# A crawl that waits looks again after a tenth of a second at most.
_TURN_SECONDS = 0.12


class Pruned:
    """What was removed, or would be."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """rows by table"""
        self.left: Counter[str] = Counter()
        """rows by table that could go, but somebody wrote meanwhile: for the next time"""


def prune(url: str, before: int, *, is_dry: bool = False) -> Pruned:
    """Remove from the database at *url* what was over or gone *before* a moment (microseconds).

    Killed at any moment it leaves a database that is whole; the rest goes the next time. A dry run
    only counts, as of about one moment.

    :raises StoreError: if the database cannot be read or written
    """
    with closing(upkeep_of(url)) as upkeep, told("write"):
        pruning = _Pruning(upkeep, before, is_alone=not upkeep.is_shared())
        for phase in PHASES:
            if is_dry:
                pruning.reckon(phase)
            else:
                pruning.run(phase)
    return pruning.pruned


class _Pruning:
    """The phases, one after the other, through one connection."""

    def __init__(self, upkeep: Upkeep, before: int, *, is_alone: bool) -> None:
        self.pruned = Pruned()
        self._upkeep = upkeep
        self._run = upkeep.connection.execute
        self._sql = load_queries("pruning")
        self._asked = {"before": before, "is_alone": is_alone}
        self._last_event = 0
        self._rows_at_once = _FIRST
        self._make_tables()

    def reckon(self, phase: Phase) -> None:
        """Count what would go. What is marked stays so: what comes later is reckoned without it."""
        self._mark_all(phase)
        for part in phase.parts:
            where = part.where.format(phase.doomed)
            (count,) = self._run(f"SELECT COUNT(*) FROM {part.table} WHERE {where}").fetchone()
            self.pruned.counts[part.table] += count

    def run(self, phase: Phase) -> None:
        """Remove what can go; where that lets others go, those too."""
        self._prepare(phase)
        self._rows_at_once = _FIRST
        while True:
            self._mark(phase)
            gone = self._sweep(phase)
            self._run(f"DELETE FROM temp.{phase.doomed}")
            if not (phase.has_rounds and gone):
                return

    def _mark_all(self, phase: Phase) -> None:
        self._prepare(phase)
        count = -1
        while (found := self._count(phase.doomed)) != count:
            count = found
            self._mark(phase)
            if not phase.has_rounds:
                return

    def _count(self, table: str) -> int:
        return int(self._run(f"SELECT COUNT(*) FROM temp.{table}").fetchone()[0])

    def _make_tables(self) -> None:
        for name in (*NUMBERED, *(phase.doomed for phase in PHASES)):
            self._run(f"CREATE TEMP TABLE {name} (id INTEGER PRIMARY KEY)")
        self._run("CREATE TEMP TABLE named_digest (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._run(self._sql["keep_walks"])
        self._run(self._sql["keep_crawls"], self._asked)

    def _prepare(self, phase: Phase) -> None:
        if phase.name == "manifest":
            for span in self._spans("manifest"):
                self._run(self._sql["mark_unshown"], self._asked | span)
        elif phase.name == "instruction":
            self._upkeep.notice()
            self._run(self._sql["use_instructions"])

    def _mark(self, phase: Phase) -> None:
        """Look for what can go; a crawl may write meanwhile."""
        if phase.name not in {"walk", "crawl", "event"}:
            self._name_what_events_say()
        source = "temp.unshown" if phase.source == "unshown" else phase.source
        for span in self._spans(source):
            self._run(self._sql[f"mark_{phase.name}"], self._asked | span)

    def _spans(self, table: str, size: int = _LOOKED_AT) -> Iterator[dict[str, int]]:
        """Yield the numbers of a table's rows, so many rows at a time."""
        mark = -1
        while True:
            (last,) = self._run(
                "SELECT MAX(n.id)"
                f" FROM (SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?) AS n",
                (mark, size),
            ).fetchone()
            if last is None:
                return
            yield {"from": mark, "until": last}
            mark = last
            size = self._rows_at_once if size != _LOOKED_AT else size

    def _name_what_events_say(self) -> None:
        """Note of which tags and digests events speak that came since the last time."""
        (last,) = self._run(self._sql["last_event"]).fetchone()
        span = {"from": self._last_event, "until": last}
        if last > self._last_event:
            self._run(self._sql["name_tags"], span)
            self._run(self._sql["name_digests"], span)
            self._last_event = last

    def _sweep(self, phase: Phase) -> int:
        """Remove what is marked and can still go, and return how many rows that were."""
        gone, seen = 0, 0
        for span in self._spans(f"temp.{phase.doomed}", self._rows_at_once):
            started = time.monotonic()
            with transaction(self._upkeep.connection):
                if phase.name == "instruction" and self._upkeep.was_written():
                    self.pruned.left["instruction"] = self._count(phase.doomed) - seen
                    return gone
                taken = self._sweep_batch(phase, span)
            gone, seen = gone + taken, seen + taken
            self._let_others(time.monotonic() - started)
        return gone

    def _sweep_batch(self, phase: Phase, span: dict[str, int]) -> int:
        self._run("DELETE FROM temp.batch")
        if phase.name not in {"walk", "crawl", "event"}:
            self._name_what_events_say()
        taken = self._run(self._sql[f"take_{phase.name}"], self._asked | span).rowcount
        self._upkeep.spare(phase.name)
        for part in phase.parts:
            where = part.where.format("batch")
            count = self._run(f"DELETE FROM {part.table} WHERE {where}").rowcount
            self.pruned.counts[part.table] += count
        if phase.name == "repository_detail":
            self._run(self._sql["ask_for_detail"])
        return taken

    def _let_others(self, took: float) -> None:
        """Choose how much goes at once, and let a crawl write that may be waiting."""
        if took > _SLOW_SECONDS:
            self._rows_at_once = max(_FEWEST, self._rows_at_once // 2)
        elif took < _FAST_SECONDS:
            self._rows_at_once = min(_MOST, self._rows_at_once * 2)
        if self._upkeep.is_shared():
            time.sleep(_TURN_SECONDS)
