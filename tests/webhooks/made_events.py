"""A database with events made by hand."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from dockerhub.store.database import open_database, transaction
from dockerhub.store.engine import tune
from tests.store.made import NOW, SECOND, digest

HOUR = 3600 * SECOND
DAY = 24 * HOUR


class Events:
    """Writes repositories, tags and events straight into the tables."""

    def __init__(self, url: str) -> None:
        self.url = url
        open_database(self.url).close()

    def run(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with closing(open_database(self.url)) as connection:
            tune(connection, "synchronous = OFF")
            with transaction(connection):
                found = connection.execute(sql, parameters)
                return found.fetchall() if sql.startswith("SELECT") else []

    def crawl(self, at: int, spider: str = "org", arguments: str = '{"org": "acme"}') -> None:
        """Write a crawl that came to its end a minute after *at*."""
        self.run(
            "INSERT INTO crawl (spider, arguments, signed_in, started_at, finished_at,"
            " finish_reason) VALUES (?, ?, 1, ?, ?, 'finished')",
            *(spider, arguments, at, at + 60 * SECOND),
        )

    def repository(self, name: str, description: str | None = None, *, again: bool = True) -> int:
        """Write a repository that was seen first at NOW; *again*: and a day later."""
        namespace, _, short = name.partition("/")
        self.run(
            "INSERT INTO repository (namespace, name, description, detail_due, first_seen_at,"
            " last_seen_at) VALUES (?, ?, ?, 0, ?, ?) ON CONFLICT DO NOTHING",
            *(namespace, short, description, NOW, NOW + DAY if again else NOW + SECOND),
        )
        found = self.run(
            "SELECT id FROM repository WHERE namespace = ? AND name = ?", namespace, short
        )
        return int(found[0][0])

    def tag(self, image: str) -> int:
        """Write a tag."""
        name, _, tag = image.partition(":")
        repository = self.repository(name)
        self.run(
            "INSERT INTO image_set (fingerprint, first_seen_at) VALUES (x'00', 0)"
            " ON CONFLICT DO NOTHING"
        )
        self.run(
            "INSERT INTO tag (repository_id, name, image_set_id, image_set_seen_at, first_seen_at,"
            " last_seen_at) SELECT ?, ?, id, 0, 0, 0 FROM image_set WHERE true"
            " ON CONFLICT DO NOTHING",
            *(repository, tag),
        )
        found = self.run("SELECT id FROM tag WHERE repository_id = ? AND name = ?", repository, tag)
        return int(found[0][0])

    def add(
        self,
        kind: str,
        image: str,
        at: int = NOW,
        *,
        hub: int | None = None,
        old: object = None,
        new: object = None,
        base: str | None = None,
    ) -> None:
        """Write an event."""
        repository = self.repository(image.partition(":")[0])
        self.run(
            "INSERT INTO event (kind, repository_id, tag_id, seen_at, hub_at, old_digest,"
            " new_digest, base_tag_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(kind, repository, self.tag(image) if ":" in image else None, at, hub),
            *(None if old is None else digest(old), None if new is None else digest(new)),
            None if base is None else self.tag(base),
        )

    def repeat(self, times: int, apart: int = SECOND) -> None:
        """Write the one event that is there *times* times more, each *apart* from the last."""
        self.run(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO event (kind, repository_id, tag_id, seen_at)"
            " SELECT kind, repository_id, tag_id, seen_at + n.i * ? FROM event CROSS JOIN n",
            *(times, apart),
        )
