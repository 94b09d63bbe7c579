"""What a database that knew no events knows of the past; and the readable view."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence
from dockerhub.kinds import StopReason
from dockerhub.names import RepositoryName
from dockerhub.store.database import migrations
from dockerhub.store.sqlite import statements
from tests.store.made import NGINX, NOW, Look, at, digest, digest_text, page, row, step, tag, tags
from tests.store.made_contents import head

if TYPE_CHECKING:
    from dockerhub.items import Item
    from dockerhub.store.writer import Writer

EVENTS = (
    "SELECT kind, repository_id, tag_id, seen_at, hub_at, old_digest, new_digest FROM event"
    " ORDER BY id"
)
GONE = RepositoryName("bitnami", "redis")


def history() -> list[Item]:
    """Return what happens to `nginx`, and to `redis` which goes, comes and goes."""
    listed = step("repositories", StopReason.COMPLETE)
    return [
        page(at(1), row(registered=at(-9)), row("redis", registered=at(-8)), walk=listed),
        tags(at(2), tag("1", "a"), tag("2", "b"), tag("3", "c", updated=at(1))),
        head(at(3), "4", "d"),
        tags(at(10), tag("1", "b", updated=at(9)), tag("3", "c", updated=at(8))),
        Absence(seen=at(11), repository=NGINX, tag="2"),
        Absence(seen=at(12), repository=GONE),
        tags(at(20), tag("1", "a", updated=at(19)), tag("2", "e", updated=at(18))),
        page(at(21), row("redis", registered=at(-8))),
        Absence(seen=at(22), repository=NGINX, tag="3"),
        tags(at(30), tag("3", "c", updated=at(8)), tag("2", "f", updated=at(29))),
        head(at(31), "1", "g"),
        Absence(seen=at(32), repository=NGINX, tag="4"),
        Absence(seen=at(33), repository=GONE),
    ]


def known_to_an_older_version(look: Look) -> list[tuple[Any, ...]]:
    """Return the events that the migration finds in what the other tables hold."""
    script = dict(migrations())[5]
    fill = [sql for sql in statements(script) if "INSERT INTO event (" in sql]
    assert len(fill) == 1
    with closing(sqlite3.connect(look.path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM event")
        connection.execute(fill[0])
    return look(EVENTS)


def test_an_older_database_tells_the_same_events(writer: Writer, look: Look) -> None:
    for item in history():
        writer.write([item])
    told = look(EVENTS)
    found = known_to_an_older_version(look)
    assert [each[:4] for each in found] == [each[:4] for each in told]
    assert [each[5:] for each in found] == [each[5:] for each in told]
    # Of what was pushed since, Hub's moment is lost; what it does say is the same.
    lost = [(new, old) for new, old in zip(told, found, strict=True) if new[4] != old[4]]
    assert [(new[0], new[2], old[4]) for new, old in lost] == [
        ("tag_moved", 1, None),
        ("tag_moved", 1, None),
        ("tag_created", 2, None),
        ("tag_created", 3, None),
    ]
    assert [each[4] for each in found if each[4] is not None] == [at(-8), at(29)]


def test_a_tag_that_went_with_its_repository_is_not_told(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1")), Absence(seen=at(2), repository=NGINX)])
    writer.write([Absence(seen=at(3), repository=NGINX, tag="1")])
    assert look(EVENTS) == known_to_an_older_version(look)
    assert [each[0] for each in look(EVENTS)] == ["repository_gone"]


def test_the_view(writer: Writer, look: Look) -> None:
    for item in history()[:5]:
        writer.write([item])
    moved = ("2026-11-22T08:00:10.000000Z", "2026-11-22T08:00:09.000000Z")
    assert look("SELECT * FROM events") == [
        (
            *(1, "tag_moved", "bitnami/nginx", "1", *moved),
            *(digest_text("a"), digest_text("b"), None, "bitnami"),
        ),
        (
            *(2, "tag_deleted", "bitnami/nginx", "2", "2026-11-22T08:00:11.000000Z", None),
            *(digest_text("b"), None, None, "bitnami"),
        ),
    ]


def test_the_view_names_the_base(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1"), tag("12-slim"))])
    with closing(sqlite3.connect(look.path)) as connection, connection:
        connection.execute(
            "INSERT INTO event (kind, repository_id, tag_id, seen_at, old_digest, new_digest,"
            " base_tag_id) VALUES ('base_outdated', 1, 1, ?, ?, NULL, 2)",
            (NOW, digest("a")),
        )
    assert look("SELECT base_image, old_digest, new_digest FROM events") == [
        ("bitnami/nginx:12-slim", digest_text("a"), None)
    ]


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ("repo_name = 'bitnami/nginx'", "event_repository (repository_id=?)"),
        ("namespace = 'bitnami'", "event_repository (repository_id=?)"),
        ("seen_at >= '2026-11-22'", "event_seen_text (<expr>>?)"),
        ("namespace = 'bitnami' AND seen_at >= '2026'", "event_repository (repository_id=?)"),
    ],
)
def test_questions_to_the_view_go_through_indexes(
    writer: Writer, look: Look, where: str, index: str
) -> None:
    plan = [row[3] for row in look(f"EXPLAIN QUERY PLAN SELECT * FROM events WHERE {where}")]
    assert any(index in step for step in plan)
    assert not any(step.startswith("SCAN") for step in plan)
