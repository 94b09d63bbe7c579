from __future__ import annotations

import heapq
import itertools
from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.limits.budget import NEVER
from dockerhub.limits.headers import LONGEST_WAIT_SECONDS
from dockerhub.limits.pull_headers import PullLimit
from dockerhub.limits.pulls import PullBudget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = 1_000_000.0
HOUR = 3600
# An hour after an answer, and a second for the rounding of the window's beginning.
NEXT = NOW + HOUR + 1.05


def left(remaining: int, limit: int = 100, window: int = HOUR) -> PullLimit:
    return PullLimit(limit, remaining, window)


def pull(budget: PullBudget, now: float, answer: PullLimit | None) -> None:
    """Let one pull go and be answered at once."""
    assert budget.opens_at(now) == now
    budget.take(now)
    budget.answered(answer, now)


@pytest.fixture
def budget() -> PullBudget:
    """A budget of 100 pulls an hour that leaves 20 to others, after its first answer."""
    made = PullBudget(reserve=20, waits=True)
    pull(made, NOW, left(99))
    return made


@pytest.fixture
def spent() -> PullBudget:
    """A budget that has used what it may, all at one moment."""
    made = PullBudget(reserve=20, waits=True)
    for remaining in range(99, 19, -1):
        pull(made, NOW, left(remaining))
    return made


def test_until_the_first_answer_one_pull_finds_out() -> None:
    budget = PullBudget(reserve=20, waits=False)
    assert (budget.has_heard, budget.left(), budget.is_spent(NOW)) == (False, None, False)
    assert budget.opens_at(NOW) == NOW
    budget.take(NOW)
    assert (budget.in_flight, budget.opens_at(NOW)) == (1, NEVER)
    budget.answered(left(99))
    assert (budget.in_flight, budget.has_heard, budget.opens_at(NOW)) == (0, True, NOW)
    assert budget.left() == (79, 100, NEXT)


@pytest.mark.parametrize("reserve", [0, 1, 20, 99])
def test_all_but_the_reserve_is_taken_and_no_more(reserve: int) -> None:
    budget, remaining = PullBudget(reserve=reserve, waits=False), 100
    while not budget.is_spent(NOW):
        remaining -= 1
        pull(budget, NOW, left(remaining))
    assert remaining == reserve


def test_many_go_at_once_until_the_reserve_is_near(budget: PullBudget) -> None:
    for taken in range(63):
        assert budget.opens_at(NOW) == NOW, taken
        budget.take(NOW)
    assert budget.left() == (16, 100, NEXT)
    assert budget.opens_at(NOW) == NEVER
    for remaining in range(98, 35, -1):
        assert budget.opens_at(NOW) == NEVER
        budget.answered(left(remaining))
    pull(budget, NOW, left(35))
    budget.take(NOW)
    assert budget.opens_at(NOW) == NEVER


def test_what_others_pull_is_seen_in_any_answer(budget: PullBudget) -> None:
    pull(budget, NOW, left(50))
    assert budget.left() == (30, 100, NEXT)
    pull(budget, NOW, left(5))
    assert (budget.left(), budget.is_spent(NOW)) == ((0, 100, NEXT), True)


def test_an_answer_that_was_overtaken_is_not_believed(budget: PullBudget) -> None:
    for _ in range(3):
        budget.take(NOW)
    for remaining in (96, 98, 97):
        budget.answered(left(remaining), NOW)
    assert budget.left() == (76, 100, NEXT)


def test_more_than_before_is_believed_of_what_went_alone(budget: PullBudget) -> None:
    budget.take(NOW)
    budget.take(NOW)
    budget.answered(left(40), NOW)
    budget.answered(left(99), NOW)
    assert budget.left() == (20, 100, NEXT)
    pull(budget, NOW + 10, left(97))
    assert budget.opens_at(NOW + 10) == NOW + 10
    assert budget.left() == (77, 100, NEXT + 10)


