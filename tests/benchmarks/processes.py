"""What the benchmarks start: a stand-in to ask, and programs that are measured as a whole."""
# ruff: noqa: T201  (printing is what a benchmark is for)

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CHECKOUT = Path(__file__).parents[2]
USER, SECRET = "ada", "secret"

_LOOK_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one process cost from its start to its end."""

    wall: float
    """seconds"""
    cpu: float
    """seconds, user and system together"""
    rss: int
    """peak resident memory in bytes"""


@contextmanager
def running_standin(*arguments: str) -> Iterator[str]:
    """Run a stand-in as a process and give its address."""
    command = [sys.executable, "-m", "dockerhub.standin", "--port", "0", *arguments]
    command += ["--account", f"{USER}:{SECRET}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url:
                raise SystemExit("the stand-in did not start")
            yield url
        finally:
            process.terminate()


def ask(url: str, *, method: str = "GET") -> Any:
    """Return what a control endpoint of the stand-in answers."""
    with urlopen(Request(url, method=method), timeout=60) as response:
        return json.loads(response.read() or b"null")


def our_crawl(spider: str, *arguments: str) -> list[str]:
    """Return the command of one of our crawls."""
    given = [part for argument in arguments for part in ("-a", argument)]
    return [sys.executable, "-m", "scrapy", "crawl", spider, *given]


def our_environment(hub: str, database: Path, *, rate: float = 0) -> dict[str, str]:
    """Return the environment of our crawl: signed in, at most *rate* requests a minute."""
    return {
        **os.environ,
        "DOCKERHUB_HUB_URL": hub,
        "DOCKERHUB_HUB_RATE": str(rate),
        "DOCKERHUB_DATABASE_URL": f"sqlite:///{database}",
        "DOCKERHUB_USERNAME": USER,
        "DOCKERHUB_PASSWORD": SECRET,
    }


def measure(
    command: Sequence[str],
    *,
    folder: Path = CHECKOUT,
    environment: Mapping[str, str] | None = None,
    watch: Callable[[int], None] | None = None,
) -> Run:
    """Run *command* to its end and return its cost; *watch* is called with its number meanwhile."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        while watch is not None:
            watch(process.pid)
            time.sleep(_LOOK_SECONDS)
            if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command}: exit status {process.returncode}\n{said.decode()}")
    return Run(wall=wall, cpu=used.ru_utime + used.ru_stime, rss=used.ru_maxrss * 1024)


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print *rows* under *head*, the first column to the left, the others to the right."""
    table = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        print("  ".join(cells).rstrip(), flush=True)
