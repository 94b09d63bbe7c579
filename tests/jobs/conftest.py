from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.jobs.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn
    from tests.postgres import Server


@pytest.fixture
def queue_url(postgres: Server) -> Iterator[str]:
    url = postgres.database()
    yield url
    postgres.drop(url)


@pytest.fixture
def workers(standin_hub: StandIn, queue_url: str, tmp_path: Path) -> Workers:
    return Workers(standin_hub, queue_url, tmp_path)
