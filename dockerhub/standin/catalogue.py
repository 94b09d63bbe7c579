"""All repositories of a world by namespace: adding them, and reading what is true of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Unpack

from dockerhub.standin.layers import layers_of
from dockerhub.standin.moments import START
from dockerhub.standin.profile import product_name
from dockerhub.standin.repository_state import RepositoryState
from dockerhub.standin.shape import Shape, ShapeOptions

if TYPE_CHECKING:
    from dockerhub.standin.truth import Image, Layer, Repository, Tag

TagCounts = int | Sequence[int] | Callable[[int], int]


class Catalogue:
    """Repositories by namespace, in the order in which they were registered.

    *lock* is held while anything is read or changed: the server answers from a thread of its own.
    *version* moves with every change.
    """

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.lock = RLock()
        self.version = 0
        self.growth = 1.0
        self._now = START
        self._namespaces: dict[str, dict[str, RepositoryState]] = {}
        self._registered: dict[str, int] = {}
        self._users: set[str] = set()

    def add_namespace(
        self,
        name: str,
        repositories: int = 24,
        tags: TagCounts = 40,
        *,
        user: bool = False,
        never_pushed: int | None = None,
        **shape: Unpack[ShapeOptions],
    ) -> None:
        """Add *repositories* generated repositories, each with *tags* tags.

        *tags* may also be a sequence or a function of the place in the namespace. The last
        *never_pushed* repositories have none (by default one of twelve or more, and none when
        *tags* says the counts one by one). *user* makes it a person and not an organisation.
        *shape* are the options of `Shape`.
        """
        with self.lock:
            self._namespaces.setdefault(name, {})
            if user:
                self._users.add(name)
            empty = never_pushed
            if empty is None:
                empty = 1 if isinstance(tags, int) and repositories >= 12 else 0
            for place in range(repositories):
                count = 0 if place >= repositories - empty else _tag_count(tags, place)
                self.add_repository(f"{name}/{product_name(place)}", count, **shape)

    def add_repository(self, full_name: str, tags: int = 40, **shape: Unpack[ShapeOptions]) -> None:
        """Add one generated repository as if it had always been there (not a change).

        :raises ValueError: if it exists, or *full_name* is not ``namespace/name``
        """
        self._add(full_name, tags, Shape(**shape), None)

    def namespaces(self) -> list[str]:
        """Return the names of all namespaces, in the order in which they were added."""
        with self.lock:
            return list(self._namespaces)

    def is_user(self, namespace: str) -> bool:
        """Return whether *namespace* is a person and not an organisation."""
        return namespace in self._users

    def repositories(self, namespace: str | None = None) -> Iterator[Repository]:
        """Yield every repository (of *namespace*), in the order of registration."""
        for state in self.states(namespace):
            yield state.repository(self.growth)

    def repository(self, full_name: str) -> Repository:
        """Return one repository.

        :raises KeyError: if there is none of that name
        """
        with self.lock:
            return self.state(full_name).repository(self.growth)

    def tags(self, full_name: str) -> list[Tag]:
        """Return every tag of a repository, newest first.

        :raises KeyError: if there is none of that name
        """
        with self.lock:
            state = self.state(full_name)
            return [state.tag(entry) for entry in state.tags]

    def tag(self, full_name: str, tag: str) -> Tag:
        """Return one tag.

        :raises KeyError: if the repository or the tag does not exist
        """
        with self.lock:
            state = self.state(full_name)
            return state.tag(state.tags.entry(tag))

    def layers(self, image: Image) -> tuple[Layer, ...]:
        """Return the build steps of *image*, bottom first; their sizes add up to its size."""
        return layers_of(image)

    def counts(self) -> dict[str, int]:
        """Return how many namespaces, repositories and tags there are."""
        states = self.states()
        tags = sum(len(state.tags) for state in states)
        return {
            "namespaces": len(self._namespaces),
            "repositories": len(states),
            "tags": tags,
        }

    def states(self, namespace: str | None = None) -> list[RepositoryState]:
        with self.lock:
            names = self._namespaces if namespace is None else [namespace]
            return [s for name in names for s in self._namespaces.get(name, {}).values()]

    def state(self, full_name: str) -> RepositoryState:
        namespace, _, name = full_name.partition("/")
        try:
            return self._namespaces[namespace][name]
        except KeyError:
            raise KeyError(full_name) from None

    def _add(
        self, full_name: str, tags: int, shape: Shape, created_at: int | None
    ) -> RepositoryState:
        namespace, slash, name = full_name.partition("/")
        if not (namespace and slash and name) or "/" in name:
            raise ValueError(f"repository: expected namespace/name, got {full_name!r}")
        with self.lock:
            others = self._namespaces.setdefault(namespace, {})
            if name in others:
                raise ValueError(f"repository {full_name} exists")
            order = self._registered.get(namespace, 0)
            self._registered[namespace] = order + 1
            self.version += 1
            others[name] = RepositoryState(
                seed=self.seed,
                namespace=namespace,
                name=name,
                order=order,
                tag_count=tags,
                shape=shape,
                created_at=created_at,
            )
            return others[name]


def _tag_count(tags: TagCounts, place: int) -> int:
    if callable(tags):
        return tags(place)
    return tags if isinstance(tags, int) else tags[place]
