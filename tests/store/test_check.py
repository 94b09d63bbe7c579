"""What `scrapy store check` looks at: a good database has no findings, each fault is found."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dockerhub.items import Absence
from dockerhub.kinds import StopReason
from dockerhub.store.check import Checked, Unfinished, check
from dockerhub.store.database import open_database
from dockerhub.store.writer import Writer
from tests.store.made import DAY, NGINX, Look, at, image, page, row, step, tag, tags
from tests.store.made_contents import config, layers, manifest

if TYPE_CHECKING:
    from dockerhub.store.check_words import Finding
    from tests.postgres import Server

LATER = at(100)


def fill(writer: Writer) -> None:
    """Write what crawls bring: a whole list, a tag that moves, one that goes, an image's layers."""
    writer.begin_crawl("org", '{"org": "bitnami"}', signed_in=True, now=at(0))
    first = step("repositories", StopReason.COMPLETE, row_count=2, last_count=2)
    writer.write([page(at(0), row(), row("redis"), walk=first)])
    whole = step("tags", StopReason.COMPLETE, row_count=3, last_count=3)
    images = (image(digest=b"a" * 32), image("linux/arm64", digest=b"b" * 32))
    writer.write([tags(at(1), tag("1", images=images), tag("2"), tag("3"), walk=whole)])
    writer.write([manifest("m", *layers("x", "y"), config="c", seen=at(2))])
    writer.write([config("c", seen=at(2))])
    writer.finish_crawl(now=at(3), reason="finished", request_count=1, pull_count=0, stats="{}")
    writer.begin_crawl("org", '{"org": "bitnami"}', signed_in=True, now=at(10))
    part = step("tags", StopReason.UNCHANGED, started=at(10), is_full=False)
    writer.write([tags(at(11), tag("1", "second", updated=at(5)), walk=part)])
    writer.write([Absence(seen=at(12), repository=NGINX, tag="3")])
    writer.finish_crawl(now=at(13), reason="finished", request_count=1, pull_count=0, stats="{}")


def findings(url: str, now: int = LATER, **how: bool) -> list[tuple[str, Finding]]:
    checks = [one for one in check(url, now, **how) if isinstance(one, Checked)]
    assert len(checks) == (9 if Look(url).is_file else 8)
    return [(one.name, finding) for one in checks for finding in one.findings]


def change(url: str, *statements: str) -> None:
    """Spoil a database, without its looking after what points nowhere."""
    with closing(open_database(url)) as connection:
        if Look(url).is_file:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("PRAGMA writable_schema = ON")
        else:
            connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("how", [{}, {"is_quick": True}, {"is_full": True}], ids=str)
def test_a_good_database_has_no_findings(writer: Writer, url: str, how: dict[str, bool]) -> None:
    fill(writer)
    assert findings(url, **how) == []


def test_an_empty_database_has_no_findings(writer: Writer, url: str) -> None:
    assert findings(url) == []


