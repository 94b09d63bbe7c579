"""Drift: the world changes while it is walked, after so many answers of lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerhub.standin.chance import number
from dockerhub.standin.kinds import LISTS

if TYPE_CHECKING:
    from dockerhub.standin.options import Options
    from dockerhub.standin.repository_state import RepositoryState
    from dockerhub.standin.truth import Change
    from dockerhub.standin.world import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """A change after *every* so many answers of lists, at most *times* times.

    In *repository* (by default one of *namespace*, chosen as `World.press` does) *deleted* tags
    go, *moved* get new images and *pushed* new ones come. Of the namespace (by default that of
    *repository*) *removed* repositories go and *created* ones come. What is deleted and moved
    stands anywhere but among the newest tenth, so rows that were not read yet change places.
    """

    every: int
    repository: str | None = None
    namespace: str | None = None
    pushed: int = 1
    moved: int = 0
    deleted: int = 0
    created: int = 0
    removed: int = 0
    times: int | None = None

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError(f"drift: every: expected 1 or more, got {self.every}")
        for name in ("pushed", "moved", "deleted", "created", "removed", "times"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"drift: {name}: expected 0 or more, got {value}")
        if self.repository is not None and self.repository.count("/") != 1:
            finding = f"expected namespace/name, got {self.repository!r}"
            raise ValueError(f"drift: repository: {finding}")

    @property
    def home(self) -> str | None:
        """The namespace whose repositories come and go."""
        of_repository = self.repository.partition("/")[0] if self.repository else None
        return self.namespace or of_repository


class Drifter:
    """Changes *world* as the options say, and keeps the *changes*; another drift starts anew."""

    def __init__(self, world: World, options: Options) -> None:
        self._world = world
        self._options = options
        self._drift: Drift | None = None
        self._answers = self._done = 0
        self.changes: list[Change] = []

    def answered(self, kind: str) -> None:
        """Count one good answer, and change the world if it is time.

        :raises KeyError: if the repository of the drift does not exist
        """
        drift = self._options.drift
        if drift is not self._drift:
            self._drift, self._answers, self._done = drift, 0, 0
        if drift is None or kind not in LISTS or self._done == drift.times:
            return
        self._answers += 1
        if self._answers % drift.every == 0:
            self._done += 1
            with self._world.lock:
                self.changes += self._change(drift)

    def _change(self, drift: Drift) -> list[Change]:
        done: list[Change] = []
        for state in self._repositories(drift):
            done += self._change_tags(drift, state)
        return done + self._come_and_go(drift)

    def _change_tags(self, drift: Drift, state: RepositoryState) -> list[Change]:
        world, name = self._world, state.full_name
        # Deleted first, so that what is listed as pushed or moved is still there; never the last.
        fewer = range(min(drift.deleted, len(state.tags) - 1))
        done = [world.delete_tag(name, self._older_tag(state)) for _ in fewer]
        moved = range(drift.moved if len(state.tags) else 0)
        done += [world.push_tag(name, self._older_tag(state)) for _ in moved]
        return done + [world.push_tag(name) for _ in range(drift.pushed)]

    def _come_and_go(self, drift: Drift) -> list[Change]:
        world = self._world
        there = [s for s in world.states(drift.home) if s.full_name != drift.repository]
        there.sort(key=lambda state: number(world.seed, "removed", world.version, state.key))
        done = [world.delete_repository(s.full_name) for s in there[: drift.removed]]
        return done + [world.create_some(drift.home) for _ in range(drift.created)]

    def _repositories(self, drift: Drift) -> list[RepositoryState]:
        if not (drift.pushed or drift.moved or drift.deleted):
            return []
        if drift.repository is not None:
            return [self._world.state(drift.repository)]
        return self._world.chosen(1, drift.namespace)

    def _older_tag(self, state: RepositoryState) -> str:
        count = len(state.tags)
        # At least the newest one stays where it is, if there is any other.
        newest = min(max(1, count // 10), count - 1)
        chance = number(self._world.seed, "drift", self._world.version)
        place = newest + chance % (count - newest)
        return state.tags.entries("last_updated", "", place, place + 1)[0].name
