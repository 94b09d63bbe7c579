"""Proxies of the tests' own: a gateway whose users leave by addresses of their own, and doors."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from base64 import b64decode
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from types import TracebackType

_NOT_TO_BE_HANDED_ON = re.compile(rb"(?im)^(?:proxy-authorization|(?:proxy-)?connection):.*\r\n")
_KNOWN = re.compile(rb"(?im)^proxy-authorization: basic (\S+)")
_HEAD = re.compile(rb"(?P<method>[A-Z]+) (?:http://)?(?P<place>[^/ ]+)(?P<path>\S*) ")
WANTED = b'HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm="gate"\r\n'
END = b"Content-Length: 0\r\nConnection: close\r\n\r\n"


class _Listening:
    """Serves each connection in a thread of its own, until the end of a ``with``."""

    def __init__(self, port: int = 0) -> None:
        self._listening = socket.create_server(("127.0.0.1", port))
        self.name = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.connections = 0
        """how many there were so far"""
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shut()

    def shut(self) -> None:
        """Refuse connections from now on."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._try, args=[caller], daemon=True).start()

    def _try(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError), caller:
            self._serve(caller)

    def _serve(self, caller: socket.socket) -> None:
        raise NotImplementedError


class Door(_Listening):
    """Says the same to whoever comes, or nothing at all, and shuts."""

    def __init__(self, answer: bytes = b"", port: int = 0) -> None:
        self._answer = answer
        super().__init__(port)

    def _serve(self, caller: socket.socket) -> None:
        _read_head(caller)
        caller.sendall(self._answer)


class Asked(NamedTuple):
    """One request to a gateway."""

    user: str
    method: str
    place: str


class Gateway(_Listening):
    """A proxy for everybody who knows *password*; each user has a source address of its own."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._lock = threading.Lock()
        self.addresses: dict[str, str] = {}
        """where each user came out, in the order in which they came"""
        self.asked: list[Asked] = []
        super().__init__()

    def _serve(self, caller: socket.socket) -> None:
        head = _read_head(caller)
        line, known = _HEAD.match(head), _KNOWN.search(head)
        if line is None:
            return
        user, _, password = b64decode(known[1]).decode().partition(":") if known else ("", "", "")
        if password != self._password:
            caller.sendall(WANTED + END)
            return
        place = line["place"].decode()
        with self._lock:
            address = self.addresses.setdefault(user, f"127.7.0.{len(self.addresses) + 1}")
            self.asked.append(Asked(user, line["method"].decode(), place))
        host, _, port = place.rpartition(":")
        called = socket.create_connection((host, int(port)), source_address=(address, 0))
        with called:
            if line["method"] == b"CONNECT":
                caller.sendall(b"HTTP/1.1 200 Go ahead\r\n\r\n")
            else:
                # One connection, one request: nobody else's may follow on it.
                rest = _NOT_TO_BE_HANDED_ON.sub(b"", head[line.end() :])
                first, rest = rest.split(b"\r\n", 1)
                start = b"%s %s %s\r\nConnection: close\r\n" % (line["method"], line["path"], first)
                called.sendall(start + rest)
            threading.Thread(target=_hand_on, args=(caller, called), daemon=True).start()
            _hand_on(called, caller)


def _read_head(caller: socket.socket) -> bytes:
    """Return what comes up to the first empty line, and what came with it."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = caller.recv(65536)
        if not piece:
            break
        head += piece
    return head


def _hand_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