def test_answers_that_tell_no_limit_close_nothing_and_count_nothing(budget: PullBudget) -> None:
    for _ in range(200):
        pull(budget, NOW, None)
    assert budget.left() == (79, 100, NEXT)


def test_who_is_not_limited_pulls_without_end() -> None:
    budget = PullBudget(reserve=20, waits=True)
    pull(budget, NOW, None)
    for _ in range(500):
        assert budget.opens_at(NOW) == NOW
        budget.take(NOW)
    assert (budget.has_heard, budget.left(), budget.is_spent(NOW)) == (True, None, False)
    assert (budget.next_window_at(NOW), budget.why_spent(NOW)) == (NOW, None)


def test_an_error_does_not_tell_that_there_is_no_limit() -> None:
    budget = PullBudget(reserve=20, waits=True)
    budget.take(NOW)
    budget.answered(None, is_data=False)
    assert (budget.in_flight, budget.has_heard) == (0, False)
    budget.take(NOW)
    assert budget.opens_at(NOW) == NEVER


def test_a_pull_that_was_never_sent_is_given_back(budget: PullBudget) -> None:
    budget.take(NOW)
    budget.give_back()
    assert (budget.in_flight, budget.left()) == (0, (79, 100, NEXT))


def test_a_pull_without_an_answer_counts_until_a_newer_answer(budget: PullBudget) -> None:
    budget.take(NOW)
    budget.take(NOW)
    budget.failed()
    budget.answered(left(98), NOW)
    assert (budget.in_flight, budget.left()) == (0, (77, 100, NEXT))
    pull(budget, NOW, left(97))
    assert budget.left() == (77, 100, NEXT)


def test_a_pull_without_an_answer_may_have_been_the_last(budget: PullBudget) -> None:
    pull(budget, NOW, left(21))
    budget.take(NOW)
    budget.failed()
    assert (budget.is_spent(NOW), budget.opens_at(NOW)) == (True, NEXT)


def test_after_many_without_an_answer_it_is_looked_earlier(budget: PullBudget) -> None:
    for _ in range(79):
        assert budget.opens_at(NOW) == NOW
        budget.take(NOW)
        budget.failed()
    assert (budget.is_spent(NOW), budget.opens_at(NOW)) == (True, NOW + HOUR / 8)
    pull(budget, NOW + HOUR / 8, left(90))
    assert (budget.is_spent(NOW + HOUR / 8), budget.left()) == (False, (70, 100, NEXT))


def test_who_waits_goes_on_in_the_next_window_one_at_a_time(spent: PullBudget) -> None:
    assert (spent.is_spent(NOW), spent.opens_at(NOW), spent.next_window_at(NOW)) == (
        True,
        NEXT,
        NEXT,
    )
    assert spent.opens_at(NEXT - 0.1) == NEXT
    assert (spent.is_spent(NEXT), spent.opens_at(NEXT)) == (False, NEXT)
    spent.take(NEXT)
    assert (spent.is_spent(NEXT), spent.opens_at(NEXT)) == (False, NEVER)
    spent.answered(left(99))
    for _ in range(60):
        assert spent.opens_at(NEXT) == NEXT
        spent.take(NEXT)


def test_who_does_not_wait_lets_flow_what_is_refused() -> None:
    budget = PullBudget(reserve=20, waits=False)
    pull(budget, NOW, left(20))
    for _ in range(30):
        assert (budget.opens_at(NOW), budget.is_spent(NOW)) == (NOW, True)
        budget.take(NOW)
        budget.give_back()
    assert (budget.opens_at(NEXT), budget.is_spent(NEXT)) == (NEXT, False)
    budget.take(NEXT)
    assert (budget.opens_at(NEXT), budget.is_spent(NEXT)) == (NEVER, False)
    budget.answered(left(19))
    assert (budget.opens_at(NEXT), budget.is_spent(NEXT)) == (NEXT, True)


def test_a_look_that_was_too_early_is_followed_by_a_whole_window(spent: PullBudget) -> None:
    spent.take(NEXT)
    spent.answered(left(19))
    assert spent.opens_at(NEXT) == NEXT + HOUR + 1.05


