"""Walks over lists that change at chance, from their start to their end."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st

from tests.walks.changing_list import is_catching_up, new_walk, resumed

if TYPE_CHECKING:
    from dockerhub.items import WalkStep
    from dockerhub.walks.walk import Walk
    from tests.walks.changing_list import ChangingList, Stored

__all__ = ["SEEDS", "SIZES", "Walked", "change", "has_all", "killed", "often", "quiet", "resumed"]

SIZES = st.integers(0, 40)
SEEDS = st.integers(0, 2**32)
often = settings(derandomize=True, deadline=None, max_examples=200)

_FOR_EVER = 5000


class Walked(NamedTuple):
    """What became of a walk."""

    end: WalkStep
    kills: int
    caught_up: bool
    """whether it ended by reading its top again"""


def most_pages(longest: int, page_size: int) -> int:
    """Return how many pages a walk of a list may ask for, however the list changes.

    It reads a list to its end and up to three times its top again, and that in two rounds. Each of
    these eight ends when it has read four times the pages that the list promises and ten more, and
    when it was told ten times that a page was past the end which had been promised.
    """
    return 8 * (4 * (longest // page_size + 1) + 22)


def moving(
    hub: ChangingList, stored: Stored, page_size: int, seed: int, *, most_kills: int = 0
) -> Walked:
    """Walk *hub* while it changes behind every page, and go on after each kill.

    What is pushed between two pages is less than a page: nothing that was pushed meanwhile comes on
    a page behind the first ones.
    """
    random = Random(seed)
    rate, most_changes = random.choice([0.1, 0.3, 0.6, 1]), random.choice([1, 2, 4])
    walk, kills = new_walk(page_size), 0
    for _ in range(_FOR_EVER):
        caught_up = is_catching_up(walk)
        step = hub.ask(walk, stored)
        if step.stop_reason is not None:
            return Walked(step, kills, caught_up)
        if random.random() < rate:
            change_less_than_a_page(hub, random, random.randint(1, most_changes), page_size)
        if kills < most_kills and random.random() < 0.15:
            kills += 1
            walk = resumed(hub, step, stored, new_walk(page_size))
    raise AssertionError("the walk does not end")


def change_less_than_a_page(
    hub: ChangingList, random: Random, changes: int, page_size: int
) -> None:
    """Change *hub*, but push fewer rows than a page has."""
    pushes = 0
    for _ in range(changes):
        if pushes + 1 < page_size:
            before = len(hub.names)
            hub.change(random)
            pushes += len(hub.names) >= before
        elif hub.names:
            hub.delete(random.randrange(len(hub.names)))


def quiet(hub: ChangingList, walk: Walk, stored: Stored) -> WalkStep:
    """Walk to the end while nothing changes."""
    for _ in range(_FOR_EVER):
        step = hub.ask(walk, stored)
        if step.stop_reason is not None:
            return step
    raise AssertionError("the walk does not end")


def killed(hub: ChangingList, walk: Walk, stored: Stored, pages: int) -> WalkStep | None:
    """Walk *pages* pages and return the last step, None if the walk ended before."""
    for _ in range(pages):
        step = hub.ask(walk, stored)
        if step.stop_reason is not None:
            return None
    return step


def change(hub: ChangingList, changes: int, seed: int) -> None:
    """Change *hub* at chance."""
    random = Random(seed)
    for _ in range(changes):
        hub.change(random)


def has_all(stored: Stored, hub: ChangingList) -> bool:
    """Tell whether every row of the list stands in the database as it is."""
    return hub.contents.items() <= {name: tag[:2] for name, tag in stored.items()}.items()