SPOILT = {
    "a tag is lost": (
        "DELETE FROM tag WHERE name = '2'",
        "counts",
        (
            "tags of bitnami/nginx: expected 3 tags, as its walk showed that ended"
            " 2026-11-22T08:00:01Z, got 2"
        ),
    ),
    "a repository is lost": (
        "DELETE FROM repository WHERE name = 'redis'",
        "counts",
        (
            "repositories of bitnami: expected 2 repositories, as its walk showed that ended"
            " 2026-11-22T08:00:00Z, got 1"
        ),
    ),
    "a tag too many": (
        (
            "INSERT INTO tag (repository_id, name, image_set_id, image_set_seen_at, first_seen_at,"
            f" last_seen_at) VALUES (1, 'x', 1, {at(0)}, {at(0)}, {at(0)})"
        ),
        "counts",
        (
            "tags of bitnami/nginx: expected 3 tags, as its walk showed that ended"
            " 2026-11-22T08:00:01Z, got 4"
        ),
    ),
    "a tag points nowhere": (
        "UPDATE tag SET image_set_id = 99 WHERE name = '2'",
        "references",
        "tag, row 2: expected a row of image_set that it points to, got none",
    ),
    "a layer is lost": (
        "DELETE FROM layer WHERE id = 1",
        "references",
        "manifest_layer, a row: expected a row of layer that it points to, got none",
    ),
    "a repository is not in the index": (
        "DELETE FROM repository_search_docsize WHERE id = 2",
        "search",
        (
            "the full-text index: expected the words of all repositories, got repository 2 is only"
            " in its table"
        ),
    ),
    "the index has other words": (
        "DELETE FROM repository_search_data WHERE id > 10",
        "search",
        (
            "the full-text index: expected the words of all repositories, got database disk image"
            " is malformed"
        ),
    ),
    "an event is lost": (
        "DELETE FROM event WHERE kind = 'tag_deleted'",
        "events",
        "bitnami/nginx:3: expected an event tag_deleted of 2026-11-22T08:00:12Z, got none",
    ),
    "an event of another's tag": (
        "UPDATE event SET repository_id = 2 WHERE kind = 'tag_deleted'",
        "events",
        "event 2, tag_deleted: expected a tag of its own repository, got another's",
    ),
    "a move out of order": (
        f"UPDATE tag_move SET seen_until = {at(50)}",
        "order",
        (
            "bitnami/nginx:1: expected moments in their order, got 2026-11-22T08:00:01Z,"
            " 2026-11-22T08:00:50Z, 2026-11-22T08:00:11Z"
        ),
    ),
    "gone before it was seen": (
        f"UPDATE repository SET gone_at = {at(-5)} WHERE name = 'redis'",
        "order",
        (
            "bitnami/redis: expected moments in their order, got 2026-11-22T08:00:00Z,"
            " 2026-11-22T08:00:00Z, 2026-11-22T07:59:55Z"
        ),
    ),
    "a moment to come": (
        f"UPDATE manifest SET seen_at = {at(0) + 9 * DAY}",
        "order",
        "manifest.seen_at: expected moments that are past, got 2026-12-01T08:00:00Z",
    ),
    "fewer pulls than none": (
        "UPDATE pull_sample SET pull_count = -1 WHERE repository_id = 1",
        "numbers",
        (
            "pull sample of bitnami/nginx: expected numbers from 0 of a day that has begun, got -1"
            " pulls and 5 stars on 2026-11-22"
        ),
    ),
    "a short digest": (
        "UPDATE layer SET digest = x'00' WHERE id = 1",
        "numbers",
        (
            "layer, row 1: expected digests of 32 bytes, marks and chains of 16, got one of 1 or"
            " others"
        ),
    ),
    "numbers used again": (
        "UPDATE event_mark SET value = 77 WHERE name = 'tag'",
        "numbers",
        "tag: expected row 77, which was looked at, or a later one, got 3 as the last",
    ),
    "an image is lost": (
        "DELETE FROM image WHERE image_set_id = 1 AND position = 1",
        "images",
        "image set 1: expected the images that its mark stands for, got 1 that give another",
    ),
    "a layer in another place": (
        "UPDATE manifest_layer SET position = 5 WHERE position = 1",
        "chains",
        "manifest 1, sha256:62c66a7a5dd7: expected layers without a gap, got places [0, 5]",
    ),
    "a chain of others": (
        "UPDATE manifest SET chain = x'00112233445566778899aabbccddeeff'",
        "chains",
        (
            "manifest 1, sha256:62c66a7a5dd7: expected the chains of its layers, got others over 2"
            " layers"
        ),
    ),
}


# A server lets no row point nowhere, and has no full-text index.
OF_FILES = {key: spoilt for key, spoilt in SPOILT.items() if spoilt[1] in {"references", "search"}}
OF_BOTH = {key: spoilt for key, spoilt in SPOILT.items() if key not in OF_FILES}


def assert_found(writer: Writer, url: str, spoilt: tuple[str, str, str]) -> None:
    statement, name, line = spoilt
    fill(writer)
    change(url, statement)
    lines = [(by, f"{one[0]}: expected {one[1]}, got {one[2]}") for by, one in findings(url)]
    assert (name, line) in lines


@pytest.mark.parametrize("spoilt", OF_BOTH.values(), ids=OF_BOTH)
def test_each_fault_is_found(writer: Writer, url: str, spoilt: tuple[str, str, str]) -> None:
    assert_found(writer, url, spoilt)


@pytest.mark.sqlite
@pytest.mark.parametrize("spoilt", OF_FILES.values(), ids=OF_FILES)
def test_each_fault_of_a_file_is_found(
    writer: Writer, url: str, spoilt: tuple[str, str, str]
) -> None:
    assert_found(writer, url, spoilt)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM manifest_base", "UPDATE manifest_base SET chain = x'00'"],
    ids=["lost", "another"],
)
def test_what_an_image_stands_on_is_checked(writer: Writer, url: str, statement: str) -> None:
    fill(writer)
    writer.write([manifest("base", *layers("x"), seen=at(2))])
    assert findings(url) == []
    change(url, statement)
    ((name, found),) = findings(url)
    assert (name, found.place) == ("chains", "manifest 1, sha256:62c66a7a5dd7")
    assert (found.expected, found.found) == (
        "the bases that its layers give",
        "others at places [0]",
    )


