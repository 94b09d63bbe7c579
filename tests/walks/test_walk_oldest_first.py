"""A walk of a list whose new rows land at its end, as a namespace's repositories do."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from dockerhub.items import WalkKey
from dockerhub.kinds import StopReason
from tests.walks.changing_list import START, new_walk
from tests.walks.walking import SEEDS, SIZES, often

if TYPE_CHECKING:
    from dockerhub.items import WalkStep
    from dockerhub.walks.walk import Walk

KEY = WalkKey("repositories", "acme", "", "", True)


class Namespace:
    """The Hub's side: each row is a name with the moment in which it came into being."""

    def __init__(self, size: int, coarseness: int = 1) -> None:
        self.clock = START
        self.coarseness = coarseness
        self.rows = [(f"row{n}", -size + n) for n in range(size)]
        self.stayed = {name for name, _ in self.rows}
        self.longest, self.asked = size, 0

    def change(self, random: Random) -> None:
        """Add a row at the end, or take one away."""
        self.clock += 1
        if random.random() < 0.5 or not self.rows:
            self.rows.append((f"new{self.clock}", self.clock))
            self.longest = max(self.longest, len(self.rows))
        else:
            name, _ = self.rows.pop(random.randrange(len(self.rows)))
            self.stayed.discard(name)

    def ask(self, walk: Walk, seen: dict[str, int]) -> WalkStep:
        """Answer the page that *walk* asks for."""
        self.asked += 1
        self.clock += 1
        size = walk.page_size
        rows = self.rows[(walk.page - 1) * size : walk.page * size]
        if not rows and walk.page > 1:
            return walk.take_end(self.clock)
        names = [name for name, _ in rows]
        # As dockerhub/spiders/list_walks.py does it; a Date header holds whole seconds.
        has_newcomers = False
        if walk.began_at is None:
            walk.began_at = self.clock - self.clock % self.coarseness
        else:
            has_newcomers = any(born >= walk.began_at for _, born in rows)
        step = walk.take(
            names,
            wanted=names,
            refused=0,
            count=len(self.rows),
            has_next=walk.page * size < len(self.rows),
            has_newcomers=has_newcomers,
            now=self.clock,
        )
        seen.update(dict.fromkeys(names, self.clock))
        return step


def walked(hub: Namespace, page_size: int, changes: list[int], random: Random) -> WalkStep | None:
    """Walk to the end, with *changes*[n] changes behind page n; None if a row was lost."""
    walk, seen = new_walk(page_size, key=KEY), dict[str, int]()
    for page in range(1000):
        step = hub.ask(walk, seen)
        if step.stop_reason is not None:
            since = step.began_again or step.started
            alive = {name for name, moment in seen.items() if moment >= since}
            is_whole = step.stop_reason is StopReason.COMPLETE
            return step if not is_whole or hub.stayed <= alive else None
        for _ in range(changes[page] if page < len(changes) else 0):
            hub.change(random)
    raise AssertionError("the walk does not end")


CHANGES = st.lists(st.sampled_from([0, 0, 1, 2, 5]), max_size=30)


@often
@given(SIZES, st.integers(1, 6), CHANGES, st.integers(1, 9), SEEDS)
def test_a_namespace_that_changes_behind_every_page_loses_no_row(
    size: int, page_size: int, changes: list[int], coarseness: int, seed: int
) -> None:
    hub = Namespace(size, coarseness)
    end = walked(hub, page_size, changes, Random(seed))
    assert end is not None
    assert end.stop_reason in (StopReason.COMPLETE, StopReason.DRIFTED)
    # Two rounds; what is promised may have to be read again and again, but not for ever.
    assert hub.asked <= 2 * (4 * (hub.longest // page_size + 1) + 22)


@often
@given(SIZES, st.integers(1, 6), st.integers(0, 5), SEEDS)
def test_a_namespace_that_changes_once_is_complete(
    size: int, page_size: int, changes: int, seed: int
) -> None:
    hub = Namespace(size)
    end = walked(hub, page_size, [changes], Random(seed))
    assert end is not None
    assert (end.stop_reason, end.row_count) == (StopReason.COMPLETE, len(hub.rows))


def test_a_newcomer_that_makes_up_for_one_that_went_is_no_reason_to_lose_a_third() -> None:
    hub, walk, seen = Namespace(4), new_walk(2, key=KEY), dict[str, int]()
    hub.ask(walk, seen)
    hub.rows = [*hub.rows[1:], ("new", hub.clock + 1)]
    hub.clock += 1
    step = hub.ask(walk, seen)
    assert (step.stop_reason, step.next_page, step.row_count) == (None, 1, 0)
    hub.ask(walk, seen)
    end = hub.ask(walk, seen)
    assert (end.stop_reason, end.row_count) == (StopReason.COMPLETE, 4)
