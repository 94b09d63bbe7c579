from __future__ import annotations

import asyncio

import pytest

from dockerhub.errors import StoreClosed
from dockerhub.store.off_thread import OffThread


def test_calls_run_in_the_order_in_which_they_were_asked() -> None:
    done: list[int] = []

    async def crawl() -> None:
        thread = OffThread("test")
        await asyncio.gather(*[thread.run(done.append, number) for number in range(50)])
        thread.close()

    asyncio.run(crawl())

    assert done == list(range(50))


def test_who_asks_after_the_end_is_told_so() -> None:
    async def crawl() -> None:
        thread = OffThread("test")
        thread.close()
        thread.run(int)

    with pytest.raises(StoreClosed, match="before the crawl ended"):
        asyncio.run(crawl())