def test_what_was_read_again_and_looked_at_is_no_fault(writer: Writer, url: str) -> None:
    """Its row is gone, and its number is not used again."""
    for refused_count in (1, 0):
        writer.begin_crawl("org", "{}", signed_in=True, now=at(0))
        item = manifest("m", *layers("x"), seen=at(0), refused_count=refused_count)
        writer.write([item])
        writer.finish_crawl(now=at(1), reason="finished", request_count=1, pull_count=0, stats="{}")
    assert findings(url) == []


@pytest.mark.parametrize(
    ("statement", "name", "line"),
    [
        (
            "ALTER TABLE tag DISABLE TRIGGER ALL",
            "references",
            "tag: expected rows of image_set that it points to, by a rule, got a rule that is off",
        ),
        (
            (
                "UPDATE pg_index SET indisvalid = FALSE"
                " WHERE indexrelid = 'dockerhub.tag_image_set'::regclass"
            ),
            "server",
            (
                "the server: expected pages and indexes that are whole, got the index tag_image_set"
                " was not finished"
            ),
        ),
    ],
    ids=["not enforced", "index"],
)
def test_what_a_server_knows_is_told(
    postgres: Server, statement: str, name: str, line: str
) -> None:
    url = postgres.database()
    with closing(Writer(url)) as writer:
        fill(writer)
    assert findings(url) == []
    change(url, statement)
    lines = [(by, f"{one[0]}: expected {one[1]}, got {one[2]}") for by, one in findings(url)]
    assert (name, line) in lines
    postgres.drop(url)


@pytest.mark.sqlite
def test_a_broken_page_is_found(writer: Writer, url: str) -> None:
    fill(writer)
    change(url, "UPDATE sqlite_master SET rootpage = 3 WHERE name = 'tag_move_tag'")
    told = [finding for name, finding in findings(url) if name == "file"]
    assert told
    assert told[0].found == "database disk image is malformed"


def test_what_happened_since_the_walk_is_no_fault(writer: Writer, url: str) -> None:
    """A tag came, one went and came back, the repository went: the walk was right then."""
    fill(writer)
    writer.write([tags(at(20), tag("4"), walk=None)])
    writer.write([tags(at(21), tag("3"), walk=None)])
    assert findings(url) == []
    writer.write([Absence(seen=at(22), repository=NGINX)])
    assert findings(url) == []


def test_rows_that_could_not_be_read_are_not_counted(writer: Writer, url: str) -> None:
    whole = step("tags", StopReason.COMPLETE, row_count=9, last_count=9, refused_count=8)
    writer.write([tags(at(1), tag("1"), walk=whole)])
    assert findings(url) == []


def test_a_list_that_another_walk_wrote_to_at_once_may_have_more(writer: Writer, url: str) -> None:
    """What a named tag's walk brought while the list was walked may not have been in it."""
    named = step("tags", StopReason.COMPLETE, started=at(1), arguments="tags=9")
    writer.write([tags(at(2), tag("9"), walk=named)])
    whole = step("tags", StopReason.COMPLETE, started=at(1), row_count=1)
    writer.write([tags(at(3), tag("1"), walk=whole)])
    assert findings(url) == []


def test_work_that_is_not_finished_is_told_and_no_fault(writer: Writer, url: str) -> None:
    writer.begin_crawl("tags", "{}", signed_in=True, now=at(0))
    writer.write([tags(at(1), tag("1"), walk=step("tags", next_page=2))])
    left = [one for one in check(url, LATER) if isinstance(one, Unfinished)]
    assert left == [
        Unfinished("walk", "tags of bitnami/nginx", at(0), 1),
        Unfinished("crawl", "tags, number 1", at(0), 1),
    ]
    assert findings(url) == []


@pytest.mark.sqlite
def test_it_writes_nothing(writer: Writer, url: str) -> None:
    fill(writer)
    writer.close()
    path = Path(url.removeprefix("sqlite:///"))
    before = path.read_bytes()
    list(check(url, LATER))
    assert path.read_bytes() == before


def test_it_sees_one_moment_while_a_crawl_writes(writer: Writer, url: str) -> None:
    fill(writer)
    looking = check(url, LATER)
    assert isinstance(next(looking), Checked)
    change(url, "DELETE FROM tag WHERE name = '2'")
    assert [one.total for one in looking if isinstance(one, Checked)] == [0] * (
        8 if Look(url).is_file else 7
    )
    assert findings(url) != []
