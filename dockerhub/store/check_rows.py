"""Checks of rows against rows: each a question of `sql/checking.sql`, and what its rows mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.moments import iso
from dockerhub.store.check_words import Finding
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockerhub.store.check_words import Look

_DAY = 86_400_000_000


class RowCheck(NamedTuple):
    """A check that asks questions; each row of an answer is a finding."""

    name: str
    about: str
    questions: tuple[tuple[str, Callable[..., Finding]], ...]

    def findings(self, look: Look) -> Iterator[Finding]:
        """Yield what does not fit."""
        for statement, finding in self.questions:
            asked = _parameters(look, statement)
            if asked is not None:
                for row in look.ask(statement, asked):
                    yield finding(*row)


def _parameters(look: Look, statement: str) -> dict[str, Any] | None:
    """Return what a question needs, None if there is nothing to compare with."""
    if ":since" in look.sql[statement]:
        ((since,),) = look.ask("first_event")
        return None if since is None else {"since": since}
    return {"latest": look.latest, "today": look.last_day}


def _tags(subject: str, shown: int, found: int, at: int) -> Finding:
    expected = f"{counted(shown, 'tag')}, as its walk showed that ended {_text(at)}"
    return Finding(f"tags of {subject}", expected, str(found))


def _repositories(subject: str, shown: int, found: int, at: int) -> Finding:
    rows = counted(shown, "repository", "repositories")
    expected = f"{rows}, as its walk showed that ended {_text(at)}"
    return Finding(f"repositories of {subject}", expected, str(found))


def _text(moment: int | None) -> str:
    """Return a moment as text, whatever it is."""
    if moment is None:
        return "never"
    try:
        return iso(moment)[:19] + "Z"
    except (ValueError, OverflowError, TypeError):
        return str(moment)


def _in_order(place: str, *moments: int | None) -> Finding:
    order = ", ".join(_text(moment) for moment in moments)
    return Finding(place, "moments in their order", order)


def _unheard(kind: str) -> Callable[[str, int], Finding]:
    return lambda place, at: Finding(place, f"an event {kind} of {_text(at)}", "none")


def _sample(place: str, number: int, pulls: int | None, stars: int | None) -> Finding:
    found = f"{pulls} pulls and {stars} stars on {_text(number * _DAY)[:10]}"
    return Finding(f"pull sample of {place}", "numbers from 0 of a day that has begun", found)


def _digest(table: str, number: int, size: int) -> Finding:
    place = f"{table}, row {number}"
    return Finding(place, "digests of 32 bytes, marks and chains of 16", f"one of {size} or others")


ROW_CHECKS = (
    RowCheck(
        "counts",
        "tags and repositories against their last complete walk",
        (("tag_counts", _tags), ("repository_counts", _repositories)),
    ),
    RowCheck(
        "events",
        "what went and moved against the events that say so",
        (
            ("gone_tags_without_event", _unheard("tag_deleted")),
            ("gone_repositories_without_event", _unheard("repository_gone")),
            ("moves_without_event", _unheard("tag_moved")),
            (
                "events_astray",
                lambda number, kind: Finding(
                    f"event {number}, {kind}", "a tag of its own repository", "another's"
                ),
            ),
        ),
    ),
    RowCheck(
        "order",
        "moments of what was seen, left and gone",
        (
            ("moves_out_of_order", _in_order),
            ("seen_out_of_order", _in_order),
            ("absences_out_of_order", _in_order),
            (
                "future",
                lambda name, moment: Finding(name, "moments that are past", _text(moment)),
            ),
        ),
    ),
    RowCheck(
        "numbers",
        "pull samples, sizes, digests, numbers of rows",
        (
            ("bad_samples", _sample),
            (
                "bad_sizes",
                lambda table, number, size: Finding(
                    f"{table}, row {number}", "a size from 0", str(size)
                ),
            ),
            ("bad_digests", _digest),
            (
                "reused_numbers",
                lambda table, mark, last: Finding(
                    table, f"row {mark}, which was looked at, or a later one", f"{last} as the last"
                ),
            ),
        ),
    ),
)
