"""Runs `scrapy` in a process that is forked from one which has imported everything already.

Half of what a small crawl takes is Python's imports. A forked process is as much of its own as one
that is started: it has its arguments, environment, folder, output, database and network for itself.
`tests/forks.py` asks for them.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sys
import threading
import warnings
from pathlib import Path
from typing import Any, NoReturn

_PACKAGES = (
    "scrapy.commands",
    "scrapy.core",
    "scrapy.downloadermiddlewares",
    "scrapy.extensions",
    "dockerhub",
)
_MODULES = ("scrapy.cmdline", "scrapy.spidermiddlewares.start", "twisted.web.client")
# They look at the environment as they are imported, or are another program.
_LEFT_OUT = ("dockerhub.settings", "dockerhub.standin.__main__")


def preload() -> None:
    """Import what a crawl imports, but for what looks at the environment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _import_all()
    assert "twisted.internet.reactor" not in sys.modules, "a reactor cannot be forked"
    # The garbage collector of a forked process need not look at (and copy) what this one has.
    gc.collect()
    gc.freeze()


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


def serve(asked: socket.socket) -> None:
    """Fork for each line that comes with two files; tell the process, and later how it ended."""
    preload()
    with selectors.DefaultSelector() as under_way:
        under_way.register(asked, selectors.EVENT_READ)
        while True:
            for key, _ in under_way.select():
                if key.fileobj is not asked:
                    under_way.unregister(key.fileobj)
                    os.close(key.fd)
                    _, status = os.waitpid(key.data, 0)
                    _tell(asked, key.data, os.waitstatus_to_exitcode(status))
                elif (job := _job(asked)) is None:
                    return
                else:
                    process, alive = _forked(job, asked)
                    under_way.register(alive, selectors.EVENT_READ, process)
                    _tell(asked, process, None)


def _tell(asked: socket.socket, process: int, status: int | None) -> None:
    asked.sendall(f"{json.dumps([process, status])}\n".encode())


def _job(asked: socket.socket) -> dict[str, Any] | None:
    """Return what is asked for next, its `out` and `err` being open files; None at the end."""
    text, files = b"", []
    while not text.endswith(b"\n"):
        more, came, _, _ = socket.recv_fds(asked, 65_536, 2)
        if not more:
            return None
        text += more
        files += came
    return {**json.loads(text), "out": files[0], "err": files[1]}


def _forked(job: dict[str, Any], asked: socket.socket) -> tuple[int, int]:
    """Return the process that does *job*, and a file that is at its end when the process is."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        asked.close()
        run(job)
    for file in (writing, job["out"], job["err"]):
        os.close(file)
    return process, reading


def run(job: dict[str, Any]) -> NoReturn:
    """Be the program that *job* asks for, and end as it does."""
    _dress(job)
    status: object = 0
    try:
        if job["code"] is None:
            importlib.import_module("scrapy.cmdline").execute()
        else:
            exec(compile(job["code"], "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as ended:
        status = ended.code
    except BaseException as error:  # noqa: BLE001  (as Python itself does it)
        sys.excepthook(*sys.exc_info())
        status = error if isinstance(error, KeyboardInterrupt) else 1
    _end(status)


def _dress(job: dict[str, Any]) -> None:
    """Give this process the files, the environment, the folder and the arguments of *job*."""
    for number, file in enumerate((os.open(os.devnull, os.O_RDWR), job["out"], job["err"])):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(job["env"])
    os.chdir(job["cwd"])
    sys.argv = ["scrapy" if job["code"] is None else "-c", *job["arguments"]]
    for folder in reversed(job["env"].get("PYTHONPATH", "").split(os.pathsep)):
        sys.path.insert(0, folder)
        if (custom := Path(folder) / "sitecustomize.py").is_file():
            runpy.run_path(str(custom))


def _end(status: object) -> NoReturn:
    """End as Python does: pools of threads are told to end before they are waited for."""
    if isinstance(status, str):
        sys.stderr.write(f"{status}\n")
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    # What nobody reads any more was told as far as it could be.
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    if isinstance(status, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(status if isinstance(status, int) else 1 if status else 0)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as given:
        serve(given)
