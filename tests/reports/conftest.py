from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.reports.stored_images import Stored
from tests.reports.images import Images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A SQLite file; a database on a server too where a test is `ON_BOTH`.

    That all answers are the same is seen in tests/commands/test_both_databases.py.
    """
    if getattr(request, "param", "sqlite") == "postgresql":
        return str(request.getfixturevalue("postgres").emptied())
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def images(url: str) -> Images:
    return Images(url)


@pytest.fixture
def stored(url: str) -> Iterator[Callable[[], Stored]]:
    """What opens the database, once all that is wanted is in it."""
    opened: list[Stored] = []

    def open_it() -> Stored:
        opened.append(Stored(url))
        return opened[-1]

    yield open_it
    for one in opened:
        one.__exit__()
