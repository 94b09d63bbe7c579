"""Writes what a discovery finds, and what it has asked and still has to ask."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.items import (
        CatalogPage,
        CatalogPlan,
        NamespaceEnd,
        PrefixStep,
        RepositoryRow,
    )
    from dockerhub.store.engine import Connection
    from dockerhub.store.tags import Tally

SEARCHED, LISTED = "catalog_searched", "catalog_listed"
"""what the tally calls repositories that were new when a search, or a list, showed them"""

_ENDED = frozenset({"done", "split", "plateau", "refused"})


class CatalogWriter:
    """Writes inside the caller's transaction: a page, and how far its prefix is, are one."""

    def __init__(
        self,
        connection: Connection,
        tally: Tally,
        put_row: Callable[[RepositoryRow, int, str], int],
        put_list: Callable[[CatalogPage], None],
    ) -> None:
        """*put_row* writes a repository by a statement of that name, *put_list* a list's page."""
        self._run = connection.execute
        self._many = connection.executemany
        self._tally = tally
        self._put_row = put_row
        self._put_list = put_list
        self._sql = load_queries("catalog_writing")

    def put_plan(self, plan: CatalogPlan) -> None:
        """Write what a discovery begins with; what it knows already stays as it is."""
        under = plan.under
        self._run(self._sql["renew_prefixes"], (plan.renew_before, under, under))
        self._run(self._sql["renew_namespaces"], (plan.renew_before, under, under))
        self._put_prefixes(None, plan.prefixes)
        rows = [(name, source, None, 0) for name, source in plan.namespaces]
        self._many(self._sql["put_namespace"], rows)

    def put_page(self, page: CatalogPage) -> None:
        """Write a page: what is new, in which ways it was found, and what follows from it."""
        page = _without_twins(page)
        known = [self._find(row) for row in page.rows]
        new = [row for row, found in zip(page.rows, known, strict=True) if found is None]
        if page.step is None:
            self._put_list(page)
            numbers = [
                found or self._find(row) for row, found in zip(page.rows, known, strict=True)
            ]
        else:
            numbers = [
                self._put_hit(row, found, page) for row, found in zip(page.rows, known, strict=True)
            ]
        self._put_finds(page, [number for number, _ in filter(None, numbers)])
        if page.step is not None:
            self._move_prefix(page.step, len(page.rows), len(new), page.seen)
            self._put_namespaces(page, new, page.step.prefix)
            self._tally[SEARCHED] += len(new)
        elif page.walk is not None:
            about = (len(page.rows), len(new), page.walk.key.subject)
            self._run(self._sql["move_namespace"], about)
            self._tally[LISTED] += len(new)

    def end_namespace(self, end: NamespaceEnd) -> None:
        """Write that the list of a namespace has ended."""
        self._run(self._sql["end_namespace"], (end.state, end.seen, end.namespace))

    def _find(self, row: RepositoryRow) -> tuple[int, int | None] | None:
        """Return the number of a repository and when it was last seen, None if it is not stored."""
        found = self._run(self._sql["find_hit"], row.repository).fetchone()
        return None if found is None else (found[0], found[1])

    def _put_hit(
        self, row: RepositoryRow, found: tuple[int, int | None] | None, page: CatalogPage
    ) -> tuple[int, int | None]:
        """Write a hit, unless another prefix of this discovery has shown the same."""
        if found is not None and found[1] is not None and found[1] >= page.since:
            return found
        return self._put_row(row, page.seen, "put_hit"), page.seen

    def _put_finds(self, page: CatalogPage, numbers: list[int]) -> None:
        by_list = int(page.step is None)
        finds = [
            (number, int(find.by_owner), int(find.by_name), by_list, int(find.is_namesake))
            for number, find in zip(numbers, page.finds, strict=True)
        ]
        self._many(self._sql["put_find"], finds)

    def _move_prefix(self, step: PrefixStep, row_count: int, new_count: int, seen: int) -> None:
        ended = seen if step.state in _ENDED else None
        self._run(
            self._sql["move_prefix"],
            (
                step.state,
                step.said_count,
                row_count,
                new_count,
                step.next_page,
                int(step.signed_in),
                step.reach,
                step.detail,
                ended,
                step.prefix,
            ),
        )
        self._put_prefixes(step.prefix, step.children)

    def _put_prefixes(self, parent: str | None, prefixes: tuple[tuple[str, int], ...]) -> None:
        rows = [(prefix, parent, expected) for prefix, expected in prefixes]
        self._many(self._sql["put_prefix"], rows)

    def _put_namespaces(self, page: CatalogPage, new: list[RepositoryRow], prefix: str) -> None:
        """Note the namespaces of all hits, and how many new repositories of each came."""
        counts = Counter(row.repository.namespace for row in new)
        names = dict.fromkeys(row.repository.namespace for row in page.rows)
        rows = [(name, "search", prefix, counts[name]) for name in names]
        self._many(self._sql["put_namespace"], rows)


def _without_twins(page: CatalogPage) -> CatalogPage:
    """Return *page* with each repository once: a row that comes again is not new again."""
    first = {row.repository: place for place, row in reversed([*enumerate(page.rows)])}
    if len(first) == len(page.rows):
        return page
    kept = sorted(first.values())
    return replace(
        page,
        rows=tuple(page.rows[place] for place in kept),
        finds=tuple(page.finds[place] for place in kept),
    )
