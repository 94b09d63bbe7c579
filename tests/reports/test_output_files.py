"""Exports are there whole or not at all: killed, interrupted, on a full disk, names taken."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.errors import ArgumentError, StoreError
from dockerhub.reports import output_files
from dockerhub.reports.output_files import OutputError, written, written_folder
from dockerhub.store.export_reader import ExportReader
from dockerhub.store.writer import Writer
from tests.crawling import python
from tests.reports.exported import exported, fill, read_csv, view_rows
from tests.store.made import at, page, row

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDINGS = ("csv", "jsonl", "parquet", "sqlite")


@pytest.fixture
def filled(url: str) -> str:
    fill(url)
    return url


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("hub.db"))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("error", [KeyboardInterrupt(), StoreError("database: gone")])
def test_what_breaks_off_leaves_the_older_export(
    filled: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
    error: BaseException,
) -> None:
    output = tmp_path / f"tags.{ending}"
    exported(filled, "tags", output=str(output))
    before = output.read_bytes()

    select = ExportReader.select

    def rows(reader: ExportReader, selection: Any) -> Iterator[tuple[Any, ...]]:
        for found in select(reader, selection):
            yield found
            if selection.source == "tags":
                raise error

    monkeypatch.setattr(ExportReader, "select", rows)
    for what, target in (("tags", output), ("everything", tmp_path / "all")):
        with pytest.raises(type(error)):
            exported(filled, what, output=str(target), format=ending, force=True)
    assert output.read_bytes() == before
    assert names(tmp_path) == [output.name]


FULL_DISK = """
import resource, sys
from tests.reports.exported import exported

resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))
try:
    exported(sys.argv[1], sys.argv[2], output=sys.argv[3], force=True)
except Exception as error:
    print(type(error).__name__, error, sep="|")
"""


@pytest.mark.parametrize("ending", [*ENDINGS, "folder", "snapshot.db"])
def test_a_full_disk_is_one_line_and_leaves_the_older_export(
    filled: str, tmp_path: Path, ending: str
) -> None:
    what = {"folder": "everything", "snapshot.db": "snapshot"}.get(ending, "repositories")
    output = tmp_path / f"it.{ending}"
    exported(filled, what, output=str(output))
    held = output / "tags.csv" if output.is_dir() else output
    before = held.read_bytes()
    # Text that no compression makes shorter.
    writer = Writer(filled)
    writer.write([page(at(1), row("redis", description=os.urandom(200_000).hex()))])
    writer.close()
    with python(FULL_DISK, filled, what, str(output)) as run:
        out, err = run.communicate(timeout=60)
    assert err == ""
    kind, message = out.strip().split("|")
    assert (kind, message.splitlines()) in (
        ("OutputError", [f"--output {output}: expected to write it, File too large"]),
        ("OutputError", [f"--output {output}: expected to write it, disk I/O error"]),
        ("StoreError", ["snapshot: expected to write a copy, disk I/O error"]),
        ("StoreError", ["snapshot: expected to write a copy, database or disk is full"]),
    )
    assert held.read_bytes() == before
    assert names(tmp_path) == [output.name]


KILLED = """
import os, signal, sys
from dockerhub.store.export_reader import ExportReader
from tests.reports.exported import exported

select = ExportReader.select

def until_killed(reader, selection):
    for number, row in enumerate(select(reader, selection)):
        if number == 2:
            os.kill(os.getpid(), getattr(signal, sys.argv[3]))
        yield row

