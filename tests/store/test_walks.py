"""What a walk's progress does to its row, and to what it did not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.items import Absence, WalkEnd
from dockerhub.kinds import StopReason
from dockerhub.names import RepositoryName
from tests.store.made import NGINX, NOW, at, page, row, step, tag, tags

if TYPE_CHECKING:
    from dockerhub.items import Item, WalkStep
    from dockerhub.store.writer import Writer
    from tests.store.made import Look

PROGRESS = (
    "SELECT started_at, pages, row_count, next_page, stop_reason, finished_at FROM walk ORDER BY id"
)
GONE = "SELECT name, gone_at FROM {} ORDER BY name"


def end(seen: int, walk: WalkStep) -> WalkEnd:
    return WalkEnd(seen=seen, walk=walk)


def test_progress_moves_one_row(writer: Writer, look: Look) -> None:
    writer.write([end(at(1), step(next_page=2, row_count=100))])
    assert look(PROGRESS) == [(NOW, 1, 100, 2, None, None)]
    writer.write([end(at(2), step(next_page=3, pages=2, row_count=200))])
    assert look(PROGRESS) == [(NOW, 2, 200, 3, None, None)]
    writer.write([end(at(3), step(reason=StopReason.COMPLETE, pages=3, row_count=230))])
    assert look(PROGRESS) == [(NOW, 3, 230, None, "complete", at(3))]


def test_everything_about_it_is_kept(writer: Writer, look: Look) -> None:
    number = writer.begin_crawl("tags", "{}", signed_in=False, now=NOW)
    told = step(
        reason=StopReason.ERROR,
        arguments="max_tags=5",
        signed_in=False,
        is_full=False,
        subject_updated=5,
        refused_count=2,
        first_count=10,
        last_count=11,
        detail="HTTP 500",
    )
    writer.write([end(at(1), told)])
    assert look.one(
        "SELECT crawl_id, kind, subject, ordering, arguments, signed_in, is_full,"
        " subject_updated_at, refused_count, first_count, last_count, detail FROM walk"
    ) == (
        *(number, "tags", "bitnami/nginx", "last_updated", "max_tags=5", 0, 0),
        *(5, 2, 10, 11, "HTTP 500"),
    )


def test_an_error_that_can_go_on_keeps_its_next_page(writer: Writer, look: Look) -> None:
    writer.write([end(at(1), step(reason=StopReason.ERROR, next_page=3, detail="HTTP 500"))])
    assert look(PROGRESS) == [(NOW, 1, 1, 3, "error", None)]
    writer.write([end(at(9), step(next_page=4, pages=2))])
    assert look(PROGRESS) == [(NOW, 2, 1, 4, None, None)]


def test_a_new_walk_takes_the_place_of_an_open_one(writer: Writer, look: Look) -> None:
    writer.write([end(at(1), step(next_page=5))])
    writer.write([end(at(9), step(started=at(8), next_page=2))])
    assert look(PROGRESS) == [
        (NOW, 1, 1, None, "interrupted", at(9)),
        (at(8), 1, 1, 2, None, None),
    ]


def test_two_crawls_of_one_list_have_a_row_each(writer: Writer, look: Look) -> None:
    for page_number in (2, 3):
        writer.write([end(at(page_number), step(next_page=page_number))])
        writer.write([end(at(page_number), step(started=at(1), next_page=page_number))])
    writer.write([end(at(9), step(reason=StopReason.COMPLETE))])
    assert look(PROGRESS) == [
        (NOW, 1, 1, None, "complete", at(9)),
        (at(1), 1, 1, None, "interrupted", at(9)),
    ]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(step("repositories", next_page=2), id="kind"),
        pytest.param(step(arguments="max_tags=5", next_page=2), id="arguments"),
        pytest.param(step(signed_in=False, next_page=2), id="caller"),
    ],
)
def test_walks_of_other_lists_stay_open(writer: Writer, look: Look, other: WalkStep) -> None:
    writer.write([end(at(1), step(next_page=5)), end(at(2), other)])
    assert look("SELECT next_page FROM walk ORDER BY id") == [(5,), (2,)]


def test_the_end_of_a_crawl_names_its_open_walks(writer: Writer, look: Look) -> None:
    writer.begin_crawl("org", "{}", signed_in=True, now=NOW)
    failed = step("repositories", StopReason.ERROR, next_page=2)
    writer.write([end(at(1), step(next_page=5)), end(at(1), failed)])
    writer.finish_crawl(now=at(9), reason="shutdown", request_count=1, pull_count=0, stats="{}")
    assert look(PROGRESS) == [
        (NOW, 1, 1, 5, "interrupted", None),
        (NOW, 1, 1, 2, "error", None),
    ]


COMPLETE, SECOND = StopReason.COMPLETE, at(10)


def whole(kind: str = "tags", reason: StopReason = COMPLETE, **said: object) -> WalkStep:
    return step(kind, reason, started=SECOND, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("walk", "is_gone"),
    [
        pytest.param(whole(), True, id="complete"),
        pytest.param(whole(is_full=False), False, id="not from end to end"),
        pytest.param(whole(refused_count=1), False, id="a refused row"),
        pytest.param(whole(arguments="tags=1*"), False, id="with arguments"),
        pytest.param(whole(signed_in=False), True, id="anonymous"),
        *[
            pytest.param(whole(reason=reason), False, id=str(reason))
            for reason in StopReason
            if reason is not COMPLETE
        ],
        pytest.param(step(next_page=2, started=SECOND), False, id="under way"),
    ],
)
def test_only_a_complete_walk_says_that_a_tag_is_gone(
    writer: Writer, look: Look, walk: WalkStep, is_gone: bool
) -> None:
    writer.write([tags(NOW, tag("kept"), tag("lost"))])
    tally = writer.write([tags(at(12), tag("kept"), walk=walk)])
    gone_at = at(12) if is_gone else None
    assert look(GONE.format("tag")) == [("kept", None), ("lost", gone_at)]
    assert tally["tags_gone"] == is_gone


def test_tags_of_other_repositories_stay(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("lost"))])
    other = step(reason=COMPLETE, started=SECOND)
    key = other.key._replace(subject="bitnami/redis")
    writer.write([end(at(12), other._replace(key=key))])
    assert look(GONE.format("tag")) == [("lost", None)]


def test_what_came_on_an_earlier_page_of_the_walk_stays(writer: Writer, look: Look) -> None:
    writer.write([tags(NOW, tag("1"), tag("2"))])
    writer.write([tags(at(11), tag("1"), walk=step(started=SECOND, next_page=2))])
    writer.write([tags(at(12), tag("2"), walk=whole(pages=2))])
    assert look(GONE.format("tag")) == [("1", None), ("2", None)]


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "anonymous"])
def test_private_repositories_hide_from_anonymous_walks(
    writer: Writer, look: Look, signed_in: bool
) -> None:
    rows = row("kept"), row("lost"), row("private", is_private=True)
    writer.write([page(NOW, *rows)])
    writer.write([page(at(12), row("kept"), walk=whole("repositories", signed_in=signed_in))])
    private = at(12) if signed_in else None
    expected = [("kept", None), ("lost", at(12)), ("private", private)]
    assert look(GONE.format("repository")) == expected


def test_a_search_loses_nothing(writer: Writer, look: Look) -> None:
    writer.write([page(NOW, row("lost"))])
    search = whole("search")
    writer.write([page(at(12), row("kept"), is_search=True, walk=search)])
    assert look(GONE.format("repository")) == [("kept", None), ("lost", None)]


def test_repositories_of_other_namespaces_stay(writer: Writer, look: Look) -> None:
    other = row("lost")._replace(repository=RepositoryName("library", "nginx"))
    writer.write([page(NOW, other)])
    writer.write([page(at(12), walk=whole("repositories"))])
    assert look(GONE.format("repository")) == [("nginx", None)]


BACK: list[Item] = [
    tags(at(20), tag("1", "other", updated=at(15))),
    tags(at(20), tag("1")),
]


@pytest.mark.parametrize("back", BACK, ids=["pushed anew", "unchanged"])
def test_a_tag_that_is_back_leaves_an_absence(writer: Writer, look: Look, back: Item) -> None:
    writer.write([tags(NOW, tag("1")), Absence(seen=at(9), repository=NGINX, tag="1")])
    writer.write([back])
    assert look(GONE.format("tag")) == [("1", None)]
    sql = "SELECT r.name, t.name, a.gone_at, a.back_at FROM absence AS a"
    sql += " JOIN repository AS r ON r.id = a.repository_id JOIN tag AS t ON t.id = a.tag_id"
    assert look(sql) == [("nginx", "1", at(9), at(20))]


@pytest.mark.parametrize("seen", [at(-5), at(5)], ids=["before it was seen", "while it was gone"])
def test_an_older_answer_does_not_bring_a_tag_back(writer: Writer, look: Look, seen: int) -> None:
    writer.write([tags(NOW, tag("1")), Absence(seen=at(9), repository=NGINX, tag="1")])
    before = look.everything()
    writer.write([tags(seen, tag("1"))])
    assert look.everything() == before


def test_an_older_404_does_not_lose_a_tag(writer: Writer, look: Look) -> None:
    writer.write([tags(at(9), tag("1")), Absence(seen=at(5), repository=NGINX, tag="1")])
    assert look(GONE.format("tag")) == [("1", None)]
