"""Which layers are shared: reckoned by hand on small databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence, TagDigest
from dockerhub.names import RepositoryName
from dockerhub.reports.answers import NotAnswered
from dockerhub.reports.shared_report import shared
from tests.reports.images import EMPTY, Build, Images
from tests.reports.reporting import Reporting, sized, tags_of, totals, values
from tests.store.made import NOW, at, digest, digest_text
from tests.store.made_contents import index, layer, manifest, member

if TYPE_CHECKING:
    from dockerhub.contents import Descriptor

NAMES = ("size", "image_count", "repository_count", "saved", "base", "instruction")


@pytest.fixture
def reporting(url: str) -> Reporting:
    return Reporting(url)


def steps(*names: str) -> Build:
    """Return a build of layers that are as large as their names say: `base1000`."""
    made = [
        (f"RUN make {name}", name, int("".join(filter(str.isdigit, name)) or 0)) for name in names
    ]
    return Build(steps=made)


def fill(images: Images) -> None:
    images.put("debian:12", {"linux/amd64": steps("base1000")})
    images.put("acme/a:1", {"linux/amd64": steps("base1000", "common50", "own7")})
    images.put("acme/a:2", {"linux/amd64": steps("base1000", "common50", "own9")})
    images.put("acme/b:1", {"linux/amd64": steps("base1000", "other3")})
    images.put("acme/c:1", {"linux/amd64": steps("alone20")})


def test_layers_within_and_across_repositories(reporting: Reporting, images: Images) -> None:
    fill(images)

    found = reporting.ask(shared, "shared", org="acme")

    assert values(found, *NAMES) == [
        (1000, 3, 2, 2000, "debian:12", "RUN make base1000"),
        (50, 2, 1, 50, None, "RUN make common50"),
    ]
    assert values(found, "digest")[0] == (digest_text("layer base1000"),)
    # 1057 + 1059 + 1003 + 20; once 1000 + 50 + 7 + 9 + 3 + 20
    assert totals(found) == [
        {
            "image_count": 4,
            "layer_count": 6,
            "bytes": 3139,
            "distinct_bytes": 1089,
            "saved_bytes": 2050,
            "saved_share": 2050 / 3139,
            "shared_bytes": 1050,
            "across_bytes": 1000,
        }
    ]
    assert found.answer.notes == []


def test_over_everything_the_base_itself_counts(reporting: Reporting, images: Images) -> None:
    fill(images)

    found = reporting.ask(shared, "shared", limit="1")

    assert values(found, *NAMES) == [(1000, 4, 3, 3000, "debian:12", "RUN make base1000")]
    assert found.answer.notes == ["1 of 2 shared layers shown; --limit 2 shows all"]


def test_tags_of_one_image_share_nothing(reporting: Reporting, images: Images) -> None:
    fill(images)
    shown = sized("1", 1, linux_amd64=5)
    again = shown.images[0]._replace(digest=digest("acme/c:1 linux/amd64 None"))
    for name in ("acme/c", "acme/d"):
        rows = [shown._replace(name=tag, images=(again,)) for tag in ("x", "y")]
        reporting.write(tags_of(name, *rows))

    found = reporting.ask(shared, "shared", repo="acme/[cd]")

    assert values(found, *NAMES) == []
    (together,) = totals(found)
    assert (together["image_count"], together["bytes"], together["saved_bytes"]) == (1, 20, 0)
    assert (together["shared_bytes"], together["across_bytes"]) == (0, 20)


def test_what_is_gone_shares_nothing(reporting: Reporting, images: Images) -> None:
    fill(images)
    reporting.write(
        Absence(seen=at(1), repository=RepositoryName("acme", "a"), tag="2"),
        Absence(seen=at(1), repository=RepositoryName("acme", "b")),
    )

    found = reporting.ask(shared, "shared", org="acme")

    assert values(found, *NAMES) == []
    assert totals(found)[0]["bytes"] == 1077


def test_a_layer_twice_in_an_image_is_held_once(reporting: Reporting, images: Images) -> None:
    twice = Build(steps=[("RUN a", "l", 10), ("RUN b", "l", 10), ("RUN c", EMPTY, 32)])
    images.put("acme/a:1", {"linux/amd64": twice, "linux/arm64": twice})

    found = reporting.ask(shared, "shared", org="acme")

    assert values(found, *NAMES) == [
        (32, 2, 1, 32, None, "RUN c"),
        (10, 2, 1, 10, None, "RUN a"),
    ]
    assert totals(found)[0]["bytes"] == 84


def of_registry(what: str, *its_layers: Descriptor, tag: str) -> list[Any]:
    """Return an image of which only the registry spoke."""
    known = {"repository": RepositoryName("acme", "r"), "seen": NOW}
    said = TagDigest(tag=tag, digest=digest(f"top of {what}"), media_type=None, **known)
    top = index(f"top of {what}", member(what), **known)
    return [said, top, manifest(what, *its_layers, platform="linux/amd64", **known)]


def test_images_that_only_the_registry_has_shown(reporting: Reporting) -> None:
    low = layer("low", 100)
    reporting.write(
        *of_registry("base", low, tag="1"),
        *of_registry("a", low, layer("x", 5), tag="2"),
        *of_registry("b", low, layer("y", None), tag="3"),
    )

    found = reporting.ask(shared, "shared", org="acme")

    assert values(found, *NAMES) == [(100, 3, 1, 200, "acme/r:1", None)]
    assert totals(found)[0]["bytes"] == 305
    assert found.answer.notes == ["of 1 layers the size is not known; they count for nothing"]


def test_where_only_some_layers_are_known(reporting: Reporting, images: Images) -> None:
    fill(images)
    reporting.write(tags_of("acme/z", sized("1", 1, linux_amd64=1, linux_arm64=2)))

    found = reporting.ask(shared, "shared", org="acme")

    assert found.answer.notes == [
        (
            "the layers of 4 of 6 images are known; for all run:"
            " scrapy crawl org -a org=acme -a depth=layers"
        )
    ]


UNKNOWN = [
    (
        {"org": "acme"},
        (
            "database: expected layers of acme, of 2 images none are in it;"
            " run: scrapy crawl org -a org=acme -a depth=layers"
        ),
    ),
    (
        {"repo": "acme/z"},
        (
            "database: expected layers of acme/z, of 2 images none are in it;"
            " run: scrapy crawl tags -a repo=acme/z -a depth=layers"
        ),
    ),
    (
        {},
        (
            "database: expected layers of all repositories, of 2 images none are in it;"
            " run: scrapy crawl manifests"
        ),
    ),
]


@pytest.mark.parametrize(("given", "message"), UNKNOWN)
def test_without_layers_the_crawl_is_named(
    reporting: Reporting, given: dict[str, str], message: str
) -> None:
    reporting.write(tags_of("acme/z", sized("1", 1, linux_amd64=1, linux_arm64=2)))

    with pytest.raises(NotAnswered) as refused:
        reporting.ask(shared, "shared", **given)

    assert str(refused.value) == message
