"""Many workers and one PostgreSQL server, of which now one, now the other is killed.

`python -m tests.benchmarks.workers [--tags 1000000] [--repositories 20000] [--kills 30]`. Three
workers share a queue; they are killed with SIGKILL at random moments, and the server is restarted
once in mid-crawl. Prints whether the rows are those of the truth, tags a second, the peak memory of
a worker and of a crawl, the database's bytes a tag, and the peak of the WAL. The server is that of
the tests, which does not wait for the disk.
"""
# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import psycopg

from dockerhub.jobs.schema import SCHEMA
from tests.benchmarks.processes import CHECKOUT, SECRET, USER, print_table, running_standin
from tests.jobs.workers import children
from tests.postgres import Server, programs, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKERS = 3
NAMESPACES = 20
"""organisations that are enqueued together"""
PLATFORMS = 4
_LOOK_SECONDS = 0.2
# 1,000,000 tags take ten minutes without a kill; nobody waits for ever.
_MOST_SECONDS = 3 * 3600
_PAGE = os.sysconf("SC_PAGE_SIZE")
_WAL = "SELECT COALESCE(sum(size), 0)::bigint FROM pg_ls_waldir()"
_STATES = f"SELECT status::text, count(*) FROM {SCHEMA}.procrastinate_jobs GROUP BY 1"
_SAYS = f"SELECT exit_status, said, count(*) FROM {SCHEMA}.job_end GROUP BY 1, 2 ORDER BY 3 DESC"
_TAGS = """SELECT
    (SELECT count(*) FROM dockerhub.repository WHERE gone_at IS NULL),
    (SELECT count(*) FROM dockerhub.tag WHERE gone_at IS NULL),
    (SELECT count(*) FROM dockerhub.tag AS t
        JOIN dockerhub.image AS i ON i.image_set_id = t.image_set_id),
    (SELECT count(*) FROM dockerhub.tag WHERE gone_at IS NOT NULL),
    (SELECT count(*) FROM dockerhub.walk WHERE finished_at IS NULL)"""
_UNEVEN = """SELECT count(*) FROM (
    SELECT r.id FROM dockerhub.repository AS r
    LEFT JOIN dockerhub.tag AS t ON t.repository_id = r.id AND t.gone_at IS NULL
    GROUP BY r.id HAVING count(t.id) <> %s) AS wrong"""


@dataclass
class Peaks:
    """What was the most, in bytes."""

    worker: int = 0
    crawl: int = 0
    wal: int = 0
    lost_seconds: float = 0.0
    """how long the server was away"""


