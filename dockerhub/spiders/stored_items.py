"""Lets a callback wait until what it has yielded is in the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scrapy import signals

if TYPE_CHECKING:
    from scrapy.signalmanager import SignalManager

    from dockerhub.items import Item


class StoredItems:
    """Who waits for which item. What was yielded before one is stored before it."""

    def __init__(self, on: SignalManager) -> None:
        self._waiting: dict[int, asyncio.Future[None]] = {}
        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            on.connect(self.settle, signal)

    def of(self, item: Item) -> asyncio.Future[None]:
        """Return what is done once *item* is stored, or given up; to be asked before its yield."""
        stored = asyncio.get_running_loop().create_future()
        self._waiting[id(item)] = stored
        return stored

    def settle(self, item: Item) -> None:
        """Hear that *item* has gone through the pipelines."""
        stored = self._waiting.pop(id(item), None)
        if stored is not None and not stored.done():
            stored.set_result(None)
