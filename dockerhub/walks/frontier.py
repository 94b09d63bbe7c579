"""How far a list that moves was read without a gap, and which page is read next."""

from __future__ import annotations


class Frontier:
    """Counts the rows from the start of one ordering that were read, whatever moved meanwhile.

    A row that existed all the time and was not moved itself can slip from a page that is to be
    read into one that was read only if more rows before it went than came. Then the list's count
    falls, by at least as many places. So whenever `count` falls by some, the frontier goes back by
    as many rows. From then on pages overlap: with 97 rows a page instead of 100 one begins where
    it is wanted, so that as many rows may go again before every page and no gap is made.
    """

    def __init__(self, page_size: int, *, margin: int = 0) -> None:
        """*margin* is how many rows pages overlap from the start."""
        self._asked_size = self._most = page_size
        self._rows = 0
        self._margin = margin
        self._count: int | None = None
        self._is_fixed = False
        self.page, self.size = 1, page_size
        self.is_at_end = False

    @property
    def next_page(self) -> int:
        """The page that begins at the frontier or before, by pages of the size that was asked."""
        return self._rows // self._asked_size + 1

    def took(self, rows: int, count: int | None, *, is_end: bool) -> bool:
        """Take the page that was asked; False if rows may have slipped past between it and others.

        *rows* is how many came, *is_end* whether the list ends with them.
        """
        self._fall_back(count)
        if not is_end and rows != self.size:
            # The server has page sizes of its own: where a page begins goes by those.
            self._most = self.size = max(1, rows)
            self._is_fixed = True
        start, stop = (self.page - 1) * self.size, self.page * self.size
        if start > self._rows:
            return False
        self.is_at_end = is_end and stop >= self._rows
        self._rows = max(self._rows, stop)
        return True

    def aim(self) -> None:
        """Choose the page that is read next, with some rows before the frontier if rows went."""
        sizes = range(self._most, self._most // 2, -1) if self._margin else (self._most,)
        best = max(sizes, key=lambda size: self._worth(size, self._rows // size))
        self.page, self.size = self._rows // best + 1, best

    def turn_to(self, page: int) -> None:
        """Read *page*, wherever the frontier is."""
        self.page, self.size = page, self._most

    def jump(self, rows: int, count: int | None) -> None:
        """Go on behind the first *rows* rows, which were read when the list had *count*."""
        lost = max(0, (count or 0) - (self._count or count or 0))
        self._rows = max(self._rows, rows - lost)
        self._count = count if self._count is None else self._count

    def back(self) -> None:
        """Go back a page: the list ends before the page that was asked, nobody knows where."""
        self._rows = max(0, self._rows - self._most)

    def _worth(self, size: int, pages_before: int) -> tuple[int, int]:
        overlap = self._rows - pages_before * size
        return min(overlap, self._margin), pages_before * size + size

    def _fall_back(self, count: int | None) -> None:
        if count is None:
            return
        lost = (self._count or 0) - count
        self._count = count
        if lost > 0:
            self._rows = max(0, self._rows - lost)
            self._margin = 0 if self._is_fixed else max(self._margin, 2 * lost)