ExportReader.select = until_killed
exported(sys.argv[1], "tags", output=sys.argv[2])
"""


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("how", "parts"), [("SIGKILL", 1), ("SIGINT", 0)])
def test_what_is_killed_leaves_no_named_file(
    filled: str, tmp_path: Path, ending: str, how: str, parts: int
) -> None:
    output = tmp_path / f"tags.{ending}"
    with python(KILLED, filled, str(output), how) as run:
        assert run.wait(60) == -getattr(signal, how)
    left = names(tmp_path)
    assert len(left) == parts
    assert all(name.startswith(".dockerhub-") and name.endswith(".part") for name in left)
    exported(filled, "tags", output=str(output))
    assert output.exists()


def test_a_name_that_is_taken_is_refused_unless_forced(filled: str, tmp_path: Path) -> None:
    output = tmp_path / "tags.csv"
    output.write_text("mine")
    with pytest.raises(ArgumentError) as caught:
        exported(filled, "tags", output=str(output))
    expected = "--output: expected a name that is free, or --force to replace what is there, got"
    assert str(caught.value).startswith(expected)
    assert output.read_text() == "mine"
    exported(filled, "tags", output=str(output), force=True)
    assert len(read_csv(output)) == 4


def test_a_name_that_is_taken_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    output = tmp_path / "tags.csv"

    def write() -> None:
        with written("--output", output, replace=False) as part:
            part.write_text("ours")
            output.write_text("theirs")

    with pytest.raises(ArgumentError):
        write()
    assert output.read_text() == "theirs"
    assert names(tmp_path) == ["tags.csv"]


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP])
def test_without_hard_links_it_is_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def link(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(output_files.os, "link", link)
    with written("--output", tmp_path / "it", replace=False) as part:
        part.write_text("ours")
    assert (tmp_path / "it").read_text() == "ours"
    assert names(tmp_path) == ["it"]


@pytest.mark.parametrize("beside", ["", "-wal", "-shm", "-journal"])
def test_the_database_is_never_the_output(filled: str, tmp_path: Path, beside: str) -> None:
    database = tmp_path / "hub.db"
    mine = Path(f"{database}{beside}")
    mine.touch()
    (tmp_path / "by_symlink.db").symlink_to(mine)
    (tmp_path / "by_hardlink.db").hardlink_to(mine)
    (tmp_path / "folder").symlink_to(tmp_path)
    before = database.read_bytes()
    for output in ("hub.db" + beside, "by_symlink.db", "by_hardlink.db", f"folder/hub.db{beside}"):
        for what in ("tags", "snapshot"):
            with pytest.raises(ArgumentError, match="another file than the database itself"):
                exported(filled, what, output=str(tmp_path / output), format="sqlite", force=True)
    assert database.read_bytes() == before


def test_the_database_is_no_file_of_the_folder_either(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    url = f"sqlite:///{tmp_path / 'all' / 'tags.sqlite'}"
    fill(url)
    with pytest.raises(ArgumentError, match="another file than the database itself"):
        exported(url, "everything", output=str(tmp_path / "all"), format="sqlite", force=True)
    assert len(view_rows(url, "tags")) == 3
    assert names(tmp_path) == ["all"]


def test_the_output_is_a_file_in_a_folder_that_exists(filled: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="expected a file in a folder that exists"):
        exported(filled, "tags", output=str(tmp_path / "no" / "tags.csv"))
    with pytest.raises(ArgumentError, match="expected a folder in a folder that exists"):
        exported(filled, "everything", output=str(tmp_path / "no" / "all"))
    with pytest.raises(ArgumentError, match="expected a file, got"):
        exported(filled, "tags", output=str(tmp_path), format="csv", force=True)
    with pytest.raises(ArgumentError, match='expected a file, got "/dev/null"'):
        exported(filled, "tags", output="/dev/null", format="csv", force=True)
    (tmp_path / "file").touch()
    with pytest.raises(ArgumentError, match="expected a folder, got"):
        exported(filled, "everything", output=str(tmp_path / "file"), force=True)


def test_a_name_that_is_too_long_is_refused(filled: str, tmp_path: Path) -> None:
    for what in ("tags", "everything"):
        with pytest.raises(ArgumentError, match="that can be made .File name too long"):
            exported(filled, what, output=str(tmp_path / f"{'x' * 300}.csv"))


def test_a_link_to_an_older_export_stays_a_link(filled: str, tmp_path: Path) -> None:
    (tmp_path / "shelf").mkdir()
    (tmp_path / "latest.csv").symlink_to(tmp_path / "shelf" / "tags.csv")
    exported(filled, "tags", output=str(tmp_path / "latest.csv"))
    assert (tmp_path / "latest.csv").is_symlink()
    assert len(read_csv(tmp_path / "shelf" / "tags.csv")) == 4


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    with written_folder("--output", tmp_path / "all", replace=False) as part:
        (part / "a.csv").write_text("a")
    assert names(tmp_path / "all") == ["a.csv"]
    assert names(tmp_path) == ["all"]


def test_a_folder_that_is_filled_meanwhile_is_left_alone(tmp_path: Path) -> None:
    def write() -> None:
        with written_folder("--output", tmp_path / "all", replace=False) as part:
            (part / "a.csv").write_text("ours")
            (tmp_path / "all").mkdir()
            (tmp_path / "all" / "a.csv").write_text("theirs")

    with pytest.raises(OutputError, match="expected to write it, Directory not empty"):
        write()
    assert (tmp_path / "all" / "a.csv").read_text() == "theirs"
    assert names(tmp_path) == ["all"]


def test_files_are_readable_as_the_user_wants_new_files(filled: str, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        exported(filled, "tags", output=str(tmp_path / "it.csv"))
    finally:
        os.umask(before)
    assert (tmp_path / "it.csv").stat().st_mode & 0o777 == 0o640


def test_a_crawl_that_writes_meanwhile_is_not_seen(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(filled)
    select = ExportReader.select

    def rows(reader: ExportReader, selection: Any) -> Iterator[tuple[Any, ...]]:
        for number, found in enumerate(select(reader, selection)):
            writer.write([page(at(30 + number), row(f"new{number}", pull_count=number))])
            yield found

    monkeypatch.setattr(ExportReader, "select", rows)
    answer = exported(filled, "everything", output=str(tmp_path / "all"))
    writer.close()
    assert answer is not None
    counts = {each[0]: each[2] for each in answer.rows}
    assert (counts["repositories"], counts["pull_history"]) == (3, 3)
    with closing(sqlite3.connect(tmp_path / "hub.db")) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM repositories").fetchone()
    assert count > 3
    moments = [each[9] for each in read_csv(tmp_path / "all" / "repositories.csv")[1:]]
    assert max(moments) <= "2026-11-22T08:00:00.000000Z"


def test_errors_are_told_with_the_place(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError) as caught,
        written("--output", tmp_path / "it.csv", replace=False),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(caught.value) == (
        f"--output {tmp_path}/it.csv: expected to write it, No space left on device"
    )
