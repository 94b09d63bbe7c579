"""Workers as processes, jobs in a real PostgreSQL, crawls of a real stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dockerhub.jobs.schema import SCHEMA
from tests.crawling import SIGNED_IN, Ended, environment, forked, services
from tests.postgres import ask
from tests.truth import assert_repositories, assert_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn, World

# A worker's silence after which its jobs are put back: short, so that a test need not wait long.
SILENCE = "6"


class Workers:
    """Workers of one queue, whose crawls ask one stand-in."""

    def __init__(self, hub: StandIn, url: str, folder: Path) -> None:
        self.hub, self.url, self.folder = hub, url, folder
        self.environment = environment(
            hub.url,
            folder / "none.db",
            {
                **services(hub),
                **SIGNED_IN,
                "DOCKERHUB_DATABASE_URL": url,
                "DOCKERHUB_WORKER_SILENCE": SILENCE,
                "DOCKERHUB_JOB_BACKOFF": "0.2",
                "DOCKERHUB_JOB_TRIES": "3",
            },
        )
        self.told: list[Path] = []
        """the files with what the workers said"""

    def run(self, command: str, *words: str, **arguments: str) -> Ended:
        """Run `scrapy enqueue`, `jobs`, or a worker to its end."""
        given = [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
        return forked(command, *words, *given, env=self.environment, cwd=self.folder)

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a worker; what it says goes to a file."""
        self.told.append(self.folder / f"worker-{len(self.told)}.log")
        with self.told[-1].open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "scrapy", "worker", *options],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    @contextmanager
    def working(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start a worker, and end it however the test ends."""
        worker = self.start(*options)
        try:
            yield worker
        finally:
            worker.kill()
            worker.wait(30)

    def said(self) -> str:
        """Return all that workers said so far."""
        return "".join(path.read_text(encoding="utf-8") for path in self.told)

    def states(self) -> dict[str, int]:
        """Return how many jobs are in which state."""
        table = f"{SCHEMA}.procrastinate_jobs"
        question = f"SELECT status::text, count(*) FROM {table} GROUP BY 1"
        return dict(ask(self.url, question))

    def until(self, holds: Callable[[], object], seconds: float = 60) -> None:
        """Wait until something holds; say what the workers said if it does not."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def assert_true(self, world: World, *namespaces: str) -> None:
        """Assert that the rows are those of the stand-in, and that nothing is half done."""
        for namespace in namespaces:
            assert_repositories(self.url, world, namespace)
            for repository in world.repositories(namespace):
                assert_tags(self.url, world, repository.full_name)
        assert ask(self.url, "SELECT count(*) FROM tag WHERE gone_at IS NOT NULL") == [(0,)]
        assert ask(self.url, "SELECT count(*) FROM walk WHERE finished_at IS NULL") == [(0,)]


def children(process: int) -> list[int]:
    """Return the processes that *process* has started."""
    path = f"/proc/{process}/task/{process}/children"
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


def is_running(process: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for does not."""
    try:
        os.kill(process, 0)
        with open(f"/proc/{process}/stat", encoding="ascii") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
