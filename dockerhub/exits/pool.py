"""Which exits are good, unchecked or dead; time comes in, in Unix seconds of our clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from rotating_proxies.expire import Proxies, ProxyState, exp_backoff

from dockerhub.limits.budget import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MOST_DOUBTS = 3
"""So many requests in a row without an answer are no accident, if others have one meanwhile."""


class _Silence(NamedTuple):
    """Requests to one service by one exit, in a row, that got no answer."""

    times: int
    since: float
    """when the first of them went"""


class _Failure(NamedTuple):
    """What an exit did not let through of one service since the last good answer of that."""

    times: int
    last_at: float
    """when the last of it failed that was not under way when one before it failed"""


class ExitPool(Proxies):  # type: ignore[misc]  # the library has no types
    """The library's pool, keyed by the exits' names, which may be shown.

    A death is one episode: what was under way when it began neither lengthens nor ends it.
    """

    def __init__(
        self,
        names: Iterable[str],
        *,
        base_seconds: float,
        cap_seconds: float,
        jitter: Callable[[], float],
    ) -> None:
        """Begin with every exit unchecked; *jitter* returns a random number in [0, 1)."""

        def backoff(attempt: int) -> float:
            # The library's own jitter goes down to no pause at all.
            longest: float = exp_backoff(attempt, cap=cap_seconds, base=base_seconds)
            return longest * (0.5 + 0.5 * jitter())

        # The library looks for a host and port in each key and folds what has the same, such as
        # the sessions of a gateway; so it is given none.
        super().__init__([], backoff=backoff)
        self.has_served = False
        """whether any exit ever brought a good answer"""
        self.lost_at: dict[str, float] = {}
        """when each exit died first that has brought nothing good since"""
        self._died_at: dict[str, float] = {}
        self._failures: dict[tuple[str, str], _Failure] = {}
        self._doubts: dict[tuple[str, str], _Silence] = {}
        self._good_at: dict[tuple[str, str], float] = {}
        for name in names:
            self.proxies[name] = ProxyState()
            self.unchecked.add(name)

    def replace(self, old: str, new: str) -> None:
        """Put *new* in the place of *old*: it has nothing good yet, and waits as long as *old*.

        A new session at a gateway that refuses the old one would else be a way to hammer it.
        """
        is_dead = old in self.dead
        self.proxies[new] = self.proxies.pop(old)
        self._died_at[new] = self._died_at.pop(old, 0.0)
        if old in self.lost_at:
            self.lost_at[new] = self.lost_at.pop(old)
        for state in (self.good, self.unchecked, self.dead):
            state.discard(old)
        (self.dead if is_dead else self.unchecked).add(new)
        self._forget_answers(old)

    def opens_at(self, name: str, now: float) -> float:
        """Return when *name* may be used: *now*, later, or `NEVER` (also if it is unknown)."""
        if name not in self.dead:
            return now if name in self.proxies else NEVER
        next_check: float = self.proxies[name].next_check
        if next_check <= now:
            self.reanimate(now)
        return max(next_check, now)

    def is_proven(self, name: str) -> bool:
        """Tell whether *name* has brought an answer since it was last dead or new."""
        return name in self.good

    def mark_good(self, name: str, now: float, *, sent: float, service: str = "") -> bool:
        """Hear that what went at *sent* was answered by *service*; False if that is no news.

        A success that was under way when the exit died revives nothing.
        """
        if name not in self.proxies or sent < self._died_at.get(name, 0.0):
            return False
        self._doubts.pop((name, service), None)
        self._failures.pop((name, service), None)
        self.lost_at.pop(name, None)
        self._good_at[name, service] = now
        self.has_served = True
        is_news = name not in self.good
        super().mark_good(name)
        return is_news

    def mark_dead(
        self,
        name: str,
        now: float,
        *,
        sent: float,
        retry_after: float | None = None,
        forever: bool = False,
    ) -> float | None:
        """Let *name* rest because of what went at *sent* and return for how many seconds.

        None if that is no news: it rests already, or did since. *retry_after* is what was asked
        for, in seconds, and lengthens the rest only; `NEVER` is returned for the rest of the crawl.
        """
        is_known = name in self.proxies and name not in self.dead
        if not is_known or sent < self._died_at.get(name, 0.0):
            return None
        super().mark_dead(name, now)
        self._died_at[name] = now
        self.lost_at.setdefault(name, now)
        self._forget_answers(name)
        state = self.proxies[name]
        # `backoff_time` stays a number of seconds: the library prints it.
        rest = NEVER if forever else max(state.backoff_time, retry_after or 0.0)
        state.next_check = now + rest
        return rest

    def fail(self, name: str, now: float, *, sent: float, service: str) -> float | None:
        """Hear that a proven exit did not let something through that it may let through for others.

        Return for how many seconds *service* is not to be asked there, twice as long each time; 0
        if that is no news. None if the exit itself fails: it is not proven, or has let nothing
        through since it failed before.
        """
        before = self._failures.get((name, service), _Failure(0, 0.0))
        last_good = max((at for (by, _), at in self._good_at.items() if by == name), default=0.0)
        if name in self.good and sent < before.last_at:
            return 0.0
        if name not in self.good or (before.times and last_good < before.last_at):
            return None
        self._failures[name, service] = _Failure(before.times + 1, now)
        rest: float = self.backoff(before.times)
        return rest

    def doubt(self, name: str, now: float, *, sent: float, service: str = "") -> float | None:
        """Hear that what went at *sent* got no answer, and return for how long *name* rests now.

        None if it does not: that may as well be the service's fault, unless it is the third in a
        row here while *service* answers by another exit.
        """
        if name not in self.proxies or sent < self._died_at.get(name, 0.0):
            return None
        before = self._doubts.get((name, service), _Silence(0, sent))
        silence = _Silence(before.times + 1, min(before.since, sent))
        self._doubts[name, service] = silence
        if silence.times < _MOST_DOUBTS:
            return None
        if not self._others_answer(name, service, silence.since):
            return None
        return self.mark_dead(name, now, sent=sent)

    def doubt_count(self, name: str) -> int:
        """Return how many requests of *name* in a row got no answer, of all services."""
        return sum(doubts.times for (other, _), doubts in self._doubts.items() if other == name)

    def get_proxy(self, proxy_address: str) -> str | None:
        """Return the exit of that name, if there is one; the library would compare hosts."""
        return proxy_address if proxy_address in self.proxies else None

    def get_random(self) -> NoReturn:
        """Refuse: the exit with the most left is chosen, by the budgets."""
        raise NotImplementedError("exits are chosen by what their budgets have left")

    def reset(self) -> NoReturn:
        """Refuse: to revive all the dead at once is to hammer them."""
        raise NotImplementedError("dead exits wait for their time")

    def _others_answer(self, name: str, service: str, since: float) -> bool:
        return any(
            at >= since and other != name and by == service
            for (other, by), at in self._good_at.items()
        )

    def _forget_answers(self, name: str) -> None:
        heard: dict[tuple[str, str], Any]
        for heard in (self._doubts, self._failures, self._good_at):
            for key in [key for key in heard if key[0] == name]:
                del heard[key]
