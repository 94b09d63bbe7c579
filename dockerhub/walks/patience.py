"""How far a list is followed that says that it goes on."""

from __future__ import annotations

# Pages beyond the count of a list, each of which may be read a few times while it moves.
_MOST_PAGES_OVER = 10
_MOST_READINGS = 4
# Pages in a row that bring nothing new, where the list says no count and where it does.
_MOST_STALE_PAGES = 2
_MOST_STALE_PAGES_OF_MANY = 30


class Patience:
    """Counts the pages of one order of a list, and knows when they are too many."""

    def __init__(self, page_size: int) -> None:
        self._page_size = page_size
        self._stale = 0
        self.pages = 0
        """pages that were asked for"""

    def took(self, *, has_news: bool) -> None:
        """Take a page; *has_news* tells whether it brought any row that is new."""
        self.pages += 1
        self._stale = 0 if has_news else self._stale + 1

    def why_over(self, page: int, count: int | None, *, minds_stale: bool) -> str | None:
        """Return why a list of *count* rows is not followed beyond *page*, None if it is."""
        most = _MOST_STALE_PAGES if count is None else _MOST_STALE_PAGES_OF_MANY
        if minds_stale and self._stale > most:
            return f"{self._stale} pages brought nothing new"
        if count is None:
            return None
        promised = count // self._page_size + 1
        if self.pages <= _MOST_READINGS * promised + _MOST_PAGES_OVER:
            return None
        return f"page {page} of a list of {count} says that it goes on"
