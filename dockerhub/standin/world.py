"""A Docker Hub full of generated data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerhub.standin.laying import LayingCatalogue

if TYPE_CHECKING:
    from dockerhub.standin.repository_state import RepositoryState


@dataclass(frozen=True, slots=True)
class _Indexed:
    name: str
    text: str
    order: tuple[bool, int, str]
    state: RepositoryState


class World(LayingCatalogue):
    """Everything that a stand-in serves: generated from *seed*, of any size, changeable.

    Two worlds that were built and changed by the same calls are equal. Tags are made when they
    are asked for, so a million of them cost nothing until then.
    """

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self._index: list[_Indexed] = []
        self._index_version = -1
        self._found: dict[str, list[RepositoryState]] = {}

    def search(self, query: str) -> list[RepositoryState]:
        """Return the repositories whose name or description has every word of *query*.

        Official ones come first, then those with most pulls. Without a word nothing is found.
        """
        with self.lock:
            if self._index_version != self.version:
                self._reindex()
            words = query.lower().split()
            key = " ".join(words)
            if key not in self._found:
                if len(self._found) > 64:
                    self._found.clear()
                self._found[key] = [e.state for e in self._index if words and _has(e, words)]
            return self._found[key]

    def _reindex(self) -> None:
        entries = [self._indexed(state) for state in self.states()]
        self._index = sorted(entries, key=lambda entry: entry.order)
        self._index_version = self.version
        self._found = {}

    def _indexed(self, state: RepositoryState) -> _Indexed:
        order = (state.namespace != "library", -state.pull_count(self.growth), state.full_name)
        name = state.name if state.namespace == "library" else state.full_name
        return _Indexed(name, state.short_description.lower(), order, state)


def _has(entry: _Indexed, words: list[str]) -> bool:
    return all(word in entry.name or word in entry.text for word in words)
