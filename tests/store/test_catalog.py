from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.errors import StoreError
from dockerhub.items import CatalogPage, CatalogPlan, Find, NamespaceEnd, PrefixStep, RepositoryRow
from dockerhub.kinds import StopReason
from dockerhub.media_types import BASE_NAME
from dockerhub.names import RepositoryName
from dockerhub.store.catalog import LISTED, SEARCHED
from dockerhub.store.catalog_reader import CatalogReader, FoundCount
from dockerhub.store.database import open_database
from dockerhub.store.queries import load_queries
from tests.store.made import NOW, SECOND, at, page, row, step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.store.writer import Writer
    from tests.store.made import Look

OWNER = Find(by_owner=True, by_name=False, is_namesake=False)
NAME = Find(by_owner=False, by_name=True, is_namesake=False)
LIST = Find(by_owner=False, by_name=False, is_namesake=False)


@pytest.fixture
def catalog(url: str) -> Iterator[CatalogReader]:
    made = CatalogReader(url)
    yield made
    made.close()


def plan(
    *prefixes: str, seen: int = NOW, under: str = "", renew_before: int = 0, **namespaces: str
) -> CatalogPlan:
    return CatalogPlan(
        seen=seen,
        prefixes=tuple((prefix, 1000) for prefix in prefixes),
        namespaces=tuple(namespaces.items()),
        under=under,
        renew_before=renew_before,
    )


def hits(
    prefix: str, *full_names: str, seen: int = NOW, find: Find = NAME, **said: Any
) -> CatalogPage:
    values: dict[str, Any] = {
        "state": "done",
        "said_count": len(full_names),
        "next_page": 2,
        "signed_in": True,
    }
    return CatalogPage(
        seen=seen,
        rows=tuple(RepositoryRow(RepositoryName.of(name), None, 1, 250) for name in full_names),
        finds=(find,) * len(full_names),
        since=NOW,
        step=PrefixStep(prefix=prefix, **values | said),
    )


def listing(*names: str, seen: int = NOW) -> CatalogPage:
    walk = step("repositories", StopReason.COMPLETE, row_count=len(names), last_count=len(names))
    rows = tuple(row(name) for name in names)
    return CatalogPage(seen=seen, rows=rows, finds=(LIST,) * len(rows), since=NOW, walk=walk)


def test_a_plan_says_what_waits(writer: Writer, catalog: CatalogReader) -> None:
    writer.write([plan("a", "b", library="official", zeta="lineage")])

    assert {each.prefix for each in catalog.next_prefixes("", 10)} == {"a", "b"}
    assert set(catalog.next_namespaces("", 10)) == {"library", "zeta"}
    assert catalog.waiting("") == (2, 2)


def test_a_page_and_what_follows_from_it_are_one(
    writer: Writer, catalog: CatalogReader, look: Look
) -> None:
    children = (("aa", 5), ("ab", 50))
    tally = writer.write(
        [
            plan("a"),
            hits("a", "acme/app", "acme/api", state="split", said_count=900, children=children),
        ]
    )

    assert tally[SEARCHED] == 2
    assert [each.prefix for each in catalog.next_prefixes("", 10)] == ["ab", "aa"]
    assert catalog.next_prefixes("", 1)[0].parent_count == 900
    assert catalog.next_namespaces("", 10) == ["acme"]
    assert look(
        "SELECT prefix, hits_said, hits_reached, new_repositories, requests, state FROM catalog"
        " WHERE finished_at IS NOT NULL"
    ) == [("a", 900, 2, 2, 1, "split")]
    assert look("SELECT hits, state FROM catalog_namespaces") == [(2, "waiting")]


def test_pages_of_a_prefix_add_up_and_it_goes_on_where_it_was(
    writer: Writer, catalog: CatalogReader
) -> None:
    writer.write([plan("a"), hits("a", "acme/app", state="open", said_count=150)])

    [left] = catalog.next_prefixes("", 10)
    assert (left.next_page, left.row_count, left.said_count) == (2, 1, 150)

    writer.write([hits("a", "acme/app", "acme/api", next_page=3, said_count=150)])

    assert catalog.next_prefixes("", 10) == []


