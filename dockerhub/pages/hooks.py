"""What we add to Datasette, as a plugin of it that lives in this process alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from datasette import hookimpl
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Response
from datasette.views.base import DatasetteError
from markupsafe import Markup

from dockerhub.pages.canned import CANNED
from dockerhub.pages.functions import search_words
from dockerhub.pages.guard import Guard, nonce
from dockerhub.pages.notes import chart_notes, question_note
from dockerhub.pages.served import NAME, limit_bytes
from dockerhub.pages.templates import Templates, own_file
from dockerhub.redact import harmless, plain
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Mapping

    from jinja2 import Environment

    from dockerhub.pages.served import Served
    from dockerhub.pages.starts import Starts

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

    served: Served
    """the database, which Datasette has to be there for; so it comes after us"""

    def __init__(self, *, hosts: Collection[str], front: Mapping[str, Any], starts: Starts) -> None:
        """*front* is what the front page shows."""
        self._hosts = hosts
        self._starts = starts
        self._front = front
        self._counts = load_queries("serving")["counts"]

    @hookimpl  # type: ignore[untyped-decorator]
    def asgi_wrapper(self) -> Callable[[Any], Any]:
        """Put the guard before all pages."""
        return lambda app: Guard(app, hosts=self._hosts, compiling=f"/{NAME}", unfit=self._unfit)

    @hookimpl(trylast=True)  # type: ignore[untyped-decorator]
    def prepare_connection(self, conn: sqlite3.Connection) -> None:
        """Let Datasette's own search box read words as ours does: no sign in them is an error."""
        conn.create_function("escape_fts", 1, search_words, deterministic=True)
        limit_bytes(conn)

    @hookimpl  # type: ignore[untyped-decorator]
    def prepare_jinja2_environment(self, env: Environment) -> None:
        """Take over the templates."""
        if env.loader is not None:
            env.loader = Templates(env.loader)
        env.globals["nonce"] = nonce.get

    @hookimpl  # type: ignore[untyped-decorator]
    def extra_template_vars(self, template: str | None, request: Any, datasette: Any) -> Any:
        """Hand the pages what they show, and keep chart scripts where there is a table."""

        async def told() -> dict[str, Any]:
            name = template or ""
            if name.startswith("query"):
                return {"note": await self._note(request)}
            if not name or name.startswith("table"):
                return {}
            if name.startswith("dashboard_"):
                return {"extra_js_urls": [], "chart_notes": await self._charts(request, datasette)}
            if name != "index.html":
                return {"extra_js_urls": []}
            counts = await self.served.execute(self._counts)
            return {"extra_js_urls": [], "front": self._front, "counts": counts.first()}

        return told

    def _unfit(self) -> str:
        return self.served.unfit()

    async def _note(self, request: Any) -> str:
        name = request.path.removeprefix(f"/{NAME}/")
        if name not in CANNED:
            return ""
        try:
            return await question_note(self.served, name, request.args, self._starts)
        except QueryInterrupted:
            return ""  # it would take too long to count

    async def _charts(self, request: Any, datasette: Any) -> dict[str, str]:
        slug, chart = (request.url_vars.get(key, "") for key in ("slug", "chart_slug"))
        board = datasette.plugin_config("datasette-dashboards").get(slug, {"charts": {}})
        notes = await chart_notes(self.served, board["charts"], request.args, self._starts)
        # A page with one chart calls it by the dashboard's name.
        return {slug: notes.get(chart, "")} if chart else notes

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
            told = _refusal(exception, request)
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


def _refusal(exception: Exception, request: Any) -> dict[str, Any]:
    """Return what an answer says instead of what was asked for."""
    status, title = getattr(exception, "status", None), getattr(exception, "title", None)
    message = getattr(exception, "message", None) or str(exception)
    if isinstance(exception, DatasetteError) and status == 500:
        status = 400  # as Datasette says that it cannot sort by a column that is not there
    elif isinstance(exception, QueryInterrupted):
        status, title = 400, _INTERRUPTED
    elif isinstance(exception, KeyError) and request.path == f"/{NAME}.csv":
        status, message = 400, "Expected a question as ?sql=..., got none."
    elif isinstance(exception, (ValueError, IndexError)) and (words := _numbers(request)):
        status, message = 400, f"Expected numbers as Datasette makes them, got {words}."
    if status is None:
        logger.error("a page failed: %s", plain(repr(exception), _LONGEST_LINE))
        status = 500
    if title == _INTERRUPTED:
        message = _TOO_LONG
    return {"status": status, "title": title, "error": harmless(message)}


def _numbers(request: Any) -> str:
    """Return the words of an address that Datasette reads as numbers, as they were given."""
    given = ((name, request.args.get(name)) for name in ("_next", "_timelimit", "_size"))
    return ", ".join(f"{name}={plain(text, 60)}" for name, text in given if text)


async def _style() -> Response:
    return Response(own_file("pages.css"), content_type="text/css; charset=utf-8")


def _link(name: str) -> Any:
    """Return a repository's name as a link to its tags."""
    address = f"/{NAME}/tags_of?{urlencode({'repo': name})}"
    return Markup('<a href="{}">{}</a>').format(address, name[:_LONGEST_CELL])
