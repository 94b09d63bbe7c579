"""Who is built on an image, with the pulls behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence, RepositoryPage, RepositoryRow
from dockerhub.media_types import BASE_DIGEST, BASE_NAME
from dockerhub.names import RepositoryName
from dockerhub.reports import lineage_dependents
from dockerhub.reports.answers import NotAnswered
from tests.postgres import ON_BOTH
from tests.reports.images import Build, items_of
from tests.reports.lineage_made import Asked, Drawn, page_of, text_of, write
from tests.store.made import DAY, NOW, digest, image, tag
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


@ON_BOTH
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


@ON_BOTH
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


@ON_BOTH
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


def equal(name: str, **more: Any) -> list[Any]:
    """Return an image with the layers of another one and no more."""
    return items_of(name, {AMD64: Build(steps=[("RUN d", "debian", 5), "CMD x"], **more)})


def test_what_adds_no_layer_is_built_on_it_if_it_says_so(url: str) -> None:
    named = {BASE_NAME: "docker.io/library/debian:12", BASE_DIGEST: text_of("debian:12")}
    write(
        url,
        *equal("debian:12"),
        *equal("acme/env:1", annotations=named),
        *equal("acme/named:1", labels={BASE_NAME: "debian:12"}),
        *equal("acme/silent:1"),
        *equal("acme/upper:1", labels={BASE_DIGEST: text_of("debian:12").upper()}),
    )

    assert evidence(asked(url)) == {
        "acme/env:1": (("layers", "annotation"), "proven"),
        "acme/named:1": (("layers", "label"), "proven"),
        "acme/upper:1": (("layers", "label"), "proven"),
    }


def test_of_two_that_name_each_other_neither_is_proven(url: str) -> None:
    back = {BASE_NAME: "acme/env:1"}
    write(
        url,
        *equal("debian:12", labels=back),
        *equal("acme/env:1", labels={BASE_NAME: "debian:12"}),
    )

    found = asked(url)
    assert evidence(found) == {"acme/env:1": (("layers", "label"), "said")}
    (note,) = found.notes
    assert note == (
        "1 of them has the same layers as debian:12, and each names the other: which of them is"
        " built on the other is not known"
    )


def test_an_image_is_never_its_own_dependent(url: str) -> None:
    steps: list[Any] = [("RUN d", "debian", 5), ("RUN more", "more", 5)]
    said = {BASE_NAME: "debian:12", BASE_DIGEST: text_of("debian:12")}
    both = {
        AMD64: Build(steps=steps[:1], labels=said),
        "linux/arm64": Build(steps=steps, labels=said),
    }
    write(url, *items_of("debian:12", both))

    found = asked(url, platform=AMD64)
    assert (found.repositories, found.image_count, found.tag_count) == ((), 0, 0)


def after(days: int, what: str) -> Any:
    at, shown = NOW + days * DAY, (image(digest=digest(what)),)
    row = tag("12", f"index of {what}", updated=at, images=shown)
    return page_of("library/debian", row, seen=at)


@ON_BOTH
def test_what_stands_on_what_the_tag_showed_before_is_told(url: str) -> None:
    newer, newest = Drawn("x/newer:1", ("newer",)), Drawn("x/newest:1", ("debian", "newest"))
    on_newer = Drawn("acme/newer:1", ("newer", "app"))
    write(url, DEBIAN, *APPS, newer, newest, on_newer)
    write(url, after(2, "x/newer:1"), after(5, "x/newest:1"))

    found = asked(url)
    command = "scrapy lineage debian@{} --dependents lists {}"
    assert found.image_count == 0
    one, three = found.notes
    assert one == (
        "1 more image stands on what this tag showed before (until 2026-11-27:"
        f" {text_of('x/newer:1')}); {command.format(text_of('x/newer:1'), 'it')}"
    )
    # x/newest itself has the layers of the first one too.
    assert three == (
        "3 more images stand on what this tag showed before (until 2026-11-24:"
        f" {text_of('debian:12')}); {command.format(text_of('debian:12'), 'them')}"
    )
    assert asked(url, f"debian@{text_of('debian:12')}").image_count == 4


def test_a_tag_that_is_gone_answers_from_what_it_showed_last(url: str) -> None:
    gone = Absence(seen=NOW + DAY, repository=RepositoryName("library", "debian"), tag="12")
    top = index("index of debian:12", member("debian:12"), seen=NOW)
    write(url, DEBIAN, *APPS, top, gone)

    found = asked(url)
    assert (found.image_count, found.tag_count) == (3, 3)
    assert found.notes[0].startswith("debian:12 is gone since 2026-11-23; this is about what it")