def test_what_is_shown_twice_is_new_once(writer: Writer, look: Look) -> None:
    first = writer.write([plan("a", "b"), hits("a", "acme/app", find=OWNER)])
    second = writer.write([hits("b", "acme/app", "acme/bus", seen=at(1))])
    third = writer.write([listing("nginx", seen=at(2)), listing("nginx", "redis", seen=at(3))])

    assert (first[SEARCHED], second[SEARCHED], third[LISTED]) == (1, 1, 2)
    assert look("SELECT new_repositories FROM catalog ORDER BY prefix") == [(1,), (1,)]


def test_hits_that_were_seen_since_it_began_are_not_written_again(
    writer: Writer, look: Look
) -> None:
    writer.write([page(at(-100), row("app")), plan("a", "b")])
    writer.write([hits("a", "bitnami/app", seen=at(5))])
    writer.write([hits("b", "bitnami/app", seen=at(9))])

    assert look("SELECT last_seen_at, pull_count FROM repository") == [(at(5), 250)]


def test_in_which_ways_repositories_were_found(writer: Writer, catalog: CatalogReader) -> None:
    writer.write([plan("a", "b"), hits("a", "bitnami/app", "acme/app", find=OWNER)])
    writer.write([hits("b", "bitnami/app", find=NAME), listing("app", "redis")])

    # 250 pulls are three digits below 300; the list says 1000.
    assert sorted(catalog.finds()) == [
        FoundCount(3, 0, 0, 1, 0, 1),
        FoundCount(4, 0, 0, 0, 0, 1),
        FoundCount(4, 0, 0, 1, 1, 1),
    ]


def test_the_list_of_a_namespace_ends_with_a_word(
    writer: Writer, catalog: CatalogReader, look: Look
) -> None:
    writer.write([plan(bitnami="official"), listing("nginx", "redis")])
    assert catalog.next_namespaces("", 10) == ["bitnami"]

    writer.write([NamespaceEnd(seen=at(1), namespace="bitnami", state="done")])

    assert catalog.next_namespaces("", 10) == []
    assert look(
        "SELECT repositories, new_repositories, requests, state FROM catalog_namespaces"
    ) == [(2, 2, 1, "done")]
    # It is a list like any other: its walk is there as well.
    assert look("SELECT kind, subject, stop_reason FROM walks") == [
        ("repositories", "bitnami", "complete")
    ]


def test_namespaces_of_which_most_was_seen_go_first(writer: Writer, catalog: CatalogReader) -> None:
    writer.write([plan("a"), hits("a", "few/a", "many/a", "many/b", "some/a", "many/c", "some/b")])

    assert catalog.next_namespaces("", 10) == ["many", "some", "few"]


def test_what_is_confined_to_a_prefix(writer: Writer, catalog: CatalogReader) -> None:
    writer.write([plan("ab", "b", library="official")])
    writer.write([hits("ab", "acme/ab", state="open"), hits("b", "zeta/b", state="open")])

    assert [each.prefix for each in catalog.next_prefixes("ab", 10)] == ["ab"]
    assert catalog.next_namespaces("ab", 10) == ["acme"]
    assert set(catalog.next_namespaces("", 10)) == {"acme", "library", "zeta"}
    assert catalog.waiting("a") == (1, 1)


def test_what_is_old_or_was_refused_is_asked_again(writer: Writer, catalog: CatalogReader) -> None:
    writer.write([plan("a", "b", "c", acme="lineage", bolt="lineage")])
    writer.write(
        [
            hits("a", "acme/app", seen=at(-50), said_count=7),
            hits("b", "acme/app", seen=at(50)),
            hits("c", seen=at(50), state="refused", detail="HTTP 500"),
            NamespaceEnd(seen=at(-50), namespace="acme", state="done"),
            NamespaceEnd(seen=at(50), namespace="bolt", state="done"),
        ]
    )

    writer.write([plan("a", "b", "c", seen=at(60), renew_before=NOW)])

    found = {each.prefix: each for each in catalog.next_prefixes("", 10)}
    assert set(found) == {"a", "c"}
    assert (found["a"].expected_count, found["a"].row_count, found["a"].next_page) == (7, 0, 1)
    assert catalog.next_namespaces("", 10) == ["acme"]


def test_an_echo_is_a_sibling_with_all_that_its_parent_has(
    writer: Writer, catalog: CatalogReader
) -> None:
    children = (("aa", 1), ("ab", 1), ("ac", 1))
    writer.write([plan("a"), hits("a", state="split", said_count=500, children=children)])
    waiting = {each.prefix: each for each in catalog.next_prefixes("", 10)}

    writer.write([hits("aa", said_count=499), hits("ab", said_count=500)])

    assert catalog.has_echo(waiting["ac"])
    assert not catalog.has_echo(waiting["ab"])


