from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.items import Absence
from dockerhub.names import RepositoryName
from dockerhub.store.bases_reader import BasesReader
from tests.store.made import NGINX, at, digest, page, row, tag, tags
from tests.store.made_contents import head, index, layers, manifest, member, showing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.writer import Writer

EMPTY = bytes.fromhex("4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1")


@pytest.fixture
def bases(url: str, writer: Writer) -> Iterator[BasesReader]:
    made = BasesReader(url)
    yield made
    made.close()


def below(bases: BasesReader, what: str) -> list[tuple[bytes, int, list[str]]]:
    return [
        (lower.digest, lower.top, list(map(str, lower.names)))
        for lower in bases.below(digest(what))
    ]


def test_images_with_all_their_layers_in_another_lie_below_it(
    writer: Writer, bases: BasesReader
) -> None:
    writer.write(
        [
            manifest("one", *layers(1), seen=at(0)),
            manifest("two", *layers(1, 2), seen=at(0)),
            manifest("other", *layers(1, 3), seen=at(0)),
            manifest("twin", *layers(1, 2, 4), seen=at(0)),
            manifest("app", *layers(1, 2, 4), seen=at(0)),
            manifest("above", *layers(1, 2, 4, 5), seen=at(0)),
            manifest("nothing", seen=at(0)),
        ]
    )

    assert below(bases, "app") == [(digest("two"), 1, []), (digest("one"), 0, [])]
    assert below(bases, "one") == below(bases, "nothing") == below(bases, "unknown") == []


def test_layers_that_hold_nothing_count_for_nothing(writer: Writer, bases: BasesReader) -> None:
    (empty,) = layers("empty")
    empty = empty._replace(digest=EMPTY)
    first, second, third = layers(1, 2, 3)
    writer.write(
        [
            manifest("base", first, second, empty, seen=at(0)),
            manifest("app", first, empty, second, third, empty, seen=at(0)),
            manifest("same", first, second, third, seen=at(0)),
        ]
    )

    assert below(bases, "app") == [(digest("base"), 2, [])]


def test_an_image_is_called_by_the_tags_that_show_it(writer: Writer, bases: BasesReader) -> None:
    shown = showing(tag("1", None), "a", "b")
    single = showing(tag("single", "c"))
    indexed = tag("indexed", "top", images=())
    writer.write(
        [
            tags(at(0), shown, single, indexed),
            tags(at(0), tag("gone", None)._replace(images=shown.images)),
            Absence(seen=at(1), repository=NGINX, tag="gone"),
            index("top", member("b"), member("inner"), seen=at(0)),
            index("inner", member("d"), member("top"), seen=at(0)),
        ]
    )

    def names(what: str) -> list[str]:
        return [str(name) for name in bases.names_of(digest(what))]

    assert names("a") == ["bitnami/nginx:1"]
    assert names("b") == ["bitnami/nginx:1", "bitnami/nginx:indexed"]
    assert names("c") == ["bitnami/nginx:single"]
    assert names("d") == ["bitnami/nginx:indexed"]
    assert names("unknown") == []


def test_a_tag_that_only_the_registry_has_shown_is_found_too(
    writer: Writer, bases: BasesReader
) -> None:
    writer.write([head(at(0), "1", "top"), index("top", member("a"), seen=at(0))])

    assert [str(name) for name in bases.names_of(digest("a"))] == ["bitnami/nginx:1"]
    assert bases.names_of(digest("top")) == ((NGINX, "1"),)


def test_official_images_come_first(writer: Writer, bases: BasesReader) -> None:
    official = RepositoryName("library", "nginx")
    item = tags(at(0), tag("2", "x"))
    writer.write([page(at(0), row()), item])
    writer.write([type(item)(seen=at(0), repository=official, rows=item.rows)])

    assert [name.repository for name in bases.names_of(digest("x"))] == [official, NGINX]
