"""What came of a list: distinct rows, rows that could not be read, and what its pages promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Tally:
    """Counts the rows of one round of a walk; a row that came twice is one."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._refused: dict[tuple[str, int], int] = {}
        self.kept_count = 0
        """distinct rows that are wanted"""
        self.first_count: int | None = None
        self.last_count: int | None = None
        self.has_moved = False
        """whether the list changed while it was read, as far as its count or a row tells"""

    def add(self, names: Iterable[str]) -> int:
        """Add rows by their names and return how many of them are new."""
        before = len(self._seen)
        self._seen.update(map(hash, names))
        return len(self._seen) - before

    def keep(self, names: Iterable[str]) -> None:
        """Count wanted rows, before they are added."""
        self.kept_count += sum(hash(name) not in self._seen for name in names)

    def refuse(self, leg: str, start: int, rows: int) -> None:
        """Count the rows of the page from *start* that could not be read; a second time anew."""
        self._refused.pop((leg, start), None)
        if rows:
            self._refused[leg, start] = rows

    def promise(self, count: int | None) -> None:
        """Hear what a page says of the whole list."""
        if self.first_count is None:
            self.first_count = count
        elif count != self.first_count:
            self.has_moved = True
        self.last_count = count

    @property
    def refused_count(self) -> int:
        """Rows that could not be read; of several orders, which show the same rows, the most."""
        legs = {leg for leg, _ in self._refused}
        return max(
            (sum(n for (each, _), n in self._refused.items() if each == leg) for leg in legs),
            default=0,
        )

    @property
    def row_count(self) -> int:
        """Rows that came, those that could not be read included."""
        return len(self._seen) + self.refused_count

    @property
    def is_whole(self) -> bool:
        """Whether as many rows came as the list has."""
        return self.last_count is None or self.row_count == self.last_count
