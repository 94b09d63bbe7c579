"""A million images that stand on each other: how long the questions about them take.

`python -m tests.benchmarks.lineage [--images 1000000] [--folder FOLDER]`: makes
`FOLDER/lineage.db`, or asks the one that is there. What is to be under 100 ms is marked.
"""
# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerhub.names import ImageName, RepositoryName
from dockerhub.reports.lineage import lineage
from dockerhub.reports.lineage_dependents import dependents
from dockerhub.reports.lineage_places import images_with_layer, tags_of_digest
from dockerhub.reports.stored_images import Stored
from dockerhub.store.database import open_to_read
from dockerhub.store.questions import Questions
from tests.benchmarks.lineage_world import LARGE, MIDDLE, ORGANISATION, ROOT, SMALL, make_world
from tests.benchmarks.processes import print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockerhub.store.engine import Connection

    Asked = tuple[str, Callable[[], object], bool]

_VIEWS = ("lineage", "outdated_bases")
_TIMES = 5
_MOST_MILLISECONDS = 100


def main() -> None:
    """Make the database if it is not there, and ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the database is, and stays")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = (given.folder or Path(folder)) / "lineage.db"
        url = f"sqlite:///{database}"
        if not database.exists():
            started = time.perf_counter()
            make_world(url, images=given.images, repositories=max(400, given.images // 50))
            print(f"made in {time.perf_counter() - started:.0f} s")
        print(f"{database.stat().st_size / 1e6:.0f} MB, load {os.getloadavg()[0]:.1f}")
        _measure(url)


def _measure(url: str) -> None:
    connection = open_to_read(url)
    rows = []
    with Questions(url, "lineage_reading") as questions, Stored(url) as stored:
        for question, ask, is_bound in [
            *_reports(connection, questions, stored),
            *_views(connection),
        ]:
            found, wall, cpu = _timed(ask)
            middle = statistics.median(wall)
            mark = ("yes" if middle < _MOST_MILLISECONDS else "NO") if is_bound else "-"
            times = [f"{wall[0]:.1f}", f"{middle:.1f}", f"{statistics.median(cpu):.1f}"]
            rows.append([question, found, *times, mark])
    connection.close()
    print_table(["question", "found", "first ms", "median ms", "CPU ms", "under 100"], rows)


def _timed(ask: Callable[[], object]) -> tuple[str, list[float], list[float]]:
    wall, cpu, found = [], [], ""
    for _ in range(_TIMES):
        started = time.perf_counter(), time.process_time()
        found = _count(ask())
        wall.append((time.perf_counter() - started[0]) * 1000)
        cpu.append((time.process_time() - started[1]) * 1000)
    return found, wall, cpu


def _reports(connection: Connection, questions: Questions, stored: Stored) -> Iterator[Asked]:
    leaf, root, largest = _leaf(connection), _named(ROOT), _named(MIDDLE)
    middle = _named(("library", "middle5", "1"))
    above = partial(dependents, questions, stored)
    yield "what an image is built on", partial(lineage, questions, stored, leaf), True
    yield "what a base is built on", partial(lineage, questions, stored, middle), True
    yield "who is built on a base in between", partial(above, middle), True
    yield "who is built on the largest in between", partial(above, largest), True
    yield "who is built on the largest root", partial(above, root), True
    counted = partial(above, root, counts_all=True)
    yield "who is built on the largest root, counted", counted, False
    for name, image in (("one image", leaf), ("the largest root", root)):
        layer, digest = _digests(connection, image)
        yield f"--layer of {name}", partial(images_with_layer, questions, layer), True
        yield f"--digest of {name}", partial(tags_of_digest, questions, digest), True


def _views(connection: Connection) -> Iterator[Asked]:
    for view in _VIEWS:
        for what, column, value, is_bound in (
            ("a repository of 40 tags", "repo_name", "org1/app5", True),
            ("an organisation of 1,250 images", "namespace", SMALL, True),
            ("a repository of 10,000 images", "repo_name", LARGE, True),
            ("an organisation of 10,000 images", "namespace", ORGANISATION, True),
        ):
            sql = f"SELECT * FROM {view} WHERE {column} = ?"
            yield f"view {view}, {what}", partial(_ask, connection, sql, value), is_bound


def _ask(connection: Connection, sql: str, value: str) -> object:
    return connection.execute(sql, (value,)).fetchall()


def _named(name: tuple[str, str, str]) -> ImageName:
    return ImageName(repository=RepositoryName(*name[:2]), tag=name[2])


def _leaf(connection: Connection) -> ImageName:
    """Return the image of a small organisation that stands on most bases."""
    (repository, tag), *_ = connection.execute(
        "SELECT repo_name, tag_name FROM lineage WHERE namespace = ?"
        " GROUP BY repo_name, tag_name ORDER BY COUNT(DISTINCT shared_layers) DESC LIMIT 1",
        (SMALL,),
    )
    return ImageName(repository=RepositoryName.of(repository), tag=tag)


def _digests(connection: Connection, image: ImageName) -> tuple[bytes, bytes]:
    """Return the digests of an image's lowest layer and of its manifest."""
    (found,) = connection.execute(
        "SELECT digest, manifest_digest FROM layers WHERE repo_name = ? AND tag_name = ?"
        " ORDER BY layer_index LIMIT 1",
        (str(image.repository), image.tag),
    )
    layer, manifest = (bytes.fromhex(digest.removeprefix("sha256:")) for digest in found)
    return layer, manifest


def _count(found: Any) -> str:
    if hasattr(found, "platforms"):
        return f"{len(found.platforms[0].levels)} levels"
    if hasattr(found, "rows"):
        return f"{len(found.rows)} rows"
    if found and hasattr(found[0], "image_count"):
        total = found[0].repository_count
        return f"{found[0].image_count} images" + (f", {total} repositories" if total else "")
    return f"{len(found)} rows"


if __name__ == "__main__":
    main()
