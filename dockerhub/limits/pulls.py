"""How many manifests one exit or account may still get: each GET of one is a pull.

Time comes in as an argument, in Unix seconds of our clock.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from dockerhub.limits.budget import NEVER, Budget
from dockerhub.words import duration

if TYPE_CHECKING:
    from dockerhub.limits.pull_headers import PullLimit
    from dockerhub.limits.server_clock import ServerClock

# So near to the reserve, one at a time: what others pull meanwhile is seen before the next one.
_NEAR = 16
# A window is over by its length after an answer from it, or a second later: whether its beginning
# is kept in whole seconds, and how they are rounded, is not known.
_MARGIN_SECONDS = 1.05
# What a window lasts where nobody says; Docker's did in 2026 (HUB.md, section 8).
_USUAL_SECONDS = 3600
_LONGEST_SECONDS = 7 * 86_400
# So many pulls without an answer were hardly all counted: it is worth to look earlier, but seldom.
_LOOKS_A_WINDOW = 8
# No request is under way for so long: what is answered later was asked later.
_LONGEST_TRIP_SECONDS = 300.0
_MOST_MOMENTS = 10_000

# In the place of a moment: not told yet. It is the next `now` that comes in, which is no earlier.
_NOT_TOLD = NEVER


class _Window:
    """The registry's window, as far as answers have shown it.

    It may be a fixed one, which ends all at once, or a sliding one, which each pull leaves by
    itself; what is held here is true of both.

    `free` is the lowest `remaining` of any answer since the last one that was *surely newer* than
    all before it, less the requests without an answer. The answer that the registry gave last is
    among them, and what it counted since is still under way: so `free` without what is under way
    is never more than what is really left, in whatever order answers come. An answer that shows
    more is surely newer if its request went when nothing else was under way; then the window is a
    new one, or pulls have left it. Any other one may have been overtaken, and is not believed.

    Those that a window holds are the latest `limit - remaining` of all pulls, and each leaves it
    by its length after its answer came. So many moments are kept, and they tell when as many pulls
    as are missing will surely be there again. If answers came late, they tell a later moment.
    """

    def __init__(self, told: PullLimit) -> None:
        self.limit = told.limit
        self.seconds = told.window_seconds
        self.lowest = told.remaining
        self._lost = 0
        self._is_settled = False
        self._moments: deque[float] = deque(maxlen=_MOST_MOMENTS)
        self._latest = _NOT_TOLD
        self._went_alone_at = 0.0

    @property
    def free(self) -> int:
        """Pulls left, if none is under way."""
        return self.lowest - self._lost

    def stamp(self, now: float) -> None:
        """Hear what time it is, for all that happened since the last time."""
        if self._latest == _NOT_TOLD:
            self._latest = now
        for index in range(len(self._moments) - 1, -1, -1):
            if self._moments[index] != _NOT_TOLD:
                break
            self._moments[index] = now

    def go(self, now: float, *, in_flight: int) -> None:
        """Hear that a pull goes while *in_flight* others are under way."""
        if not in_flight:
            self._went_alone_at = now

    def hear(self, told: PullLimit, *, in_flight: int, is_newer: bool = False) -> None:
        """Learn from an answer while *in_flight* pulls are under way."""
        # So much at once: more than half of what it held has left it.
        is_new = is_newer and 2 * (told.remaining - self.lowest) > told.limit - self.lowest
        if is_newer or told.remaining <= self.lowest:
            self.lowest = told.remaining
            self._lost = 0 if is_newer else self._lost
            self._is_settled = False
        if is_newer:
            # What had left the window when it went is not among those that it counts.
            self._drop_until(self._went_alone_at - self.seconds - _MARGIN_SECONDS)
        if is_new:
            self._moments.clear()
        self.limit, self.seconds = told.limit, told.window_seconds
        self._keep(told.limit - told.remaining)
        self._latest = _NOT_TOLD
        self.settle(in_flight)

    def answered(self, told: PullLimit, *, in_flight: int) -> bool:
        """Learn from the answer to a pull, and tell whether it is surely newer than all before."""
        is_newer = self._is_settled
        self.hear(told, in_flight=in_flight, is_newer=is_newer)
        self._moments.append(_NOT_TOLD)
        self._keep(told.limit - told.remaining)
        return is_newer

    def lose(self, *, in_flight: int) -> None:
        """Count a request without an answer: it may have been counted."""
        self._lost += 1
        self._is_settled = False
        self._moments.append(_NOT_TOLD)
        self._latest = _NOT_TOLD
        self.settle(in_flight)

    def run_out(self, *, in_flight: int) -> None:
        """Hear that no pull is left."""
        self.lowest = 0
        self._is_settled = False
        self.settle(in_flight)

    def settle(self, in_flight: int) -> None:
        """Hear how many pulls are under way."""
        self._is_settled = self._is_settled or in_flight == 0

    def begin_anew(self) -> None:
        """Forget all moments but this: they were those of another window."""
        self._moments.clear()
        self._moments.append(_NOT_TOLD)
        self._latest = _NOT_TOLD

    def _drop_until(self, moment: float) -> None:
        while self._moments and self._moments[0] <= moment:
            self._moments.popleft()

    def _keep(self, most: int) -> None:
        while len(self._moments) > most:
            self._moments.popleft()

    def opens_at(self, reserve: int) -> float:
        """Return when more than *reserve* pulls are left at the latest, if nobody takes any."""
        if self.free <= reserve < self.lowest and self._lost > _NEAR:
            return self._latest + self.seconds / _LOOKS_A_WINDOW
        missing = max(1, reserve + 1 - self.free)
        is_kept = missing <= len(self._moments)
        last = self._moments[missing - 1] if is_kept else self._latest
        return last + self.seconds + _MARGIN_SECONDS


class PullBudget:
    """The budget of pulls; the last *reserve* of a window are left to others.

    For the scheduler and the middlewares it is a `Budget`. The difference is in what it does when
    the pulls are spent. If it *waits*, nothing goes before the next window. If not, it is open so
    that requests flow, and who sends them asks `is_spent` and refuses them.
    """

    def __init__(self, *, reserve: int, waits: bool) -> None:
        self.waits = waits
        self.has_heard = False
        """whether any answer told how many are left, or that nothing is counted"""
        self._reserve = reserve
        self._pace = Budget(per_minute=0)
        self._window: _Window | None = None
        self._claim: tuple[int, int] | None = None
        self._refused_until = 0.0
        self._is_finding_out = False
        self._home_at = 0.0

    @property
    def in_flight(self) -> int:
        """Pulls under way."""
        return self._pace.in_flight

    @property
    def clock(self) -> ServerClock:
        """The registry's clock."""
        return self._pace.clock

    @property
    def is_hopeless(self) -> bool:
        """Whether a whole window holds no more than the reserve."""
        return self._window is not None and self._window.limit <= self._reserve

    def opens_at(self, now: float) -> float:
        """Return when the next pull may go: *now*, later, or `NEVER` until something happens."""
        earliest = self._pace.opens_at(now)
        if earliest == NEVER:
            return NEVER
        if self.is_spent(now):
            return max(earliest, self.next_window_at(now)) if self.waits else now
        if self._window is None:
            return earliest
        left = self._window.free - self._reserve - self.in_flight
        return NEVER if self.in_flight and left <= _NEAR else earliest

    def take(self, now: float) -> None:
        """Count a pull that goes now."""
        window = self._window
        is_low = window is not None and window.lowest <= self._reserve
        self._is_finding_out = is_low and not self.is_spent(now)
        if window is not None:
            window.go(now, in_flight=self.in_flight)
        self._pace.take(now)

    def give_back(self) -> None:
        """Count a pull that was taken and never sent."""
        self._pace.give_back()
        if self._window is not None:
            self._window.settle(self.in_flight)

    def answered(
        self, limit: PullLimit | None, now: float | None = None, *, is_data: bool = True
    ) -> None:
        """Count the answer to a pull that was taken; it came *now*, or before anybody asks next.

        One that tells no limit is not counted by the registry; that there is none is believed only
        of *data*: an error may come from somebody between.
        """
        self._home_at = _NOT_TOLD
        if limit is None and not is_data:
            self.give_back()
        else:
            self._pace.answered(None)
            self.has_heard = True
            self._learn(limit)
        if now is not None:
            self._stamp(now)

    def heard(self, limit: PullLimit | None, now: float | None = None) -> None:
        """Learn the limit from an answer that is no pull, such as that to a HEAD; it came *now*.

        That there are more than was known is believed if no pull was under way for long.
        """
        if now is not None:
            self._stamp(now)
        self._pace.heard(None)
        self.has_heard = True
        if limit is None:
            return
        is_first, window = self._window is None, self._window or _Window(limit)
        is_quiet = now is not None and now > self._home_at + _LONGEST_TRIP_SECONDS
        is_newer = is_quiet and not self.in_flight and limit.remaining > window.lowest
        self._window = window
        if is_first or is_newer or limit.remaining < window.lowest:
            window.hear(limit, in_flight=self.in_flight, is_newer=is_newer)
        if now is not None:
            self._stamp(now)

    def failed(self) -> None:
        """Count a pull that was taken and got no answer; the registry may have counted it."""
        self._home_at = _NOT_TOLD
        self._pace.failed()
        if self._window is not None:
            self._window.lose(in_flight=self.in_flight)

    def claimed(self, limit: int, interval: int) -> None:
        """Hear the limit that a token tells, with its window in seconds.

        It has been wrong: it opens nothing, and counts until a header tells more.
        """
        if limit >= 0 and 0 < interval <= _LONGEST_SECONDS:
            self._claim = limit, interval

    def spent(self, now: float, seconds: float | None) -> None:
        """Hear from a 429 that no pull is left, for so many *seconds* if it says so."""
        self._stamp(now)
        window = self._window
        if window is None:
            usual = self._claim[1] if self._claim else _USUAL_SECONDS
            self._pace.rest(0.0, now)  # afterwards, one at a time finds out
            seconds = max(seconds or 0.0, usual + _MARGIN_SECONDS)
        else:
            window.run_out(in_flight=self.in_flight)
            if self._is_finding_out:
                window.begin_anew()
                window.stamp(now)
        if seconds is not None:
            self._refused_until = now + min(max(0.0, seconds), _LONGEST_SECONDS)

    def is_spent(self, now: float) -> bool:
        """Tell whether all pulls of the window are spent but the reserve."""
        return (self.is_hopeless and not self.waits) or now < self.next_window_at(now)

    def next_window_at(self, now: float) -> float:
        """Return when the next pull may be asked for, *now* if they are not spent.

        It is when so many have left the window that there is one above the reserve, if nobody else
        pulls. Then one at a time finds out.
        """
        self._stamp(now)
        window, until = self._window, self._refused_until
        if window is not None and window.free <= self._reserve:
            until = max(until, window.opens_at(self._reserve))
        return max(now, until)

    def why_spent(self, now: float) -> str | None:
        """Return why no pull may go, None if one may."""
        if not self.is_spent(now):
            return None
        again = f"again in {duration(self.next_window_at(now) - now)}"
        window, kept = (
            self._window,
            f"more than the {self._reserve} left to others (DOCKERHUB_PULL_RESERVE)",
        )
        if window is None:
            return f"pulls: expected some, the registry says that none is left; {again}"
        if self.is_hopeless:
            every = duration(window.seconds)
            return f"pulls: expected {kept}, got a limit of {window.limit} in {every}"
        found = max(0, window.free)
        return f"pulls: expected {kept}, got {found} of {window.limit}; {again}"

    def left(self) -> tuple[int, int, float] | None:
        """Return (pulls left to us, limit, when the first are there again), None if not limited."""
        window, ours = self._window, -self._reserve - self.in_flight
        if window is not None:
            at = max(window.opens_at(self._reserve), self._refused_until)
            return max(0, window.free + ours), window.limit, at
        if self._claim is None or self.has_heard:
            return None
        return max(0, self._claim[0] + ours), self._claim[0], NEVER

    def slow_down(self, asked_seconds: float, now: float) -> float | None:
        """Close because of a 429 that is about requests, not pulls; as `Budget.slow_down`."""
        return self._pace.slow_down(asked_seconds, now)

    def went_well(self, *, sent: float = NEVER) -> None:
        """Hear that an answer asked not to slow down; as `Budget.went_well`."""
        self._pace.went_well(sent=sent)

    def close_until(self, moment: float) -> None:
        """Let nothing go before *moment*."""
        self._pace.close_until(moment)

    def rest(self, seconds: float, now: float) -> None:
        """Let nothing go for *seconds*, and then one at a time until one is answered."""
        self._pace.rest(seconds, now)

    def hold(self) -> None:
        """Let nothing go until `release`."""
        self._pace.hold()

    def release(self) -> None:
        """End a hold."""
        self._pace.release()

    def _learn(self, limit: PullLimit | None) -> None:
        if limit is None:
            if self._window is not None:
                self._window.settle(self.in_flight)
            return
        window = self._window = self._window or _Window(limit)
        is_newer = window.answered(limit, in_flight=self.in_flight)
        if is_newer and limit.remaining > self._reserve:
            self._refused_until = 0.0
        if self._is_finding_out and limit.remaining < self._reserve:
            # It was too early: we were wrong about when the window began.
            window.begin_anew()

    def _stamp(self, now: float) -> None:
        if self._home_at == _NOT_TOLD:
            self._home_at = now
        if self._window is not None:
            self._window.stamp(now)
