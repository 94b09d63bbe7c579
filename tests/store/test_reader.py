from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import StoreError
from dockerhub.items import Absence, RepositoryDetail, WalkEnd
from dockerhub.kinds import SETTLED, StopReason
from dockerhub.known import KnownTag, OpenWalk, SettledWalk
from dockerhub.names import RepositoryName
from dockerhub.store.reader import Reader
from tests.store.made import NGINX, NOW, at, digest, hit, page, row, step, tag, tags

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.items import WalkStep
    from dockerhub.known import KnownRepository
    from dockerhub.store.writer import Writer


def known(reader: Reader, arguments: str = "", *, signed_in: bool = True) -> KnownRepository:
    return reader.known_repositories([NGINX], arguments, signed_in=signed_in)[NGINX]


def ended(writer: Writer, seen: int, walk: WalkStep) -> None:
    writer.write([WalkEnd(seen=seen, walk=walk)])


def test_an_unknown_repository_is_left_out(writer: Writer, reader: Reader) -> None:
    writer.write([page(NOW, row())])
    asked = [RepositoryName("bitnami", "redis"), NGINX]
    assert list(reader.known_repositories(asked, "", signed_in=True)) == [NGINX]


def test_a_repository_is_known_as_it_was_seen(writer: Writer, reader: Reader) -> None:
    writer.write([page(NOW, row(last_modified=at(-5)))])
    assert known(reader) == ("a server", NOW, at(-5), True, None, None, False)
    detail = RepositoryDetail(
        seen=at(1),
        row=row(description=None),
        full_description=None,
        collaborator_count=None,
        immutable_tags_enabled=None,
        immutable_tags_rules=(),
    )
    writer.write([detail])
    assert known(reader)[:4] == (None, NOW, NOW, False)


def test_a_repository_has_tags_while_one_is_not_gone(writer: Writer, reader: Reader) -> None:
    writer.write([page(NOW, row(), row("redis")), tags(NOW, tag("1"), tag("2"))])
    assert known(reader).has_tags
    redis = RepositoryName("bitnami", "redis")
    assert not reader.known_repositories([redis], "", signed_in=True)[redis].has_tags
    writer.write([Absence(seen=at(1), repository=NGINX, tag="1")])
    assert known(reader).has_tags
    writer.write([Absence(seen=at(1), repository=NGINX, tag="2")])
    assert not known(reader).has_tags


def test_a_hit_alone_has_no_moments(writer: Writer, reader: Reader) -> None:
    writer.write([page(NOW, hit(), is_search=True)])
    assert known(reader) == ("a server", None, None, True, None, None, False)


@pytest.mark.parametrize("reason", list(StopReason), ids=str)
def test_only_some_ends_settle_a_walk(writer: Writer, reader: Reader, reason: StopReason) -> None:
    writer.write([page(NOW, row())])
    ended(writer, at(1), step(reason=StopReason.COMPLETE, subject_updated=5))
    ended(writer, at(9), step(reason=reason, started=at(8), subject_updated=7, is_full=False))
    if reason is StopReason.INTERRUPTED:
        assert known(reader).settled == SettledWalk(5, at(1), at(1))
    else:
        settled = SettledWalk(7, at(1), at(9))
        assert known(reader).settled == (settled if reason in SETTLED else None)


def test_settled_says_when_the_list_was_walked_in_full(writer: Writer, reader: Reader) -> None:
    writer.write([page(NOW, row())])
    unchanged = step(reason=StopReason.UNCHANGED, is_full=False, subject_updated=7)
    ended(writer, at(1), unchanged)
    assert known(reader).settled is None
    ended(writer, at(2), step(reason=StopReason.MAX_TAGS, started=at(2)))
    ended(writer, at(4), step(reason=StopReason.COMPLETE, started=at(3)))
    ended(writer, at(6), unchanged._replace(started=at(5)))
    assert known(reader).settled == SettledWalk(7, at(4), at(6))


