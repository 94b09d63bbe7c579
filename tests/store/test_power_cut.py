"""A power cut: what the disk kept of the WAL is a prefix of what was committed, never half of it.

With synchronous=NORMAL the last commits may be lost, and what was written of them may be torn. What
a checkpoint has copied into the database was synced before, so it is cut only behind that.
"""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from dockerhub.kinds import StopReason
from dockerhub.store.writer import Writer
from tests.store.made import Look, at, image, step, tag, tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dockerhub.items import Item

ENGINES = ("sqlite",)

# https://sqlite.org/fileformat2.html#walformat and https://sqlite.org/walformat.html
WAL_HEADER, FRAME_HEADER, PAGE = 32, 24, 4096
FRAME = FRAME_HEADER + PAGE
MOST_FRAME_AT, BACKFILLED_AT = 16, 96

BATCHES, PAGES_A_BATCH, ROWS_A_PAGE = 12, 2, 4
Snapshot = dict[str, list[tuple[object, ...]]]


def batch(number: int) -> list[Item]:
    """Return pages of new and moved tags of one walk, which ends with the last batch."""
    pages: list[Item] = []
    for place in range(PAGES_A_BATCH):
        count = number * PAGES_A_BATCH + place + 1
        rows = [
            tag(f"{count}-{row}", (number, place, row), images=(image(digest=bytes([row, count])),))
            for row in range(ROWS_A_PAGE - 1)
        ]
        rows.append(tag("latest", (number, place), updated=at(count)))
        is_last = count == BATCHES * PAGES_A_BATCH
        walk = step(
            reason=StopReason.COMPLETE if is_last else None,
            pages=count,
            next_page=None if is_last else count + 1,
            row_count=count * (ROWS_A_PAGE - 1) + 1,
        )
        pages.append(tags(at(count), *rows, walk=walk))
    return pages


class Cut(NamedTuple):
    """The files as they were on disk when so many batches were committed."""

    committed: int
    folder: Path
    frames: dict[int, int]
    """behind which frame of the WAL each batch was committed that it holds"""
    synced: int
    """frames that a checkpoint has copied"""

    def kept(self, frames: int) -> int:
        """Return how many batches are there if so many frames are."""
        first = min(self.frames, default=self.committed + 1) - 1
        return max([number for number, end in self.frames.items() if end <= frames] or [first])


class Recorder:
    """Writes batches, and keeps the files and the contents as they were behind each of them."""

    def __init__(self, folder: Path, *, checkpoint_pages: int) -> None:
        self._folder = folder
        self.path = folder / "hub.db"
        self.writer = Writer(f"sqlite:///{self.path}")
        self.writer._connection.execute(f"PRAGMA wal_autocheckpoint = {checkpoint_pages}")
        self.look = Look(f"sqlite:///{self.path}")
        self.snapshots = [self.look.everything()]
        self._frames: dict[int, int] = {}

    def record(self) -> Iterator[Cut]:
        """Write all batches; yield the files behind each."""
        for number in range(BATCHES):
            before, _ = self._shared()
            self.writer.write(batch(number))
            self.snapshots.append(self.look.everything())
            frames, synced = self._shared()
            if frames <= before or not self._frames:
                self._frames = {}
            self._frames[number + 1] = frames
            yield Cut(number + 1, self.copy(f"after{number}"), dict(self._frames), synced)

    def copy(self, name: str) -> Path:
        """Copy the database and its WAL, as the disk has them, to a folder of their own."""
        folder = self._folder / name
        folder.mkdir()
        for file in ("hub.db", "hub.db-wal"):
            shutil.copy(self._folder / file, folder / file)
        return folder

    def _shared(self) -> tuple[int, int]:
        """Return how many frames the WAL has and how many of them the database has too."""
        index = Path(f"{self.path}-shm").read_bytes()
        (most,) = struct.unpack_from("=I", index, MOST_FRAME_AT)
        (backfilled,) = struct.unpack_from("=I", index, BACKFILLED_AT)
        return most, backfilled


def cut_off(wal: bytes, place: int, random: Random) -> bytes:
    return wal[:place]


def garbled(wal: bytes, place: int, random: Random) -> bytes:
    return wal[:place] + random.randbytes(len(wal) - place)


def one_byte_wrong(wal: bytes, place: int, random: Random) -> bytes:
    return wal[:place] + bytes([wal[place] ^ random.randint(1, 255)]) + wal[place + 1 :]


def a_block_missing(wal: bytes, place: int, random: Random) -> bytes:
    return wal[:place] + bytes(PAGE) + wal[place + PAGE :]


DAMAGES = [cut_off, garbled, one_byte_wrong, a_block_missing]


