"""Images whose base has moved on: by their layers, and by what is said of their base."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence, Config, Manifest, TagPage
from dockerhub.names import RepositoryName
from dockerhub.store import outdated
from dockerhub.store.database import migrations, open_database
from dockerhub.store.sqlite import statements
from dockerhub.store.writer import Writer
from tests.store.made import Look, at, digest, digest_text, image, tag
from tests.store.made_contents import (
    BASE,
    attestation,
    attestation_manifest,
    base,
    built,
    config,
    index,
    layers,
    manifest,
    member,
    steps,
    tag_images,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.items import Item, TagRow

DEBIAN, PYTHON = RepositoryName("library", "debian"), RepositoryName("library", "python")
APP, COPY = RepositoryName("acme", "app"), RepositoryName("copies", "debian")
OUTDATED = (
    "SELECT r.name || ':' || t.name, br.name || ':' || b.name, e.old_digest, e.new_digest,"
    " e.seen_at, e.hub_at FROM event AS e JOIN repository AS r ON r.id = e.repository_id"
    " JOIN tag AS t ON t.id = e.tag_id JOIN tag AS b ON b.id = e.base_tag_id"
    " JOIN repository AS br ON br.id = b.repository_id WHERE e.kind = 'base_outdated'"
    " ORDER BY e.id"
)
Row = tuple[Any, ...]


class Hub:
    """Writes what a crawl would; each call of `crawl` is a crawl that ends."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.look = Look(url)
        self.second = 0

    def crawl(self, *items: Item) -> list[Row]:
        """Write *items* and end the crawl; return what is outdated, ever."""
        writer = Writer(self.url)
        writer.begin_crawl("org", "{}", signed_in=True, now=self.now)
        writer.write(items)
        writer.finish_crawl(
            now=self.now, reason="finished", request_count=0, pull_count=0, stats="{}"
        )
        writer.close()
        self.second += 10
        return self.look(OUTDATED)

    @property
    def now(self) -> int:
        return at(self.second)

    def shows(self, repository: RepositoryName, name: str, *whats: str) -> TagPage:
        """Return that a tag shows images now; the index of several is `index a b`."""
        what = whats[0] if len(whats) == 1 else f"index {' '.join(whats)}"
        row: TagRow = tag(name, what, updated=self.now)
        images = tuple(
            image(f"linux/{place}", digest=digest(each)) for place, each in enumerate(whats)
        )
        return TagPage(seen=self.now, repository=repository, rows=(row._replace(images=images),))

    def made(self, what: str, *names: str, **said: Any) -> Manifest:
        return manifest(what, *layers(*names), seen=self.now, **said)

    def named(self, what: str, name: str | None, said: str | None, *names: str) -> list[Item]:
        """Return an image whose label names a base."""
        labels = [(f"{BASE}name", name)] if name else []
        labels += [(f"{BASE}digest", digest_text(said))] if said else []
        made: Config = config(f"config {what}", seen=self.now, labels=tuple(labels))
        return [self.made(what, *names, config=f"config {what}"), made]


@pytest.fixture
def hub(url: str) -> Hub:
    return Hub(url)


def begin(hub: Hub) -> None:
    """`debian:12` and `12.5` show D, `app:1` is built on it."""
    debian = [hub.shows(DEBIAN, name, "D") for name in ("12", "12.5", "latest")]
    app: list[Item] = [hub.shows(APP, "1", "A"), hub.made("A", "d", "a")]
    assert hub.crawl(*debian, hub.made("D", "d"), *app) == []


