"""What we add to Datasette, as a plugin of it that lives in this process alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette import hookimpl
from datasette.utils.asgi import Response
from markupsafe import Markup

from dockerhub.pages.functions import search_words
from dockerhub.pages.guard import Guard, nonce
from dockerhub.pages.served import NAME
from dockerhub.pages.templates import Templates, own_file
from dockerhub.redact import harmless, plain
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Mapping

    from jinja2 import Environment

logger = logging.getLogger(__name__)

STYLE = "/-/dockerhub.css"
_LONGEST_CELL = 300  # characters
_LONGEST_LINE = 500
_INTERRUPTED = "SQL Interrupted"  # Datasette's title
_TOO_LONG = (
    "Expected an answer within 2 seconds. A view of everything may be too large, or hold nothing"
    " yet: ask about one repository or organisation, such as ?repo_name=library/nginx or"
    " ?namespace=bitnami."
)


class Hooks:
    """Datasette's hooks that we use.

    Source: https://docs.datasette.io/en/0.65.2/plugin_hooks.html (read 2026-11-22)
    """

    __name__ = "dockerhub-pages"  # Datasette names its plugins so

    def __init__(self, *, hosts: Collection[str], front: Mapping[str, Any]) -> None:
        """*front* is what the front page shows."""
        self._hosts = hosts
        self._front = front
        self._counts = load_queries("serving")["counts"]

    @hookimpl  # type: ignore[untyped-decorator]
    def asgi_wrapper(self) -> Callable[[Any], Any]:
        """Put the guard before all pages."""
        return lambda app: Guard(app, hosts=self._hosts, compiling=f"/{NAME}")

    @hookimpl(trylast=True)  # type: ignore[untyped-decorator]
    def prepare_connection(self, conn: sqlite3.Connection) -> None:
        """Let Datasette's own search box read words as ours does: no sign in them is an error."""
        conn.create_function("escape_fts", 1, search_words, deterministic=True)

    @hookimpl  # type: ignore[untyped-decorator]
    def prepare_jinja2_environment(self, env: Environment) -> None:
        """Take over the templates."""
        if env.loader is not None:
            env.loader = Templates(env.loader)
        env.globals["nonce"] = nonce.get

    @hookimpl  # type: ignore[untyped-decorator]
    def extra_template_vars(self, template: str | None, datasette: Any) -> Any:
        """Hand the front page what it shows, and keep chart scripts where there is a table."""

        async def told() -> dict[str, Any]:
            if template is None or template.startswith(("table", "query")):
                return {}
            if template != "index.html":
                return {"extra_js_urls": []}
            counts = await datasette.get_database(NAME).execute(self._counts)
            return {"extra_js_urls": [], "front": self._front, "counts": counts.first()}

        return told

    @hookimpl  # type: ignore[untyped-decorator]
    def extra_css_urls(self) -> list[str]:
        """Name our style sheet."""
        return [STYLE]

    @hookimpl  # type: ignore[untyped-decorator]
    def register_routes(self) -> list[tuple[str, Callable[..., Any]]]:
        """Serve our style sheet."""
        return [(f"^{STYLE}$", _style)]

    @hookimpl  # type: ignore[untyped-decorator]
    def render_cell(self, value: Any, column: str) -> Any:
        """Return what a cell shows, None for Datasette's own way."""
        if not isinstance(value, str):
            return None
        shown = harmless(value)
        if column in {"repo_name", "full_name"}:
            return _link(shown)
        if shown == value and len(value) <= _LONGEST_CELL:
            return None
        return shown if len(shown) <= _LONGEST_CELL else f"{shown[:_LONGEST_CELL]}…"

    @hookimpl  # type: ignore[untyped-decorator]
    def handle_exception(self, datasette: Any, request: Any, exception: Exception) -> Any:
        """Say what went wrong on the page; Datasette's own way fills the terminal with it."""

        async def answer() -> Any:
            told = _refusal(exception)
            if request.path.endswith(".json"):
                return Response.json({"ok": False} | told, status=told["status"])
            template = datasette.jinja_env.get_template("error.html")
            about = {
                "urls": datasette.urls,
                "app_css_hash": datasette.app_css_hash(),
                "menu_links": list,
                "extra_css_urls": [{"url": STYLE}],
            }
            page = await template.render_async(told | about)
            return Response.html(page, status=told["status"])

        return answer


def _refusal(exception: Exception) -> dict[str, Any]:
    """Return what an answer says instead of what was asked for."""
    status, title = getattr(exception, "status", None), getattr(exception, "title", None)
    if status is None:
        logger.error("a page failed: %s", plain(repr(exception), _LONGEST_LINE))
        status = 500
    message = getattr(exception, "message", None) or str(exception)
    if title == _INTERRUPTED:
        message = _TOO_LONG
    return {"status": status, "title": title, "error": harmless(message)}


async def _style() -> Response:
    return Response(own_file("pages.css"), content_type="text/css; charset=utf-8")


def _link(name: str) -> Any:
    """Return a repository's name as a link to its tags."""
    address = f"/{NAME}/tags_of?{urlencode({'repo': name})}"
    return Markup('<a href="{}">{}</a>').format(address, name[:_LONGEST_CELL])
