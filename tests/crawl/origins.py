"""A place that is none of the stand-in's, and notes who comes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Visit:
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def secrets(self) -> dict[str, str]:
        """What should not have come along."""
        kept = ("authorization", "cookie", "proxy-authorization", "referer")
        return {name: self.headers[name] for name in kept if name in self.headers}


Answer = tuple[int, dict[str, str], "bytes | Iterator[bytes]"]


@dataclass
class Origin:
    """A place of its own on this machine, which notes who comes and answers as it is told."""

    url: str
    visits: list[Visit] = field(default_factory=list)
    sent_bytes: int = 0
    answer: Callable[[Visit], Answer] = lambda visit: (200, {}, b"{}")


@contextmanager
def origin(answer: Callable[[Visit], Answer] | None = None) -> Iterator[Origin]:
    """Give an origin that is none of the stand-in's."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            visit = Visit(self.command, self.path, headers)
            made.visits.append(visit)
            status, more, body = made.answer(visit)
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            if isinstance(body, bytes):
                self.send_header("Content-Length", str(len(body)))
                body = iter([body])
            else:
                # Without a length, it ends when the connection does.
                self.send_header("Connection", "close")
            self.end_headers()
            for piece in body if self.command != "HEAD" else ():
                self.wfile.write(piece)
                made.sent_bytes += len(piece)

        do_HEAD = do_POST = do_GET  # noqa: N815

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            # Who has heard enough goes away.
            pass

    server = Server(("127.0.0.1", 0), Handler)
    made = Origin(f"http://127.0.0.1:{server.server_port}")
    if answer is not None:
        made.answer = answer
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def unspecified(url: str) -> str:
    """Return *url* by an address that is no loopback one, and leads to this machine as well."""
    return url.replace("127.0.0.1", "0.0.0.0")
