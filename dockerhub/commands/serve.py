"""`scrapy serve`: the database as pages, with search, questions and charts, for this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.answer_command import AnswerCommand
from dockerhub.errors import ArgumentError
from dockerhub.image_commands import say
from dockerhub.reports.printing import put_json, put_text
from dockerhub.store.place import database_place
from dockerhub.words import counted

if TYPE_CHECKING:
    import argparse

    from dockerhub.pages.server import Address

_PORT = 8001  # Datasette's own
_FROZEN = "the database's folder cannot be written, so it is shown as it is now"
_COPIED = "what changes from now on is not seen, start serve again after it"
_LOOPBACK = {"127.0.0.1", "localhost"}


class Command(AnswerCommand):
    """Exit status: 1 no database or the port is taken, 2 wrong arguments, 130 Ctrl-C."""

    NAME = "serve"
    ABOUT = "Show the database in a browser: search, questions, charts (read-only, this machine)"
    EXAMPLE = "scrapy serve --port 8001"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add where to listen."""
        super().add_options(parser)
        add = parser.add_argument
        add(
            "--port", metavar="N", default=str(_PORT), help=f"port (default {_PORT}; 0: a free one)"
        )
        add("--host", metavar="HOST", default="127.0.0.1", help="127.0.0.1, and no other")
        about = "of a PostgreSQL database: the file that it is copied to (default a temporary one)"
        add("--copy", metavar="FILE", help=about)

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Serve until Ctrl-C."""
        from dockerhub.pages.copied import served_file  # noqa: PLC0415  (Scrapy imports every one)
        from dockerhub.pages.server import serve  # noqa: PLC0415  (the same)

        port = _port(opts.port)
        if opts.host not in _LOOPBACK:
            expected = (
                "127.0.0.1: the pages have no sign-in; to show them to others put a reverse proxy"
                " with authentication in front"
            )
            raise ArgumentError("--host", expected, opts.host)

        def announce(address: Address) -> None:
            if opts.json:
                put_json(address._asdict())
            else:
                put_text(f"{address.url}\n")
                say(self.NAME, f"shows {address.database} read-only; Ctrl-C ends it")
            if address.is_frozen:
                say(self.NAME, f"{_FROZEN}: changes are not seen, start serve again after one")

        try:
            with served_file(url, opts.copy) as file:
                if file.rows is not None:
                    name = database_place(url).name
                    say(self.NAME, f"{name}: {counted(file.rows, 'row')} copied; {_COPIED}")
                serve(file.url, port, announce)
        except KeyboardInterrupt:
            say(self.NAME, "stopped")
            raise


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise ArgumentError("--port", "a number from 0 to 65535", text)
    return port
