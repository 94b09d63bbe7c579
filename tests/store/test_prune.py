"""Prune: what goes, what stays and why, in which steps; the database fits together afterwards."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.contents import Package
from dockerhub.items import Absence
from dockerhub.kinds import ManifestKind, StopReason
from dockerhub.names import RepositoryName
from dockerhub.store import prune as prune_module
from dockerhub.store.check import Checked, check
from dockerhub.store.maintenance import FileUpkeep
from dockerhub.store.postgres.upkeep import ServerUpkeep
from dockerhub.store.prune import prune
from tests.store.made import DAY, NGINX, Look, at, digest, image, page, row, step, tag, tags
from tests.store.made_contents import config, layers, manifest, member, sbom, steps
from tests.store.test_check import change

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.store.engine import Connection
    from dockerhub.store.writer import Writer

PRESENT = at(0) + 100 * DAY
BEFORE = at(0) + 50 * DAY


def on(number: float) -> int:
    """Return a moment of that day; what is before day 50 is old."""
    return at(0) + round(number * DAY)


def walk(day: float, reason: StopReason = StopReason.COMPLETE, **said: Any) -> Any:
    """Return a walk of tags that begins on *day* and ends when the page was seen."""
    return step("tags", reason, started=on(day) - 1, **said)


def _upkeep(url: str) -> type:
    return FileUpkeep if Look(url).is_file else ServerUpkeep


def faults(url: str) -> list[Any]:
    found = check(url, PRESENT, is_full=True)
    return [f for one in found if isinstance(one, Checked) for f in one.findings]


def pruned(url: str, before: int = BEFORE) -> dict[str, int]:
    """Prune; a dry run says the same before, and a second one finds nothing."""
    told = +prune(url, before, is_dry=True).counts
    counts = dict(+prune(url, before).counts)
    assert told == counts
    assert not any(prune(url, before).counts.values())
    assert faults(url) == []
    return counts


def shows(name: str, what: str, **said: Any) -> Any:
    """Return a tag with one image, whose digest is that of *what*."""
    return tag(name, f"index {what}", images=(image(digest=digest(what)),), **said)


def crawl(writer: Writer, day: float, *items: Any, arguments: str = "{}") -> None:
    writer.begin_crawl("tags", arguments, signed_in=True, now=on(day))
    writer.write(items)
    writer.finish_crawl(
        now=on(day) + 1, reason="finished", request_count=1, pull_count=0, stats="{}"
    )


# Walks and crawls.


def test_walks_that_nothing_is_decided_by_go(writer: Writer, url: str, look: Look) -> None:
    """The first look, the last full one and the last one of all stay, and all that are new."""
    for day in (1, 2, 10, 11, 12, 60, 61):
        is_full = day in (1, 10)
        reason = StopReason.COMPLETE if is_full else StopReason.UNCHANGED
        crawl(writer, day, tags(on(day), tag("1"), walk=walk(day, reason, is_full=is_full)))
    assert pruned(url) == {"walk": 2, "crawl": 2}
    kept = look("SELECT finished_at FROM walk ORDER BY finished_at")
    assert kept == [(on(day),) for day in (1, 10, 12, 60, 61)]
    # A walk's crawl stays with it.
    assert look("SELECT started_at FROM crawl") == [(on(day),) for day in (1, 10, 12, 60, 61)]


def test_each_caller_and_arguments_keep_their_own(writer: Writer, url: str, look: Look) -> None:
    for day in (1, 2, 3):
        for said in ({}, {"signed_in": False}, {"arguments": "tags=x"}):
            crawl(writer, day, tags(on(day), tag("1"), walk=walk(day, **said)))
    crawl(writer, 60)
    assert pruned(url)["walk"] == 9 - 3 - 1, "the last of each, and the first look"


def test_a_walk_that_is_not_finished_stays(writer: Writer, url: str, look: Look) -> None:
    crawl(writer, 1, tags(on(1), tag("1"), walk=walk(1, None, next_page=2)))
    crawl(writer, 60)
    assert pruned(url) == {}
    assert look.one("SELECT next_page, stop_reason FROM walk") == (2, "interrupted")


def test_a_crawl_that_was_killed_goes_if_none_is_under_way(
    writer: Writer, url: str, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.begin_crawl("tags", "{}", signed_in=True, now=on(1))
    crawl(writer, 60)
    with monkeypatch.context() as patch:
        patch.setattr(_upkeep(url), "is_shared", lambda _: True)
        assert prune(url, BEFORE).counts["crawl"] == 0
    assert pruned(url) == {"crawl": 1}
    assert look("SELECT started_at FROM crawl") == [(on(60),)]


# Tags and repositories.


def test_a_tag_that_is_gone_for_long_goes_with_all_its_own(
    writer: Writer, url: str, look: Look
) -> None:
    crawl(writer, 1, tags(on(1), shows("1", "a"), shows("2", "b"), walk=walk(1, row_count=2)))
    writer.write([tags(on(2), shows("2", "c", updated=on(2)))])
    writer.write([Absence(seen=on(3), repository=NGINX, tag="2")])
    writer.write([tags(on(4), shows("2", "c", updated=on(2)))])
    crawl(writer, 5, tags(on(5), shows("1", "a"), walk=walk(5)))
    # What comes later has the highest numbers, which stay.
    writer.write([tags(on(60), shows("3", "d"))])
    writer.write([tags(on(61), shows("3", "e", updated=on(61)))])
    writer.write([Absence(seen=on(62), repository=NGINX, tag="3")])
    writer.write([tags(on(63), shows("3", "e", updated=on(61)))])
    assert look.one("SELECT COUNT(*) FROM tag") == (3,)
    counts = pruned(url)
    assert counts == {
        "tag": 1,
        "tag_move": 1,
        "absence": 1,
        "image_set": 2,
        "image": 2,
        # Moved, deleted, created again, deleted.
        "event": 4,
    }
    assert look("SELECT name FROM tag ORDER BY name") == [("1",), ("3",)]


def test_a_tag_stays_until_a_full_walk_came_after_it(writer: Writer, url: str, look: Look) -> None:
    """The count of the last one would not fit any more."""
    crawl(writer, 1, tags(on(1), shows("1", "a"), shows("2", "b"), walk=walk(1, row_count=2)))
    writer.write([Absence(seen=on(3), repository=NGINX, tag="1")])
    assert pruned(url) == {"event": 1}
    crawl(writer, 60, tags(on(60), shows("2", "b"), walk=walk(60)))
    assert pruned(url)["tag"] == 1
    assert look("SELECT name FROM tag") == [("2",)]


def test_a_tag_that_went_lately_stays(writer: Writer, url: str, look: Look) -> None:
    crawl(writer, 1, tags(on(1), shows("1", "a"), walk=walk(1)))
    crawl(writer, 60, tags(on(60), shows("2", "b"), walk=walk(60)))
    assert look.one("SELECT gone_at FROM tag WHERE name = '1'") == (on(60),)
    assert pruned(url) == {}


def test_of_a_repository_that_is_gone_the_samples_stay_and_its_name(
    writer: Writer, url: str, look: Look
) -> None:
    crawl(writer, 1, page(on(1), row()), tags(on(1), shows("1", "a"), walk=walk(1)))
    change(
        url,
        "INSERT INTO repository_detail VALUES (1, 'long', 0, 0, NULL, 1)",
        "UPDATE repository SET detail_due = 0",
    )
    writer.write([Absence(seen=on(2), repository=NGINX)])
    crawl(writer, 60, page(on(60), row("other")))
    change(
        url,
        "INSERT INTO tag SELECT 7, 2, '9', image_set_id, NULL, NULL, NULL, NULL, NULL,"
        " image_set_seen_at, first_seen_at, last_seen_at, NULL, NULL, NULL, NULL FROM tag",
    )
    assert pruned(url) == {"repository_detail": 1, "tag": 1, "walk": 1, "event": 1}
    found = "SELECT name, gone_at, detail_due FROM repository WHERE id = 1"
    assert look.one(found) == ("nginx", on(2), 1)
    assert look.one("SELECT COUNT(*) FROM pull_sample") == (2,)


def test_a_repository_without_samples_goes_whole(writer: Writer, url: str, look: Look) -> None:
    writer.write([page(on(1), row("x", pull_count=None, star_count=None))])
    writer.write([Absence(seen=on(2), repository=RepositoryName("bitnami", "x"))])
    writer.write([page(on(60), row("y"))])
    assert pruned(url) == {"repository": 1, "event": 1}
    assert look("SELECT name FROM repository") == [("y",)]


# Events, and who waits for them.


def test_when_a_repository_appeared_is_kept(writer: Writer, url: str, look: Look) -> None:
    """By that it is told whether its tags are news."""
    listed = step("repositories", StopReason.COMPLETE, started=on(1))
    writer.write([page(on(1), row("x"), walk=listed)])
    again = step("repositories", StopReason.COMPLETE, started=on(2), row_count=2)
    writer.write([page(on(2), row("x"), row(), walk=again)])
    writer.write([tags(on(3), shows("1", "a"))])
    writer.write([tags(on(60), shows("2", "b"))])
    assert pruned(url) == {"event": 1, "walk": 1}
    kinds = look("SELECT kind, seen_at FROM event ORDER BY id")
    assert kinds == [("repository_appeared", on(2)), ("tag_created", on(60))]


def test_numbers_of_events_are_not_used_again(writer: Writer, url: str, look: Look) -> None:
    crawl(writer, 1, tags(on(1), shows("1", "a"), walk=walk(1)))
    writer.write([tags(on(2), shows("2", "b"))])
    assert pruned(url) == {"event": 1}
    writer.write([tags(on(60), shows("3", "c"))])
    assert look("SELECT id FROM event") == [(2,)]


@pytest.mark.parametrize(("used_on", "kept"), [(60, 2), (10, 0)], ids=["alive", "given up"])
def test_a_receiver_that_is_alive_gets_its_events(
    writer: Writer, url: str, look: Look, used_on: int, kept: int
) -> None:
    crawl(writer, 1, tags(on(1), shows("1", "a"), walk=walk(1)))
    for number in (2, 3, 4):
        writer.write([tags(on(number), shows(str(number), "b"))])
    change(url, f"INSERT INTO webhook VALUES (1, x'{'66' * 32}', 1, 1, {on(5)}, {on(used_on)})")
    pruned(url)
    assert look.one("SELECT COUNT(*), COALESCE(MIN(id), 2) FROM event") == (kept, 2)


# Contents.


def test_contents_that_nothing_shows_go(writer: Writer, url: str, look: Look) -> None:
    """What a tag shows, or has shown, stays; what a tag showed that went does not."""
    first = (shows("1", "a"), shows("2", "b"))
    crawl(writer, 1, tags(on(1), *first, walk=walk(1, row_count=2)))
    for what in "abc":
        of_one = (f"only {what}", f"more {what}")
        writer.write([manifest(what, *layers("all", *of_one), config=f"c{what}", seen=on(1))])
        writer.write([config(f"c{what}", seen=on(1), labels=(("of", what),))])
    writer.write([tags(on(2), shows("1", "c", updated=on(2)))])
    crawl(writer, 3, tags(on(3), shows("1", "c", updated=on(2)), walk=walk(3)))
    writer.write([tags(on(60), shows("9", "z"))])
    writer.write([manifest("z", *layers("all"), config="cz", seen=on(60))])
    writer.write([config("cz", seen=on(60))])
    counts = pruned(url)
    assert counts.pop("event") == 2
    assert counts == {
        "tag": 1,
        "image_set": 1,
        "image": 1,
        "manifest": 1,
        "manifest_layer": 3,
        "manifest_base": 1,
        "layer": 2,
        "config": 1,
        "label": 1,
    }
    kept = look("SELECT digest FROM manifest ORDER BY id")
    assert kept == [(digest("a"),), (digest("c"),), (digest("z"),)]


def test_what_a_kept_image_stands_on_stays(writer: Writer, url: str, look: Look) -> None:
    """The base of an image by its layers; not another one with the same first layer."""
    crawl(writer, 1, tags(on(1), shows("1", "app"), walk=walk(1)))
    writer.write([manifest("base", *layers("os"), seen=on(1))])
    writer.write([manifest("middle", *layers("os", "python"), seen=on(1))])
    writer.write([manifest("app", *layers("os", "python", "app"), seen=on(1))])
    writer.write([manifest("top", *layers("os", "ruby", "top"), seen=on(1))])
    writer.write([manifest("under top", *layers("os", "ruby"), seen=on(1))])
    writer.write([manifest("twin", *layers("os", "python", "app"), seen=on(1))])
    writer.write([manifest("new", *layers("new"), seen=on(60))])
    counts = pruned(url)
    stood_on = {"manifest_base": 2 + 1 + 2}
    assert counts == {"manifest": 3, "manifest_layer": 3 + 2 + 3, "layer": 2} | stood_on
    kept = {found for (found,) in look("SELECT digest FROM manifest")}
    assert kept == {digest(what) for what in ("base", "middle", "app", "new")}


def test_a_text_that_is_a_build_step_again_meanwhile_stays(
    writer: Writer, url: str, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(writer, 1, tags(on(1), shows("1", "a"), walk=walk(1)))
    writer.write([manifest("a", *layers("l"), seen=on(1))])
    change(url, "INSERT INTO instruction VALUES (70, x'07', 'gone'), (71, x'08', 'again')")
    begin, done = prune_module.transaction, []

    @contextmanager
    def used_again(connection: Connection) -> Iterator[None]:
        if not done and connection.execute("SELECT 1 FROM temp.doomed_instruction").fetchall():
            done.append(
                change(
                    url,
                    "INSERT INTO build_step (manifest_id, position, instruction_id)"
                    " SELECT id, 7, 71 FROM manifest",
                )
            )
        with begin(connection):
            yield

    monkeypatch.setattr(prune_module, "transaction", used_again)
    found = prune(url, BEFORE)
    assert done
    if look.is_file:
        assert (found.counts["instruction"], found.left["instruction"]) == (0, 2)
    else:
        assert (found.counts["instruction"], found.left["instruction"]) == (1, 0)
    assert prune(url, BEFORE).counts["instruction"] == (1 if look.is_file else 0)
    assert look("SELECT text FROM instruction") == [("again",)]


def test_an_index_goes_with_what_is_in_it_and_about_it(
    writer: Writer, url: str, look: Look
) -> None:
    crawl(writer, 1, tags(on(1), shows("1", "kept"), walk=walk(1)))
    for name in ("kept", "old"):
        members = (member(f"image {name}"), member(f"proof {name}", about=f"image {name}"))
        about = {"members": members, "platform": None}
        of = f"index {name}"
        writer.write([manifest(of, kind=ManifestKind.INDEX, seen=on(1), **about)])
        writer.write([manifest(f"image {name}", *layers(name), seen=on(1))])
        proof = ManifestKind.ATTESTATION
        writer.write([manifest(f"proof {name}", *layers(f"sbom {name}"), kind=proof, seen=on(1))])
        listed = Package(name, "1", None)
        writer.write([sbom(f"sbom {name}", f"proof {name}", listed, seen=on(1))])
    writer.write([manifest("new", *layers("new"), seen=on(60))])
    writer.write([sbom("new", "new", seen=on(60))])
    counts = pruned(url)
    assert counts["manifest"] == 3
    assert counts["index_member"] == 2
    assert counts["attestation"] == 1
    assert counts["package"] == counts["attestation_package"] == 1
    assert look.one("SELECT COUNT(*) FROM manifest") == (4,)


def test_what_was_read_lately_stays_whether_or_not_it_is_shown(
    writer: Writer, url: str, look: Look
) -> None:
    """A crawl may be about to write the tag."""
    writer.write([manifest("m", *layers("x"), config="c", seen=on(60)), config("c", seen=on(60))])
    writer.write([manifest("n", *layers("y"), seen=on(61)), config("d", seen=on(61))])
    assert pruned(url) == {}


def test_the_newest_rows_stay_for_their_numbers(writer: Writer, url: str, look: Look) -> None:
    """What looks at rows as they come has looked at these numbers."""
    writer.write([manifest("m", *layers("x"), seen=on(1)), config("c", seen=on(1))])
    writer.write([manifest("n", *layers("y"), seen=on(1)), config("d", seen=on(1))])
    writer.begin_crawl("tags", "{}", signed_in=True, now=on(1))
    writer.finish_crawl(now=on(1), reason="finished", request_count=0, pull_count=0, stats="{}")
    assert pruned(url) == {"manifest": 1, "manifest_layer": 1, "layer": 1, "config": 1}
    assert look("SELECT id FROM manifest UNION SELECT id FROM config") == [(2,)]


# Steps.


class Killed(Exception):
    """What a kill between two transactions is to this process."""


@pytest.mark.sqlite
def test_killed_after_any_step_it_is_whole_and_goes_on(
    writer: Writer, url: str, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        crawl(writer, 1, tags(on(1), shows(name, name)))
        writer.write([manifest(name, *layers("all", name), config=f"c{name}", seen=on(1))])
        writer.write([config(f"c{name}", *steps(0, by=name), seen=on(1))])
    writer.write([Absence(seen=on(2), repository=NGINX)])
    crawl(writer, 60, page(on(60), row("other")))
    change(
        url,
        "INSERT INTO tag SELECT 9, 2, '9', image_set_id, NULL, NULL, NULL, NULL, NULL,"
        " image_set_seen_at, first_seen_at, last_seen_at, NULL, NULL, NULL, NULL FROM tag"
        " WHERE name = 'c'",
    )
    writer.close()
    monkeypatch.setattr(prune_module, "_FIRST", 1)
    monkeypatch.setattr(prune_module, "_MOST", 1)
    wanted, transaction = None, prune_module.transaction
    for last in (99, *range(1, 20, 4)):
        done = 0

        @contextmanager
        def killing(connection: sqlite3.Connection, last: int = last) -> Iterator[None]:
            nonlocal done
            if done == last:
                raise Killed
            done += 1
            with transaction(connection):
                yield

        copy = f"sqlite:///{shutil.copy(look.path, tmp_path / f'{last}.db')}"
        monkeypatch.setattr(prune_module, "transaction", killing)
        with suppress(Killed):
            prune(copy, BEFORE)
        assert faults(copy) == []
        monkeypatch.setattr(prune_module, "transaction", transaction)
        prune(copy, BEFORE)
        found = Look(copy).everything()
        wanted = wanted or found
        assert found == wanted, last
        assert faults(copy) == []
    assert wanted is not None
    assert len(wanted["tag"]) == 1
