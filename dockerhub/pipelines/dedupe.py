"""Leaves out what was stored already in this crawl: a repository met on two pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from dockerhub.items import RepositoryDetail, RepositoryPage

if TYPE_CHECKING:
    from dockerhub.items import Item


class DedupePipeline:
    """Remembers repositories, not every row; an item with a walk's progress is never dropped."""

    def __init__(self) -> None:
        # A detail says more than a list row, a list row more than a hit: each is kept once.
        self._details: set[int] = set()
        self._rows: set[tuple[bool, int]] = set()

    async def process_item(self, item: Item) -> Item:
        """Return the item without the repositories that came before.

        :raises DropItem: if nothing is left of it
        """
        if isinstance(item, RepositoryDetail):
            mark = hash(item.row.repository)
            if mark in self._details and item.walk is None:
                raise DropItem(f"{item.row.repository} was stored already", log_level="DEBUG")
            self._details.add(mark)
        walk = item.walk
        if walk is not None and walk.began_again is not None:
            # A list that is read again must move the time at which its rows were last seen.
            return item
        if isinstance(item, RepositoryPage):
            marks = {(item.is_search, hash(row.repository)): row for row in item.rows}
            rows = tuple(row for mark, row in marks.items() if mark not in self._rows)
            self._rows.update(marks)
            return item if len(rows) == len(item.rows) else replace(item, rows=rows)
        return item
