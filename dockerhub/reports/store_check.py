"""What the checks of the database found, and what is not finished."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.moments import iso
from dockerhub.redact import plain
from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.store.check import Checked, check
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.store.check import Unfinished

_FIELDS = (
    Field("check", "which part of the database"),
    Field("about", "what was compared"),
    Field("findings", "what does not fit", Form.NUMBER),
    Field("seconds", "how long it took", Form.NUMBER),
)
_FINDINGS = (
    Field("check", "by which check"),
    Field("place", "where"),
    Field("expected", "what should be there"),
    Field("found", "what is there"),
)
_WORD_SIZE = 300


class Verdict(NamedTuple):
    """What was checked and what was found."""

    checks: Answer
    """a row a check"""
    findings: Answer
    """a row a finding, the first of each check"""
    total: int
    """findings, those included that are not told"""

    def lines(self) -> Sequence[str]:
        """Return the findings as lines: place, expectation, finding."""
        return [
            f"{plain(place, _WORD_SIZE)}: expected {plain(expected, _WORD_SIZE)},"
            f" got {plain(found, _WORD_SIZE)}"
            for _, place, expected, found in self.findings.rows
        ]


def check_store(url: str, now: int, *, is_quick: bool, is_full: bool) -> Verdict:
    """Return what the checks of the database at *url* find; *now* is in microseconds.

    :raises StoreError: if there is no database, or it cannot be read
    """
    checks, findings, notes, total = [], [], [], 0
    for one in check(url, now, is_quick=is_quick, is_full=is_full):
        if not isinstance(one, Checked):
            notes.append(_left(one))
            continue
        total += one.total
        checks.append((one.name, one.about, one.total, round(one.seconds, 1)))
        findings += [(one.name, *finding) for finding in one.findings]
        if one.total > len(one.findings):
            notes.append(f"{one.name}: {one.total - len(one.findings)} more findings are not shown")
    return Verdict(Answer(_FIELDS, checks, notes), Answer(_FINDINGS, findings), total)


def _left(left: Unfinished) -> str:
    """Return a line about work that was begun: that is no fault, the next crawl takes it up."""
    verb = "is" if left.total == 1 else "are"
    return (
        f"{counted(left.total, left.what)} {verb} not finished, the oldest since"
        f" {iso(left.since)[:16]}Z: {left.name}"
    )