def test_a_tag_that_leaves_the_base_makes_it_outdated_once(hub: Hub) -> None:
    begin(hub)
    moved = hub.now
    told = hub.crawl(hub.shows(DEBIAN, "12", "E"), hub.made("E", "e"))
    assert told == [("app:1", "debian:12", digest("D"), digest("E"), moved, moved)]
    assert hub.crawl() == told
    # Back, and away again: that was said. And the other tag leaves it too.
    assert hub.crawl(hub.shows(DEBIAN, "12", "D")) == told
    assert hub.crawl(hub.shows(DEBIAN, "12", "F"), hub.shows(DEBIAN, "latest", "F")) == told
    # Built anew on what is current; then that is left.
    assert hub.crawl(hub.shows(APP, "1", "B"), hub.made("B", "f", "a"), hub.made("F", "f")) == told
    again = hub.crawl(hub.shows(DEBIAN, "12", "D"), hub.shows(DEBIAN, "latest", "D"))
    assert [row[:4] for row in again[1:]] == [("app:1", "debian:12", digest("F"), digest("D"))]


def test_latest_is_named_only_if_no_other_has_left(hub: Hub) -> None:
    begin(hub)
    told = hub.crawl(hub.shows(DEBIAN, "latest", "E"))
    assert [row[1] for row in told] == ["debian:latest"]


def test_what_is_read_later_is_judged_then(hub: Hub) -> None:
    begin(hub)
    assert len(hub.crawl(hub.shows(DEBIAN, "12", "E"))) == 1
    # Other tags, and other images of other repositories, on what was left.
    assert len(hub.crawl(hub.shows(APP, "1-alias", "A"))) == 2
    hub.crawl(hub.shows(APP, "2", "C"))
    assert len(hub.crawl(hub.made("C", "d", "c"))) == 3
    # One that moves to an image that is known.
    hub.crawl(hub.shows(APP, "3", "N"), hub.made("N", "n"))
    assert len(hub.crawl(hub.shows(APP, "3", "C"))) == 4
    # The layers of a base that was left before they were read.
    hub.crawl(hub.shows(DEBIAN, "11", "O"), hub.shows(APP, "0", "Z"), hub.made("Z", "o", "z"))
    hub.crawl(hub.shows(DEBIAN, "11", "P"))
    assert hub.crawl(hub.made("O", "o"))[4][:2] == ("app:0", "debian:11")


def test_only_the_nearest_base_counts(hub: Hub) -> None:
    begin(hub)
    hub.crawl(
        *(hub.shows(PYTHON, "3", "Y"), hub.made("Y", "d", "y")),
        *(hub.shows(APP, "2", "B"), hub.made("B", "d", "y", "b")),
    )
    told = hub.crawl(hub.shows(DEBIAN, "12", "E"))
    assert [row[:2] for row in told] == [("app:1", "debian:12"), ("python:3", "debian:12")]
    told = hub.crawl(hub.shows(PYTHON, "3", "X"))
    assert [row[:2] for row in told[2:]] == [("app:2", "python:3")]


def test_of_the_same_layers_the_official_image_is_the_base(hub: Hub) -> None:
    begin(hub)
    hub.crawl(hub.shows(COPY, "mine", "D"))
    assert hub.crawl(hub.shows(COPY, "mine", "E")) == []
    told = hub.crawl(hub.shows(DEBIAN, "12", "E"))
    assert [row[:2] for row in told] == [("app:1", "debian:12")]


def test_tags_of_its_own_repository_are_no_base(hub: Hub) -> None:
    hub.crawl(
        *(hub.shows(APP, "base", "D"), hub.made("D", "d")),
        *(hub.shows(APP, "1", "A"), hub.made("A", "d", "a")),
    )
    assert hub.crawl(hub.shows(APP, "base", "E")) == []


def test_one_platform_is_enough_and_says_it_once(hub: Hub) -> None:
    hub.crawl(
        *(hub.shows(DEBIAN, "12", "D0", "D1"), hub.made("D0", "d0"), hub.made("D1", "d1")),
        *(hub.shows(APP, "1", "A0", "A1"), hub.made("A0", "d0", "a"), hub.made("A1", "d1", "a")),
    )
    # The image of one platform is the same as before.
    told = hub.crawl(hub.shows(DEBIAN, "12", "D0", "E1"))
    assert [row[:4] for row in told] == [
        ("app:1", "debian:12", digest("D1"), digest("index D0 E1")),
    ]


