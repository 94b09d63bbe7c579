"""What a database that knew no events knows of the past; and the readable view."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence
from dockerhub.kinds import StopReason
from dockerhub.names import RepositoryName
from dockerhub.store.database import migrations, open_database
from dockerhub.store.sqlite import statements
from tests.store.made import NGINX, NOW, Look, at, digest, digest_text, page, row, step, tag, tags
from tests.store.made_contents import head

if TYPE_CHECKING:
    from dockerhub.items import Item, TagPage, TagRow, WalkStep
    from dockerhub.store.writer import Writer

EVENTS = (
    "SELECT kind, repository_id, tag_id, seen_at, hub_at, old_digest, new_digest FROM event"
    " ORDER BY id"
)
GONE = RepositoryName("bitnami", "redis")


def of(repository: RepositoryName, seen: int, *rows: TagRow) -> TagPage:
    return replace(tags(seen, *rows), repository=repository)


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
    with closing(open_database(look.url)) as connection:
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
    ]
    assert [each[4] for each in found if each[4] is not None] == [at(29)]


def looks() -> list[Item]:
    """Return what comes after the first whole walk and list, and what was there before."""
    done, redis = StopReason.COMPLETE, RepositoryName("bitnami", "redis")
    late = tag("9", "r", updated=at(1), last_pushed=at(1))
    return [
        page(at(1), row(), walk=step("repositories", done, started=at(0.5))),
        tags(at(2), tag("1", "a"), walk=step(next_page=2, started=at(1.5))),
        tags(at(3), tag("2", "b"), walk=step(reason=done, started=at(1.5), pages=2)),
        # Live, moved, and gone again.
        tags(at(10), *(tag(name, "c", updated=at(9)) for name in ("3", "4", "5"))),
        head(at(11), "6", "d"),
        tags(at(12), tag("4", "e", updated=at(11))),
        Absence(seen=at(13), repository=NGINX, tag="5"),
        # Named, not listed: no event. Then one that is listed, with its tags.
        of(RepositoryName("x", "y"), at(14), tag("7", "c", updated=at(9))),
        page(at(20), row("redis", registered=at(4)), walk=step("repositories", started=at(19))),
        of(redis, at(21), late),
        Absence(seen=at(30), repository=redis),
        page(at(40), row("redis", registered=at(35))),
    ]


def test_what_came_after_the_first_look_is_told(writer: Writer, look: Look) -> None:
    for item in looks():
        writer.write([item])
    live, found = look(EVENTS), known_to_an_older_version(look)
    assert [each[:4] + each[5:] for each in found] == [each[:4] + each[5:] for each in live]
    # A server's numbers have gaps: those that it took for rows that were there already.
    tags = dict(look("SELECT id, rank() OVER (ORDER BY id) FROM tag"))
    kinds = [(each[0], tags.get(each[2]), each[3]) for each in found]
    assert kinds == [
        *(("tag_created", number, at(10)) for number in (3, 4, 5)),
        ("tag_created", 6, at(11)),
        ("tag_moved", 4, at(12)),
        ("tag_deleted", 5, at(13)),
        ("repository_appeared", None, at(20)),
        ("tag_created", 8, at(21)),
        ("repository_gone", None, at(30)),
        ("repository_appeared", None, at(40)),
    ]
    # Hub's moment where nothing came over it.
    lost = [old[:3] for new, old in zip(live, found, strict=True) if new[4] != old[4]]
    assert lost == [("tag_created", 1, 4), ("repository_appeared", 3, None)]


@pytest.mark.parametrize(
    "walk",
    [
        pytest.param(
            step(reason=StopReason.MAX_TAGS, arguments="max_tags=1"), id="some of them, or capped"
        ),
        pytest.param(step(reason=StopReason.COMPLETE, refused_count=1), id="one not read"),
    ],
)
def test_where_a_part_was_known_hub_says_it(writer: Writer, look: Look, walk: WalkStep) -> None:
    writer.write([tags(at(1), tag("1"), walk=walk)])
    writer.write([tags(at(9), tag("old", updated=NOW), tag("new", updated=at(0.5)))])
    live = look(EVENTS)
    assert [each[0] for each in live] == ["tag_created"]
    assert known_to_an_older_version(look) == live
    # Pushed again since: Hub's moment of then is lost.
    writer.write([tags(at(19), tag("new", updated=at(15)))])
    assert known_to_an_older_version(look) == []


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
    with closing(open_database(look.url)) as connection:
        connection.execute(
            "INSERT INTO event (kind, repository_id, tag_id, seen_at, old_digest, new_digest,"
            " base_tag_id) VALUES ('base_outdated', 1, 1, ?, ?, NULL, 2)",
            (NOW, digest("a")),
        )
    assert look("SELECT base_image, old_digest, new_digest FROM events") == [
        ("bitnami/nginx:12-slim", digest_text("a"), None)
    ]


@pytest.mark.sqlite
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
