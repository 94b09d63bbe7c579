"""Serves the pages on this machine, until it is told to stop."""

from __future__ import annotations

import socket
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.errors import DockerhubError
from dockerhub.pages.starts import read_starts
from dockerhub.store.frozen import is_frozen
from dockerhub.store.place import database_path

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
_NAMES = (HOST, "localhost", "[::1]")
_SETTINGS = {
    "sql_time_limit_ms": 2000,  # 1000; a question about everything may take so long
    "max_returned_rows": 1000,
    "num_sql_threads": 3,
    "facet_time_limit_ms": 200,
    "suggest_facets": False,  # one question more for each column
    "allow_download": False,
    "max_csv_mb": 100,
    "truncate_cells_html": 300,  # characters; 2048: descriptions are long
    "default_cache_ttl": 0,  # a crawl may write meanwhile
}
# A page that still loads when we stop is not waited for longer.
_STOP_SECONDS = 2
# Whatever else is installed beside us stays out.
_PLUGINS = {
    *("datasette-dashboards", "datasette-vega"),
    # The dashboards' templates need these two.
    *("datasette-leaflet", "datasette-render-markdown"),
}


class ServeError(DockerhubError):
    """Raised when the pages cannot be served, by `serve`."""


class Address(NamedTuple):
    """Where the pages are."""

    url: str
    database: str
    is_frozen: bool
    """whether the file is shown as it was when it was opened, since its folder cannot be written"""


def serve(url: str, port: int, announce: Callable[[Address], None]) -> None:
    """Serve the file at *url* on loopback until Ctrl-C; *announce* is told the address once.

    *port* 0 takes any free one.

    :raises StoreError: if the database is not there, or cannot be read
    :raises NotAnswered: if it is empty
    :raises ServeError: if the port is taken
    :raises KeyboardInterrupt: at Ctrl-C, when all is closed
    """
    import uvicorn  # noqa: PLC0415  (Scrapy imports every command)

    application_of = _application(url)
    with _listen(port) as listening:
        found = listening.getsockname()[1]
        application = application_of(found)
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        path = database_path(url)
        announce(Address(f"http://{HOST}:{found}/", str(path), is_frozen(path)))
        with warnings.catch_warnings():
            # Datasette leaves its facets unasked where a page fails before them.
            warnings.filterwarnings("ignore", r"coroutine '.*' was never awaited", RuntimeWarning)
            uvicorn.Server(config).run(sockets=[listening])


def _application(url: str) -> Callable[[int], Any]:
    """Return what makes the pages, given the port; what it shows is read now."""
    starts = read_starts(url)

    def application(port: int) -> Any:
        from datasette.app import Datasette  # noqa: PLC0415  (the same)
        from datasette.plugins import pm  # noqa: PLC0415  (the same)

        from dockerhub.pages.front import front_page  # noqa: PLC0415  (the same)
        from dockerhub.pages.hooks import Hooks  # noqa: PLC0415  (the same)
        from dockerhub.pages.metadata import metadata  # noqa: PLC0415  (the same)
        from dockerhub.pages.served import NAME, Served  # noqa: PLC0415  (the same)

        for plugin, about in pm.list_plugin_distinfo():
            if about.project_name not in _PLUGINS:
                pm.unregister(plugin)
        # It fills the terminal with every page that is not there; ours says it on the page.
        pm.unregister(name="datasette.handle_exception")
        hosts = [f"{name}:{port}" for name in _NAMES] + (list(_NAMES) if port == 80 else [])
        hooks = Hooks(hosts=hosts, front=front_page(starts), starts=starts)
        pm.register(hooks)
        datasette = Datasette(memory=False, metadata=metadata(starts), settings=_SETTINGS)
        datasette.remove_database("_memory")
        hooks.served = Served(datasette, url, starts)
        datasette.add_database(hooks.served, name=NAME)
        return datasette.app()

    return application


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise ServeError(
            f"port {port}: expected a free one on {HOST}, {error.strerror or error};"
            " another can be had with --port"
        ) from error
    return listening
