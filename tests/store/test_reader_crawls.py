"""What a crawl asks about the crawls before it, and about what should be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.items import Absence, RepositoryDetail, RepositoryPage
from dockerhub.names import RepositoryName
from tests.store.made import DAY, NGINX, NOW, at, hit, page, row, tag, tags

if TYPE_CHECKING:
    from dockerhub.items import RepositoryRow
    from dockerhub.store.reader import Reader
    from dockerhub.store.writer import Writer

REDIS = RepositoryName("bitnami", "redis")
ARGUMENTS = '{"query": "nginx"}'


def detail(seen: int, said: RepositoryRow) -> RepositoryDetail:
    return RepositoryDetail(
        seen=seen,
        row=said,
        full_description="# it",
        collaborator_count=None,
        immutable_tags_enabled=None,
        immutable_tags_rules=(),
    )


def crawl(
    writer: Writer,
    now: int,
    reason: str | None,
    *,
    spider: str = "search",
    arguments: str = ARGUMENTS,
    signed_in: bool = False,
) -> None:
    """Begin a crawl, and end it with *reason* if it was not killed."""
    writer.begin_crawl(spider, arguments, signed_in=signed_in, now=now)
    if reason is not None:
        writer.finish_crawl(now=now + 1, reason=reason, request_count=0, pull_count=0, stats="{}")


def since(reader: Reader, now: int = NOW) -> int | None:
    return reader.unfinished_since("search", ARGUMENTS, signed_in=False, now=now)


def test_no_crawl_was_left_unfinished(writer: Writer, reader: Reader) -> None:
    assert since(reader) is None
    crawl(writer, at(-9), "finished")
    assert since(reader) is None


@pytest.mark.parametrize(
    "reason", [None, "shutdown", "store_failed", "closespider_timeout"], ids=str
)
def test_a_crawl_that_did_not_come_to_its_end_is_unfinished(
    writer: Writer, reader: Reader, reason: str | None
) -> None:
    crawl(writer, at(-9), reason)
    assert since(reader) == at(-9)


def test_of_several_the_first_counts(writer: Writer, reader: Reader) -> None:
    for seconds, reason in [(-30, None), (-20, "shutdown"), (-10, None)]:
        crawl(writer, at(seconds), reason)
    assert since(reader) == at(-30)


def test_those_before_one_that_came_to_its_end_do_not_count(writer: Writer, reader: Reader) -> None:
    for seconds, reason in [(-30, None), (-20, "finished"), (-10, None), (-5, "shutdown")]:
        crawl(writer, at(seconds), reason)
    assert since(reader) == at(-10)
    crawl(writer, at(-2), "finished")
    assert since(reader) is None


@pytest.mark.parametrize(
    "other",
    [{"spider": "org"}, {"arguments": '{"query": "redis"}'}, {"signed_in": True}],
    ids=["spider", "arguments", "caller"],
)
def test_crawls_of_others_do_not_count(
    writer: Writer, reader: Reader, other: dict[str, str | bool]
) -> None:
    crawl(writer, at(-30), None, **other)  # type: ignore[arg-type]
    assert since(reader) is None
    crawl(writer, at(-20), None)
    crawl(writer, at(-10), "finished", **other)  # type: ignore[arg-type]
    assert since(reader) == at(-20)


def test_a_crawl_of_more_than_a_day_ago_does_not_count(writer: Writer, reader: Reader) -> None:
    crawl(writer, NOW - DAY - 1, None)
    assert since(reader) is None
    crawl(writer, NOW - DAY, None)
    crawl(writer, at(-5), None)
    assert since(reader) == NOW - DAY


def test_the_crawl_that_asks_does_not_count(writer: Writer, reader: Reader) -> None:
    crawl(writer, NOW, None)
    crawl(writer, at(1), None)
    assert since(reader) is None
    assert since(reader, at(1)) == NOW


def test_a_visit_is_known_with_what_it_said(writer: Writer, reader: Reader) -> None:
    said = row(
        registered=1,
        repository_type="image",
        status=1,
        status_description="active",
        is_automated=False,
        storage_size=2**40,
        source="hub",
        media_types=("a/b", "c/d"),
        content_types=("image", "helm"),
    )
    writer.write([detail(at(5), said)])
    assert reader.visited_since(NGINX, at(5)) == said
    assert reader.visited_since(NGINX, at(6)) is None
    assert reader.visited_since(REDIS, NOW) is None


def test_a_visit_of_a_repository_never_pushed_says_so(writer: Writer, reader: Reader) -> None:
    writer.write([detail(at(5), row(last_updated=None))])
    found = reader.visited_since(NGINX, NOW)
    assert found is not None
    assert found.is_never_pushed
    assert (found.media_types, found.content_types) == ((), ())


@pytest.mark.parametrize(
    "item",
    [page(at(5), row()), page(at(5), hit(), is_search=True), tags(at(5), tag("1"))],
    ids=["list", "hit", "tags"],
)
def test_what_others_say_of_a_repository_is_no_visit(
    writer: Writer, reader: Reader, item: RepositoryPage
) -> None:
    writer.write([item])
    assert reader.visited_since(NGINX, NOW) is None


def test_what_a_list_says_later_is_told_with_the_visit(writer: Writer, reader: Reader) -> None:
    writer.write([detail(at(5), row()), page(at(6), row(pull_count=9, last_updated=at(4)))])
    found = reader.visited_since(NGINX, at(5))
    assert found is not None
    assert (found.pull_count, found.last_updated) == (9, at(4))


def test_a_repository_that_is_gone_was_not_visited(writer: Writer, reader: Reader) -> None:
    writer.write([detail(at(5), row()), Absence(seen=at(6), repository=NGINX)])
    assert reader.visited_since(NGINX, NOW) is None


def test_a_repository_is_live_until_it_is_gone(writer: Writer, reader: Reader) -> None:
    assert not reader.is_live(NGINX)
    writer.write([page(NOW, row())])
    assert (reader.is_live(NGINX), reader.is_live(REDIS)) == (True, False)
    writer.write([Absence(seen=at(1), repository=NGINX)])
    assert not reader.is_live(NGINX)
    writer.write([page(at(2), row())])
    assert reader.is_live(NGINX)


def test_any_repository_is_the_one_that_was_seen_last(writer: Writer, reader: Reader) -> None:
    assert reader.any_repository("bitnami") is None
    writer.write([page(at(2), row("redis")), page(at(1), row())])
    assert reader.any_repository("bitnami") == REDIS
    assert reader.any_repository("library") is None
    writer.write([Absence(seen=at(3), repository=REDIS)])
    assert reader.any_repository("bitnami") == NGINX
    writer.write([Absence(seen=at(4), repository=NGINX)])
    assert reader.any_repository("bitnami") is None


def test_a_private_repository_is_not_any(writer: Writer, reader: Reader) -> None:
    writer.write([page(at(1), row("redis", is_private=True))])
    assert reader.any_repository("bitnami") is None
    writer.write([page(NOW, row(is_private=None))])
    assert reader.any_repository("bitnami") == NGINX


def test_any_tag_is_the_one_that_was_seen_last(writer: Writer, reader: Reader) -> None:
    assert reader.any_tag(NGINX) is None
    writer.write([tags(at(2), tag("new")), tags(at(1), tag("old"))])
    assert (reader.any_tag(NGINX), reader.any_tag(REDIS)) == ("new", None)
    writer.write([Absence(seen=at(3), repository=NGINX, tag="new")])
    assert reader.any_tag(NGINX) == "old"
    writer.write([Absence(seen=at(3), repository=NGINX, tag="old")])
    assert reader.any_tag(NGINX) is None