def test_a_base_built_anew_of_the_same_layers_is_the_same(hub: Hub) -> None:
    begin(hub)
    assert hub.crawl(hub.shows(DEBIAN, "12", "D'"), hub.made("D'", "d")) == []


def test_what_is_gone_is_neither_base_nor_built(hub: Hub) -> None:
    begin(hub)
    lost = [Absence(seen=hub.now, repository=APP, tag="1")]
    assert hub.crawl(*lost, hub.shows(DEBIAN, "12", "E")) == []
    # It is there again.
    assert len(hub.crawl(hub.shows(APP, "1", "A"))) == 1
    hub.crawl(hub.shows(APP, "2", "B"), hub.made("B", "d", "b"))
    assert len(hub.look(OUTDATED)) == 2
    gone = [Absence(seen=hub.now, repository=DEBIAN)]
    assert len(hub.crawl(*gone, hub.shows(APP, "3", "C"), hub.made("C", "d", "c"))) == 2


@pytest.mark.parametrize(
    "name", ["debian:12", "docker.io/library/debian:12", "index.docker.io/library/debian:12"]
)
def test_a_base_that_is_named_with_another_digest(hub: Hub, name: str) -> None:
    hub.crawl(hub.shows(DEBIAN, "12", "D"))
    hub.crawl(hub.shows(APP, "1", "A"), *hub.named("A", name, "D", "?"))
    moved = hub.now
    told = hub.crawl(hub.shows(DEBIAN, "12", "E"))
    assert told == [("app:1", "debian:12", digest("D"), digest("E"), moved, moved)]
    assert hub.crawl(hub.shows(DEBIAN, "12", "F")) == told


def test_a_name_is_believed_if_its_tag_was_seen_after_the_build(hub: Hub) -> None:
    hub.crawl(hub.shows(DEBIAN, "12", "D"))
    # It is built on what we have not seen yet.
    assert hub.crawl(hub.shows(APP, "1", "A"), *hub.named("A", "debian:12", "E", "?")) == []
    assert hub.crawl(hub.shows(DEBIAN, "12", "E")) == []
    assert len(hub.crawl(hub.shows(DEBIAN, "12", "F"))) == 1
    # And the base came into the database after the build.
    hub.crawl(hub.shows(APP, "2", "B"), *hub.named("B", "python:3", "X", "?"))
    assert [row[:3] for row in hub.crawl(hub.shows(PYTHON, "3", "Y"))[1:]] == [
        ("app:2", "python:3", digest("X"))
    ]


def test_an_index_says_it_of_its_members(hub: Hub) -> None:
    words = ((f"{BASE}name", "debian:12"), (f"{BASE}digest", digest_text("D0")))
    top = index(
        "index A0 A1",
        member("A0", "linux/0", annotations=words),
        member("A1", "linux/1"),
        seen=hub.now,
    )
    hub.crawl(hub.shows(DEBIAN, "12", "D0", "D1"), hub.shows(APP, "1", "A0", "A1"), top)
    # The digest may be that of a platform's manifest as well as that of the index.
    told = hub.crawl(hub.shows(DEBIAN, "12", "D0", "E1"))
    assert told == []
    told = hub.crawl(hub.shows(DEBIAN, "12", "E0", "E1"))
    assert [row[:3] for row in told] == [("app:1", "debian:12", digest("D0"))]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        pytest.param(None, 1, id="a digest alone"),
        pytest.param("docker.io/library/debian", 1, id="a name without a tag"),
        pytest.param("debian:nosuchtag", 1, id="a tag that is unknown"),
        pytest.param("ghcr.io/library/debian:12", 0, id="of another registry"),
        pytest.param("python:3", 0, id="of another repository"),
        pytest.param("\x1b[31m<script>", 0, id="no name"),
    ],
)
def test_a_digest_that_is_said_was_shown_by_a_tag(hub: Hub, name: str | None, count: int) -> None:
    begin(hub)
    hub.crawl(hub.shows(APP, "9", "S"), *hub.named("S", name, "D", "?"))
    told = hub.crawl(hub.shows(DEBIAN, "12", "E"))
    assert [row[:2] for row in told if row[0] == "app:9"] == [("app:9", "debian:12")] * count


