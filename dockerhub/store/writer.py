"""Writes items: each whole, with its walk's progress, in one transaction a batch."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from dockerhub.errors import StoreError
from dockerhub.items import (
    Absence,
    Attestation,
    CatalogPage,
    CatalogPlan,
    Config,
    Manifest,
    NamespaceEnd,
    RepositoryDetail,
    RepositoryPage,
    TagDigest,
    TagImages,
    TagNames,
    TagPage,
    WalkEnd,
)
from dockerhub.kinds import StopReason
from dockerhub.moments import day
from dockerhub.names import RepositoryName
from dockerhub.store.attestations import AttestationWriter
from dockerhub.store.build_steps import StepWriter
from dockerhub.store.catalog import CatalogWriter
from dockerhub.store.contents import ContentsWriter
from dockerhub.store.database import fold, open_database, transaction
from dockerhub.store.engine import DatabaseError
from dockerhub.store.events import EventWriter
from dockerhub.store.outdated import OutdatedBases
from dockerhub.store.patience import patiently
from dockerhub.store.place import database_place
from dockerhub.store.platforms import Platforms
from dockerhub.store.queries import load_queries
from dockerhub.store.rows import (
    detail_parameters,
    hit_parameters,
    repository_parameters,
    walk_parameters,
)
from dockerhub.store.tags import TagWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dockerhub.items import Item, RepositoryRow, WalkStep
    from dockerhub.store.tags import Tally


class Writer:
    """The one connection that writes. It may be used from any thread, one at a time.

    A server that goes away is waited for, and what it took along is written again.

    :raises StoreError: from every method, if the database cannot do it; nothing of it is kept
    """

    def __init__(self, url: str) -> None:
        self._place = database_place(url)
        self._connection = open_database(url)
        self._place.check()
        self._sql = load_queries("writing")
        self._tally: Tally = Counter()
        self._platforms = Platforms(self._connection, self._sql)
        self._events = EventWriter(self._connection)
        self._tags = TagWriter(
            self._connection, self._sql, self._platforms, self._events, self._tally
        )
        self._putters = self._contents_putters() | {
            TagPage: self._put_tags,
            TagDigest: self._put_tag_digest,
            TagNames: self._put_tag_names,
            RepositoryPage: self._put_repositories,
            RepositoryDetail: self._put_detail,
            Absence: self._lose,
            WalkEnd: lambda _: None,
            **self._catalog_putters(),
        }
        self._crawl_id: int | None = None

    def begin_crawl(self, spider: str, arguments: str, *, signed_in: bool, now: int) -> int:
        """Write that a crawl begins and return its number."""
        parameters = (spider, arguments, signed_in, now)
        self._crawl_id = patiently(self._connection, lambda: self._begin_crawl(parameters))
        return self._crawl_id

    def _begin_crawl(self, parameters: Sequence[object]) -> int:
        with self._guarded():
            self._events.begin()
        return self._one(self._sql["begin_crawl"], parameters)

    def finish_crawl(
        self, *, now: int, reason: str, request_count: int, pull_count: int, stats: str
    ) -> None:
        """Write how the crawl ended; its unfinished walks go on with the next one.

        Then look for images whose base has moved on: that takes all that the crawls have brought.
        """
        about = (now, reason, request_count, pull_count, stats, self._crawl_id)
        patiently(self._connection, lambda: self._finish_crawl(about, now))

    def _finish_crawl(self, about: Sequence[object], now: int) -> None:
        with self._guarded():
            self._connection.execute(self._sql["finish_crawl"], about)
            self._connection.execute(self._sql["interrupt_walks"], (self._crawl_id,))
        try:
            OutdatedBases(self._connection, self._guarded).note(now)
        except DatabaseError as error:
            raise StoreError(f"database: expected to write, {error}") from error

    def write(self, items: Sequence[Item]) -> Tally:
        """Write *items*, all or none, and return how much of it was new, moved or gone."""
        return patiently(self._connection, lambda: self._write(items))

    def _write(self, items: Sequence[Item]) -> Tally:
        self._tally.clear()
        with self._guarded():
            for item in items:
                self._put(item)
        return Counter(self._tally)

    def close(self) -> None:
        """Fold the WAL into the file, so that a copy of it is whole, and close the connection."""
        fold(self._connection)
        self._connection.close()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        # Nobody would find what is written into a file that is the database's no more.
        self._place.check()
        try:
            with transaction(self._connection):
                yield
        except BaseException as error:
            # The numbers of platforms that this transaction made are gone with it.
            self._platforms.forget()
            # What SQLite cannot hold (over 64 bits, half a surrogate) is no sqlite3.Error.
            if isinstance(error, (DatabaseError, OverflowError, UnicodeError)):
                raise StoreError(f"database: expected to write, {error}") from error
            raise

    def _one(self, sql: str, parameters: Sequence[object]) -> int:
        with self._guarded():
            return int(self._connection.execute(sql, parameters).fetchone()[0])

    def _contents_putters(self) -> dict[type, Callable[[Any], None]]:
        sql = load_queries("contents_writing")
        steps = StepWriter(self._connection, sql)
        contents = ContentsWriter(self._connection, sql, self._platforms, steps, self._tally)
        return {
            Manifest: contents.put_manifest,
            TagImages: contents.put_images,
            Config: contents.put_config,
            Attestation: AttestationWriter(self._connection, sql, self._tally).put,
        }

    def _catalog_putters(self) -> dict[type, Callable[[Any], None]]:
        catalog = CatalogWriter(
            self._connection, self._tally, self._put_repository, self._put_repositories
        )
        return {
            CatalogPage: catalog.put_page,
            CatalogPlan: catalog.put_plan,
            NamespaceEnd: catalog.end_namespace,
        }

    def _put(self, item: Item) -> None:
        self._putters[type(item)](item)
        if item.walk is not None:
            self._put_walk(item.walk, item.seen)

    def _put_tags(self, item: TagPage) -> None:
        repository_id = self._repository_id(item.repository, item.seen)
        self._tags.put(repository_id, item.rows, item.seen)

    def _put_tag_digest(self, item: TagDigest) -> None:
        self._tags.put_digest(self._repository_id(item.repository, item.seen), item)

    def _put_tag_names(self, item: TagNames) -> None:
        repository_id = self._repository_id(item.repository, item.seen)
        self._tags.put_names(repository_id, item.rows, item.seen)

    def _put_repositories(self, item: RepositoryPage | CatalogPage) -> None:
        statement = "put_hit" if item.is_search else "put_repository"
        tells_news = item.walk is not None and self._events.has_list(item.walk.key, item.seen)
        for row in item.rows:
            is_new = tells_news and self._find(row.repository) is None
            repository_id = self._put_repository(row, item.seen, statement)
            if is_new:
                self._events.repository_appeared(repository_id, row.registered, item.seen)

    def _put_detail(self, item: RepositoryDetail) -> None:
        run = self._connection.execute
        repository_id = self._put_repository(item.row, item.seen, "put_repository")
        run(self._sql["put_detail"], detail_parameters(repository_id, item))
        run(self._sql["clear_detail_due"], (repository_id, item.seen))

    def _put_repository(self, row: RepositoryRow, seen: int, statement: str) -> int:
        run = self._connection.execute
        last_seen = self._last_seen_before(row.repository, seen)
        parameters = hit_parameters if statement == "put_hit" else repository_parameters
        found = run(self._sql[statement], parameters(row, seen)).fetchone()
        if found is None:
            # An older answer than the one in the database changes nothing and returns nothing.
            return self._repository_id(row.repository, seen)
        repository_id = int(found[0])
        if last_seen is not None:
            # One that is back may have been registered long before it went.
            is_new = row.registered is not None and row.registered > last_seen
            registered = row.registered if is_new else None
            self._events.repository_appeared(repository_id, registered, seen)
        if row.pull_count is not None or row.star_count is not None:
            sample = (repository_id, day(seen), row.pull_count, row.star_count)
            run(self._sql["put_sample"], sample)
        return repository_id

    def _last_seen_before(self, repository: RepositoryName, seen: int) -> int | None:
        """Return when a repository that is back was last seen before, once that is written."""
        run = self._connection.execute
        if not run(self._sql["put_back_repository"], (seen, *repository, seen)).rowcount:
            return None
        return int(run(self._sql["last_seen_repository"], repository).fetchone()[0])

    def _repository_id(self, repository: RepositoryName, seen: int) -> int:
        found = self._find(repository)
        if found is None:
            name = self._sql["name_repository"]
            found = self._connection.execute(name, (*repository, seen, seen)).fetchone()[0]
        return int(found)

    def _find(self, repository: RepositoryName) -> int | None:
        row = self._connection.execute(self._sql["find_repository"], repository).fetchone()
        return None if row is None else int(row[0])

    def _lose(self, item: Absence) -> None:
        seen, repository = item.seen, item.repository
        if item.tag is None:
            self._lose_repositories("lose_repository", (seen, *repository, seen), seen)
        else:
            self._lose_tags("lose_tag", (seen, item.tag, seen, *repository), seen)

    def _lose_repositories(self, statement: str, parameters: Sequence[object], seen: int) -> None:
        lost = self._connection.execute(self._sql[statement], parameters).fetchall()
        self._tally["repositories_gone"] += len(lost)
        self._events.repositories_gone([number for (number,) in lost], seen)

    def _lose_tags(self, statement: str, parameters: Sequence[object], seen: int) -> None:
        lost = self._connection.execute(self._sql[statement], parameters).fetchall()
        self._tally["tags_gone"] += len(lost)
        self._events.tags_deleted(lost, seen)

    def _put_walk(self, step: WalkStep, seen: int) -> None:
        run = self._connection.execute
        parameters = walk_parameters(self._crawl_id, step, seen)
        run(self._sql["replace_open_walk"], (seen, *step.key, step.started))
        if run(self._sql["move_walk"], parameters).rowcount == 0:
            run(self._sql["put_walk"], parameters)
        is_whole = step.stop_reason is StopReason.COMPLETE and step.is_full
        if is_whole and step.last_count is not None and not step.refused_count:
            self._lose_unseen(step, seen)

    def _lose_unseen(self, step: WalkStep, seen: int) -> None:
        """Mark as gone what a complete walk over everything did not show."""
        if step.key.arguments:
            return
        since = step.began_again or step.started
        # The registry's names are as good a list of what there is as Hub's own.
        if step.key.kind in ("tags", "names"):
            repository = RepositoryName.of(step.key.subject)
            repository_id = self._repository_id(repository, seen)
            self._lose_tags("lose_tags", (seen, repository_id, since), seen)
        elif step.key.kind == "repositories":
            parameters = (seen, step.key.subject, since, step.key.signed_in)
            self._lose_repositories("lose_repositories", parameters, seen)