def test_how_many_hits_may_be_seen_is_kept_for_each_kind_of_caller(
    writer: Writer, catalog: CatalogReader
) -> None:
    assert catalog.last_reach(signed_in=True) is None
    writer.write([plan("a", "b", "c")])
    writer.write([hits("a", reach=100), hits("b", reach=198, seen=NOW + SECOND)])
    writer.write([hits("c", reach=50, signed_in=False)])

    assert catalog.last_reach(signed_in=True) == 198
    assert catalog.last_reach(signed_in=False) == 50


def test_base_images_that_labels_and_annotations_name(
    writer: Writer, catalog: CatalogReader, url: str
) -> None:
    connection = open_database(url)
    connection.execute(
        "INSERT INTO config (id, digest, size, seen_at) VALUES (?, ?, ?, ?)", (1, b"c", 1, 1)
    )
    connection.execute(
        "INSERT INTO label (config_id, name, value) VALUES (?, ?, ?)", (1, BASE_NAME, "acme/base")
    )
    connection.close()

    assert list(catalog.base_names()) == ["acme/base"]
    assert list(catalog.dockerfiles()) == []
    assert not catalog.is_stored(RepositoryName("acme", "base"))
    writer.write([plan("a"), hits("a", "acme/base")])
    assert catalog.is_stored(RepositoryName("acme", "base"))


def test_nothing_of_a_page_is_kept_if_what_follows_cannot_be(writer: Writer, look: Look) -> None:
    writer.write([plan("a")])
    with pytest.raises(StoreError):
        writer.write([hits("a", "acme/app", said_count=2**70)])

    assert look("SELECT COUNT(*) FROM repository") == [(0,)]
    assert look("SELECT state, requests FROM catalog") == [("waiting", 0)]


def test_a_row_that_comes_twice_on_a_page_is_new_once(
    writer: Writer, catalog: CatalogReader, look: Look
) -> None:
    writer.write([plan("a")])

    tally = writer.write([hits("a", "ada/app", "ada/web", "ada/app")])

    assert tally[SEARCHED] == 2
    [found] = look("SELECT new_count, row_count FROM catalog_prefix WHERE prefix = 'a'")
    assert tuple(found) == (2, 2)
    assert sum(each.number for each in catalog.finds()) == 2


def test_what_is_next_under_a_prefix_begins_so(writer: Writer, catalog: CatalogReader) -> None:
    writer.write([plan("a", "ab", "ab_", "abz", "ac", "b", library="official")])
    writer.write([hits("abz", "zed/app"), hits("ac", "yan/app")])

    assert [each.prefix for each in catalog.next_prefixes("ab", 9)] == ["ab_", "ab"]
    assert [each.prefix for each in catalog.next_prefixes("", 2)] == ["b", "ab_"]
    assert catalog.next_namespaces("ab", 9) == ["zed"]
    assert set(catalog.next_namespaces("", 9)) == {"library", "yan", "zed"}
    assert (catalog.waiting("ab"), catalog.waiting("")) == ((2, 1), (4, 3))


@pytest.mark.parametrize(
    ("question", "parameters", "index"),
    [
        ("next_prefixes", (8,), "catalog_prefix_next"),
        ("next_prefixes_under", ("a", "b", 8), "catalog_prefix_under (prefix>"),
        ("next_namespaces", (8,), "catalog_namespace_next"),
        ("next_namespaces_under", ("a", "b", 8), "catalog_namespace_under (prefix>"),
        ("waiting_under", ("a", "b", "a", "b"), "catalog_namespace_under (prefix>"),
    ],
)
def test_what_is_next_is_found_by_an_index(
    tmp_path: Path, question: str, parameters: tuple[object, ...], index: str
) -> None:
    sql = load_queries("catalog_reading")[question]
    with closing(open_database(f"sqlite:///{tmp_path / 'hub.db'}")) as connection:
        plans = connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()

    told = [each[3] for each in plans]
    assert any(f"USING INDEX {index}" in each for each in told), told
    if question.startswith("next") and not question.endswith("under"):
        assert not any("TEMP B-TREE" in each for each in told)