def test_pulls_that_leave_a_sliding_window_are_taken_bit_by_bit() -> None:
    budget = PullBudget(reserve=20, waits=True)
    for minute in range(3):
        pull(budget, NOW + 60 * minute, left(22 - minute))
    at = [NEXT, NEXT + 60, NEXT + 120]
    for moment in at:
        assert budget.opens_at(moment - 1) == moment
        pull(budget, moment, left(20))
    # A minute passed between them, an hour since.
    assert budget.opens_at(at[-1]) == at[0] + HOUR + 1.05


def test_what_was_pulled_before_us_is_gone_when_our_first_pull_is() -> None:
    budget = PullBudget(reserve=20, waits=True)
    pull(budget, NOW, left(21))
    pull(budget, NOW + 1000, left(17))
    # Four are missing, and one more is to be left; of us only two were seen.
    assert budget.opens_at(NOW + 1000) == NEXT + 1000


def test_others_that_pull_make_us_wait_for_as_many() -> None:
    budget = PullBudget(reserve=20, waits=True)
    for minute in range(10):
        pull(budget, NOW + 60 * minute, left(30 - minute))
    pull(budget, NOW + 600, left(17))
    # By then 4 of ours will have left the window, so that 21 are there.
    assert budget.opens_at(NOW + 600) == NEXT + 180


def test_the_tokens_claim_counts_until_a_header_comes() -> None:
    budget = PullBudget(reserve=20, waits=False)
    budget.claimed(100, 21600)
    assert budget.left() == (80, 100, NEVER)
    budget.take(NOW)
    assert (budget.left(), budget.opens_at(NOW)) == ((79, 100, NEVER), NEVER)
    budget.answered(left(199, limit=200), NOW)
    assert budget.left() == (179, 200, NEXT)


@pytest.mark.parametrize("claim", [(-1, 3600), (100, 0), (100, -5), (100, 10**9)])
def test_a_claim_that_makes_no_sense_is_none(claim: tuple[int, int]) -> None:
    budget = PullBudget(reserve=20, waits=False)
    budget.claimed(*claim)
    assert budget.left() is None


def test_a_claim_limits_nobody_whom_the_registry_does_not_limit() -> None:
    budget = PullBudget(reserve=20, waits=False)
    budget.claimed(10, 3600)
    pull(budget, NOW, None)
    assert (budget.left(), budget.is_spent(NOW)) == (None, False)


@pytest.mark.parametrize(
    ("claim", "asked", "seconds"),
    [
        pytest.param(None, None, 3601.05, id="an hour where nobody says"),
        pytest.param((100, 21600), None, 21601.05, id="the window of the claim"),
        pytest.param((100, 21600), 900.0, 21601.05, id="not sooner than that"),
        pytest.param(None, 7200.0, 7200.0, id="as long as it asks"),
        pytest.param(None, 1e12, 7 * 86_400, id="a week at most"),
    ],
)
def test_a_429_without_a_limit_closes_for_a_window(
    claim: tuple[int, int] | None, asked: float | None, seconds: float
) -> None:
    budget = PullBudget(reserve=20, waits=True)
    if claim is not None:
        budget.claimed(*claim)
    pull(budget, NOW, None)
    budget.spent(NOW, asked)
    opens = NOW + seconds
    assert (budget.is_spent(NOW), budget.opens_at(NOW)) == (True, opens)
    budget.take(opens)
    assert budget.opens_at(opens) == NEVER
    budget.answered(None)
    budget.went_well(sent=opens)
    budget.take(opens)
    assert budget.opens_at(opens) == opens


def test_a_429_in_a_known_window_closes_until_more_than_the_reserve_is_there() -> None:
    budget = PullBudget(reserve=2, waits=True)
    for second in range(5):
        pull(budget, NOW + second, left(50 - second))
    pull(budget, NOW + 5, None)
    budget.spent(NOW + 5, 30.0)
    assert (budget.is_spent(NOW + 5), budget.left()) == (True, (0, 100, NEXT + 2))
    assert budget.opens_at(NOW + 5) == NEXT + 2


