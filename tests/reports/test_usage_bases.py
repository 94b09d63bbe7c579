"""What a pulled tag is built on, and whether that base's tag shows another image now."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dockerhub.items import Absence, TagPage
from dockerhub.names import RepositoryName
from dockerhub.reports.usage_bases import old_base
from dockerhub.store.database import open_database
from dockerhub.store.questions import Questions
from dockerhub.store.writer import Writer
from tests.postgres import ON_BOTH
from tests.store.made import at, digest, digest_text, image, tag
from tests.store.made_contents import BASE, config, layers, manifest

if TYPE_CHECKING:
    from dockerhub.items import Item

APP, DEBIAN, PYTHON, COPY = (
    RepositoryName(*name.split("/"))
    for name in ("acme/app", "library/debian", "library/python", "copies/debian")
)


class Looks:
    """Writes what crawls would read, each look an hour after the one before."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen = at(0)

    def shows(self, repository: RepositoryName, name: str, what: str) -> TagPage:
        """Return that a tag shows an image now."""
        row = tag(name, f"index {what}", updated=self.seen, images=(image(digest=digest(what)),))
        return TagPage(seen=self.seen, repository=repository, rows=(row,))

    def write(self, *items: Item, is_told: bool = False) -> None:
        """Write *items*; *is_told* ends the crawl, whose events are written then."""
        with closing(Writer(self.url)) as writer:
            if is_told:
                writer.begin_crawl("org", "{}", signed_in=True, now=self.seen)
            writer.write(items)
            if is_told:
                writer.finish_crawl(
                    now=self.seen, reason="finished", request_count=0, pull_count=0, stats="{}"
                )
        self.seen += at(3600) - at(0)

    def base(self, tag: str = "1") -> str | None:
        """Return the old base of a tag of acme/app."""
        with Questions(self.url, "usage_reading") as questions:
            return old_base(questions, str(APP), tag)


@pytest.fixture
def looks(url: str) -> Looks:
    """debian:12 shows D, python:3 is built on it and acme/app:1 on that."""
    looks = Looks(url)
    images = [("D", ["d"]), ("P", ["d", "p"]), ("A", ["d", "p", "a"])]
    looks.write(
        *(looks.shows(DEBIAN, "12", "D"), looks.shows(PYTHON, "3", "P")),
        looks.shows(APP, "1", "A"),
        *[manifest(name, *layers(*its), seen=looks.seen) for name, its in images],
    )
    return looks


def test_a_base_that_is_current_is_not_old(looks: Looks) -> None:
    assert looks.base() is None
    assert looks.base("none") is None


def test_a_base_is_old_as_soon_as_its_tag_has_left_it(looks: Looks) -> None:
    looks.write(looks.shows(DEBIAN, "12", "E"))
    assert looks.base() == "library/debian:12"


def test_the_nearest_of_several_old_bases_is_named(looks: Looks) -> None:
    looks.write(looks.shows(DEBIAN, "12", "E"), looks.shows(PYTHON, "3", "Q"))
    assert looks.base() == "library/python:3"


def test_of_the_same_image_the_official_one_is_named_by_its_best_tag(looks: Looks) -> None:
    names = ["latest", "12.5-slim", "12.5"]
    looks.write(*[looks.shows(DEBIAN, name, "D") for name in names], looks.shows(COPY, "1", "D"))
    looks.write(*[looks.shows(DEBIAN, name, "E") for name in names], looks.shows(COPY, "1", "E"))
    assert looks.base() == "library/debian:12.5"


def test_a_base_that_came_back_is_not_old_any_more(looks: Looks) -> None:
    looks.write(looks.shows(DEBIAN, "12", "E"), is_told=True)
    assert looks.base() == "library/debian:12"
    looks.write(looks.shows(DEBIAN, "12", "D"), is_told=True)
    assert looks.base() is None


def test_another_version_of_itself_is_no_base(looks: Looks) -> None:
    looks.write(
        looks.shows(APP, "2", "B"), manifest("B", *layers("d", "p", "a", "b"), seen=looks.seen)
    )
    looks.write(looks.shows(APP, "1", "C"), is_told=True)
    assert looks.base("2") is None


def named(looks: Looks) -> list[Item]:
    """Return acme/app:2, whose label says that it is built on D; its layers do not tell."""
    said = ((f"{BASE}name", "debian:12"), (f"{BASE}digest", digest_text("D")))
    return [
        looks.shows(APP, "2", "B"),
        manifest("B", *layers("squashed"), config="c", seen=looks.seen),
        config("c", seen=looks.seen, labels=said),
    ]


@ON_BOTH
def test_a_base_that_is_only_named_is_old_once_an_event_told_it(looks: Looks) -> None:
    looks.write(*named(looks), is_told=True)
    assert looks.base("2") is None
    looks.write(looks.shows(DEBIAN, "12", "E"), is_told=True)
    assert looks.base("2") == "library/debian:12"
    looks.write(looks.shows(DEBIAN, "12", "D"), is_told=True)
    assert looks.base("2") is None


def test_a_base_that_is_only_named_and_gone_is_not_told(looks: Looks) -> None:
    looks.write(*named(looks), is_told=True)
    looks.write(looks.shows(DEBIAN, "12", "E"), is_told=True)
    looks.write(Absence(seen=looks.seen, repository=DEBIAN, tag="12"))
    assert looks.base("2") is None


def test_a_base_whose_event_is_not_kept_is_named_without_its_tag(looks: Looks) -> None:
    looks.write(*named(looks), is_told=True)
    looks.write(looks.shows(DEBIAN, "12", "E"), is_told=True)
    with closing(open_database(looks.url)) as connection:
        connection.execute("DELETE FROM event WHERE kind = 'base_outdated'")
    assert looks.base("2") == "library/debian"
