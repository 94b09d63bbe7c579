"""Runs crawls as a user does, in a process of their own, against the stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.forks import FORKER, Running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockerhub.standin import Exchange, StandIn

CHECKOUT = Path(__file__).parents[1]
# A folder with a sitecustomize: what our own modules are warned of fails the crawl.
STRICT = CHECKOUT / "tests" / "strict"
ACCOUNT = {"ada": "secret"}
SIGNED_IN = {"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_PASSWORD": "secret"}


@dataclass(frozen=True)
class Ended:
    """A program that ended."""

    status: int
    out: str
    err: str
    seconds: float

    @property
    def lines(self) -> list[str]:
        """What it said, line by line, without the time in front of log lines."""
        return [line for line in self.err.splitlines() if line]


def environment(hub_url: str, database: Path, more: Mapping[str, str] = {}) -> dict[str, str]:
    """Return an environment in which nothing of this machine's accounts and proxies is left."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ}
    return {
        **kept,
        "HOME": str(database.parent),
        "PYTHONPATH": f"{STRICT}{os.pathsep}{CHECKOUT}",
        "SCRAPY_SETTINGS_MODULE": "dockerhub.settings",
        "DOCKERHUB_HUB_URL": hub_url,
        "DOCKERHUB_DATABASE_URL": f"sqlite:///{database}",
        "DOCKERHUB_HUB_RATE": "0",
        # A port at which nobody listens, where a test does not say otherwise.
        "DOCKERHUB_REGISTRY_URL": "http://127.0.0.1:1",
        "DOCKERHUB_AUTH_URL": "http://127.0.0.1:1",
        "DOCKERHUB_REGISTRY_RATE": "0",
        **more,
    }


def scrapy(*arguments: str, env: Mapping[str, str], cwd: Path, timeout: float = 120) -> Ended:
    """Run `scrapy` with *arguments* to its end."""
    started = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        env=dict(env),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Ended(run.returncode, run.stdout, run.stderr, time.monotonic() - started)


def forked(*arguments: str, env: Mapping[str, str], cwd: Path, timeout: float = 120) -> Ended:
    """Run `scrapy` with *arguments* to its end, without its imports."""
    began = time.monotonic()
    running = started(*arguments, env=env, cwd=cwd)
    out, err = running.communicate(timeout)
    return Ended(running.wait(), out, err, time.monotonic() - began)


def started(
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Running:
    """Start `scrapy` with *arguments*, without its imports; its output is kept or goes to files."""
    return FORKER.start(arguments, env=env, cwd=cwd, stdout=stdout, stderr=stderr)


def python(
    code: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    cwd: Path = CHECKOUT,
    stdout: int | None = None,
) -> Running:
    """Start the Python text *code* with *arguments* where our modules are imported already."""
    given = {"PYTHONPATH": str(CHECKOUT)} if env is None else env
    return FORKER.start(arguments, env=given, cwd=cwd, code=code, stdout=stdout)


def services(hub: StandIn) -> dict[str, str]:
    """Return where the registry and the token service of a stand-in are."""
    return {"DOCKERHUB_REGISTRY_URL": hub.registry_url, "DOCKERHUB_AUTH_URL": hub.auth_url}


class Crawls:
    """Crawls of one stand-in into one database."""

    def __init__(self, hub: StandIn, folder: Path) -> None:
        self.hub = hub
        self.folder = folder
        self.database = folder / "hub.db"
        self.settings: dict[str, str] = {}
        """settings of the crawls to come, as the environment has them"""

    def run(self, spider: str, *options: str, signed_in: bool = True, **arguments: str) -> Ended:
        """Run a crawl; the journal then holds its requests alone."""
        self.hub.journal.clear()
        given = [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
        more = {**services(self.hub), **(SIGNED_IN if signed_in else {})}
        env = environment(self.hub.url, self.database, more | self.settings)
        ended = forked("crawl", spider, *given, *options, env=env, cwd=self.folder)
        assert self.hub.journal.unknown == [], "a request that no Docker Hub answers"
        assert self.hub.journal.stray_tokens == [], "a token where none belongs"
        assert "Traceback" not in ended.err, ended.err
        assert "Deprecat" not in ended.err, ended.err
        return ended

    def when_asked(self, kind: str, times: int, action: Callable[[], object]) -> None:
        """Do *action* once, when the answer number *times* of a kind is ready and before it goes.

        So what changes meanwhile changes at the same place in every run.
        """
        record, left = self.hub.journal.record, times

        def recorded(exchange: Exchange) -> None:
            nonlocal left
            record(exchange)
            left -= exchange.kind == kind
            if left == 0 and exchange.kind == kind:
                action()

        self.hub.journal.record = recorded  # type: ignore[method-assign]

    def requests(self) -> dict[str, int]:
        """Return how many requests of each kind the last crawl made, signing in left out."""
        counts = dict(self.hub.journal.counts())
        counts.pop("sign_in", None)
        return counts
