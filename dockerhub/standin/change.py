"""The change button: what happens on Docker Hub while nobody looks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Unpack

from dockerhub.standin.catalogue import Catalogue
from dockerhub.standin.chance import number
from dockerhub.standin.moments import SECOND
from dockerhub.standin.profile import product_name
from dockerhub.standin.shape import Shape, ShapeOptions
from dockerhub.standin.truth import Change

if TYPE_CHECKING:
    from dockerhub.standin.repository_state import RepositoryState


class ChangingCatalogue(Catalogue):
    """A catalogue that changes; every change moves its clock by about a minute."""

    @property
    def now(self) -> datetime:
        """The moment of the last change; at first 2026-09-01, whatever the real time is."""
        return datetime.fromtimestamp(self._now / SECOND, UTC)

    def push_tag(
        self, full_name: str, tag: str | None = None, alias_of: str | None = None
    ) -> Change:
        """Push *tag* (by default one with a new name): it becomes the newest, with new images.

        With *alias_of* it shows the images of that tag instead. The repository's
        ``last_updated`` and its pulls move.

        :raises KeyError: if the repository, or the tag *alias_of*, does not exist
        """
        with self.lock:
            state = self.state(full_name)
            name = f"build-{state.pushes + 1}" if tag is None else tag
            kind = "move_tag" if name in state.tags else "push_tag"
            push = None if alias_of is None else state.tags.entry(alias_of).push
            state.push(name, self._tick(), push)
            return Change(kind=kind, repository=full_name, tag=name)

    def delete_tag(self, full_name: str, tag: str) -> Change:
        """Delete a tag; ``last_updated`` of the repository stays.

        :raises KeyError: if the repository or the tag does not exist
        """
        with self.lock:
            state = self.state(full_name)
            state.tags.remove(state.tags.entry(tag).name)
            self._tick()
            return Change(kind="delete_tag", repository=full_name, tag=tag)

    def create_repository(
        self, full_name: str, tags: int = 3, **shape: Unpack[ShapeOptions]
    ) -> Change:
        """Create a repository now and push *tags* tags to it, ``latest`` last.

        :raises ValueError: if it exists, or *full_name* is not ``namespace/name``
        """
        with self.lock:
            state = self._add(full_name, 0, Shape(**shape), self._tick())
            for left in range(tags - 1, -1, -1):
                state.push(f"0.{left}" if left else "latest", self._tick())
            return Change(kind="create_repository", repository=full_name)

    def delete_repository(self, full_name: str) -> Change:
        """Delete a repository with all its tags.

        :raises KeyError: if there is none of that name
        """
        with self.lock:
            state = self.state(full_name)
            del self._namespaces[state.namespace][state.name]
            self._tick()
            return Change(kind="delete_repository", repository=full_name)

    def grow_pulls(self, factor: float = 1.01) -> Change:
        """Multiply the pulls of all repositories by *factor*."""
        with self.lock:
            self.growth *= factor
            self._tick()
            return Change(kind="grow_pulls")

    def edit_description(self, full_name: str, text: str) -> Change:
        """Set the short description; ``last_modified`` moves, ``last_updated`` does not.

        :raises KeyError: if there is none of that name
        """
        with self.lock:
            self.state(full_name).describe(text, self._tick())
            return Change(kind="edit_description", repository=full_name)

    def press(
        self,
        repositories: int = 3,
        *,
        namespace: str | None = None,
        pushed: int = 1,
        moved: int = 1,
        deleted: int = 1,
        described: int = 1,
        created: int = 0,
        growth: float = 1.001,
    ) -> list[Change]:
        """Change something everywhere and return what was changed, in order.

        In each of *repositories* repositories (of *namespace*) with tags, *pushed* new tags come,
        *moved* tags get new images and *deleted* go (never the last one). *described* of them get
        another description, *created* new repositories appear, and all pulls grow by *growth*.
        The choice depends on the seed and on what was changed before, on nothing else.
        """
        with self.lock:
            chosen = self.chosen(repositories, namespace)
            done: list[Change] = []
            for state in chosen:
                # Deleted first, so that what is listed as pushed or moved is still there.
                done += [self._delete_some(state) for _ in range(deleted) if len(state.tags) > 1]
                done += [self._move_some(state) for _ in range(moved)]
                done += [self.push_tag(state.full_name) for _ in range(pushed)]
            for state in chosen[:described]:
                text = f"{state.name} by {state.namespace}, described anew ({self.version})"
                done.append(self.edit_description(state.full_name, text))
            done += [self.create_some(namespace) for _ in range(created)]
            return [*done, self.grow_pulls(growth)]

    def _tick(self) -> int:
        self.version += 1
        self._now += 60 * SECOND + number(self.seed, "tick", self.version) % SECOND
        return self._now

    def chosen(self, count: int, namespace: str | None) -> list[RepositoryState]:
        filled = [state for state in self.states(namespace) if len(state.tags)]
        version = self.version
        return sorted(filled, key=lambda s: number(self.seed, "press", version, s.key))[:count]

    def _some_tag(self, state: RepositoryState) -> str:
        place = number(self.seed, "tag", self.version) % len(state.tags)
        return state.tags.entries("last_updated", "", place, place + 1)[0].name

    def _delete_some(self, state: RepositoryState) -> Change:
        return self.delete_tag(state.full_name, self._some_tag(state))

    def _move_some(self, state: RepositoryState) -> Change:
        return self.push_tag(state.full_name, self._some_tag(state))

    def create_some(self, namespace: str | None) -> Change:
        home = namespace or next(iter(self._namespaces))
        order = self._registered.get(home, 0)
        return self.create_repository(f"{home}/{product_name(order)}-new-{self.version}")
