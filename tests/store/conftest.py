from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.store.reader import Reader
from dockerhub.store.writer import Writer
from tests.store.made import Look

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def writer(url: str) -> Iterator[Writer]:
    made = Writer(url)
    yield made
    made.close()


@pytest.fixture
def look(url: str) -> Look:
    return Look(url)


@pytest.fixture
def reader(url: str) -> Iterator[Reader]:
    made = Reader(url)
    yield made
    made.close()