def test_a_429_that_asks_for_longer_gets_it(spent: PullBudget) -> None:
    spent.spent(NOW, 5000.0)
    assert spent.opens_at(NOW) == NOW + 5000


def test_a_429_to_a_look_is_followed_by_a_whole_window(spent: PullBudget) -> None:
    pull(spent, NEXT, None)
    spent.spent(NEXT, None)
    assert spent.opens_at(NEXT) == NEXT + HOUR + 1.05
    pull(spent, NEXT + HOUR + 1.05, left(99))
    assert spent.opens_at(NEXT + HOUR + 2) == NEXT + HOUR + 2


def test_what_was_under_way_at_a_429_opens_nothing(budget: PullBudget) -> None:
    for _ in range(3):
        budget.take(NOW)
    budget.answered(None)
    budget.spent(NOW, None)
    budget.answered(left(40))
    budget.answered(left(39))
    assert (budget.is_spent(NOW), budget.left()) == (True, (0, 100, NEXT))


def test_a_head_tells_what_is_left_before_the_first_pull() -> None:
    budget = PullBudget(reserve=20, waits=True)
    budget.heard(left(20), NOW)
    assert (budget.has_heard, budget.is_spent(NOW), budget.opens_at(NOW)) == (True, True, NEXT)
    other = PullBudget(reserve=20, waits=True)
    other.heard(None)
    assert (other.has_heard, other.opens_at(NOW)) == (True, NOW)


def test_a_head_that_shows_less_is_believed_always(budget: PullBudget) -> None:
    budget.take(NOW)
    budget.heard(left(30), NOW)
    assert budget.left() == (9, 100, NEXT)


def test_a_head_that_shows_more_is_believed_when_no_pull_is_about(spent: PullBudget) -> None:
    spent.heard(left(100), NOW + 299)
    assert spent.is_spent(NOW + 299)
    spent.heard(left(100))
    assert spent.is_spent(NOW + 300)
    spent.heard(left(100), NOW + 301)
    assert (spent.is_spent(NOW + 301), spent.opens_at(NOW + 301)) == (False, NOW + 301)
    spent.take(NOW + 301)
    spent.answered(left(30), NOW + 301)
    spent.take(NOW + 302)
    spent.heard(left(100), NOW + 900)
    assert spent.left() == (9, 100, NEXT + 301)


@pytest.mark.parametrize(("limit", "reserve"), [(10, 20), (20, 20), (0, 0), (0, 5)])
def test_a_window_within_the_reserve_is_spent_from_the_start(limit: int, reserve: int) -> None:
    budget = PullBudget(reserve=reserve, waits=False)
    budget.heard(left(limit, limit=limit), NOW)
    for now in (NOW, NEXT, NOW + 10 * HOUR):
        assert (budget.is_hopeless, budget.is_spent(now), budget.opens_at(now)) == (True, True, now)
    assert budget.why_spent(NOW) == (
        f"pulls: expected more than the {reserve} left to others (DOCKERHUB_PULL_RESERVE),"
        f" got a limit of {limit} in 1 h 0 min"
    )


def test_who_waits_looks_at_a_window_within_the_reserve_once_in_its_length() -> None:
    budget = PullBudget(reserve=20, waits=True)
    pull(budget, NOW, left(9, limit=10))
    assert (budget.is_spent(NOW), budget.opens_at(NOW)) == (True, NEXT)
    pull(budget, NEXT, left(9, limit=10))
    assert budget.opens_at(NEXT) == NEXT + HOUR + 1.05


def test_it_says_why_no_pull_may_go(budget: PullBudget) -> None:
    assert budget.why_spent(NOW) is None
    pull(budget, NOW, left(18))
    assert budget.why_spent(NOW + 600) == (
        "pulls: expected more than the 20 left to others (DOCKERHUB_PULL_RESERVE),"
        " got 18 of 100; again in 50 min 1 s"
    )
    assert budget.why_spent(NEXT) is None


