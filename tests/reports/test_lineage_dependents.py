"""Who is built on an image, with the pulls behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import RepositoryPage, RepositoryRow
from dockerhub.media_types import BASE_DIGEST, BASE_NAME
from dockerhub.names import RepositoryName
from dockerhub.reports import lineage_dependents
from dockerhub.reports.answers import NotAnswered
from tests.reports.images import Build, items_of
from tests.reports.lineage_made import Asked, Drawn, page_of, text_of, write
from tests.store.made import NOW, digest, image, tag
from tests.store.made_contents import base, head, index, member

if TYPE_CHECKING:
    from dockerhub.reports.lineage_dependents import Dependents

AMD64 = "linux/amd64"
DEBIAN = Drawn("debian:12", ("debian",))
PYTHON = Drawn("python:3.12", ("debian", "python"))
APPS = [
    Drawn("acme/app:1", ("debian", "python", "app")),
    Drawn("acme/app:2", ("debian", "app2"), by_hub=True),
    Drawn("zeta/web:1", ("debian", "python", "web")),
]


def pulls(**counts: int) -> RepositoryPage:
    rows = tuple(
        RepositoryRow(RepositoryName.of(name.replace("_", "/")), None, 0, count)
        for name, count in counts.items()
    )
    return RepositoryPage(seen=NOW, rows=rows)


def asked(url: str, name: str = "debian:12", **options: Any) -> Dependents:
    with Asked(url) as made:
        return made.dependents(name, **options)


def shown(found: Dependents) -> list[tuple[str, int | None, int | None, list[str]]]:
    return [
        (str(one.repository), one.pull_count, one.tag_count, [tag.tag for tag in one.tags])
        for one in found.repositories
    ]


def evidence(found: Dependents) -> dict[str, tuple[tuple[str, ...], str]]:
    return {
        f"{one.repository}:{tag.tag}": (tag.evidence, str(tag.confidence))
        for one in found.repositories
        for tag in one.tags
    }


def test_repositories_come_by_their_pulls_each_counted_once(url: str) -> None:
    write(url, DEBIAN, PYTHON, *APPS, pulls(acme_app=50, zeta_web=900, library_python=1000))

    found = asked(url)
    assert shown(found) == [
        ("library/python", 1000, 1, ["3.12"]),
        ("zeta/web", 900, 1, ["1"]),
        ("acme/app", 50, 2, ["1", "2"]),
    ]
    assert (found.image_count, found.repository_count, found.tag_count) == (4, 3, 4)
    assert (found.pull_count, found.notes) == (1950, ())
    assert [one.tags[0].confidence for one in found.repositories] == ["proven"] * 3
    assert found.repositories[2].tags[1].confidence == "told"


def test_it_says_through_what(url: str) -> None:
    write(url, DEBIAN, PYTHON, *APPS)

    found = asked(url)
    through = {
        f"{one.repository}:{tag.tag}": tag.through and str(tag.through)
        for one in found.repositories
        for tag in one.tags
    }
    assert through == {
        "acme/app:1": "library/python:3.12",
        "acme/app:2": None,
        "library/python:3.12": None,
        "zeta/web:1": "library/python:3.12",
    }


def test_only_the_first_are_listed_and_all_counted(url: str) -> None:
    write(url, DEBIAN, PYTHON, *APPS, pulls(acme_app=50, zeta_web=900, library_python=1000))

    found = asked(url, limit=1)
    assert shown(found) == [("library/python", 1000, 1, ["3.12"])]
    assert (found.repository_count, found.pull_count) == (3, 1950)


def test_of_very_many_the_first_are_told_and_not_counted(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage_dependents, "MOST_COUNTED", 3)
    write(url, DEBIAN, PYTHON, *APPS, pulls(acme_app=50, zeta_web=900, library_python=1000))

    found = asked(url, limit=2)
    assert shown(found) == [
        ("library/python", 1000, None, ["3.12"]),
        ("zeta/web", 900, None, ["1"]),
    ]
    assert (found.image_count, found.repository_count, found.pull_count) == (4, None, None)
    assert len(found.notes) == 1
    assert asked(url, counts_all=True).repository_count == 3


def said(name: str, layer: str | None = None, **more: Any) -> list[Any]:
    """Return an image that says something of its base, its layers read if *layer* is given."""
    made: Any = [("RUN x", layer, 5), ("RUN y", name, 5)] if layer else []
    return items_of(name, {AMD64: Build(steps=made, is_read=layer is not None, **more)})


def test_those_that_only_say_so_are_dependents_too(url: str) -> None:
    below = items_of("debian:12", {AMD64: Build(steps=[("RUN d", "debian", 5)])})
    top, inner = text_of("debian:12"), text_of(f"debian:12 {AMD64} None")
    write(
        url,
        *below,
        *said("acme/true:1", "debian", annotations={BASE_DIGEST: inner}),
        *said("acme/unread:1", annotations={BASE_DIGEST: top}),
        *said("acme/false:1", "other", labels={BASE_DIGEST: top}),
        *said("acme/named:1", "other", labels={BASE_NAME: "docker.io/library/debian:12"}),
        *said("acme/stage:1", "other", bases=[base("docker.io/library/debian:12", "debian:12")]),
        *said("acme/another:1", "other", labels={BASE_NAME: "debian:11"}),
    )

    found = asked(url)
    assert evidence(found) == {
        "acme/true:1": (("layers", "annotation"), "proven"),
        "acme/false:1": (("label",), "contradicted"),
        "acme/named:1": (("label",), "said"),
        "acme/stage:1": (("provenance",), "used"),
        "acme/unread:1": (("annotation",), "said"),
    }
    assert (found.image_count, found.tag_count) == (1, 5)


def test_tags_that_only_the_registry_or_an_index_shows_count(url: str) -> None:
    app = APPS[0].items()[1]
    write(
        url,
        DEBIAN,
        app,
        index("top", member("acme/app:1"), seen=NOW),
        index("outer", member("inner"), seen=NOW),
        index("inner", member("acme/app:1"), seen=NOW),
        head(NOW, "by-head", "top"),
        page_of("acme/app", tag("by-index", "top", images=())),
        page_of("acme/app", tag("nested", "outer", images=())),
        page_of("acme/app", tag("single", "acme/app:1", images=())),
    )

    assert shown(asked(url)) == [
        ("acme/app", None, 3, ["by-index", "nested", "single"]),
        ("bitnami/nginx", None, 1, ["by-head"]),
    ]


def test_nobody_is_an_answer_too(url: str) -> None:
    write(url, DEBIAN)

    found = asked(url)
    assert (found.repositories, found.image_count, found.pull_count) == ((), 0, 0)


def test_without_its_layers_there_is_no_answer(url: str) -> None:
    write(url, page_of("acme/app", tag("1", "top", images=(image(digest=digest("app")),))))

    with pytest.raises(NotAnswered, match="run: scrapy crawl manifests -a repo=acme/app:1 "):
        asked(url, "acme/app:1")
