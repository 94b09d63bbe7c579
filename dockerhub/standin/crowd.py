"""A crowd of small publishers: many repositories that cost next to nothing until they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.standin.crowd_words import draw_crowd
from dockerhub.standin.profile import star_count
from dockerhub.standin.repository_state import RepositoryState
from dockerhub.standin.search_index import SearchIndex
from dockerhub.standin.shape import PLAIN, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.standin.crowd_words import Person

_SHAPE = Shape(names_per_digest=1, platforms=1, **PLAIN)


class Hit(NamedTuple):
    """What a search shows of a repository."""

    name: str
    full_name: str
    description: str
    star_count: int
    pull_count: int
    is_official: bool = False


class Crowd:
    """*repositories* of many namespaces. They are made anew each time: no change lasts."""

    def __init__(self, repositories: int, seed: int) -> None:
        self._seed = seed
        self._people = draw_crowd(repositories, seed)
        self._spans: dict[str, tuple[int, int]] = {}
        for place, person in enumerate(self._people):
            first = self._spans.get(person.namespace, (place, place))[0]
            self._spans[person.namespace] = (first, place + 1)
        order = range(len(self._people))
        self._ranked = sorted(order, key=lambda place: -self._people[place].pull_count)
        self._index = SearchIndex(_text(self._people[place]) for place in self._ranked)

    def __len__(self) -> int:
        return len(self._people)

    def __contains__(self, namespace: object) -> bool:
        return namespace in self._spans

    def names(self) -> Iterator[str]:
        """Yield the full names of all repositories."""
        return (f"{one.namespace}/{one.name}" for one in self._people)

    def namespaces(self) -> list[str]:
        """Return the names of all namespaces."""
        return list(self._spans)

    def search(self, query: str) -> list[int]:
        """Return what `hit` takes for each repository that is found, the most pulled first."""
        return self._index.find(query)

    def hit(self, found: int) -> Hit:
        """Return what a search shows of a repository that was found."""
        person = self._people[self._ranked[found]]
        full_name = f"{person.namespace}/{person.name}"
        stars = star_count(f"{self._seed}/{full_name}")
        return Hit(person.name, full_name, person.description, stars, person.pull_count)

    def states(self, namespace: str) -> list[RepositoryState]:
        """Return the repositories of a namespace, none if it is not of the crowd."""
        first, behind = self._spans.get(namespace, (0, 0))
        return [self._state(place, place - first) for place in range(first, behind)]

    def state(self, namespace: str, name: str) -> RepositoryState:
        """Return one repository.

        :raises KeyError: if there is none of that name
        """
        first, behind = self._spans.get(namespace, (0, 0))
        for place in range(first, behind):
            if self._people[place].name == name:
                return self._state(place, place - first)
        raise KeyError(f"{namespace}/{name}")

    def _state(self, place: int, order: int) -> RepositoryState:
        person = self._people[place]
        state = RepositoryState(
            seed=self._seed,
            namespace=person.namespace,
            name=person.name,
            order=order,
            tag_count=person.tag_count,
            shape=_SHAPE,
        )
        state.description = person.description
        state.more_pulls = person.pull_count - state.pull_count(1.0)
        return state


def _text(person: Person) -> str:
    return f"{person.namespace}/{person.name} {person.description}"