def test_it_says_that_a_429_was_heard() -> None:
    budget = PullBudget(reserve=20, waits=False)
    budget.spent(NOW, None)
    assert budget.why_spent(NOW) == (
        "pulls: expected some, the registry says that none is left; again in 1 h 0 min"
    )


def test_holds_and_closings_are_those_of_a_budget(budget: PullBudget) -> None:
    budget.hold()
    assert budget.opens_at(NOW) == NEVER
    budget.release()
    assert budget.opens_at(NOW) == NOW
    budget.close_until(NOW + 5)
    assert budget.opens_at(NOW) == NOW + 5
    assert [budget.slow_down(0.0, NOW + 5), budget.slow_down(0.0, NOW + 6)] == [1, 2]
    budget.went_well()
    budget.rest(30.0, NOW + 8)
    assert budget.opens_at(NOW + 8) == NOW + 38
    budget.take(NOW + 38)
    assert budget.opens_at(NOW + 38) == NEVER
    budget.clock.heard(NOW + 500, NOW, NOW)
    assert budget.clock.offset() == 500


def test_what_is_refused_need_not_rest() -> None:
    budget = PullBudget(reserve=20, waits=False)
    pull(budget, NOW, left(20))
    budget.rest(LONGEST_WAIT_SECONDS, NOW)
    assert budget.opens_at(NOW) == NOW
    budget.hold()
    assert budget.opens_at(NOW) == NEVER


def test_a_longer_window_counts_from_the_answer_that_tells_it(budget: PullBudget) -> None:
    pull(budget, NOW + 10, left(20, window=21600))
    assert budget.opens_at(NOW + 10) == NOW + 21600 + 1.05


@dataclass
class Registry:
    """A registry that counts pulls in windows: of their own, of the clock's, or sliding ones."""

    kind: str
    limit: int
    window: int
    starts_at: float = 0.0
    counted: list[tuple[str, float]] = field(default_factory=list)
    """who pulled, and in which fixed window"""
    below: Counter[str] = field(default_factory=Counter)
    lowest: int = 10**9
    refused: int = 0
    _held: deque[float] = field(default_factory=deque)
    _began: float = -1e18

    def pull(self, now: float, who: str) -> tuple[bool, PullLimit]:
        """Count a pull and return whether it is let through, and what its answer tells."""
        self._renew(now)
        may = len(self._held) < self.limit
        if may:
            self._held.append(now)
            self.counted.append((who, self._began))
        else:
            self.refused += 1
        told = self.look(now)
        self.lowest = min(self.lowest, told.remaining)
        return may, told

    def look(self, now: float) -> PullLimit:
        """Return what the answer to a HEAD tells."""
        self._renew(now)
        return PullLimit(self.limit, self.limit - len(self._held), self.window)

    def per_window(self) -> list[int]:
        """Return how many were counted in each fixed window."""
        return list(Counter(began for _, began in self.counted).values())

    def _renew(self, now: float) -> None:
        if self.kind == "sliding":
            while self._held and self._held[0] <= now - self.window:
                self._held.popleft()
        elif now >= self._began + self.window:
            self._held.clear()
            since = (now - self.starts_at) % self.window if self.kind == "aligned" else 0.0
            self._began = now - since


class Simulation:
    """Time, and what happens in it."""

    def __init__(self, registry: Registry, seed: int, windows: int) -> None:
        self.registry = registry
        self.random = Random(seed)
        self.end = NOW + windows * registry.window
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers: Iterator[int] = itertools.count()

    def at(self, moment: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), happens))

    def run(self) -> None:
        while self._events:
            now, _, happens = heapq.heappop(self._events)
            happens(now)

    def add_people(self, a_second: float) -> None:
        """Let others pull at random from behind the same address."""

        def one(now: float) -> None:
            if now < self.end:
                self.registry.pull(now, "people")
                self.at(now + self.random.expovariate(a_second), one)

        self.at(NOW, one)