@pytest.mark.parametrize(
    ("arguments", "signed_in"), [("max_tags=5", True), ("", False)], ids=["arguments", "caller"]
)
def test_walks_of_others_do_not_count(
    writer: Writer, reader: Reader, arguments: str, signed_in: bool
) -> None:
    writer.write([page(NOW, row())])
    other = step(
        reason=StopReason.COMPLETE, arguments=arguments, signed_in=signed_in, subject_updated=5
    )
    ended(writer, at(1), other)
    ended(writer, at(2), other._replace(started=at(2), stop_reason=None, next_page=2))
    assert (known(reader).settled, known(reader).open) == (None, None)
    theirs = known(reader, arguments, signed_in=signed_in)
    assert theirs.settled == SettledWalk(5, at(1), at(1))
    assert theirs.open is not None
    assert (theirs.open.started, theirs.open.next_page) == (at(2), 2)


def test_an_open_walk_is_known_until_it_ends(writer: Writer, reader: Reader) -> None:
    writer.write([page(NOW, row())])
    said = {"first_count": 230, "last_count": 231, "subject_updated": at(-9)}
    walk = step(next_page=4, pages=3, is_full=False, leg="last_updated", **said)
    ended(writer, at(1), walk)
    left = OpenWalk(NOW, False, 3, 4, 231, "last_updated", None, 230, at(-9))
    assert known(reader).open == left
    failed = walk._replace(stop_reason=StopReason.ERROR, is_full=True, leg="name", reach=990)
    ended(writer, at(2), failed)
    assert known(reader).open == left._replace(is_full=True, leg="name", reach=990)
    ended(writer, at(3), step(reason=StopReason.COMPLETE))
    assert known(reader).open is None


def test_a_walk_left_by_a_crawl_that_ended_is_open(writer: Writer, reader: Reader) -> None:
    writer.begin_crawl("org", "{}", signed_in=True, now=NOW)
    writer.write([page(NOW, row())])
    ended(writer, at(1), step(next_page=4))
    writer.finish_crawl(now=at(2), reason="shutdown", request_count=1, pull_count=0, stats="{}")
    open_walk = known(reader).open
    assert open_walk is not None
    assert open_walk.next_page == 4


def test_a_tag_is_known_as_it_was_seen(writer: Writer, reader: Reader) -> None:
    writer.write([tags(at(3), tag("1", "a"), tag("2", None, updated=None))])
    assert reader.known_tag(NGINX, "1") == KnownTag(NOW, digest("a"), at(3))
    assert reader.known_tag(NGINX, "2") == KnownTag(None, None, at(3))
    assert reader.known_tag(NGINX, "3") is None
    assert reader.known_tag(RepositoryName("bitnami", "redis"), "1") is None


def test_seen_tags_are_those_since_a_moment(writer: Writer, reader: Reader) -> None:
    writer.write([tags(NOW, tag("1"), tag("2")), tags(at(5), tag("2"), tag("3"))])
    assert sorted(reader.seen_tags(NGINX, at(5))) == ["2", "3"]
    assert reader.seen_tags(NGINX, at(6)) == []


def test_counts_leave_out_what_is_gone(writer: Writer, reader: Reader) -> None:
    writer.write([page(NOW, row(), row("redis")), tags(NOW, tag("1"), tag("2"))])
    assert reader.counts() == (2, 2)
    writer.write([Absence(seen=at(1), repository=NGINX, tag="1")])
    writer.write([Absence(seen=at(1), repository=RepositoryName("bitnami", "redis"))])
    assert reader.counts() == (1, 1)


def test_names_are_values_and_no_sql(writer: Writer, reader: Reader) -> None:
    hostile = "' OR 1=1 --"
    writer.write([replace(tags(NOW, tag(hostile)), repository=RepositoryName("a", hostile))])
    assert reader.known_tag(RepositoryName("a", hostile), hostile) is not None
    assert reader.known_tag(RepositoryName("a", hostile), "x") is None
    assert reader.seen_tags(RepositoryName("b", hostile), 0) == []


def test_it_sees_what_is_written_while_it_is_open(writer: Writer, reader: Reader) -> None:
    assert reader.counts() == (0, 0)
    writer.write([page(NOW, row())])
    assert reader.counts() == (1, 0)


def test_a_missing_database_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    reader = Reader(f"sqlite:///{path}")
    with pytest.raises(StoreError) as caught:
        reader.counts()
    reader.close()
    assert str(caught.value) == (
        f"database {path}: expected a SQLite database, unable to open database file"
    )


def test_a_database_of_something_else_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    reader = Reader(f"sqlite:///{path}")
    with pytest.raises(StoreError) as caught:
        reader.counts()
    reader.close()
    assert str(caught.value) == "database: expected to read, no such table: repository"
