"""How far a list that moves was read without a gap."""

from __future__ import annotations

from typing import NamedTuple


class _Ahead(NamedTuple):
    """Rows that were read behind a gap: from, to, and whether the list ends with them."""

    start: int
    stop: int
    is_end: bool


class Frontier:
    """Counts the rows from the start of one ordering that were read, whatever moved meanwhile.

    A row that existed all the time and was not moved itself can slip from a page that is to be
    read into one that was read only if more rows before it went than came. Then the list's count
    falls, by at least as many places. So whenever `count` falls by some, the frontier goes back by
    as many rows: to the page before, most of the time.
    """

    def __init__(self, page_size: int) -> None:
        self._size = page_size
        self._rows = 0
        self._count: int | None = None
        self._ahead: _Ahead | None = None
        self.is_at_end = False

    @property
    def next_page(self) -> int:
        """The page that begins at the frontier, or before it."""
        return self._rows // self._size + 1

    def took(self, page: int, rows: int, count: int | None, *, is_end: bool) -> bool:
        """Take a page of *rows* rows; False if rows may have slipped past between it and the last.

        *is_end* tells whether the list ends with it.
        """
        if not is_end:
            # Some servers show fewer rows a page than were asked for.
            self._size = max(1, min(self._size, rows))
        self._fall_back(count)
        start, stop = (page - 1) * self._size, page * self._size
        if start > self._rows:
            self._ahead = _Ahead(start, stop, is_end)
            return False
        self._rows, self.is_at_end = max(self._rows, stop), is_end
        ahead = self._ahead
        if ahead is not None and ahead.start <= self._rows < ahead.stop:
            self._rows, self.is_at_end = ahead.stop, ahead.is_end
        return True

    def jump(self, rows: int, count: int | None) -> None:
        """Go on behind the first *rows* rows, which were read when the list had *count*."""
        self._rows = max(self._rows, rows - max(0, (count or 0) - (self._count or count or 0)))
        self._count = count if self._count is None else self._count

    def _fall_back(self, count: int | None) -> None:
        if count is None:
            return
        lost = (self._count or 0) - count
        self._count = count
        if lost > 0:
            self._rows = max(0, self._rows - lost)
            if self._ahead is not None:
                self._ahead = self._ahead._replace(stop=self._ahead.stop - lost)
