"""A crawl in a process of its own, which ends when the worker that started it does."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from dockerhub.redact import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dockerhub.jobs.job import CrawlJob

_PARENT_DEATH = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
_MOST_SAID = 500
_TERM_SECONDS = 20.0
"""how long a crawl that is told to end may take to write what it has"""
# What a worker reads of a line: how grave it is, and the rest.
_LOG_FORMAT = "%(levelname)s: %(message)s"
_LEFT = "incomplete "
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_LIBC: Any = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Ended(NamedTuple):
    """How a crawl ended."""

    status: int
    """its exit status; a negative one is the signal that ended it"""
    said: str
    """why, in one line without secrets; empty if it said nothing"""


def command_of(job: CrawlJob, options: Iterable[str] = ()) -> list[str]:
    """Return the command line of a job's crawl; no secret is in it."""
    given = [word for name, value in job.arguments.items() for word in ("-a", f"{name}={value}")]
    settings = ["-s", f"LOG_FORMAT={_LOG_FORMAT}", *options]
    return [sys.executable, "-m", "scrapy", "crawl", job.spider, *given, *settings]


async def run_crawl(
    command: list[str],
    environment: Mapping[str, str],
    tell: Callable[[str, str], None],
) -> Ended:
    """Run a crawl to its end; *tell* is called with the level and text of each line it says.

    Cancelled, it lets the crawl write what it has, and kills it if that takes too long.
    """
    worker = os.getpid()
    process = await asyncio.create_subprocess_exec(
        *command,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        # Ctrl-C is for the worker, which then tells its crawls.
        start_new_session=True,
        preexec_fn=lambda: _end_with(worker),
    )
    told = _Told(tell, secrets_in(environment))
    reading = asyncio.ensure_future(told.read(process.stderr))
    try:
        status = await process.wait()
        await reading
    except BaseException:
        await _stop(process)
        reading.cancel()
        raise
    return Ended(status, told.why if status else "")


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _TERM_SECONDS)
        except (TimeoutError, asyncio.CancelledError):
            process.kill()
            await process.wait()


def _end_with(worker: int) -> None:
    """Let the system kill this process when the worker is gone, however that goes."""
    if _LIBC is not None:
        _LIBC.prctl(_PARENT_DEATH, signal.SIGKILL)
        if os.getppid() != worker:  # it went before we could ask
            os._exit(1)


class _Told:
    """What a crawl says, line by line, and which of it says why it failed."""

    def __init__(self, tell: Callable[[str, str], None], secrets: list[str]) -> None:
        self._tell, self._secrets = tell, secrets
        self._error = self._left = self._last = ""

    @property
    def why(self) -> str:
        return self._error or self._left or self._last

    async def read(self, lines: asyncio.StreamReader | None) -> None:
        while lines is not None:
            try:
                line = await lines.readline()
            except ValueError:  # longer than any line of ours
                continue
            if not line:
                return
            self._take(line.decode(errors="replace"))

    def _take(self, line: str) -> None:
        for secret in self._secrets:
            line = line.replace(secret, "***")
        level, colon, text = line.partition(": ")
        if not (colon and level in _LEVELS):
            level, text = "INFO", line
        text = plain(text.removeprefix("scrapy crawl: "), _MOST_SAID)
        if not text:
            return
        if level in ("ERROR", "CRITICAL"):
            self._error = text
        # The crawl's summary tells what it left, one thing a line.
        if not self._left and text.startswith(_LEFT):
            self._left = text.removeprefix(_LEFT).strip()
        self._last = text
        self._tell(level, text)


def secrets_in(environment: Mapping[str, str]) -> list[str]:
    """Return the passwords that are in an environment, so that they can be left out of a text."""
    urls = [environment.get("DOCKERHUB_DATABASE_URL", "")]
    urls += environment.get("DOCKERHUB_PROXIES", "").replace(",", " ").split()
    found = {environment.get("DOCKERHUB_PASSWORD", "")}
    for url in urls:
        with contextlib.suppress(ValueError):
            password = urlsplit(url).password or ""
            found |= {password, unquote(password)}
    return sorted(found - {""}, key=len, reverse=True)
