"""The budgets of one service, one an exit, and which exit the next request goes by.

Time comes in as an argument, in Unix seconds of our clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.limits.budget import NEVER
from dockerhub.limits.openings import AWAITED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from dockerhub.limits.budget import Budget
    from dockerhub.limits.openings import Openings
    from dockerhub.limits.pulls import PullBudget

_PLACES = 16
"""CONCURRENT_REQUESTS, which all exits share"""


class Lanes:
    """The budgets of one service: one an exit, made when it is first asked for.

    Two exits that turn out to be one share a budget. Where an account pays, all exits do.
    """

    def __init__(self, make: Callable[[], Budget | PullBudget], *, is_shared: bool = False) -> None:
        self._make = make
        self._shared = make() if is_shared else None
        self._budgets: dict[str, Budget | PullBudget] = {}
        self._shut: set[str] = set()
        self._used: dict[str, int] = {}
        self._count = 0
        self._is_held = False

    def of(self, name: str) -> Budget | PullBudget:
        """Return the budget for the exit *name*."""
        if name not in self._budgets:
            self._budgets[name] = self._shared or self._make()
        return self._budgets[name]

    def __iter__(self) -> Iterator[Budget | PullBudget]:
        """Yield each budget once."""
        return iter({id(budget): budget for budget in self._budgets.values()}.values())

    @property
    def in_flight(self) -> int:
        """How many requests are under way, by all exits."""
        return sum(budget.in_flight for budget in self)

    def forget(self, name: str) -> None:
        """Drop what is known of an exit that is gone."""
        self._budgets.pop(name, None)
        self._used.pop(name, None)
        self._shut.discard(name)

    def merge(self, name: str, other: str) -> bool:
        """Let two exits share one budget from now on; False if they do already."""
        ours: Any = self.of(name)
        others = self.of(other)
        if ours is others:
            return False
        ours.absorb(others)
        for each, budget in self._budgets.items():
            if budget is others:
                self._budgets[each] = ours
        return True

    def shut(self, name: str) -> None:
        """Never choose the exit *name* again."""
        self._shut.add(name)

    def is_shut(self, name: str) -> bool:
        """Tell whether the exit *name* is never chosen any more."""
        return name in self._shut

    @property
    def shut_exits(self) -> frozenset[str]:
        """The exits that are never chosen any more."""
        return frozenset(self._shut)

    def hold(self) -> None:
        """Let nothing go until `release`, while a token is renewed."""
        self._is_held = True

    def release(self) -> None:
        """End a hold."""
        self._is_held = False

    def opens_at(self, now: float, exits: Openings) -> float:
        """Return when the next request may go; *exits* tells when each exit may be used."""
        if self._is_held:
            return NEVER
        if len(exits) == 1:
            return self._opens_at(next(iter(exits)), now, exits)
        usable = self._usable(now, exits)
        return min((self._opens_at(name, now, exits) for name in usable), default=NEVER)

    def gives_up_at(self, now: float, exits: Openings) -> float:
        """Return when to wait no longer for an exit; see `Openings.gives_up_at`."""
        return exits.gives_up_at([name for name in exits if name not in self._shut], now)

    def choose(self, now: float, exits: Openings, avoid: Collection[str] = ()) -> str | None:
        """Return the exit with the most left of those by which a request may go *now*.

        One of which nothing is known yet comes first: it is asked one at a time until it tells.
        Those to *avoid* are taken only if no other is open; what went in vain by them goes by one
        that has told something, if there is one.
        """
        if self._is_held:
            return None
        if len(exits) == 1:
            (only,) = exits
            return only if self._opens_at(only, now, exits) <= now else None
        usable = self._usable(now, exits)
        able = [name for name in usable if self._opens_at(name, now, exits) <= now]
        others = [name for name in able if name not in avoid]
        heard = [name for name in others if avoid and self.of(name).has_heard]
        return min(heard or others or able, key=self._rank, default=None)

    def take(self, name: str, now: float, jitter: float = 0.0) -> None:
        """Count a request that goes now by the exit *name*."""
        self.of(name).take(now, jitter)
        self._count += 1
        self._used[name] = self._count

    def left(self) -> tuple[int, int, float] | None:
        """Return (requests left, limit, when the first resets) by all exits, None if not told."""
        told = [left for budget in self if (left := budget.left()) is not None]
        if not told:
            return None
        return (
            sum(each[0] for each in told),
            sum(each[1] for each in told),
            min(each[2] for each in told),
        )

    def is_empty(self, name: str) -> bool:
        """Tell whether the exit *name* has nothing left, as far as the service has told.

        What an account has left is no matter of exits.
        """
        left = self.of(name).left()
        return self._shared is None and left is not None and left[0] <= 0

    def is_spent(self, now: float, exits: Openings) -> bool:
        """Tell whether no pull is left by any exit that may be used."""
        return all(self.of(name).is_spent(now) for name in self._usable(now, exits))

    def _opens_at(self, name: str, now: float, exits: Openings) -> float:
        opens, budget = exits[name], self.of(name)
        if len(exits) == 1:
            return opens if opens >= AWAITED else max(opens, budget.opens_at(now))
        left = budget.left()
        is_held = left is not None and 0 < left[0] <= self._strangers_in_flight(budget)
        if opens >= AWAITED or is_held or self._has_its_share(budget, now, exits):
            return opens if opens >= AWAITED else NEVER
        return max(opens, budget.opens_at(now))

    def _has_its_share(self, budget: Budget | PullBudget, now: float, exits: Openings) -> bool:
        """Tell whether one exit has so much under way that the others would have no place left.

        One that falls silent would else have all of CONCURRENT_REQUESTS after a while.
        """
        open_count = sum(opens <= now for opens in exits.values())
        return open_count > 1 and budget.in_flight > _PLACES // open_count

    def _strangers_in_flight(self, budget: Budget | PullBudget) -> int:
        """Return how many requests are under way by exits that have told nothing yet.

        They may turn out to be this one, and then they count against it.
        """
        if len(self._budgets) < 2:
            return 0
        return sum(each.in_flight for each in self if each is not budget and not each.has_heard)

    def _usable(self, now: float, exits: Openings) -> list[str]:
        """Return the exits that are not shut, and have pulls left if any that is there has.

        If all are shut it is all of them: what goes there is refused, and told why.
        """
        names = [name for name in exits if name not in self._shut] or list(exits)
        unspent = [name for name in names if not self.of(name).is_spent(now)]
        return unspent if any(exits.is_waited_for(name, now) for name in unspent) else names

    def _rank(self, name: str) -> tuple[float, int, int]:
        budget = self.of(name)
        left = budget.left()
        share = 2.0 if left is None else left[0] / max(1, left[1])
        return -share, budget.in_flight, self._used.get(name, 0)
