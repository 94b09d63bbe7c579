from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.store.reader import Reader
from dockerhub.store.writer import Writer
from tests.store.made import Look

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask all that is about a database of both; a module names its `ENGINES` if it is about one."""
    own = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "url" in metafunc.fixturenames and not any("url" in names for names in own):
        engines = getattr(metafunc.module, "ENGINES", ("sqlite", "postgresql"))
        if metafunc.definition.get_closest_marker("sqlite"):
            engines = ("sqlite",)
        metafunc.parametrize("url", engines, indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hub.db'}"
        return
    yield request.getfixturevalue("postgres").emptied()


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
