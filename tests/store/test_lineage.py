"""What stands for all layers of an image together, and the views that ask for it."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from hashlib import blake2b
from typing import TYPE_CHECKING

import pytest

from dockerhub.kinds import ManifestKind
from dockerhub.names import RepositoryName
from dockerhub.store.database import migrations
from tests.reports.lineage_made import Asked
from tests.store.made import DAY, NOW, SECOND, Look, at, digest, image, tag
from tests.store.made import tags as nginx_tags
from tests.store.made_contents import built, index, layers, manifest, member, steps, tag_images

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dockerhub.items import TagPage
    from dockerhub.store.writer import Writer

EMPTY = bytes.fromhex("4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1")


def chain(*names: object) -> bytes:
    below = b""
    for name in names:
        below = blake2b(below + digest(name), digest_size=16).digest()
    return below


def stored(look: Look) -> dict[bytes, bytes | None]:
    return dict(look("SELECT digest, chain FROM manifest"))


def page(repository: str, *rows: object, seen: int = NOW) -> TagPage:
    item = nginx_tags(seen)
    name = RepositoryName.of(repository)
    return type(item)(seen=seen, repository=name, rows=rows)  # type: ignore[arg-type]


def showing(name: str, what: str, *, updated: int = NOW) -> object:
    return tag(name, f"index of {what}", updated=updated, images=(image(digest=digest(what)),))


def test_an_image_has_the_chain_of_its_uppermost_layer(writer: Writer, look: Look) -> None:
    (empty,) = layers("empty")
    empty = empty._replace(digest=EMPTY)
    one, two = layers(1, 2)
    writer.write(
        [
            manifest("two", one, two, seen=NOW),
            manifest("topped", one, empty, two, empty, seen=NOW),
            manifest("hollow", empty, seen=NOW),
            manifest("nothing", seen=NOW),
            manifest("artifact", one, kind=ManifestKind.ARTIFACT, seen=NOW),
            index("index", member("two"), seen=NOW),
            tag_images(NOW, built("told", (one,), steps(0))),
        ]
    )

    assert stored(look) == {
        digest("two"): chain(1, 2),
        digest("topped"): chain(1, 2),
        digest("hollow"): None,
        digest("nothing"): None,
        digest("artifact"): None,
        digest("index"): None,
        digest("told"): chain(1),
    }


def test_what_is_proven_takes_the_place_of_what_was_told(writer: Writer, look: Look) -> None:
    writer.write([tag_images(at(0), built("app", layers(1), steps(0)))])
    assert stored(look) == {digest("app"): chain(1)}
    writer.write([tag_images(at(1), built("app", layers(3), steps(0)))])
    assert stored(look) == {digest("app"): chain(3)}
    writer.write([manifest("app", *layers(1, 2), seen=at(2))])
    assert stored(look) == {digest("app"): chain(1, 2)}
    writer.write([tag_images(at(3), built("app", layers(3), steps(0)))])
    assert stored(look) == {digest("app"): chain(1, 2)}


@pytest.mark.sqlite
def test_an_older_database_gets_it_for_what_it_has(writer: Writer, look: Look) -> None:
    (empty,) = layers("empty")
    writer.write(
        [
            manifest("two", *layers(1, 2), empty._replace(digest=EMPTY), seen=NOW),
            manifest("hollow", empty._replace(digest=EMPTY), seen=NOW),
            manifest("artifact", *layers(1), kind=ManifestKind.ARTIFACT, seen=NOW),
        ]
    )
    before = stored(look)
    (script,) = [sql for number, sql in migrations() if number == 6]
    with closing(sqlite3.connect(look.path)) as connection:
        views = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
        for (name,) in views:
            connection.execute(f"DROP VIEW {name}")
        for name in ("manifest_chain", "tag_move_image_set", "attestation_base_name"):
            connection.execute(f"DROP INDEX {name}")
        connection.execute("ALTER TABLE manifest DROP COLUMN chain")
        connection.executescript(script)

    assert stored(look) == before
    assert before[digest("two")] == chain(1, 2)


STOOD_ON = "SELECT manifest_id, position, chain, layer_count FROM manifest_base"


def reckoned(held: Mapping[int, Sequence[object]]) -> set[tuple[int, int, bytes, int]]:
    """Return what `manifest_base` holds of images with these layers; None is an empty layer."""
    tops = {chain(*filter(None, names)) for names in held.values() if any(names)}
    found = set()
    for number, names in held.items():
        for place, name in enumerate(names):
            below = [*filter(None, names[: place + 1])]
            if name and len(below) < len([*filter(None, names)]) and chain(*below) in tops:
                found.add((number, place, chain(*below), len(below)))
    return found


EVIDENCE = "SELECT evidence FROM manifest WHERE digest = ?"


@pytest.mark.parametrize("seed", range(5))
def test_what_an_image_stands_on_is_kept_whichever_came_first(
    writer: Writer, look: Look, seed: int
) -> None:
    draw = random.Random(seed)
    (empty,) = layers("empty")
    held: dict[int, list[object]] = {}
    for _ in range(60):
        below = draw.choice([*held.values(), []])
        names = [*below[: draw.randint(0, 5)], *draw.choices((1, 2, None), k=draw.randint(0, 2))]
        # A new image that Hub tells of, or that is read; one that Hub told of is read after all,
        # with other layers.
        number = len(held) + 1 if draw.random() < 0.7 else draw.randint(1, len(held) + 1)
        is_new = number not in held
        its = [empty._replace(digest=EMPTY) if name is None else layers(name)[0] for name in names]
        if is_new and names and draw.random() < 0.5:
            writer.write([tag_images(at(0), built(f"{number}", tuple(its), steps(0)))])
            held[number] = names
        elif is_new or look(EVIDENCE, digest(f"{number}")) == [("hub",)]:
            writer.write([manifest(f"{number}", *its, seen=at(1))])
            held[number] = names
    expected = reckoned(held)

    # Where an image has lost its layers, what stood on them is not looked for: nothing is found.
    tops = " WHERE chain IN (SELECT chain FROM manifest)"
    made = {digest(f"{number}"): number for number in held}
    numbers = {row: made[mark] for row, mark in look("SELECT id, digest FROM manifest")}
    found = [(numbers[manifest_id], *rest) for manifest_id, *rest in look(STOOD_ON + tops)]
    assert sorted(found) == sorted(expected)
    assert len(expected) > 10


@pytest.mark.sqlite
def test_an_older_database_gets_what_its_images_stand_on(writer: Writer, look: Look) -> None:
    (empty,) = layers("empty")
    bottom, middle = layers(1, 2)
    writer.write(
        [
            manifest("app", bottom, empty._replace(digest=EMPTY), middle, *layers(3), seen=NOW),
            manifest("python", bottom, middle, seen=NOW),
            manifest("debian", bottom, seen=NOW),
            manifest("debian again", bottom, seen=NOW),
            manifest("artifact", *layers(1, 2), kind=ManifestKind.ARTIFACT, seen=NOW),
        ]
    )
    before = look(STOOD_ON)
    (script,) = [sql for number, sql in migrations() if number == 10]
    with closing(sqlite3.connect(look.path)) as connection:
        views = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
        for (name,) in views:
            connection.execute(f"DROP VIEW {name}")
        for name in ("manifest_base", "reread"):
            connection.execute(f"DROP TABLE {name}")
        connection.executescript(script)

    assert look(STOOD_ON) == before
    assert before == [(1, 0, chain(1), 1), (1, 2, chain(1, 2), 2), (2, 0, chain(1), 1)]


@pytest.fixture
def world(writer: Writer, look: Look) -> Look:
    """An app on python on debian, whose tag has moved on twice."""
    writer.write(
        [
            page("library/debian", showing("12", "debian"), showing("12.5", "debian")),
            page("library/python", showing("3", "python")),
            page("acme/app", showing("1", "app")),
            manifest("debian", *layers(1), platform="linux/amd64", seen=NOW),
            manifest("python", *layers(1, 2), platform="linux/amd64", seen=NOW),
            tag_images(NOW, built("app", layers(1, 2, 3), steps(0, 1, 2))),
        ]
    )
    for days in (2, 5):
        moved = NOW + days * DAY
        pushed = moved - DAY // 2
        row = showing("12", f"debian {days}", updated=pushed)
        writer.write([page("library/debian", row, seen=moved)])
    return look


def test_the_view_names_all_bases(world: Look) -> None:
    rows = world(
        "SELECT tag_name, platform, base_repo, base_tag, base_digest, shared_layers, evidence,"
        " confidence FROM lineage WHERE repo_name = 'acme/app' ORDER BY shared_layers, base_tag"
    )

    below = f"sha256:{digest('debian').hex()}", 1, "layers", "told"
    python = f"sha256:{digest('python').hex()}", 2, "layers", "told"
    assert rows == [
        ("1", "linux/amd64", "library/debian", "12.5", *below),
        ("1", "linux/amd64", "library/python", "3", *python),
    ]
    (proven,) = world("SELECT confidence FROM lineage WHERE namespace = 'library'")
    assert proven == ("proven",)


def test_the_view_tells_who_sits_on_an_outdated_base(world: Look) -> None:
    rows = world("SELECT * FROM outdated_bases WHERE namespace = 'acme'")

    assert rows == [
        (
            "acme/app",
            "1",
            "linux/amd64",
            "library/debian:12",
            f"sha256:{digest('debian').hex()}",
            "layers",
            2,
            "2026-11-24T08:00:00.000000Z",
            "2026-11-26T20:00:00.000000Z",
            4.5,
            1,
            "acme",
        )
    ]
    (other,) = world("SELECT repo_name FROM outdated_bases WHERE namespace = 'library'")
    assert other == ("library/python",)


def test_the_view_reckons_from_the_push_of_the_base(writer: Writer, look: Look) -> None:
    writer.write(
        [
            page("library/debian", showing("12", "older", updated=NOW - 9 * DAY)),
            page("library/debian", showing("12", "debian", updated=NOW + DAY), seen=NOW + 2 * DAY),
            page(
                "library/debian", showing("12", "newer", updated=NOW + 7 * DAY), seen=NOW + 8 * DAY
            ),
            manifest("debian", *layers(1), seen=NOW),
            manifest("app", *layers(1, 2), seen=NOW),
            page("acme/app", showing("1", "app")),
        ]
    )

    rows = look("SELECT base_image, days_behind, is_at_least FROM outdated_bases")
    assert rows == [("library/debian:12", 6.0, 0)]
    with Asked(look.url) as asked:
        (name,) = asked.platform("acme/app:1").levels[0].names.names
    assert name.behind == (6.0, 1, False)


def test_no_tag_is_a_base_of_itself(writer: Writer, look: Look) -> None:
    both = tuple(image(of, digest=digest(of)) for of in ("linux/amd64", "linux/arm64"))
    writer.write(
        [
            page("acme/app", tag("1", "top", images=both)),
            manifest("linux/amd64", *layers(1, 2), seen=NOW),
            manifest("linux/arm64", *layers(1), seen=NOW),
        ]
    )

    assert look("SELECT * FROM lineage") == []


def test_a_base_that_has_come_back_is_not_outdated(writer: Writer, world: Look) -> None:
    back = showing("12", "debian", updated=NOW + 6 * DAY)
    writer.write([page("library/debian", back, seen=NOW + 6 * DAY + SECOND)])

    assert world("SELECT * FROM outdated_bases") == []


@pytest.mark.sqlite
@pytest.mark.parametrize("view", ["lineage", "outdated_bases"])
@pytest.mark.parametrize("column", ["repo_name", "namespace"])
def test_a_question_reads_no_table_whole(
    look: Look, writer: Writer, view: str, column: str
) -> None:
    writer.write([page("acme/app", showing("1", "app"))])
    plan = look(f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE {column} = 'acme'")
    assert [step[3] for step in plan if step[3].startswith("SCAN ")] == []