@dataclass
class Scene:
    """Three workers, whose server may go."""

    server: Server
    url: str
    environment: dict[str, str]
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    peaks: Peaks = field(default_factory=Peaks)
    logs: int = 0

    def start(self) -> None:
        """Start one more worker."""
        self.logs += 1
        with (self.folder / f"worker-{self.logs}.log").open("wb") as log:
            self.workers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "scrapy", "worker"],
                    env=self.environment,
                    cwd=CHECKOUT,
                    stdout=log,
                    stderr=log,
                )
            )

    def kill(self, place: int) -> None:
        """Kill a worker as nothing can be prepared for, and start another one."""
        victim = self.workers.pop(place)
        victim.kill()
        victim.wait()
        self.start()

    def restart_server(self) -> None:
        """Restart PostgreSQL under all of them."""
        began = time.perf_counter()
        self.server.stop("fast")
        self.server.start()
        self.peaks.lost_seconds += time.perf_counter() - began

    def asked(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        """Return rows."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(statement.encode(), parameters or None).fetchall()

    def look(self) -> dict[str, int]:
        """Note the peaks, and return how many jobs are in which state."""
        for worker in self.workers:
            self.peaks.worker = max(self.peaks.worker, _memory(worker.pid))
            for crawl in children(worker.pid):
                self.peaks.crawl = max(self.peaks.crawl, _memory(crawl))
        self.peaks.wal = max(self.peaks.wal, int(str(self.asked(_WAL)[0][0])))
        return {str(state): int(str(count)) for state, count in self.asked(_STATES)}

    def stop(self) -> None:
        """End the workers that are left."""
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.wait(120)

    def complaints(self) -> Iterator[str]:
        """Yield what the workers said that they should not have."""
        for path in sorted(self.folder.glob("worker-*.log")):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                if "Traceback" in line or " ERROR: " in line:
                    yield f"{path.name}: {line}"


def _memory(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def moments(kills: int, random: Random) -> list[float]:
    """Return at which shares of the work each kill comes."""
    return sorted(random.uniform(0.02, 0.95) for _ in range(kills))


def crawl(scene: Scene, tags: int, kills: int, random: Random) -> float:
    """Let the workers do it all, kill them meanwhile, and return how many seconds it took."""
    began = time.perf_counter()
    due, restart_at = moments(kills, random), 0.5
    for _ in range(WORKERS):
        scene.start()
    while time.perf_counter() - began < _MOST_SECONDS:
        states = scene.look()
        share = _share(scene, tags)
        if due and share >= due[0]:
            due.pop(0)
            scene.kill(random.randrange(WORKERS))
        if restart_at is not None and share >= restart_at:
            restart_at = None
            scene.restart_server()
        if not states.get("todo") and not states.get("doing"):
            break
        time.sleep(_LOOK_SECONDS)
    wall = time.perf_counter() - began
    print(f"kills left over: {len(due)}, restart {'left over' if restart_at else 'done'}")
    scene.stop()
    return wall


def _share(scene: Scene, tags: int) -> float:
    rows = scene.asked(
        "SELECT last_value FROM pg_sequences WHERE schemaname = 'dockerhub'"
        " AND sequencename = 'tag_id_seq'"
    )
    return float(str(rows[0][0] or 0)) / tags if rows else 0.0


def report(scene: Scene, given: argparse.Namespace, wall: float) -> int:
    """Print what came of it, and return 1 if the rows are not those of the truth."""
    each = given.tags // given.repositories
    tags = each * given.repositories
    found = scene.asked(_TAGS)[0]
    wanted = (given.repositories, tags, tags * PLATFORMS, 0, 0)
    uneven = scene.asked(_UNEVEN, each)[0][0]
    is_true = found == wanted and uneven == 0
    print(f"rows {'equal the truth' if is_true else f'DIFFER: {found}, expected {wanted}'}")
    print(f"repositories with another number of tags: {uneven}")
    size = int(str(scene.asked("SELECT pg_database_size(current_database())")[0][0]))
    peaks = scene.peaks
    print_table(
        ["workers", "tags", "s", "tags/s", "worker MB", "crawl MB", "bytes a tag", "WAL peak MB"],
        [
            [
                WORKERS,
                tags,
                f"{wall:.1f}",
                f"{tags / wall:.0f}",
                f"{peaks.worker / 1e6:.0f}",
                f"{peaks.crawl / 1e6:.0f}",
                f"{size / tags:.0f}",
                f"{peaks.wal / 1e6:.0f}",
            ]
        ],
    )
    print(f"server away for {peaks.lost_seconds:.1f} s; jobs {scene.asked(_STATES)}")
    for status, said, count in scene.asked(_SAYS):
        print(f"ended {status}: {count} ({said})")
    complaints = list(scene.complaints())
    print(*complaints[:20], f"{len(complaints)} complaints", sep="\n")
    return 0 if is_true else 1


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tags", type=int, default=1_000_000)
    parser.add_argument("--repositories", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    each, own = given.tags // given.repositories, given.repositories // NAMESPACES
    names = [f"org{number}" for number in range(NAMESPACES)]
    given.repositories = own * NAMESPACES
    world = [word for name in names for word in ("--namespace", f"{name}={own}x{each}")]
    found = programs()
    if found is None:
        raise SystemExit("PostgreSQL's programs are not installed")
    arguments = ["--plain", "--cheap", "--platforms", str(PLATFORMS), *world]
    with (
        running_server(found) as server,
        running_standin(*arguments) as hub,
        tempfile.TemporaryDirectory() as folder,
    ):
        scene = Scene(server, server.database(), _environment(hub), Path(folder))
        scene.environment["DOCKERHUB_DATABASE_URL"] = scene.url
        command = [
            sys.executable,
            "-m",
            "scrapy",
            "enqueue",
            "repos",
            "-a",
            f"org={','.join(names)}",
        ]
        subprocess.run(
            command, env=scene.environment, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL
        )
        wall = crawl(scene, each * given.repositories, given.kills, Random(given.seed))
        return report(scene, given, wall)


def _environment(hub: str) -> dict[str, str]:
    return {
        **os.environ,
        "DOCKERHUB_HUB_URL": hub,
        "DOCKERHUB_HUB_RATE": "0",
        "DOCKERHUB_USERNAME": USER,
        "DOCKERHUB_PASSWORD": SECRET,
        "DOCKERHUB_WORKER_SILENCE": "10",
        "DOCKERHUB_JOB_BACKOFF": "5",
    }


if __name__ == "__main__":
    sys.exit(main())
