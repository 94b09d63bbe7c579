"""What an image is built on: names, evidence, confidence, how far behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence, RepositoryPage, RepositoryRow
from dockerhub.media_types import BASE_DIGEST, BASE_NAME
from dockerhub.names import RepositoryName
from dockerhub.reports import lineage_twins
from dockerhub.reports.answers import NotAnswered
from dockerhub.reports.lineage_text import lineage_answer
from tests.postgres import ON_BOTH
from tests.reports.images import Build, items_of
from tests.reports.lineage_made import Asked, Drawn, page_of, text_of, write
from tests.store.made import DAY, NOW, digest, image, tag
from tests.store.made_contents import base, index, manifest, member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.reports.lineage_levels import PlatformLineage
    from dockerhub.reports.lineage_names import BaseName

AMD64 = "linux/amd64"
DEBIAN = Drawn("debian:12", ("debian",))
PYTHON = Drawn("python:3.12", ("debian", "python"))
APP = Drawn("acme/app:1", ("debian", "python", "app"))


def asked(url: str, name: str = "acme/app:1", **options: Any) -> PlatformLineage:
    with Asked(url) as made:
        return made.platform(name, **options)


def names(found: Sequence[BaseName]) -> list[str]:
    return [str(one.name) for one in found]


def chain(url: str, name: str = "acme/app:1") -> list[tuple[int, list[str], int, str]]:
    return [
        (level.distance, names(level.names.names), level.shared_layers, str(level.confidence))
        for level in asked(url, name).levels
    ]


def moved(name: str, shows: Drawn, days: float, *, pushed: float | None = None) -> Any:
    """Return a page on which a tag shows another image, seen and pushed so many days from now."""
    repository, _, which = name.partition(":")
    at = NOW + round(days * DAY)
    hub = None if pushed is None else NOW + round(pushed * DAY)
    row = tag(
        which,
        f"index of {shows.name}",
        updated=hub,
        images=(image(digest=digest(shows.name)),),
    )
    return page_of(f"library/{repository}", row, seen=at)


def test_it_goes_down_to_the_root(url: str) -> None:
    write(url, DEBIAN, PYTHON, APP)

    assert chain(url) == [
        (1, ["library/python:3.12"], 2, "proven"),
        (2, ["library/debian:12"], 1, "proven"),
    ]
    assert chain(url, "debian:12") == []
    behind = asked(url).levels[0].names.names[0].behind
    assert behind == (0.0, 0, False)


def test_what_hub_tells_is_told(url: str) -> None:
    write(url, DEBIAN, PYTHON._replace(by_hub=True), APP)

    assert [one[3] for one in chain(url)] == ["told", "proven"]
    write(url, Drawn("acme/app:2", APP.layers, by_hub=True))
    assert [one[3] for one in chain(url, "acme/app:2")] == ["told", "told"]


def test_all_that_have_the_same_layers_are_named_official_ones_first(url: str) -> None:
    write(url, Drawn("acme/copy:latest", ("debian",)), DEBIAN, APP)

    (level,) = asked(url).levels
    assert names(level.names.names) == ["library/debian:12", "acme/copy:latest"]
    assert level.names.total == 2
    assert set(level.digests) == {digest("debian:12"), digest("acme/copy:latest")}
    assert len(asked(url, limit=1).levels[0].names.names) == 1


def test_a_base_that_its_tag_has_left_is_so_far_behind(url: str) -> None:
    newer, newest = Drawn("debian:b", ("newer",)), Drawn("debian:c", ("newest",))
    write(url, moved("debian:12", DEBIAN, 0, pushed=-3), *DEBIAN.items()[1:], APP)
    write(url, moved("debian:12", newer, 10, pushed=9), moved("debian:12", newest, 20, pushed=19.5))

    (name,) = asked(url).levels[0].names.names
    assert (str(name.name), name.is_now) == ("library/debian:12", False)
    assert (name.seen_from, name.seen_until) == (NOW, NOW)
    # We do not know since when it was there before we saw it.
    assert name.behind == (19.5, 2, True)


def test_with_the_time_of_its_push_nothing_is_at_least(url: str) -> None:
    older, newest = Drawn("debian:a", ("older",)), Drawn("debian:c", ("newest",))
    write(url, moved("debian:12", older, 0, pushed=-3))
    write(url, moved("debian:12", DEBIAN, 10, pushed=9), *DEBIAN.items()[1:], APP)
    write(url, moved("debian:12", newest, 20, pushed=19.5))

    (name,) = asked(url).levels[0].names.names
    assert name.behind == (10.5, 1, False)


def test_a_tag_that_has_come_back_is_not_behind(url: str) -> None:
    newer = Drawn("debian:b", ("newer",))
    write(url, moved("debian:12", DEBIAN, 0), *DEBIAN.items()[1:], APP)
    write(url, moved("debian:12", newer, 1), moved("debian:12", DEBIAN, 2))

    (name,) = asked(url).levels[0].names.names
    assert (name.is_now, name.behind) == (True, (0.0, 0, False))


@ON_BOTH
def test_a_base_that_lost_all_tags_is_known_by_what_they_were(url: str) -> None:
    gone = Absence(seen=NOW + DAY, repository=RepositoryName("library", "debian"), tag="12")
    untagged = manifest("untagged", *PYTHON.items()[1].layers, seen=NOW)
    write(url, DEBIAN, APP, gone, untagged)

    nearest, root = asked(url).levels
    assert (nearest.names.names, nearest.digests) == ((), (digest("untagged"),))
    (name,) = root.names.names
    assert (str(name.name), name.is_now, name.gone) == ("library/debian:12", False, NOW + DAY)
    assert name.behind is None


def built(said: dict[str, Any], *, name: str = "acme/app:1") -> list[Any]:
    steps = [("RUN debian", b"d" * 32, 5), ("RUN app", b"a" * 32, 5)]
    return items_of(name, {AMD64: Build(steps=steps, **said)})


def stored_debian(layer: bytes = b"d" * 32) -> list[Any]:
    return items_of("debian:12", {AMD64: Build(steps=[("RUN debian", layer, 5)])})


OF_DEBIAN = text_of(f"debian:12 {AMD64} None")


@pytest.mark.parametrize(
    ("said", "evidence"),
    [
        ({"annotations": {BASE_DIGEST: OF_DEBIAN}}, "annotation"),
        ({"annotations": {BASE_DIGEST: text_of("debian:12")}}, "annotation"),
        ({"labels": {BASE_NAME: "docker.io/library/debian:12"}}, "label"),
        ({"bases": [base("docker.io/library/debian:12", "debian:12")]}, "provenance"),
    ],
    ids=["manifest", "index", "name", "provenance"],
)
def test_what_is_said_and_true_is_told_with_the_layers(
    url: str, said: dict[str, Any], evidence: str
) -> None:
    write(url, *stored_debian(), *built(said))

    found = asked(url)
    assert found.said == ()
    ((one,),) = [level.said for level in found.levels]
    assert one.evidence == evidence


@pytest.mark.parametrize(
    ("said", "confidence"),
    [
        ({"annotations": {BASE_DIGEST: OF_DEBIAN}}, "contradicted"),
        ({"labels": {BASE_DIGEST: text_of("debian:12")}}, "contradicted"),
        ({"labels": {BASE_NAME: "debian:12"}}, "said"),
        ({"bases": [base("docker.io/library/debian:12", "debian:12")]}, "used"),
    ],
    ids=["manifest", "index", "name", "provenance"],
)
def test_what_is_said_and_has_other_layers(url: str, said: dict[str, Any], confidence: str) -> None:
    write(url, *stored_debian(b"x" * 32), *built(said))

    found = asked(url)
    assert found.levels == ()
    (only,) = found.said
    assert (only.confidence, only.crawl) == (confidence, None)


@ON_BOTH
def test_what_is_said_of_a_name_is_true_of_what_it_showed_before(url: str) -> None:
    said = {"labels": {BASE_NAME: "debian:12"}}
    newer = Drawn("debian:b", ("newer",))
    write(url, *stored_debian(), *built(said), moved("debian:12", newer, 1), *newer.items()[1:])

    found = asked(url)
    (level,) = found.levels
    assert [one.evidence for one in level.said] == ["label"]
    assert level.names.names[0].is_said
    assert found.said == ()


def test_what_is_said_and_not_stored_is_named_with_its_crawl(url: str) -> None:
    known = text_of("elsewhere")
    said = {"annotations": {BASE_NAME: "docker.io/library/debian:12", BASE_DIGEST: known}}
    other = {"labels": {BASE_NAME: "quay.io/acme/base:1"}}
    write(url, *built(said | other))

    first, second = asked(url).said
    assert (str(first.said), first.confidence) == (f"debian:12@{known}", "said")
    assert first.crawl == f"scrapy crawl manifests -a repo=debian@{known} -a platforms=linux/amd64"
    assert (first.names.names, first.said_by) == ((), None)
    assert (str(second.said), second.crawl) == ("quay.io/acme/base:1", None)


def test_a_tag_that_left_before_we_looked_is_behind_at_least(url: str) -> None:
    said = {"annotations": {BASE_NAME: "debian:12", BASE_DIGEST: text_of("elsewhere")}}
    newer = Drawn("debian:b", ("newer",))
    write(url, *built(said), moved("debian:12", DEBIAN, 1), moved("debian:12", newer, 5, pushed=4))

    (only,) = asked(url).said
    (name,) = only.names.names
    assert (name.is_said, name.behind) == (True, (3.0, 2, True))


def test_what_a_base_says_of_its_own_base_counts_too(url: str) -> None:
    said = {BASE_NAME: "scratchy/base:1"}
    below = items_of("debian:12", {AMD64: Build(steps=[("RUN debian", b"d" * 32, 5)], labels=said)})
    write(url, *below, *built({}))

    (only,) = asked(url).said
    assert (only.said.name, only.said_by) == ("scratchy/base:1", "library/debian:12")
    assert only.crawl == "scrapy crawl manifests -a repo=scratchy/base:1 -a platforms=linux/amd64"


@ON_BOTH
def test_a_base_with_the_same_layers_is_one_if_somebody_says_so(url: str) -> None:
    said = {"annotations": {BASE_DIGEST: OF_DEBIAN}}
    same = items_of(
        "acme/app:1",
        {AMD64: Build(steps=[("RUN debian", b"d" * 32, 5), "CMD x"], **said)},  # type: ignore[arg-type]
    )
    write(url, *stored_debian(), *same)

    assert chain(url) == [(1, ["library/debian:12"], 1, "proven")]
    assert chain(url, "debian:12") == []


def test_one_platform_is_shown_and_the_others_named(url: str) -> None:
    app = {
        "linux/s390x": Build(steps=[("RUN a", "a", 1), ("RUN b", "b", 1)]),
        "linux/amd64": Build(steps=[("RUN c", "c", 1), ("RUN d", "d", 1)]),
    }
    below = {one: Build(steps=build.steps[:1]) for one, build in app.items()}
    write(url, *items_of("acme/app:1", app), *items_of("debian:12", below))

    with Asked(url) as made:
        one, every = made.lineage("acme/app:1"), made.lineage("acme/app:1", platform="all")
        (named,) = made.lineage("acme/app:1", platform="linux/s390x").platforms
    assert [each.platform for each in one.platforms] == ["linux/amd64"]
    assert one.notes == ("this is linux/amd64; --platform all shows linux/s390x too",)
    assert [each.platform for each in every.platforms] == ["linux/s390x", "linux/amd64"]
    assert (every.notes, named.platform) == ((), "linux/s390x")
    assert [len(each.levels) for each in every.platforms] == [1, 1]


def test_without_its_layers_there_is_no_answer(url: str) -> None:
    row = tag("1", "top", images=(image(digest=digest("app")),))
    write(url, page_of("acme/app", row))

    with Asked(url) as made:
        with pytest.raises(NotAnswered) as error:
            made.lineage("acme/app:1")
        assert str(error.value) == (
            "acme/app:1 linux/amd64: expected its layers in the database, they were not read;"
            " run: scrapy crawl manifests -a repo=acme/app:1 -a platforms=linux/amd64"
        )
        with pytest.raises(NotAnswered, match="run: scrapy crawl manifests -a repo=nginx:latest$"):
            made.lineage("nginx")
        with pytest.raises(NotAnswered, match="expected the platform linux/arm64"):
            made.lineage("acme/app:1", platform="linux/arm64")


@ON_BOTH
def test_an_image_in_an_index_is_found_by_its_digest(url: str) -> None:
    write(url, DEBIAN, APP, index("top", member("acme/app:1"), seen=NOW))

    found = asked(url, f"acme/app@{text_of('top')}")
    assert [names(level.names.names) for level in found.levels] == [["library/debian:12"]]


def test_a_base_without_layers_of_its_own_above_is_found_by_its_name(url: str) -> None:
    same = built_same({"labels": {BASE_NAME: "debian:12"}})
    write(url, *stored_debian(), *same)

    assert chain(url) == [(1, ["library/debian:12"], 1, "proven")]
    assert asked(url).said == ()


def test_a_name_that_its_tag_has_left_is_found_too(url: str) -> None:
    newer = Drawn("debian:b", ("newer",))
    same = built_same({"annotations": {BASE_NAME: "docker.io/library/debian:12"}})
    write(url, *stored_debian(), *same, moved("debian:12", newer, 1), *newer.items()[1:])

    (level,) = asked(url).levels
    assert (names(level.names.names), level.names.names[0].is_now) == (["library/debian:12"], False)


def built_same(said: dict[str, Any], name: str = "acme/app:1") -> list[Any]:
    return items_of(name, {AMD64: Build(steps=[("RUN debian", b"d" * 32, 5), "CMD x"], **said)})


def test_of_two_that_name_each_other_neither_is_proven(url: str) -> None:
    other = {"labels": {BASE_NAME: "acme/other:1"}}
    back = {"annotations": {BASE_NAME: "acme/app:1", BASE_DIGEST: text_of("acme/app:1")}}
    write(url, *built_same(other), *built_same(back, "acme/other:1"))

    (level,) = asked(url).levels
    assert (names(level.names.names), level.confidence) == (["acme/other:1"], "said")
    assert level.is_mutual
    with Asked(url) as made:
        assert lineage_answer(made.lineage("acme/app:1")).notes[-1] == (
            "acme/other:1 has the same layers as acme/app:1, and each names the other: which of"
            " them is built on the other is not known"
        )


@pytest.mark.parametrize(
    "said",
    [
        {BASE_DIGEST: text_of("acme/app:1")},
        {BASE_DIGEST: text_of(f"acme/app:1 {AMD64} None")},
        {BASE_DIGEST: text_of("acme/app:1 linux/arm64 None"), BASE_NAME: "acme/app:1"},
        {BASE_NAME: "acme/app:1"},
    ],
    ids=["index", "manifest", "platform", "name"],
)
def test_an_image_is_never_its_own_base(url: str, said: dict[str, str]) -> None:
    steps: list[Any] = [("RUN a", "a", 1), ("RUN b", "b", 1)]
    both = {
        AMD64: Build(steps=steps, labels=said),
        "linux/arm64": Build(steps=steps[:1], annotations=said),
    }
    write(url, *items_of("acme/app:1", both))

    with Asked(url) as made:
        found = made.lineage("acme/app:1", platform="all").platforms
    assert [(one.levels, one.said) for one in found] == [((), ()), ((), ())]


@pytest.mark.parametrize("name", ["", "  ", "\t\n"])
def test_a_blank_name_says_nothing(url: str, name: str) -> None:
    write(url, *built({"labels": {BASE_NAME: name}}))

    assert asked(url).said == ()


@pytest.mark.parametrize("name", ["scratch", "docker.io/library/scratch"])
def test_scratch_is_no_image(url: str, name: str) -> None:
    write(url, *built({"labels": {BASE_NAME: name}}))

    (only,) = asked(url).said
    assert (str(only.said), only.crawl, only.names) == ("scratch", None, ((), 0, False))


def test_a_lone_digest_as_a_name_is_a_digest(url: str) -> None:
    write(url, *stored_debian(), *built({"labels": {BASE_NAME: OF_DEBIAN}}))
    write(url, *built({"labels": {BASE_NAME: "sha256:1234"}}, name="acme/app:2"))

    assert [one.evidence for one in asked(url).levels[0].said] == ["label"]
    (only,) = asked(url, "acme/app:2").said
    assert only.crawl is None


def test_what_is_said_in_upper_case_is_the_same_digest(url: str) -> None:
    write(url, *stored_debian(), *built({"annotations": {BASE_DIGEST: OF_DEBIAN.upper()}}))

    (level,) = asked(url).levels
    assert [one.digest for one in level.said] == [digest(f"debian:12 {AMD64} None")]


@ON_BOTH
def test_of_very_many_with_the_same_layers_the_best_are_named(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage_twins, "MOST_MANIFESTS", 3)
    copies = [Drawn(f"copy{number}/base:1", ("debian",)) for number in range(6)]
    pulls = RepositoryPage(
        seen=NOW,
        rows=tuple(
            RepositoryRow(RepositoryName(f"copy{number}", "base"), None, 0, number)
            for number in range(6)
        ),
    )
    said = items_of(
        "acme/app:1",
        {
            AMD64: Build(
                steps=[("RUN debian", digest("debian"), 5), ("RUN app", "app", 5)],
                labels={BASE_DIGEST: text_of("copy1/base:1")},
            )
        },
    )
    write(url, *copies, pulls, DEBIAN, *said)

    (level,) = asked(url).levels
    assert level.digests == (digest("debian:12"), digest("copy1/base:1"), digest("copy5/base:1"))
    assert (level.names.total, level.names.is_at_least) == (3, True)
    with Asked(url) as made:
        assert lineage_answer(made.lineage("acme/app:1")).rows[-1][2] == "and more"


def test_an_index_in_an_index_that_hub_does_not_list_is_read(url: str) -> None:
    write(
        url,
        DEBIAN,
        APP.items()[1],
        index("outer", member("inner", platform=""), seen=NOW),
        index("inner", member("acme/app:1"), seen=NOW),
        page_of("acme/nested", tag("1", "outer", images=())),
    )

    found = asked(url, "acme/nested:1")
    assert (found.platform, found.digest) == (AMD64, digest("acme/app:1"))
    assert [names(level.names.names) for level in found.levels] == [["library/debian:12"]]
    assert asked(url, "acme/nested:1", platform=AMD64) == found


@ON_BOTH
def test_a_tag_that_is_gone_answers_from_what_it_showed_last(url: str) -> None:
    gone = Absence(seen=NOW + DAY, repository=RepositoryName("acme", "app"), tag="1")
    write(url, DEBIAN, APP, index("index of acme/app:1", member("acme/app:1"), seen=NOW), gone)

    with Asked(url) as made:
        found = made.lineage("acme/app:1")
    assert [one.distance for one in found.platforms[0].levels] == [1]
    (note,) = found.notes
    assert note == (
        "acme/app:1 is gone since 2026-11-23; this is about what it showed last,"
        f" {text_of('index of acme/app:1')}"
    )