@dataclass
class Crawl:
    """A client that always has more to pull and goes by its budget."""

    simulation: Simulation
    budget: PullBudget
    concurrency: int
    slowest: float
    lost: float = 0.0
    name: str = "ours"
    begins: float = NOW
    most_in_flight: int = 0
    _wakes_at: float = 0.0

    def __post_init__(self) -> None:
        self.simulation.at(self.begins, self._hand_out)

    def _trip(self) -> float:
        return self.simulation.random.uniform(0, self.slowest / 2)

    def look(self, now: float) -> None:
        """Ask by HEAD, now and every so often."""
        simulation = self.simulation
        if now < simulation.end:
            simulation.at(now + self._trip(), self._be_shown)
            pause = simulation.random.expovariate(50 / simulation.registry.window)
            simulation.at(now + pause, self.look)

    def _be_shown(self, now: float) -> None:
        told = self.simulation.registry.look(now)
        self.simulation.at(now + self._trip(), lambda then: self._hear_of(then, told))

    def _hear_of(self, now: float, told: PullLimit) -> None:
        self.budget.heard(told, now)
        self._hand_out(now)

    def _hand_out(self, now: float) -> None:
        budget, simulation = self.budget, self.simulation
        while now < simulation.end and budget.in_flight < self.concurrency:
            opens = budget.opens_at(now)
            assert opens < NEVER or budget.in_flight
            if opens > now:
                if opens < NEVER and opens != self._wakes_at:
                    self._wakes_at = opens
                    simulation.at(opens, self._hand_out)
                return
            budget.take(now)
            if budget.is_spent(now):
                # It is refused, and so is what comes later; the spider has other things to do.
                budget.give_back()
                simulation.at(now + simulation.registry.window / 40, self._hand_out)
                return
            self.most_in_flight = max(self.most_in_flight, budget.in_flight)
            simulation.at(now + self._trip(), self._arrive)

    def _arrive(self, now: float) -> None:
        may, told = self.simulation.registry.pull(now, self.name)
        if self.simulation.random.random() < self.lost:
            self.simulation.at(now + 2 * self.slowest, self._miss)
        else:
            self.simulation.at(now + self._trip(), lambda then: self._hear(then, may, told))

    def _miss(self, now: float) -> None:
        self.budget.failed()
        self._hand_out(now)

    def _hear(self, now: float, may: bool, told: PullLimit) -> None:
        self.budget.answered(told)
        if not may:
            self.budget.spent(now, None)
        self._hand_out(now)


SEEDS = st.integers(0, 2**32)
WINDOWS = 4


@st.composite
def servers(draw: st.DrawFn) -> dict[str, Any]:
    """Registries of which a crawl can use a whole window, and what the crawl leaves to others."""
    limit = draw(st.integers(1, 120))
    window = draw(st.sampled_from([600, 3600, 21600]))
    return {
        "kind": draw(st.sampled_from(["first", "aligned", "sliding"])),
        "limit": limit,
        "window": window,
        # Early enough in a window of the clock's for what is left of it to do.
        "starts_at": NOW - draw(st.floats(0.0, 0.5)) * window,
        "reserve": draw(st.integers(0, limit - 1)),
        "concurrency": draw(st.integers(1, 32)),
        "slowest": draw(st.floats(0.01, window / (6 * (limit + 20)))),
        "waits": draw(st.booleans()),
    }


def simulated(
    server: dict[str, Any], seed: int, crawls: list[dict[str, Any]]
) -> tuple[Simulation, list[Crawl]]:
    registry = Registry(*(server[key] for key in ("kind", "limit", "window", "starts_at")))
    simulation = Simulation(registry, seed, WINDOWS)
    made = []
    for more in crawls:
        budget = PullBudget(reserve=server["reserve"], waits=server["waits"])
        settled = {"concurrency": server["concurrency"], "slowest": server["slowest"]}
        made.append(Crawl(simulation, budget, **{**settled, **more}))
    return simulation, made