def test_the_tag_that_is_said_is_named(hub: Hub) -> None:
    begin(hub)
    hub.crawl(hub.shows(APP, "9", "S"), *hub.named("S", "debian", None, "d", "s"))
    told = hub.crawl(hub.shows(DEBIAN, "12", "E"), hub.shows(DEBIAN, "latest", "E"))
    assert [row[:2] for row in told] == [("app:1", "debian:12"), ("app:9", "debian:latest")]


@pytest.mark.parametrize(
    ("others", "count"),
    [
        pytest.param((), 1, id="one"),
        pytest.param((base("docker.io/docker/dockerfile:1", "tool"),), 1, id="and a tool"),
        pytest.param((base("docker.io/library/golang:1", "G"),), 0, id="several"),
    ],
)
def test_provenance_is_believed_where_it_names_one(
    hub: Hub, others: Sequence[Any], count: int
) -> None:
    begin(hub)
    statement = attestation(
        *("says", "stated"),
        seen=hub.now,
        bases=(base("docker.io/library/debian:12", "D"), *others),
    )
    hub.crawl(
        hub.shows(APP, "9", "S", "stated"),
        attestation_manifest("stated", "says", subject="S", seen=hub.now),
        statement,
    )
    told = hub.crawl(hub.shows(DEBIAN, "12", "E"))
    assert [row[0] for row in told] == ["app:1", "app:9"][: 1 + count]


