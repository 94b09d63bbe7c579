"""The orders of a list that a walk goes through, one after the other, where each is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Legs:
    """Knows in which order a walk is, and how deep the caller may go in any of them."""

    def __init__(self, orderings: Sequence[str]) -> None:
        self._orderings = orderings
        self.number = 0
        self.reach: int | None = None
        """the first row, counted from 0, that the caller may not see"""
        self._first_names = 0

    @property
    def ordering(self) -> str:
        """The order in which pages are asked for now."""
        return self._orderings[self.number]

    @property
    def is_first(self) -> bool:
        """Whether it is still the order with which the walk began."""
        return self.number == 0

    def has(self, ordering: str) -> bool:
        """Tell whether the list is asked for in *ordering* at all."""
        return ordering in self._orderings

    def is_out_of_reach(self, row: int) -> bool:
        """Tell whether a page that begins with *row* is known to be deeper than one may go."""
        return self.reach is not None and row >= self.reach

    def cut(self, row: int) -> None:
        """Hear that a page that begins with *row* is deeper than the caller may go."""
        self.reach = row if self.reach is None else min(row, self.reach)

    def has_next(self) -> bool:
        """Tell whether another order is left, of which something may be seen."""
        return self.number + 1 < len(self._orderings) and self.reach != 0

    def change(self, ordering: str | None = None) -> None:
        """Go to *ordering*, by default to the next."""
        self.number = self.number + 1 if ordering is None else self._orderings.index(ordering)

    def start(self) -> None:
        """Go back to the first."""
        self.number = 0

    def is_ignored(self, page: int, names: Sequence[str]) -> bool:
        """Take a page's rows, and tell whether the list takes no notice of the order."""
        if page != 1:
            return False
        if self.is_first:
            self._first_names = hash(tuple(names))
            return False
        return hash(tuple(names)) == self._first_names
