"""What is an event and what was there before: tags and repositories that come, move and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence, RepositoryDetail, WalkEnd
from dockerhub.kinds import StopReason
from dockerhub.names import RepositoryName
from dockerhub.store.writer import Writer
from tests.store.made import NGINX, NOW, Look, at, digest, hit, page, row, step, tag, tags
from tests.store.made_contents import head, names

if TYPE_CHECKING:
    from dockerhub.items import Item, WalkStep

COMPLETE, CAP, MOST = StopReason.COMPLETE, StopReason.ANONYMOUS_CAP, StopReason.MAX_TAGS
GONE = RepositoryName("bitnami", "redis")
EVENTS = (
    "SELECT e.kind, r.name, t.name, e.seen_at, e.hub_at, e.old_digest, e.new_digest FROM event AS e"
    " JOIN repository AS r ON r.id = e.repository_id LEFT JOIN tag AS t ON t.id = e.tag_id"
    " ORDER BY e.id"
)


def events(look: Look) -> list[tuple[Any, ...]]:
    return look(EVENTS)


def told(look: Look) -> list[tuple[Any, ...]]:
    """Return kind, repository and tag of each event."""
    return [each[:3] for each in events(look)]


def whole(started: int, reason: StopReason = COMPLETE, **said: Any) -> WalkStep:
    return step("tags", reason, started=started, **said)


def listed(started: int, reason: StopReason = COMPLETE, **said: Any) -> WalkStep:
    return step("repositories", reason, started=started, **said)


def test_what_is_there_at_the_first_look_is_no_event(writer: Writer, look: Look) -> None:
    writer.write([page(at(1), row(), walk=listed(NOW))])
    writer.write([tags(at(2), tag("1"), walk=step(next_page=2, started=at(1)))])
    writer.write([tags(at(3), tag("2"), walk=whole(at(1)))])
    assert events(look) == []


def test_a_tag_that_comes_later_is_created(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1"), walk=whole(NOW))])
    new = tag("2", "b", updated=at(5), last_pushed=at(4))
    writer.write([tags(at(11), tag("1"), new, walk=whole(at(10)))])
    created = ("tag_created", "nginx", "2", at(11), at(4), None, digest("b"))
    assert events(look) == [created]
    # Nobody says it twice.
    writer.write([tags(at(21), tag("1"), new, walk=whole(at(20)))])
    assert events(look) == [created]


def test_without_a_push_it_came_when_it_was_updated(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), walk=whole(NOW, row_count=0, last_count=0))])
    writer.write([tags(at(9), tag("1", None, updated=at(5), last_pushed=None))])
    assert events(look) == [("tag_created", "nginx", "1", at(9), at(5), None, None)]


def test_a_first_walk_that_was_killed_is_the_first_look_to_its_end(
    writer: Writer, look: Look, url: str
) -> None:
    writer.write([tags(at(1), tag("1"), walk=step(next_page=2))])
    other = Writer(url)
    other.write([tags(at(9), tag("2", updated=at(5)), walk=step(next_page=3, pages=2))])
    other.write([tags(at(10), tag("3", updated=at(6)), walk=whole(NOW, pages=3))])
    assert events(look) == []
    other.write([tags(at(11), tag("4", updated=at(10.5)))])
    assert told(look) == [("tag_created", "nginx", "4")]
    other.close()


def test_one_that_took_its_place_is_the_first_look_as_well(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1"), walk=step(next_page=2))])
    writer.write([tags(at(9), tag("2", updated=at(5)), walk=step(next_page=2, started=at(8)))])
    rest = (tag("1"), tag("3", updated=at(6)))
    writer.write([tags(at(10), *rest, walk=whole(at(8), pages=2))])
    assert events(look) == []


def test_of_two_at_once_the_slower_one_finds_no_news(writer: Writer, look: Look) -> None:
    writer.write([tags(at(3), tag("1"), walk=whole(at(2)))])
    # Read before the other one was done, and written after that.
    writer.write([tags(at(2.5), tag("old"), walk=step(next_page=2, started=at(1)))])
    assert events(look) == []
    writer.write([tags(at(4), tag("new"), walk=step(next_page=3, pages=2, started=at(1)))])
    assert told(look) == [("tag_created", "nginx", "new")]


@pytest.mark.parametrize(
    "walk",
    [
        pytest.param(whole(NOW, MOST, arguments="max_tags=1"), id="max_tags"),
        pytest.param(whole(NOW, COMPLETE, arguments="tags=1*"), id="glob"),
        pytest.param(whole(NOW, CAP, signed_in=False), id="anonymous cap"),
        pytest.param(whole(NOW, StopReason.DRIFTED), id="drifted"),
        pytest.param(whole(NOW, COMPLETE, refused_count=1), id="a row that could not be read"),
    ],
)
def test_where_only_a_part_was_known_hub_says_what_is_new(
    writer: Writer, look: Look, walk: WalkStep
) -> None:
    writer.write([tags(at(1), tag("1"), walk=walk)])
    writer.write([tags(at(9), tag("old", updated=NOW), tag("new", updated=at(0.5)))])
    assert told(look) == [("tag_created", "nginx", "new")]


@pytest.mark.parametrize(
    "walk",
    [
        pytest.param(step(next_page=2), id="under way"),
        pytest.param(whole(NOW, StopReason.ERROR, pages=0), id="nothing was read"),
        pytest.param(whole(NOW, StopReason.INTERRUPTED), id="interrupted"),
        pytest.param(step("repositories", COMPLETE), id="of another kind"),
    ],
)
def test_without_a_look_nothing_is_new(writer: Writer, look: Look, walk: WalkStep) -> None:
    writer.write([WalkEnd(seen=at(1), walk=walk)])
    writer.write([tags(at(9), tag("1", updated=at(8)))])
    assert events(look) == []


def crawled(url: str, *items: Item) -> None:
    writer = Writer(url)
    writer.begin_crawl("tags", "{}", signed_in=True, now=NOW)
    writer.write(items)
    writer.finish_crawl(now=NOW, reason="finished", request_count=0, pull_count=0, stats="{}")
    writer.close()


def test_a_clock_that_is_set_back_between_crawls_loses_nothing(url: str, look: Look) -> None:
    first: list[Item] = [
        page(at(1000), row(), walk=listed(at(999))),
        tags(at(1001), walk=whole(at(1000))),
    ]
    crawled(url, *first)
    found = page(at(501), row(), row("redis"), walk=listed(at(500), row_count=2))
    crawled(url, found, tags(at(502), tag("new"), walk=whole(at(501))))
    assert told(look) == [("repository_appeared", "redis", None), ("tag_created", "nginx", "new")]


def test_nor_where_only_a_part_was_known(url: str, look: Look) -> None:
    walk = whole(at(1000), MOST, arguments="max_tags=1")
    crawled(url, tags(at(1001), tag("1"), walk=walk))
    crawled(url, tags(at(502), tag("new", updated=at(1000.5)), tag("old")))
    assert told(look) == [("tag_created", "nginx", "new")]


def test_a_crawl_that_ends_while_another_runs_is_no_earlier_look(url: str, look: Look) -> None:
    slow = Writer(url)
    slow.write([tags(at(1), walk=step(next_page=2, row_count=0))])
    slow.begin_crawl("tags", "{}", signed_in=True, now=NOW)
    other = step(started=at(2), arguments="", signed_in=False, reason=COMPLETE)
    crawled(url, tags(at(3), tag("1"), walk=other))
    slow.write([tags(at(2.5), tag("old"), walk=step(next_page=3, pages=2))])
    assert events(look) == []
    # And the open walk that it goes on with is none until it has ended.
    slow.write([tags(at(2.6), tag("older"), walk=whole(NOW, pages=3))])
    slow.write([tags(at(2.55), tag("oldest"))])
    assert events(look) == []
    slow.close()


def test_names_alone_are_a_look_at_all_tags(writer: Writer, look: Look) -> None:
    key = whole(NOW).key._replace(kind="names", ordering="")
    writer.write([names(at(1), "1", "2"), WalkEnd(seen=at(1), walk=whole(NOW)._replace(key=key))])
    writer.write([names(at(8), "2", "3", "3")])
    writer.write([head(at(9), "4", "x")])
    assert events(look) == [
        ("tag_created", "nginx", "3", at(8), None, None, None),
        ("tag_created", "nginx", "4", at(9), None, None, digest("x")),
    ]


def test_a_move(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1", "a"), walk=whole(NOW))])
    writer.write([tags(at(9), tag("1", "b", updated=at(5), last_pushed=at(4)))])
    writer.write([tags(at(19), tag("1", "a", updated=at(15), last_pushed=None))])
    writer.write([head(at(29), "1", "c")])
    assert events(look) == [
        ("tag_moved", "nginx", "1", at(9), at(4), digest("a"), digest("b")),
        ("tag_moved", "nginx", "1", at(19), at(15), digest("b"), digest("a")),
        ("tag_moved", "nginx", "1", at(29), None, digest("a"), digest("c")),
    ]


def test_a_tag_twice_on_a_page_is_what_comes_last(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1", "a"), walk=whole(NOW))])
    other, new = tag("1", "b", updated=at(8)), tag("2", "c", updated=at(7))
    tally = writer.write([tags(at(9), other, new, tag("1", "a"), new)])
    assert (tally["tags_new"], tally["tags_moved"]) == (1, 0)
    assert told(look) == [("tag_created", "nginx", "2")]
    writer.write([tags(at(10), tag("1", "a"), other)])
    assert events(look)[1:] == [
        ("tag_moved", "nginx", "1", at(10), at(8), digest("a"), digest("b"))
    ]
    assert look("SELECT COUNT(*) FROM tag_move") == [(1,)]


def test_what_hub_shows_from_before_the_registry_spoke_is_no_move(
    writer: Writer, look: Look
) -> None:
    writer.write([tags(at(1), tag("1", "a"), walk=whole(NOW))])
    writer.write([head(at(40), "1", "b")])
    moved = ("tag_moved", "nginx", "1", at(40), None, digest("a"), digest("b"))
    # Its list lags behind; the tag is there nevertheless.
    writer.write([tags(at(42), tag("1", "a"), walk=whole(at(41)))])
    assert look("SELECT last_seen_at, gone_at, last_updated_at FROM tag") == [(at(42), None, None)]
    writer.write([tags(at(43), tag("1", "b", updated=at(39)))])
    assert events(look) == [moved]
    assert look("SELECT last_updated_at, listed_at FROM tag") == [(at(39), at(43))]


def test_what_hub_shows_that_was_pushed_since_is_a_move(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1", "a"), walk=whole(NOW)), head(at(40), "1", "b")])
    writer.write([tags(at(43), tag("1", "c", updated=at(41)))])
    assert events(look)[1:] == [
        ("tag_moved", "nginx", "1", at(43), at(41), digest("b"), digest("c"))
    ]


def test_hubs_moment_of_a_return_is_after_it_was_last_seen(writer: Writer, look: Look) -> None:
    writer.write([page(at(1), row(registered=NOW), walk=listed(NOW))])
    for seen, updated in ((2, 1), (12, 1), (22, 2.5), (32, 22)):
        writer.write([tags(at(seen), tag("1", updated=at(updated)))])
        writer.write([Absence(seen=at(seen + 5), repository=NGINX, tag="1")])
    assert [each[3:5] for each in events(look) if each[0] == "tag_created"] == [
        (at(12), None),
        (at(22), None),
        (at(32), None),
    ]
    writer.write([tags(at(42), tag("1", updated=at(33)))])
    assert events(look)[-1][3:5] == (at(42), at(33))


def test_a_repository_that_was_registered_anew(writer: Writer, look: Look) -> None:
    writer.write([page(at(1), row(registered=NOW), walk=listed(NOW))])
    for seen, registered in ((10, NOW), (20, at(11))):
        writer.write([Absence(seen=at(seen - 1), repository=NGINX)])
        writer.write([page(at(seen), row(registered=registered))])
    appeared = [each[3:5] for each in events(look) if each[0] == "repository_appeared"]
    assert appeared == [(at(10), None), (at(20), at(11))]


def test_a_deletion_and_a_return(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1"), tag("2", "a"), walk=whole(NOW, last_count=2))])
    writer.write([tags(at(11), tag("1"), walk=whole(at(10)))])
    back = tag("2", "b", updated=at(15))
    writer.write([tags(at(21), tag("1"), back, walk=whole(at(20), last_count=2))])
    # That it shows another image than before it was deleted is said by the move alone.
    assert events(look) == [
        ("tag_deleted", "nginx", "2", at(11), None, digest("a"), None),
        ("tag_created", "nginx", "2", at(21), at(15), None, digest("b")),
    ]
    assert look("SELECT COUNT(*) FROM tag_move") == [(1,)]


def test_a_tag_that_answers_404_is_deleted_once(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1"))])
    for seen in (9, 10):
        writer.write([Absence(seen=at(seen), repository=NGINX, tag="1")])
    assert events(look) == [("tag_deleted", "nginx", "1", at(9), None, digest("first"), None)]
    writer.write([names(at(11), "1")])
    assert told(look)[1:] == [("tag_created", "nginx", "1")]


def test_what_only_the_registry_told_of_a_deleted_tag_is_told(writer: Writer, look: Look) -> None:
    writer.write([head(at(1), "1", "x"), Absence(seen=at(2), repository=NGINX, tag="1")])
    assert events(look) == [("tag_deleted", "nginx", "1", at(2), None, digest("x"), None)]


def test_a_repository_that_comes_later_appears_with_its_tags(writer: Writer, look: Look) -> None:
    writer.write([page(at(1), row("redis"), walk=listed(NOW, signed_in=False))])
    new = row(registered=at(5))
    writer.write([page(at(11), row("redis"), new, new, walk=listed(at(10), row_count=2))])
    writer.write([tags(at(12), tag("1"), walk=step(next_page=2, started=at(12)))])
    writer.write([tags(at(13), tag("2"), walk=whole(at(12), pages=2))])
    assert events(look) == [
        ("repository_appeared", "nginx", None, at(11), at(5), None, None),
        ("tag_created", "nginx", "1", at(12), NOW, None, digest("first")),
        ("tag_created", "nginx", "2", at(13), NOW, None, digest("first")),
    ]


def test_a_new_hit_of_a_search_appears(writer: Writer, look: Look) -> None:
    for seen, found in ((1, [hit("redis")]), (11, [hit("redis"), hit("nginx")])):
        walk = step("search", COMPLETE, started=at(seen - 1), row_count=len(found))
        writer.write([page(at(seen), *found, walk=walk, is_search=True)])
    assert events(look) == [("repository_appeared", "nginx", None, at(11), None, None, None)]


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(listed(NOW, CAP), id="cut"),
        pytest.param(step("repositories", next_page=2), id="under way"),
        pytest.param(step("search", COMPLETE), id="of another kind"),
        pytest.param(
            listed(NOW)._replace(key=listed(NOW).key._replace(subject="other")), id="of another one"
        ),
    ],
)
def test_only_a_whole_list_tells_what_is_new(writer: Writer, look: Look, before: WalkStep) -> None:
    writer.write([page(at(1), row("redis"), walk=before)])
    writer.write([page(at(11), row("redis"), row(), walk=listed(at(10), row_count=2))])
    assert events(look) == []


def test_one_that_was_named_does_not_appear(writer: Writer, look: Look) -> None:
    writer.write([page(at(1), row("redis"), walk=listed(NOW))])
    said: dict[str, Any] = {"full_description": None, "collaborator_count": None}
    said |= {"immutable_tags_enabled": None, "immutable_tags_rules": ()}
    writer.write([RepositoryDetail(seen=at(2), row=row(), **said)])
    writer.write([page(at(11), row("redis"), row(), walk=listed(at(10), row_count=2))])
    assert events(look) == []


def test_repositories_that_go_take_their_tags_without_a_word(writer: Writer, look: Look) -> None:
    writer.write([page(at(1), row(), row("redis"), walk=listed(NOW, last_count=2))])
    writer.write([tags(at(2), tag("1"), tag("2"))])
    writer.write([page(at(11), row("redis"), walk=listed(at(10)))])
    writer.write([Absence(seen=at(12), repository=NGINX), Absence(seen=at(13), repository=GONE)])
    writer.write([Absence(seen=at(14), repository=NGINX, tag="1")])
    assert events(look) == [
        ("repository_gone", "nginx", None, at(11), None, None, None),
        ("repository_gone", "redis", None, at(13), None, None, None),
    ]


def test_one_that_comes_back_appears_and_its_known_tags_are_no_news(
    writer: Writer, look: Look
) -> None:
    writer.write([page(at(1), row(registered=NOW), walk=listed(NOW))])
    writer.write([tags(at(2), tag("1"), tag("2"), walk=whole(at(1), last_count=2))])
    writer.write([Absence(seen=at(5), repository=NGINX)])
    writer.write([page(at(11), row(registered=NOW), walk=listed(at(10)))])
    writer.write([tags(at(12), tag("1"), tag("3"), walk=whole(at(11), last_count=2))])
    assert events(look)[1:] == [
        ("repository_appeared", "nginx", None, at(11), None, None, None),
        ("tag_created", "nginx", "3", at(12), NOW, None, digest("first")),
        ("tag_deleted", "nginx", "2", at(12), None, digest("first"), None),
    ]


def test_an_older_answer_is_no_news(writer: Writer, look: Look) -> None:
    writer.write([page(at(1), row(), walk=listed(NOW))])
    writer.write([tags(at(9), tag("1", "b"), walk=whole(at(8)))])
    writer.write([Absence(seen=at(20), repository=NGINX, tag="1")])
    writer.write([Absence(seen=at(20), repository=NGINX)])
    late: list[Item] = [page(at(15), row()), tags(at(15), tag("1", "c", updated=at(14)))]
    writer.write(late)
    assert told(look) == [("tag_deleted", "nginx", "1"), ("repository_gone", "nginx", None)]


def test_what_is_not_written_is_no_event(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1"), walk=whole(NOW))])
    broken = tag("3", full_size=2**70)
    with pytest.raises(Exception, match="expected to write"):
        writer.write([tags(at(9), tag("2")), tags(at(9), broken)])
    assert events(look) == []
    writer.write([tags(at(10), tag("2"))])
    assert told(look) == [("tag_created", "nginx", "2")]


@pytest.mark.sqlite
def test_their_numbers_are_never_used_again(writer: Writer, look: Look) -> None:
    writer.write([tags(at(1), tag("1"))])
    writer.write([Absence(seen=at(2), repository=NGINX, tag="1"), tags(at(3), tag("1"))])
    assert look("SELECT id FROM event ORDER BY id") == [(1,), (2,)]
    assert "AUTOINCREMENT" in look.one("SELECT sql FROM sqlite_master WHERE name = 'event'")[0]
