"""Runs `scrapy` in a process that is forked from one which has imported everything already.

Half of what a small crawl takes is Python's imports. A forked process is as much of its own as one
that is started: it has its arguments, environment, folder, output, database and network for itself.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import pkgutil
import runpy
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHECKOUT = Path(__file__).parents[1]
_PACKAGES = ("scrapy.core", "scrapy.extensions", "scrapy.downloadermiddlewares", "dockerhub")
_MODULES = ("scrapy.cmdline", "scrapy.spidermiddlewares.start", "twisted.web.client")
# They look at the environment as they are imported, or are another program.
_LEFT_OUT = ("dockerhub.settings", "dockerhub.standin.__main__")


def preload() -> None:
    """Import what a crawl imports, but for what looks at the environment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _import_all()
    assert "twisted.internet.reactor" not in sys.modules, "a reactor cannot be forked"


def _import_all() -> None:
    for name in _MODULES:
        importlib.import_module(name)
    for package in _PACKAGES:
        found = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
        for module in found:
            is_left_out = module.name in _LEFT_OUT or module.name.startswith("dockerhub.standin")
            # Some need packages that we do not use.
            with contextlib.suppress(ImportError):
                if not is_left_out:
                    importlib.import_module(module.name)


def serve() -> None:
    """Fork for each line of standard input; tell the process, then its status."""
    preload()
    for line in sys.stdin:
        job = json.loads(line)
        process = os.fork()
        if process == 0:
            run(job)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def run(job: dict[str, Any]) -> NoReturn:
    """Be the `scrapy` that *job* asks for, and end with its status."""
    for number, path in enumerate((os.devnull, job["out"], job["err"])):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(job["env"])
    os.chdir(job["cwd"])
    sys.argv = ["scrapy", *job["arguments"]]
    for folder in reversed(job["env"].get("PYTHONPATH", "").split(os.pathsep)):
        sys.path.insert(0, folder)
        if (custom := Path(folder) / "sitecustomize.py").is_file():
            runpy.run_path(str(custom))
    status: object = 1
    try:
        importlib.import_module("scrapy.cmdline").execute()
    except SystemExit as end:
        status = end.code
    except BaseException:  # noqa: BLE001  (as Python itself does it)
        sys.excepthook(*sys.exc_info())
    finally:
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1 if status else 0)


class Forker:
    """A process that is forked from, started when it is needed first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        output: Path,
        timeout: float,
    ) -> tuple[int, str, str]:
        """Run `scrapy` with *arguments* to its end; return status, output and errors."""
        server = self._started()
        assert server.stdin is not None
        assert server.stdout is not None
        out, err = output / "out", output / "err"
        job = {"arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}
        server.stdin.write(json.dumps({**job, "out": str(out), "err": str(err)}) + "\n")
        server.stdin.flush()
        process = int(server.stdout.readline())
        is_late = threading.Event()

        def kill() -> None:
            is_late.set()
            os.kill(process, 9)

        watch = threading.Timer(timeout, kill)
        watch.start()
        status = int(server.stdout.readline())
        watch.cancel()
        assert not is_late.is_set(), f"{arguments} took longer than {timeout} s"
        return status, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forking"],
                cwd=CHECKOUT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={"PATH": os.environ.get("PATH", "")},
            )
            atexit.register(self._stop)
        return self._process

    def _stop(self) -> None:
        assert self._process is not None
        self._process.communicate()


_OF_THIS_THREAD = threading.local()


def forker() -> Forker:
    """Return the process that this thread forks from: it runs one crawl at a time."""
    if not hasattr(_OF_THIS_THREAD, "forker"):
        _OF_THIS_THREAD.forker = Forker()
    made: Forker = _OF_THIS_THREAD.forker
    return made


if __name__ == "__main__":
    serve()
