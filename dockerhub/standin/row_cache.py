"""Rendered pages of tags, kept so that a benchmark need not wait for them again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


class RowCache:
    """The pages used last, as many as fit into *budget* bytes."""

    def __init__(self, budget: int = 100_000_000) -> None:
        self._left = budget
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()

    def page(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return the page of *key*, made by *make* if it is not there."""
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = make()
            self._left -= len(page)
            while self._left < 0 and self._pages:
                self._left += len(self._pages.popitem(last=False)[1])
        else:
            self._pages.move_to_end(key)
        return page
