from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import StoreError
from dockerhub.items import Absence, RepositoryDetail, RepositoryRow, WalkEnd
from dockerhub.kinds import StopReason
from dockerhub.names import RepositoryName
from tests.store.made import (
    DAY,
    NGINX,
    NOW,
    at,
    hit,
    image,
    page,
    row,
    step,
    tag,
    tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.items import Item
    from dockerhub.store.writer import Writer
    from tests.store.made import Look

FACTS = "SELECT description, pull_count, first_seen_at, last_seen_at, gone_at FROM repository"


def detail(seen: int, text: str = "# nginx", **said: object) -> RepositoryDetail:
    return RepositoryDetail(
        seen=seen,
        row=row(**said),
        full_description=text,
        collaborator_count=2,
        immutable_tags_enabled=False,
        immutable_tags_rules=(),
    )


EVERYTHING: list[Item] = [
    page(NOW, hit(), hit("redis"), is_search=True),
    page(at(1), row(), row("redis"), walk=step("repositories", next_page=2)),
    detail(at(2)),
    tags(at(3), tag("1"), tag("2", "other"), walk=step(next_page=2)),
    tags(at(4), tag("3", None), walk=step(reason=StopReason.COMPLETE, pages=2)),
    Absence(seen=at(5), repository=RepositoryName("bitnami", "redis")),
    Absence(seen=at(5), repository=NGINX, tag="2"),
    WalkEnd(seen=at(6), walk=step("repositories", StopReason.ERROR, next_page=2)),
]


def test_the_same_items_twice_are_the_same_rows(writer: Writer, look: Look) -> None:
    writer.write(EVERYTHING)
    before = look.everything()
    writer.write(EVERYTHING)
    assert look.everything() == before


def test_one_item_at_a_time_gives_what_one_batch_gives(writer: Writer, look: Look) -> None:
    for item in EVERYTHING:
        writer.write([item])
    piecemeal = look.everything()
    writer.write(EVERYTHING)
    assert look.everything() == piecemeal


def test_first_seen_stays_and_last_seen_moves(writer: Writer, look: Look) -> None:
    writer.write([page(NOW, row()), page(at(9), row(pull_count=2000))])
    assert look.one(FACTS) == ("a server", 2000, NOW, at(9), None)


@pytest.mark.parametrize(
    "older",
    [
        pytest.param(page(at(5), row(pull_count=1, description="old")), id="list"),
        pytest.param(page(at(5), hit(pull_count=1, description="old"), is_search=True), id="hit"),
        pytest.param(detail(at(5), "old", pull_count=1, description="old"), id="detail"),
        pytest.param(Absence(seen=at(5), repository=NGINX), id="404"),
    ],
)
def test_an_older_answer_changes_nothing(writer: Writer, look: Look, older: Item) -> None:
    writer.write([detail(at(8)), page(at(9), row())])
    before = look.everything()
    writer.write([older])
    assert look.everything() == before


@pytest.mark.parametrize("older", [page(at(5), row()), page(at(5), hit(), is_search=True)])
def test_an_answer_from_before_a_404_does_not_bring_back(
    writer: Writer, look: Look, older: Item
) -> None:
    writer.write([page(NOW, row()), Absence(seen=at(9), repository=NGINX)])
    before = look.everything()
    writer.write([older])
    assert look.everything() == before


def test_a_hit_leaves_what_only_a_list_says(writer: Writer, look: Look) -> None:
    writer.write([page(NOW, row(storage_size=7, is_automated=True))])
    writer.write([page(at(9), hit(pull_count=None, star_count=6), is_search=True)])
    sql = "SELECT star_count, pull_count, storage_size, is_automated, last_updated_at"
    assert look.one(f"{sql} FROM repository") == (6, 1000, 7, 1, NOW)


def test_one_sample_a_day_holds_the_last_look(writer: Writer, look: Look) -> None:
    writer.write([page(at(3600 * hour), row(pull_count=hour)) for hour in (0, 5, 15)])
    writer.write([page(NOW + DAY, row(pull_count=99, star_count=None))])
    writer.write([page(NOW + DAY, row(pull_count=None, star_count=9))])
    day = NOW // DAY
    found = look("SELECT day, pull_count, star_count FROM pull_sample ORDER BY day")
    assert found == [(day, 15, 5), (day + 1, 99, 9)]


def test_without_counts_there_is_no_sample(writer: Writer, look: Look) -> None:
    writer.write([page(NOW, row(pull_count=None, star_count=None))])
    assert look("SELECT * FROM pull_sample") == []


@pytest.mark.parametrize(
    ("later", "due"),
    [
        pytest.param([], 0, id="just read"),
        pytest.param([page(at(9), row(pull_count=9))], 0, id="pulls alone"),
        pytest.param([page(at(9), row(last_updated=at(5)))], 1, id="pushed"),
        pytest.param([page(at(9), row(last_modified=None))], 1, id="modified"),
        pytest.param([page(at(9), row(description=None))], 1, id="description"),
        pytest.param([page(at(9), row(last_updated=at(5))), detail(at(10))], 0, id="read again"),
        pytest.param([page(at(9), hit(), is_search=True)], 0, id="the same hit"),
        pytest.param([page(at(9), hit(description="x"), is_search=True)], 1, id="another hit"),
        pytest.param([tags(at(9), tag("new"))], 0, id="tags"),
    ],
)
def test_detail_is_due_when_it_may_say_something_new(
    writer: Writer, look: Look, later: list[Item], due: int
) -> None:
    writer.write([page(NOW, row()), detail(at(1)), *later])
    assert look.one("SELECT detail_due FROM repository") == (due,)


@pytest.mark.parametrize(
    "first",
    [page(NOW, row()), page(NOW, hit(), is_search=True), tags(NOW, tag("latest"))],
    ids=["list", "hit", "tags"],
)
def test_detail_is_due_at_first(writer: Writer, look: Look, first: Item) -> None:
    writer.write([first])
    assert look.one("SELECT detail_due FROM repository") == (1,)


def test_back_after_a_404_leaves_an_absence(writer: Writer, look: Look) -> None:
    writer.write([page(NOW, row()), Absence(seen=at(5), repository=NGINX)])
    assert look.one(FACTS)[-1] == at(5)
    writer.write([Absence(seen=at(6), repository=NGINX)])
    assert look.one(FACTS)[-1] == at(5)
    writer.write([page(at(9), row())])
    assert look.one(FACTS)[-2:] == (at(9), None)
    assert look("SELECT tag_id, gone_at, back_at FROM absence") == [(None, at(5), at(9))]


def test_404_of_what_was_never_seen_writes_nothing(writer: Writer, look: Look) -> None:
    tally = writer.write([Absence(seen=NOW, repository=NGINX, tag=name) for name in (None, "1")])
    assert (tally["repositories_gone"], tally["tags_gone"]) == (0, 0)
    assert look("SELECT * FROM repository") == []


def test_tally_says_what_was_new_moved_and_gone(writer: Writer) -> None:
    assert writer.write([tags(NOW, tag("1"), tag("2"))]) == {"tags_new": 2}
    moved = tags(at(5), tag("1", "other", updated=at(1)), tag("3"))
    gone = Absence(seen=at(5), repository=NGINX, tag="2")
    tally = writer.write([moved, gone])
    assert tally == {"tags_new": 1, "tags_moved": 1, "tags_gone": 1}
    assert writer.write([Absence(seen=at(6), repository=NGINX)]) == {"repositories_gone": 1}


HOSTILE = [
    pytest.param("'; DROP TABLE tag; --", id="SQL"),
    pytest.param('" OR 1=1 \\', id="quotes"),
    pytest.param("a\x00b", id="NUL"),
    pytest.param("🦀\u202e\x1b[31m", id="emoji, turned, coloured"),
    pytest.param("x" * 25_000, id="long"),
    pytest.param("%s ? :a {iso x}", id="placeholders"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_stored_as_it_is(writer: Writer, look: Look, text: str) -> None:
    described = RepositoryRow(RepositoryName(text, text), text, 1, 1)
    shown = tag(text, images=(image(variant=text),), status=text, media_type=text)
    writer.write([page(NOW, described), tags(NOW, shown, walk=step(detail=text))])
    if not look.is_file:
        text = text.replace("\0", "\ufffd")  # which no text of PostgreSQL's may hold
    found = look("SELECT namespace, name, description FROM repository ORDER BY id")[0]
    assert found == (text, text, text)
    assert look.one("SELECT name, status FROM tag") == (text, text)
    assert look.one("SELECT variant FROM platform") == (text[:255],)
    assert look.one("SELECT detail FROM walk") == (text,)


TOO_LARGE = "database: expected to write, Python int too large to convert to SQLite INTEGER"
SURROGATE = (
    "database: expected to write, 'utf-8' codec can't encode character '\\ud800' in position 0:"
    " surrogates not allowed"
)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        pytest.param(page(NOW, row(pull_count=2**63)), TOO_LARGE, id="65 bits"),
        pytest.param(page(NOW, row(description="\ud800")), SURROGATE, id="half a surrogate"),
        pytest.param(tags(NOW, tag("x", full_size=2**64)), TOO_LARGE, id="65 bits in a tag"),
    ],
)
def test_a_batch_that_fails_leaves_nothing_and_the_next_works(
    writer: Writer, look: Look, bad: Item, message: str
) -> None:
    good = tags(NOW, tag("1", images=(image("linux/riscv64"),)), walk=step(next_page=2))
    before = look.everything()
    with pytest.raises(StoreError) as caught:
        writer.write([good, bad])
    at_server = "database: expected to write, bigint out of range"
    assert str(caught.value) in {message, at_server if message == TOO_LARGE else message}
    assert look.everything() == before
    # The platform of the lost batch must not be remembered by a number that is gone with it.
    writer.write([tags(NOW, tag("2", images=(image("windows/amd64"), image("linux/riscv64"))))])
    assert look.one("SELECT architectures FROM tags") == ("amd64|riscv64",)
    assert look.broken_references() == []


def test_an_error_of_ours_leaves_nothing_too(writer: Writer, look: Look) -> None:
    ends: Callable[[], Item] = lambda: WalkEnd(seen=NOW, walk="no step")  # type: ignore[arg-type]  # noqa: E731
    with pytest.raises(AttributeError):
        writer.write([page(NOW, row()), ends()])
    assert look("SELECT * FROM repository") == []
    writer.write([page(NOW, row())])
    assert len(look("SELECT * FROM repository")) == 1


def test_a_crawl_has_its_row(writer: Writer, look: Look) -> None:
    number = writer.begin_crawl("org", '{"org": "bitnami"}', signed_in=True, now=NOW)
    assert look.one("SELECT * FROM crawl") == (
        number, "org", '{"org": "bitnami"}', 1, NOW, *[None] * 5
    )  # fmt: skip
    writer.finish_crawl(now=at(9), reason="finished", request_count=7, pull_count=0, stats="{}")
    ended = "SELECT finished_at, finish_reason, request_count, pull_count, stats FROM crawl"
    assert look.one(ended) == (at(9), "finished", 7, 0, "{}")
    assert writer.begin_crawl("tags", "{}", signed_in=False, now=at(10)) == number + 1
