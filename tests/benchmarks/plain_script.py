"""What somebody would write without Scrapy: aiohttp, json and sqlite3, a transaction a page.

`python plain_script.py http://127.0.0.1:8000 bench file.db [details]`
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WORKERS = 16

SCHEMA = """
CREATE TABLE repositories (
    full_name TEXT PRIMARY KEY, description TEXT, full_description TEXT, star_count INTEGER,
    pull_count INTEGER, last_updated TEXT, is_automated INTEGER, scraped_at TEXT
);
CREATE TABLE tags (
    repo_name TEXT, tag_name TEXT, full_size INTEGER, last_updated TEXT, last_pushed TEXT,
    digest TEXT, status TEXT, media_type TEXT, scraped_at TEXT, PRIMARY KEY (repo_name, tag_name)
);
CREATE TABLE images (
    repo_name TEXT, tag_name TEXT, position INTEGER, os TEXT, architecture TEXT, variant TEXT,
    digest TEXT, size INTEGER, PRIMARY KEY (repo_name, tag_name, position)
);
"""


class Store:
    """The database; every method is one transaction."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.executescript(SCHEMA)

    def repositories(self, rows: list[dict[str, Any]]) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with self.connection as run:
            run.executemany(
                "INSERT INTO repositories VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET description = excluded.description,"
                " full_description = coalesce(excluded.full_description, full_description),"
                " star_count = excluded.star_count, pull_count = excluded.pull_count,"
                " last_updated = excluded.last_updated, scraped_at = excluded.scraped_at",
                [
                    (
                        f"{row['namespace']}/{row['name']}",
                        row["description"],
                        row.get("full_description"),
                        row["star_count"],
                        row["pull_count"],
                        row["last_updated"],
                        row.get("is_automated"),
                        now,
                    )
                    for row in rows
                ],
            )

    def tags(self, repository: str, rows: list[dict[str, Any]]) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with self.connection as run:
            run.executemany(
                "INSERT OR REPLACE INTO tags VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        repository,
                        row["name"],
                        row["full_size"],
                        row["last_updated"],
                        row["tag_last_pushed"],
                        row.get("digest"),
                        row["tag_status"],
                        row.get("media_type"),
                        now,
                    )
                    for row in rows
                ],
            )
            run.executemany(
                "INSERT OR REPLACE INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        repository,
                        row["name"],
                        position,
                        image["os"],
                        image["architecture"],
                        image["variant"],
                        image.get("digest"),
                        image["size"],
                    )
                    for row in rows
                    for position, image in enumerate(row["images"])
                ],
            )


class Crawl:
    def __init__(self, hub: str, namespace: str, store: Store, *, details: bool) -> None:
        self.root = f"{hub}/v2/namespaces/{namespace}/repositories"
        self.store, self.details = store, details
        self.queue: asyncio.Queue[str] = asyncio.Queue()

    async def run(self) -> None:
        async with aiohttp.ClientSession() as self.session:
            workers = [asyncio.create_task(self.work()) for _ in range(WORKERS)]
            async for page in self.pages(f"{self.root}?page=1&page_size=100"):
                self.store.repositories(page)
                for row in page:
                    self.queue.put_nowait(row["name"])
            await self.queue.join()
            for worker in workers:
                worker.cancel()

    async def work(self) -> None:
        while True:
            name = await self.queue.get()
            path = f"{self.root}/{name}"
            if self.details:
                self.store.repositories([await self.get(path)])
            query = "page=1&page_size=100&ordering=last_updated"
            repository = "/".join(path.split("/")[-3::2])
            async for page in self.pages(f"{path}/tags?{query}"):
                self.store.tags(repository, page)
            self.queue.task_done()

    async def pages(self, url: str | None) -> AsyncIterator[list[dict[str, Any]]]:
        while url:
            page = await self.get(url)
            yield page["results"]
            url = page["next"]

    async def get(self, url: str) -> Any:
        async with self.session.get(url) as response:
            response.raise_for_status()
            return json.loads(await response.read())


if __name__ == "__main__":
    hub, namespace, path, *more = sys.argv[1:]
    asyncio.run(Crawl(hub, namespace, Store(path), details="details" in more).run())