@settings(derandomize=True, deadline=None, max_examples=100)
@given(servers(), SEEDS)
def test_alone_all_but_the_reserve_is_used_in_every_window(
    server: dict[str, Any], seed: int
) -> None:
    simulation, [crawl] = simulated(server, seed, [{}])
    simulation.run()
    registry, ours = simulation.registry, server["limit"] - server["reserve"]
    assert (registry.lowest, registry.refused) == (server["reserve"], 0)
    assert crawl.most_in_flight <= server["concurrency"]
    assert len(registry.counted) >= 0.9 * WINDOWS * ours
    if server["kind"] != "sliding":
        assert set(registry.per_window()[:-1]) == {ours}


@settings(derandomize=True, deadline=None, max_examples=100)
@given(servers(), SEEDS, st.floats(0.01, 0.25))
def test_alone_lost_answers_never_touch_the_reserve(
    server: dict[str, Any], seed: int, lost: float
) -> None:
    simulation, _ = simulated(server, seed, [{"lost": lost}])
    simulation.run()
    assert simulation.registry.lowest >= server["reserve"]
    assert len(simulation.registry.counted) >= server["limit"] - server["reserve"]


@settings(derandomize=True, deadline=None, max_examples=100)
@given(servers(), SEEDS, st.integers(0, 120))
def test_who_looks_by_head_first_never_touches_the_reserve(
    server: dict[str, Any], seed: int, before: int
) -> None:
    server["kind"] = "aligned" if server["kind"] == "first" else server["kind"]
    simulation, [crawl] = simulated(server, seed, [{"begins": NOW + 1}])
    registry = simulation.registry
    for _ in range(before):
        registry.pull(NOW, "before")
    crawl.look(NOW)
    crawl.budget.heard(registry.look(NOW), NOW)
    at_first, registry.lowest = registry.lowest, server["limit"]
    simulation.run()
    assert registry.lowest >= min(at_first, server["reserve"])
    ours = [who for who, _ in registry.counted if who == "ours"]
    assert len(ours) >= 0.9 * (WINDOWS - 1) * (server["limit"] - server["reserve"])


@settings(derandomize=True, deadline=None, max_examples=100)
@given(servers(), SEEDS, st.integers(1, 32), st.floats(0.0, 2.0))
def test_two_crawls_go_below_the_reserve_by_what_is_under_way(
    server: dict[str, Any], seed: int, concurrency: int, later: float
) -> None:
    other = {
        "name": "other",
        "concurrency": concurrency,
        "begins": NOW + later * server["window"],
    }
    simulation, crawls = simulated(server, seed, [{}, other])
    simulation.run()
    # What the one has under way the other cannot know; and each may look once too early at a
    # window that the other had begun to use.
    unseen = max(crawl.most_in_flight for crawl in crawls) + 2
    assert simulation.registry.lowest >= max(0, server["reserve"] - unseen)
    assert len(simulation.registry.counted) >= server["limit"] - server["reserve"]


@settings(derandomize=True, deadline=None, max_examples=100)
@given(servers(), SEEDS, st.floats(0.1, 2.0))
def test_beside_people_no_more_goes_below_the_reserve_than_was_under_way(
    server: dict[str, Any], seed: int, share: float
) -> None:
    simulation, [crawl] = simulated(server, seed, [{}])
    simulation.add_people(share * server["limit"] / server["window"])
    registry = simulation.registry
    count = registry.pull

    def watched(now: float, who: str) -> tuple[bool, PullLimit]:
        may, told = count(now, who)
        registry.below[who] += told.remaining < server["reserve"] or not may
        return may, told

    registry.pull = watched  # type: ignore[method-assign]
    simulation.run()
    # Each time that it looks and others were there first, it costs one pull.
    assert registry.below["ours"] <= crawl.most_in_flight + 2 * WINDOWS
