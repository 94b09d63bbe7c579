"""How many pages a list has, for whoever may see all of it and for whoever may not. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

from dockerhub.reports.plan_spans import Span, known

TAG_REACH, LIST_REACH = 1000, 100
"""the rows from which on lists were cut for anonymous callers, where no walk has met it yet"""
TAG_ORDERS, NAMESPACE_ORDERS, SEARCH_ORDERS = 4, 7, 1


class Paging(NamedTuple):
    """How a list is asked for."""

    page_size: int
    reach: int | None
    """a page that begins with this row, or behind it, is refused; None: there is no such row"""
    orders: int = 1
    """in how many orders it is asked for where it is cut"""
    is_inverse_next: bool = False
    """whether the second order is the inverse of the first: it shows just what lacks"""

    def is_cut(self, count: int) -> bool:
        """Tell whether a list of *count* rows is too long for one order."""
        return self.reach is not None and count > self._shown()

    def _shown(self) -> int:
        """Return how many rows one order shows."""
        return math.ceil((self.reach or 0) / self.page_size) * self.page_size

    def shown(self, count: int) -> int:
        """Return how many rows all orders may show at most."""
        return min(count, self.orders * self._shown()) if self.is_cut(count) else count

    def pages(self, count: int) -> Span:
        """Return the requests for a list of *count* rows; the one that is refused is one."""
        if not self.is_cut(count):
            return known(max(1, math.ceil(count / self.page_size)))
        each = self._shown() // self.page_size
        first, more = each + 1, (self.orders - 1) * each
        rest = math.ceil((count - self._shown()) / self.page_size)
        if more == 0:
            return known(first)
        if count > self.orders * self._shown():
            return known(first + more)
        if self.is_inverse_next and rest <= each:
            return known(first + rest)
        # Whether another order shows what lacks, or the same rows again, is not known before.
        likely = more if count > 2 * self._shown() else min(more, 2 * each)
        return Span(first + min(rest, more), first + likely, first + more)