def test_it_costs_what_was_written_since(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(hub)
    hub.crawl(hub.shows(DEBIAN, "12", "E"))
    marks = hub.look("SELECT name, value FROM event_mark")
    assert dict(marks) == {"manifest": 2, "tag": 4, "tag_move": 1}
    judged: list[int] = []
    judge = outdated.OutdatedBases._judge_batch

    def counted(self: outdated.OutdatedBases, now: int) -> None:
        judged.append(now)
        judge(self, now)

    monkeypatch.setattr(outdated.OutdatedBases, "_judge_batch", counted)
    hub.crawl()
    assert judged == []
    hub.crawl(hub.shows(APP, "2", "B"), hub.made("B", "b"))
    assert len(judged) == 1


def test_killed_in_the_middle_it_says_the_rest_the_next_time(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(hub)
    aliases = [hub.shows(APP, f"alias-{number}", "A") for number in range(5)]
    hub.crawl(*aliases)
    monkeypatch.setattr(outdated, "_TAGS_AT_ONCE", 2)
    judge = outdated.OutdatedBases._judge_batch
    left = [2]

    def killed(self: outdated.OutdatedBases, now: int) -> None:
        judge(self, now)
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outdated.OutdatedBases, "_judge_batch", killed)
        with pytest.raises(KeyboardInterrupt):
            hub.crawl(hub.shows(DEBIAN, "12", "E"))
    assert 0 < len(hub.look(OUTDATED)) < 6
    told = hub.crawl()
    assert len(told) == len({row[0] for row in told}) == 6


def upgrade(hub: Hub) -> None:
    """Make as if all this had been written before there were events."""
    fill = [sql for sql in statements(dict(migrations())[5]) if "INSERT INTO event_mark" in sql]
    assert len(fill) == 1
    with closing(open_database(hub.look.url)) as connection:
        for table in ("event", "outdated_base", "event_mark"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute(fill[0])


def test_what_was_outdated_before_events_were_written_is_none(hub: Hub) -> None:
    begin(hub)
    assert len(hub.crawl(hub.shows(DEBIAN, "12", "E"))) == 1
    upgrade(hub)
    assert hub.crawl() == []
    # Another tag of the base leaves it as well; the image is judged again, and noted as told.
    assert hub.crawl(hub.shows(DEBIAN, "12.5", "E")) == []
    assert len(hub.look("SELECT * FROM outdated_base")) == 1
    # So does what is read of the same images again, or what is there again.
    assert hub.crawl(Absence(seen=hub.now, repository=APP, tag="1")) == []
    assert hub.crawl(hub.shows(APP, "1", "A")) == []
    # News: another tag, and one that moves to that image.
    assert [row[0] for row in hub.crawl(hub.shows(APP, "1-alias", "A"))] == ["app:1-alias"]
    hub.crawl(hub.shows(APP, "1", "N"))
    assert len(hub.crawl(hub.shows(APP, "1", "A"))) == 1, "once for each image of a tag"


def test_a_base_that_moves_after_that_is_news(hub: Hub) -> None:
    begin(hub)
    # It was away, and back before events were written.
    hub.crawl(hub.shows(DEBIAN, "12", "E"))
    hub.crawl(hub.shows(DEBIAN, "12", "D"))
    upgrade(hub)
    assert hub.crawl() == []
    told = hub.crawl(hub.shows(DEBIAN, "12", "F"))
    assert [row[:4] for row in told] == [("app:1", "debian:12", digest("D"), digest("F"))]


@pytest.mark.parametrize("late", ["A", "D"])
def test_layers_that_are_read_after_that_are_news(hub: Hub, late: str) -> None:
    names = {"A": ("d", "a"), "D": ("d",)}
    known = [hub.made(what, *names[what]) for what in names if what != late]
    hub.crawl(hub.shows(DEBIAN, "12", "D"), hub.shows(APP, "1", "A"), *known)
    hub.crawl(hub.shows(DEBIAN, "12", "E"))
    upgrade(hub)
    assert hub.crawl() == []
    assert [row[0] for row in hub.crawl(hub.made(late, *names[late]))] == ["app:1"]


@pytest.mark.parametrize("name", ["debian:12", None])
def test_what_was_said_before_events_were_written(hub: Hub, name: str | None) -> None:
    hub.crawl(hub.shows(DEBIAN, "12", "D"))
    hub.crawl(hub.shows(APP, "1", "A"), *hub.named("A", name, "D", "?"))
    hub.crawl(hub.shows(DEBIAN, "12", "E"))
    hub.crawl(hub.shows(APP, "2", "B"), *hub.named("B", name, "E", "?"))
    upgrade(hub)
    told = hub.crawl(hub.shows(DEBIAN, "12", "F"))
    assert [row[:4] for row in told] == [("app:2", "debian:12", digest("E"), digest("F"))]
    # An image whose label was read after that says news.
    hub.crawl(hub.shows(APP, "3", "C"))
    assert len(hub.crawl(*hub.named("C", name, "D", "?"))) == 2


WORDS = ((f"{BASE}name", "debian:12"), (f"{BASE}digest", digest_text("D")))


def test_an_image_that_is_read_again_is_judged_again(hub: Hub) -> None:
    """Its layers are the same, and it has a number already; now it says more."""
    hub.crawl(hub.shows(DEBIAN, "12", "D"))
    # Not all of it could be read.
    part = hub.made("A", "?", refused_count=1)
    hub.crawl(hub.shows(APP, "1", "A"), hub.shows(APP, "2", "B"), part, hub.made("B", "?"))
    assert hub.crawl(hub.shows(DEBIAN, "12", "E")) == []
    told = hub.crawl(hub.made("A", "?", annotations=WORDS))
    assert [row[:4] for row in told] == [("app:1", "debian:12", digest("D"), digest("E"))]
    assert hub.look("SELECT * FROM reread") == []
    assert hub.crawl() == told


def test_what_hub_told_is_judged_again_when_it_is_read(hub: Hub) -> None:
    hub.crawl(hub.shows(DEBIAN, "12", "D"), hub.shows(APP, "1", "A"))
    hub.crawl(tag_images(hub.now, built("A", layers("?"), steps(0))))
    assert hub.crawl(hub.shows(DEBIAN, "12", "E")) == []
    assert [row[0] for row in hub.crawl(hub.made("A", "?", annotations=WORDS))] == ["app:1"]


def test_a_config_that_is_read_again_is_judged_again(hub: Hub) -> None:
    hub.crawl(hub.shows(DEBIAN, "12", "D"))
    none: Config = config("config A", seen=hub.now, detail="too deep")
    hub.crawl(hub.shows(APP, "1", "A"), hub.made("A", "?", config="config A"), none)
    assert hub.crawl(hub.shows(DEBIAN, "12", "E")) == []
    whole: Config = config("config A", seen=hub.now, labels=WORDS)
    assert [row[0] for row in hub.crawl(whole)] == ["app:1"]


def test_what_is_read_again_after_that_is_news(hub: Hub) -> None:
    """It was there before events were written; what it says was not."""
    hub.crawl(hub.shows(DEBIAN, "12", "D"), hub.shows(APP, "1", "A"))
    hub.crawl(hub.made("A", "?", refused_count=1))
    hub.crawl(hub.shows(DEBIAN, "12", "E"))
    upgrade(hub)
    assert hub.crawl() == []
    assert [row[0] for row in hub.crawl(hub.made("A", "?", annotations=WORDS))] == ["app:1"]


@pytest.mark.parametrize("algorithm", ["sha256", "SHA256"])
def test_a_digest_in_capitals_is_the_same(hub: Hub, algorithm: str) -> None:
    text = f"{algorithm}:{digest('D').hex().upper()}"
    words = {"annotations": ((f"{BASE}digest", text),)}
    hub.crawl(hub.shows(DEBIAN, "12", "D"))
    hub.crawl(hub.shows(APP, "1", "A"), hub.made("A", "?", **words))
    assert [row[0] for row in hub.crawl(hub.shows(DEBIAN, "12", "E"))] == ["app:1"]


def test_a_first_look_that_takes_too_long_goes_on_with_the_next_crawl(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hub.crawl(hub.shows(DEBIAN, "12", "D"), *(hub.shows(APP, str(n), "A") for n in range(5)))
    hub.crawl(hub.shows(DEBIAN, "12", "E"))
    monkeypatch.setattr(outdated, "_SECONDS", -1)
    monkeypatch.setattr(outdated, "_SECONDS_SILENT", -1)
    tags = outdated._SOURCES[0]._replace(rows_at_once=3)
    monkeypatch.setattr(outdated, "_SOURCES", (tags, *outdated._SOURCES[1:]))
    caplog.set_level("INFO", "dockerhub.store.outdated")
    found = [len(hub.crawl(hub.made("D", "d"), hub.made("A", "d", "a")))]
    assert caplog.messages[0] == "outdated bases: 0 tags judged so far"
    assert caplog.messages[-1] == "outdated bases: 2 tags judged, the rest after the next crawl"
    while len(found) < 6 and found[-1] < 5:
        found.append(len(hub.crawl()))
    assert found == [2, 5]
    assert len({row[0] for row in hub.look(OUTDATED)}) == 5


def test_it_is_silent_where_it_is_done_at_once(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "dockerhub.store.outdated")
    begin(hub)
    hub.crawl(hub.shows(DEBIAN, "12", "E"))
    assert caplog.messages == []


def test_without_manifests_there_is_nothing_to_look_at(hub: Hub) -> None:
    hub.crawl(hub.shows(DEBIAN, "12", "D"), hub.shows(APP, "1", "A"))
    assert hub.crawl(hub.shows(DEBIAN, "12", "E")) == []
    assert hub.look("SELECT * FROM event_mark") == []
    # They come later, and tell of what was before.
    assert len(hub.crawl(hub.made("D", "d"), hub.made("A", "d", "a"))) == 1


def test_a_digest_that_no_tag_has_left_says_nothing(hub: Hub) -> None:
    begin(hub)
    hub.crawl(hub.shows(APP, "9", "S"), *hub.named("S", None, "unknown", "?"))
    told = hub.crawl(hub.shows(DEBIAN, "12", "E"))
    assert [row[0] for row in told] == ["app:1"]
    assert [row[0] for row in hub.crawl(hub.shows(APP, "9-alias", "S"))] == ["app:1"]
