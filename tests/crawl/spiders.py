"""The spiders, each over one small world, and what has to be true after any crawl of them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.crawling import SIGNED_IN
from tests.truth import assert_repositories, assert_tags, rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dockerhub.standin import Exchange, Fault, StandIn, World
    from tests.crawling import Crawls, Ended

GONE = "SELECT (SELECT COUNT(gone_at) FROM tag), (SELECT COUNT(gone_at) FROM repository)"
WALKS = "SELECT kind, subject, stop_reason, detail FROM walks ORDER BY started_at, kind, subject"
NAMES = ("latest", "1.0", "nosuchtag", "2.0")
TOOL = "solo/tool"
REPOSITORIES = 20


@dataclass(frozen=True)
class Spider:
    """A spider with its arguments, and the namespaces of which it brings everything."""

    name: str
    arguments: Mapping[str, str]
    namespaces: tuple[str, ...]
    tags: tuple[str, ...] = field(default=())
    """the only tags that it brings, if not all"""

    def crawl(self, crawls: Crawls, *options: str, signed_in: bool = True, **more: str) -> Ended:
        """Run it, and see that neither its words nor its database hold a secret."""
        ended = crawls.run(self.name, *options, signed_in=signed_in, **{**self.arguments, **more})
        assert_no_secret(crawls, ended)
        return ended

    def assert_agrees(self, database: Any, world: World) -> None:
        """Assert that the database holds what is true of what was asked for, and no more."""
        found = rows(database, "SELECT DISTINCT namespace FROM repositories ORDER BY 1")
        assert found == [(name,) for name in sorted(self.namespaces)]
        for namespace in self.namespaces:
            assert_repositories(database, world, namespace)
            for repository in world.repositories(namespace):
                self._assert_tags(database, world, repository.full_name)

    def _assert_tags(self, database: Any, world: World, repository: str) -> None:
        if not self.tags:
            assert_tags(database, world, repository)
            return
        found = "SELECT tag_name, digest FROM tags WHERE repo_name = ? ORDER BY 1"
        truth = [(tag.name, tag.digest) for tag in world.tags(repository) if tag.name in self.tags]
        assert rows(database, found, repository) == sorted(truth)


def assert_within_truth(database: Any, world: World) -> None:
    """Assert that nothing is stored, in any table, that the world does not have."""
    stored = rows(database, "SELECT namespace || '/' || name FROM repository")
    assert {name for (name,) in stored} <= {one.full_name for one in world.repositories()}
    sql = (
        "SELECT r.namespace || '/' || r.name, t.name FROM tag AS t"
        " JOIN repository AS r ON r.id = t.repository_id"
    )
    stored_tags: dict[str, set[str]] = {}
    for repository, tag in rows(database, sql):
        stored_tags.setdefault(repository, set()).add(tag)
    for repository, tags in stored_tags.items():
        assert tags <= {tag.name for tag in world.tags(repository)}


def assert_no_secret(crawls: Crawls, ended: Ended) -> None:
    """Assert that no password and no token is told or kept."""
    with closing(sqlite3.connect(crawls.database)) as connection:
        told = "\n".join([ended.err, ended.out, *connection.iterdump()])
    password = SIGNED_IN["DOCKERHUB_PASSWORD"]
    assert password not in told
    assert "Bearer" not in told
    # Every token of the stand-in begins so: {"alg":"none".
    assert "eyJhbGciOiJub25l" not in told


def lay(hub: StandIn, plan: Sequence[tuple[str, Fault]], *, apart: bool = False) -> None:
    """Let each fault of *plan* fall once, in this order, on the next request of its endpoint.

    Those that are laid *apart* wait for a good answer between them.
    """
    left, record = list(plan), hub.journal.record

    def follow() -> None:
        kind, fault = left.pop(0)
        hub.options.fault_kinds = frozenset({kind})
        hub.options.fault_times = 1
        hub.options.faults = {fault: 1.0}

    def recorded(exchange: Exchange) -> None:
        record(exchange)
        is_time = exchange.fault is None if apart else exchange.fault is not None
        if is_time and left and hub.options.fault_times == 0:
            follow()

    follow()
    hub.journal.record = recorded  # type: ignore[method-assign]


def stats(database: Any) -> dict[str, Any]:
    """Return the statistics of the last crawl."""
    ((text,),) = rows(database, "SELECT stats FROM crawl ORDER BY id DESC LIMIT 1")
    found: dict[str, Any] = json.loads(text)
    return found


def noes(database: Any) -> dict[str, int]:
    """Return how often the last crawl heard each kind of "no"."""
    start = "dockerhub/no/"
    return {
        name.removeprefix(start): number
        for name, number in stats(database).items()
        if name.startswith(start)
    }


ORG = Spider("org", {"org": "acme"}, ("acme",))
SEARCH = Spider("search", {"query": "acme"}, ("acme",))
REPOS = Spider("repos", {"repos": "solo/tool,alpine", "org": "acme"}, ("acme", "library", "solo"))
TAGS = Spider("tags", {"repo": TOOL}, ("solo",))
NAMED = Spider("tags", {"repo": TOOL, "tags": ",".join(NAMES)}, ("solo",), NAMES)
SPIDERS = {"org": ORG, "search": SEARCH, "repos": REPOS, "tags": TAGS, "named": NAMED}


def fill(world: World, *, tool_tags: int = 230, tags: Sequence[int] = (3, 101, 0, 12)) -> None:
    """Add what the spiders above ask for, and an image that is there for ever."""
    world.add_repository("library/alpine", tags=30)
    world.add_namespace(
        "acme", repositories=REPOSITORIES, tags=lambda place: tags[place % len(tags)]
    )
    world.add_repository(TOOL, tags=tool_tags)
    for name in ("1.0", "2.0"):
        world.push_tag(TOOL, name)