def whole_frames(wal: bytes, spoilt: bytes) -> int:
    """Return how many frames at the start of *wal* are as they were."""
    ends = range(WAL_HEADER, min(len(wal), len(spoilt)) + 1, FRAME)
    starts = (0, *ends)
    same = [wal[start:end] == spoilt[start:end] for start, end in zip(starts, ends, strict=False)]
    return max(0, (*same, False).index(False) - 1)


def places(cut: Cut, wal: bytes, random: Random) -> list[int]:
    """Return where a WAL is cut: frame boundaries, next to them, and anywhere."""
    ends = [WAL_HEADER + FRAME * number for number in range(cut.synced, max(cut.frames.values()))]
    near = [end + by for end in ends for by in (0, 1, FRAME_HEADER)] + [end - 1 for end in ends[1:]]
    if cut.synced == 0:
        near += [0, 1, WAL_HEADER - 1]
    start = WAL_HEADER + FRAME * cut.synced
    anywhere = [random.randrange(start, len(wal)) for _ in range(20)] if start < len(wal) else []
    return sorted({place for place in near + anywhere if place < len(wal)})


def assert_prefix(folder: Path, wal: bytes, expected: Snapshot) -> None:
    """Assert that the database of *folder* with *wal* holds what is *expected*, and is sound."""
    opened = folder / "opened"
    opened.mkdir()
    shutil.copy(folder / "hub.db", opened / "hub.db")
    (opened / "hub.db-wal").write_bytes(wal)
    url = f"sqlite:///{opened / 'hub.db'}"
    writer, look = Writer(url), Look(url)
    assert look("PRAGMA integrity_check") == [("ok",)]
    assert look("PRAGMA foreign_key_check") == []
    assert look.everything() == expected
    ((pages, tag_count),) = look(
        "SELECT COALESCE((SELECT pages FROM walk), 0), (SELECT COUNT(*) FROM tag)"
    )
    assert tag_count == (pages * (ROWS_A_PAGE - 1) + 1 if pages else 0)
    assert pages % PAGES_A_BATCH == 0
    done = pages // PAGES_A_BATCH
    if done < BATCHES:
        writer.write(batch(done))
    writer.close()
    shutil.rmtree(opened)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("checkpoint_pages", [1000, 90], ids=["one WAL", "checkpoints"])
def test_a_power_cut_leaves_whole_batches(
    tmp_path: Path, damage: Callable[[bytes, int, Random], bytes], checkpoint_pages: int
) -> None:
    random, recorder = Random(0), Recorder(tmp_path, checkpoint_pages=checkpoint_pages)
    found: set[int] = set()
    for cut in recorder.record():
        wal = (cut.folder / "hub.db-wal").read_bytes()
        every = places(cut, wal, random)
        for place in random.sample(every, min(2, len(every))):
            spoilt = damage(wal, place, random)
            kept = cut.kept(whole_frames(wal, spoilt))
            assert_prefix(cut.folder, spoilt, recorder.snapshots[kept])
            found.add(cut.committed - kept)
    recorder.writer.close()
    assert {1, 2} < found, "some cuts lost several batches"


def test_bytes_around_the_frames_of_the_last_batches(tmp_path: Path) -> None:
    random, recorder = Random(1), Recorder(tmp_path, checkpoint_pages=1000)
    *_, cut = recorder.record()
    wal = (cut.folder / "hub.db-wal").read_bytes()
    first = cut.frames[BATCHES - 2]
    # Every third: with each frame one of its five places, and all five before long.
    for place in [*places(cut._replace(synced=first), wal, random)[::3], len(wal)]:
        kept = cut.kept(whole_frames(wal, wal[:place]))
        assert_prefix(cut.folder, wal[:place], recorder.snapshots[kept])
        assert kept >= BATCHES - 2
    assert kept == BATCHES
    recorder.writer.close()


def test_a_power_cut_in_a_transaction_leaves_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path, checkpoint_pages=1000)
    recorder.writer.write(batch(0))
    before = recorder.look.everything()
    size = Path(f"{recorder.path}-wal").stat().st_size
    # So small a cache spills into the WAL before the transaction ends.
    recorder.writer._connection.execute("PRAGMA cache_size = 5")
    put, copies = recorder.writer._put, []

    def put_and_copy(item: Item) -> None:
        put(item)
        copies.append(recorder.copy(f"during{len(copies)}"))

    monkeypatch.setattr(recorder.writer, "_put", put_and_copy)
    recorder.writer.write([item for number in range(1, 6) for item in batch(number)])
    assert (copies[-1] / "hub.db-wal").stat().st_size > size
    for folder in copies:
        assert_prefix(folder, (folder / "hub.db-wal").read_bytes(), before)
    recorder.writer.close()
