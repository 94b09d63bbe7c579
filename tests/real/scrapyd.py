"""Runs a real Scrapyd, which runs crawls as jobs out of an egg, and speaks to it as a user does."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from tests.crawling import CHECKOUT, Ended
from tests.real.ports import free_port
from tests.real.programs import Child, ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

PROJECT = "dockerhub"
USER, PASSWORD = "ops", "ops-pa55-of-scrapyd"
# What `scrapyd-deploy` reads in a checkout.
PARTS = ("dockerhub", "scrapy.cfg", "setup.py", "pyproject.toml", "requirements.txt", "README.md")

_CONFIGURATION = """
[scrapyd]
bind_address = 127.0.0.1
http_port = {port}
username = {user}
password = {password}
poll_interval = 0.2
max_proc = {slots}
jobs_to_keep = 20
jobstorage = scrapyd.jobstorage.SqliteJobStorage
"""
_TARGET = """
[deploy:test]
url = {url}
project = {project}
username = {user}
password = {password}
"""
_STARTED = re.compile(r"Process started: .* job='(?P<job>[^']*)' pid=(?P<pid>\d+)")
_PATIENCE_SECONDS = 60


def copy_checkout(folder: Path) -> Path:
    """Copy what an egg is made of to *folder*: making one leaves files where it is made."""
    folder.mkdir()
    for part in PARTS:
        source = CHECKOUT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    return folder


def scrapyd_deploy(*arguments: str, checkout: Path, home: Path) -> Ended:
    """Run `scrapyd-deploy` with *arguments* in a copy of the checkout."""
    started = time.monotonic()
    run = subprocess.run(
        [str(_beside_python("scrapyd-deploy")), *arguments],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )
    return Ended(run.returncode, run.stdout, run.stderr, time.monotonic() - started)


def _beside_python(name: str) -> Path:
    return Path(sys.executable).with_name(name)


class Scrapyd:
    """Scrapyd with its folder, on a port of its own; its jobs have *settings* as environment.

    Where it ends, its jobs do not: those that are left are killed with ``with``.
    """

    def __init__(
        self, folder: Path, settings: Mapping[str, str], *, egg: Path | None = None, slots: int = 4
    ) -> None:
        """*egg* is there from the start, as version 1; without it nothing is."""
        folder.mkdir()
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/"
        self._settings = dict(settings)
        text = _CONFIGURATION.format(port=self._port, user=USER, password=PASSWORD, slots=slots)
        (folder / "scrapyd.conf").write_text(text, encoding="utf-8")
        self._texts: list[str] = []
        if egg is not None:
            kept = folder / "eggs" / PROJECT
            kept.mkdir(parents=True)
            shutil.copy(egg, kept / "1.egg")
        self.start()

    def start(self) -> None:
        """Start it, again if it was stopped: its queue, its eggs and what it knows are kept."""
        command = [str(_beside_python("scrapyd")), "--pidfile="]
        self._child = Child(command, self.folder, self._settings)
        self._child.wait_for(self._is_ready)

    def end(self, by: signal.Signals) -> None:
        """End it and not its jobs."""
        self._texts.append(self._child.output.read_text("utf-8"))
        self._child.end(by)

    @property
    def log(self) -> str:
        """Everything that it logged itself."""
        return "".join([*self._texts, self._child.output.read_text("utf-8")])

    def ask(self, name: str, *, signed_in: bool = True, **given: str | list[str]) -> dict[str, Any]:
        """Ask its API; with *given* by POST but for listings.

        :raises AssertionError: if it does not answer in JSON
        """
        text = urlencode(given, doseq=True)
        reads = name.startswith(("list", "status", "daemon"))
        account = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        answer = ask(
            f"{self.url}{name}.json" + (f"?{text}" if reads else ""),
            method="GET" if reads else "POST",
            headers={"Content-Type": "application/x-www-form-urlencoded"}
            | ({"Authorization": f"Basic {account}"} if signed_in else {}),
            body=None if reads else text.encode(),
        )
        if answer.status != 200:
            return {"status": answer.status}
        said: dict[str, Any] = json.loads(answer.body)
        return said

    def name_to_deploy(self) -> None:
        """Tell `scrapyd-deploy` of it, in the configuration of a user."""
        text = _TARGET.format(url=self.url, project=PROJECT, user=USER, password=PASSWORD)
        (self.home / ".scrapy.cfg").write_text(text, encoding="utf-8")

    def schedule(
        self, spider: str, *settings: str, job: str | None = None, **arguments: str
    ) -> Job:
        """Have a crawl started, with *settings* NAME=VALUE."""
        named = {"jobid": job} if job else {}
        given = {"project": PROJECT, "spider": spider, "setting": list(settings)}
        said = self.ask("schedule", **given, **named, **arguments)
        assert said["status"] == "ok", said
        return Job(self, spider, said["jobid"])

    def pids(self) -> dict[str, int]:
        """Return the process of each job that it started."""
        return {each["job"]: int(each["pid"]) for each in _STARTED.finditer(self.log)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pids = self.pids().values()
        self._child.stop()
        for pid in pids:
            if is_job(pid, self.folder):
                os.kill(pid, signal.SIGKILL)

    def _is_ready(self) -> bool | None:
        with suppress(OSError):
            return True if self.ask("daemonstatus")["status"] == "ok" else None
        return None


class Job:
    """A job of a Scrapyd."""

    def __init__(self, scrapyd: Scrapyd, spider: str, name: str) -> None:
        self.scrapyd, self.name = scrapyd, name
        self._file = scrapyd.folder / "logs" / PROJECT / spider / f"{name}.log"

    @property
    def log(self) -> str:
        """What stands in its log so far."""
        return self._file.read_text("utf-8") if self._file.exists() else ""

    @property
    def lines(self) -> list[str]:
        """The same by lines, without the time in front."""
        return [line[20:] for line in self.log.splitlines()]

    @property
    def state(self) -> str | None:
        """Return pending, running or finished; None if Scrapyd knows nothing of it."""
        state: str | None = self.scrapyd.ask("status", job=self.name)["currstate"]
        return state

    @property
    def pid(self) -> int:
        return self.scrapyd.pids()[self.name]

    def wait(self) -> Job:
        """Wait until Scrapyd says that it ended."""
        wait_until(lambda: self.state == "finished", self.log)
        return self


def wait_until(look: Callable[[], object], what: str = "") -> None:
    """Wait until *look* says so.

    :raises AssertionError: if it does not in time
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def is_job(pid: int, folder: Path) -> bool:
    """Tell whether *pid* is a job, alive, of the Scrapyd in *folder*."""
    process = Path("/proc") / str(pid)
    try:
        is_here = (process / "cwd").readlink() == folder
        return is_here and b"scrapyd.runner" in (process / "cmdline").read_bytes()
    except OSError:
        return False
