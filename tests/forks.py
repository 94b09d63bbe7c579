"""Starts forked processes and waits for them: what `subprocess` is for those with imports to do."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHECKOUT = Path(__file__).parents[1]


class Running:
    """A forked process, used as `subprocess.Popen` is."""

    pid: int

    def __init__(self, *outputs: int | None) -> None:
        """Keep what goes to no file of the caller's."""
        self.returncode: int | None = None
        self._kept = [tempfile.TemporaryFile() if file is None else None for file in outputs]  # noqa: SIM115
        self.outputs = [
            kept.fileno() if kept else file for kept, file in zip(self._kept, outputs, strict=True)
        ]
        self.has_started, self._has_ended = threading.Event(), threading.Event()

    def end(self, status: int) -> None:
        """Hear how it ended."""
        self.returncode = status
        self._has_ended.set()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its status. One that is late is killed, and fails the test."""
        is_late = not self._has_ended.wait(timeout)
        if is_late:
            self.kill()
            self._has_ended.wait()
        assert not is_late, f"process {self.pid} took longer than {timeout} s"
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end and return its output and errors, as far as they were kept."""
        self.wait(timeout)
        out, err = map(_text, self._kept)
        return out, err

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        for file in self._kept:
            if file is not None:
                file.close()


def _text(file: IO[bytes] | None) -> str:
    if file is None:
        return ""
    with file:
        file.seek(0)
        return file.read().decode()


class Forker:
    """The process that is forked from, started when it is needed first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._ours, self._theirs = socket.socketpair()
        self._starting: Running | None = None
        self._under_way: dict[int, Running] = {}

    def start(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        code: str | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> Running:
        """Start `scrapy`, or what the Python text *code* says, with *arguments*.

        What it writes goes to the open files *stdout* and *stderr*, or is kept.
        """
        job = {"arguments": list(arguments), "env": dict(env), "cwd": str(cwd), "code": code}
        with self._lock:
            if self._server is None:
                self._server = self._start_server()
            self._starting = running = Running(stdout, stderr)
            socket.send_fds(self._ours, [f"{json.dumps(job)}\n".encode()], running.outputs)
            assert running.has_started.wait(60), "the process that is forked from has failed"
        return running

    def _start_server(self) -> subprocess.Popen[bytes]:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.forking", str(self._theirs.fileno())],
            cwd=CHECKOUT,
            env={"PATH": os.environ.get("PATH", "")},
            pass_fds=[self._theirs.fileno()],
        )
        self._theirs.close()
        threading.Thread(target=self._listen, daemon=True).start()
        atexit.register(self._stop)
        return server

    def _listen(self) -> None:
        """Hear which processes have started and how they ended, in this order."""
        with self._ours.makefile("r") as lines:
            for line in lines:
                pid, status = json.loads(line)
                if status is None:
                    assert self._starting is not None
                    self._starting.pid = pid
                    self._under_way[pid] = self._starting
                    self._starting.has_started.set()
                else:
                    self._under_way.pop(pid).end(status)

    def _stop(self) -> None:
        assert self._server is not None
        self._ours.shutdown(socket.SHUT_WR)
        self._server.wait()


FORKER = Forker()
