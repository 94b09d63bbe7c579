"""The Hub API: namespaces, repositories, tags, search.

Source: docker/docs hub latest.yaml for the documented routes; the ``/v2/repositories/`` forms
are its predecessors, which still answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.standin.answers import Refusal, json_answer
from dockerhub.standin.caller import is_anonymous
from dockerhub.standin.image_rows import image_rows
from dockerhub.standin.orders import in_order, tag_ordering
from dockerhub.standin.paging import Page
from dockerhub.standin.row_cache import RowCache
from dockerhub.standin.rows import (
    detail,
    go_escaped,
    go_json,
    list_row,
    raw_json,
)
from dockerhub.standin.shares import is_in_share
from dockerhub.standin.tag_json import tag_rows

if TYPE_CHECKING:
    from aiohttp import web

    from dockerhub.standin.options import Options
    from dockerhub.standin.repository_state import RepositoryState
    from dockerhub.standin.tag_shelf import Entry
    from dockerhub.standin.world import World


class HubApi:
    """Answers about one *world*, as *options* say."""

    def __init__(self, world: World, options: Options) -> None:
        self._world = world
        self._options = options
        self._cache = RowCache()

    async def namespace_list(self, request: web.Request) -> web.Response:
        """The repositories of a namespace, oldest registration first unless ordered."""
        page = self._page(request, self._options.list_cap, page_size_told=True)
        namespace = request.match_info["namespace"]
        with self._world.lock:
            if not self._world.has_namespace(namespace) and not self._hides_unknown():
                raise Refusal.not_found(namespace=namespace)
            containing = request.query.get("name", "")
            states = [s for s in self._world.states(namespace) if containing in s.name]
            states = self._seen(states)
            states = in_order(states, request.query.get("ordering"), self._world.growth)
            _check_page(page, len(states), namespace=namespace)
            shown = states[page.start : page.stop]
            rows = [list_row(state.repository(self._world.growth)) for state in shown]
        return _list_answer(page, len(states), go_json(rows)[1:-1].encode())

    async def repository(self, request: web.Request) -> web.Response:
        with self._world.lock:
            state = self._state(request)
            shown = detail(state.repository(self._world.growth))
        return json_answer(go_json(shown))

    async def tag_list(self, request: web.Request) -> web.Response:
        """The tags of a repository: ``latest`` first, then the newest, unless ordered."""
        page = self._page(request, self._options.tag_cap)
        ordering = tag_ordering(request.query.get("ordering"))
        with self._world.lock:
            state = self._state(request)
            containing = request.query.get("name", "")
            count = state.tags.count(containing)
            _check_page(page, count, namespace=state.namespace, repository=state.name)
            rows = self._tag_rows(state, ordering, containing, page.start, page.stop)
        return _list_answer(page, count, rows)

    async def tag(self, request: web.Request) -> web.Response:
        state, entry = self._entry(request)
        return json_answer(tag_rows([state.tag(entry)], self._options.drop_digests))

    async def tag_images(self, request: web.Request) -> web.Response:
        """The images of a tag with their layers, as a bare list."""
        options = self._options
        _, entry = self._entry(request)
        rows = image_rows(
            entry.push.image_set().images,
            lying=is_in_share(entry.push.digests().tag, options.lying_images),
            undigested=options.drop_digests,
        )
        return json_answer(go_json(rows))

    async def search(self, request: web.Request) -> web.Response:
        """Repositories by words; the ends of the paging are ``""`` here, and ``&`` is raw."""
        options = self._options
        page, query = self._page(request, options.search_cap), request.query.get("query", "")
        count, rows = self._world.hits(query, page.start, page.stop, options.hidden)
        shown = count if options.search_depth is None else min(count, options.search_depth)
        _check_page(page, shown)
        rows = rows[: max(0, shown - page.start)]
        after, before = page.links(shown)
        content = {"count": count, "next": after or "", "previous": before or ""}
        return json_answer(raw_json(content | {"results": rows}))

    def warm(self, size: int, ordering: str | None) -> None:
        """Render all pages of tags in advance, as far as they are kept."""
        with self._world.lock:
            for state in self._world.states():
                for start in range(0, len(state.tags), size):
                    self._tag_rows(state, ordering, "", start, start + size)

    def _tag_rows(
        self, state: RepositoryState, ordering: str | None, containing: str, start: int, stop: int
    ) -> bytes:
        undigested = self._options.drop_digests

        def made() -> bytes:
            entries = state.tags.entries(ordering, containing, start, stop)
            return tag_rows([state.tag(entry) for entry in entries], undigested).encode()

        if not self._options.cheap:
            return made()
        key = (state.key, state.tags.version, ordering, containing, start, stop, undigested)
        return self._cache.page(key, made)

    def _hides_unknown(self) -> bool:
        return self._options.unknown_namespace_empty

    def _page(self, request: web.Request, cap: int | None, *, page_size_told: bool = False) -> Page:
        url = f"{request.scheme}://{request.host}{request.rel_url.raw_path}"
        page = Page.asked(url, request.query, self._options.max_page_size)
        if page_size_told:
            # The list of repositories names its page size in links even when it was not sent.
            page.query.setdefault("page_size", str(page.size))
        if is_anonymous(request):
            page.check_cap(cap)
        return page

    def _state(self, request: web.Request) -> RepositoryState:
        namespace, name = request.match_info["namespace"], request.match_info["repository"]
        try:
            (state,) = self._seen([self._world.state(f"{namespace}/{name}")])
        except (KeyError, ValueError):
            raise Refusal.not_found(namespace=namespace, repository=name) from None
        return state

    def _seen(self, states: list[RepositoryState]) -> list[RepositoryState]:
        hidden = self._options.hidden
        return [s for s in states if s.full_name not in hidden] if hidden else states

    def _entry(self, request: web.Request) -> tuple[RepositoryState, Entry]:
        with self._world.lock:
            state = self._state(request)
            try:
                return state, state.tags.entry(request.match_info["tag"])
            except KeyError:
                errinfo = {"namespace": state.namespace, "repository": state.name}
                raise Refusal.not_found(**errinfo) from None


def _check_page(page: Page, count: int, **errinfo: str) -> None:
    if page.number > 1 and page.start >= count:
        raise Refusal.not_found(**errinfo)


def _list_answer(page: Page, count: int, rows: bytes) -> web.Response:
    links = [go_escaped(raw_json(link)) for link in page.links(count)]
    head = f'{{"count":{count},"next":{links[0]},"previous":{links[1]},"results":['
    return json_answer(b"".join((head.encode(), rows, b"]}")))
