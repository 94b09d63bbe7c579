"""A Docker Hub full of generated data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.standin.crowd import Crowd
from dockerhub.standin.laying import LayingCatalogue
from dockerhub.standin.rows import search_row
from dockerhub.standin.search_index import SearchIndex

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from dockerhub.standin.repository_state import RepositoryState


class World(LayingCatalogue):
    """Everything that a stand-in serves: generated from *seed*, of any size, changeable.

    Two worlds that were built and changed by the same calls are equal. Tags are made when they
    are asked for, so a million of them cost nothing until then.
    """

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.crowd = Crowd(0, seed)
        """repositories of many small publishers, beside all others; they do not change"""
        self._index = SearchIndex(())
        self._ranked: list[RepositoryState] = []
        self._index_version = -1

    def add_crowd(self, repositories: int) -> None:
        """Add so many repositories of small publishers, for searches and lists of namespaces.

        They are made anew each time they are asked for: what is pushed to one does not last, and
        what lists all repositories of the world, such as `repositories()`, leaves them out.
        """
        with self.lock:
            self.crowd = Crowd(repositories, self.seed)
            self.version += 1

    def has_namespace(self, name: str) -> bool:
        """Return whether there is a namespace of that name, without going through all."""
        return name in self._namespaces or name in self.crowd

    def states(self, namespace: str | None = None) -> list[RepositoryState]:
        found = super().states(namespace)
        return found if found or namespace is None else self.crowd.states(namespace)

    def state(self, full_name: str) -> RepositoryState:
        try:
            return super().state(full_name)
        except KeyError:
            namespace, _, name = full_name.partition("/")
            return self.crowd.state(namespace, name)

    def search(self, query: str) -> list[RepositoryState]:
        """Return the repositories, the crowd left out, that have words beginning as *query*'s do.

        Official ones come first, then those with most pulls. Without a word nothing is found.
        """
        with self.lock:
            if self._index_version != self.version:
                self._reindex()
            return [self._ranked[place] for place in self._index.find(query)]

    def hits(
        self, query: str, start: int, stop: int, hidden: Collection[str] = ()
    ) -> tuple[int, list[dict[str, Any]]]:
        """Return how many hits a search has, and some of them as Docker Hub shows them.

        Those of the crowd come behind all others; none of it is ever *hidden*.
        """
        with self.lock:
            found = [state for state in self.search(query) if state.full_name not in hidden]
            shown = [search_row(state.repository(self.growth)) for state in found[start:stop]]
            many = self.crowd.search(query)
            behind = many[max(0, start - len(found)) : max(0, stop - len(found))]
            shown += [search_row(self.crowd.hit(place)) for place in behind]
            return len(found) + len(many), shown

    def _reindex(self) -> None:
        def order(state: RepositoryState) -> tuple[bool, int, str]:
            return state.namespace != "library", -state.pull_count(self.growth), state.full_name

        self._ranked = sorted(self.states(), key=order)
        self._index = SearchIndex(map(_text, self._ranked))
        self._index_version = self.version


def _text(state: RepositoryState) -> str:
    # Nobody finds all official images by the name of their namespace.
    name = state.name if state.namespace == "library" else state.full_name
    return f"{name} {state.short_description}"
