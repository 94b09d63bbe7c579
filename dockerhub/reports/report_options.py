"""What the reports of `scrapy report` are asked: about which repositories, and how much of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dockerhub.moments import MICROSECONDS
from dockerhub.reports.answers import Answer, NotAnswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dockerhub.store.questions import Questions

Row = TypeVar("Row")

DAY = 86_400 * MICROSECONDS
AFTER_ALL = "\U0010ffff"  # behind every name
WILD = re.compile(r"[*?\[]")


class Scope(NamedTuple):
    """Which repositories a report is about, so that an index finds them."""

    first: str
    """the first namespace that may be among them"""
    last: str
    """the last one"""
    glob: str
    """what `namespace/name` has to match"""
    words: str
    """as messages name them: `bitnami`, `library/nginx`, `all repositories`"""

    @property
    def is_one(self) -> bool:
        """Whether it names one repository."""
        return not WILD.search(self.glob)

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements take."""
        return {"first": self.first, "last": self.last, "glob": self.glob}

    def crawl(self, *, layers: bool = False) -> str:
        """Return the command that brings them, with their layers if that is asked for."""
        depth = " -a depth=layers" if layers else ""
        if self.is_one:
            return f"scrapy crawl tags -a repo={self.glob}{depth}"
        if self.first == self.last:
            return f"scrapy crawl org -a org={self.first}{depth}"
        # Without a name it brings the layers of all that is stored.
        return "scrapy crawl manifests" if layers else "scrapy crawl org -a org=bitnami"


EVERYTHING = Scope("", AFTER_ALL, "*", "all repositories")


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """What a report is asked."""

    scope: Scope = EVERYTHING
    present: int
    """now, in microseconds: what is old or recent is so before it"""
    limit: int = 50
    """rows at most"""
    days: int | None = None
    """the period; None: the report's own"""
    pulled_within: int = 30
    """days in which something must have been pulled to count as pulled"""
    tag: str | None = None
    """one tag, by its name, over time"""
    platform: str | None = None
    """only this one: `linux/arm64/v8`"""
    by_tag: bool = False
    """rows for tags instead of repositories"""
    order: str = "pulls"
    """what the most popular ones have most of: pulls, stars or growth"""

    def days_ago(self, days: int) -> int:
        """Return the moment so many days before the present one."""
        return self.present - days * DAY


class Report(NamedTuple):
    """What a report found: its rows, and what they come to together."""

    answer: Answer
    totals: Answer | None = None


def check_stored(questions: Questions, scope: Scope, *, tags: bool = False) -> None:
    """Refuse to answer about repositories, or their tags, where none are stored.

    :raises NotAnswered: naming the crawl that brings them
    """
    if questions.one("any_tag" if tags else "any_repository", scope.parameters) is None:
        what = f"tags of {scope.words}" if tags else scope.words
        raise NotAnswered(f"database: expected {what}, none are in it", scope.crawl())


def first_rows(
    rows: Iterable[Row], limit: int, order: Callable[[Row], Any]
) -> tuple[list[Row], int]:
    """Return the first rows in an order, and how many there are; the others are not kept."""
    found = 0

    def counted() -> Iterator[Row]:
        nonlocal found
        for found, row in enumerate(rows, start=1):  # noqa: B007  (it is returned)
            yield row

    return nsmallest(limit, counted(), key=order), found


def left_out(shown: int, found: int, what: str) -> Sequence[str]:
    """Return the note about rows that the limit keeps out, none where there are none."""
    if found <= shown:
        return ()
    return (f"{shown} of {found} {what} shown; --limit {found} shows all",)
