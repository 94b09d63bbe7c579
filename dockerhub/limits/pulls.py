"""How many manifests one exit or account may still get: each GET of one is a pull.

Time comes in as an argument, in Unix seconds of our clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.limits.budget import NEVER, Budget
from dockerhub.limits.pull_looks import PullLooks
from dockerhub.limits.pull_window import MARGIN_SECONDS, NOT_TOLD, PullWindow
from dockerhub.words import duration

if TYPE_CHECKING:
    from dockerhub.limits.pull_headers import PullLimit
    from dockerhub.limits.server_clock import ServerClock

# So near to the reserve, one at a time: what others pull meanwhile is seen before the next one.
_NEAR = 16
# What a window lasts where nobody says; Docker's did in 2026 (HUB.md, section 8).
_USUAL_SECONDS = 3600
_LONGEST_SECONDS = 7 * 86_400
# No request is under way for so long: what is answered later was asked later.
_LONGEST_TRIP_SECONDS = 300.0


class PullBudget:
    """The budget of pulls; the last *reserve* of a window are left to others.

    For the scheduler and the middlewares it is a `Budget`. The difference is in what it does when
    the pulls are spent. If it *waits*, nothing goes before the next window. If not, it is open so
    that requests flow, and who sends them asks `is_spent` and refuses them.

    Before the first pull, and when spent ones may be there again, it wants a HEAD, which costs
    none, to look (`must_look`). It goes when no pull is under way and none goes meanwhile, so what
    it tells is surely newer than all before, and more than the reserve is believed of it alone.
    Where a HEAD tells nothing, one pull at a time finds out.

    Alone it never touches the reserve. Several crawls on one address go below it by what they have
    under way, no more: what the one that knows most has under way it subtracts itself, so that is
    the sum of all others. A pull without an answer counts as under way until the next answer; each
    look without one may cost one pull more.
    """

    def __init__(self, *, reserve: int, waits: bool) -> None:
        self.waits = waits
        self.has_heard = False
        """whether any answer told how many are left, or that nothing is counted"""
        self._reserve = reserve
        self._pace = Budget(per_minute=0)
        self._window: PullWindow | None = None
        self._looks = PullLooks()
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
        if earliest == NEVER or self._looks.is_under_way:
            return NEVER
        if self.is_spent(now):
            return max(earliest, self._due_at(now)) if self.waits else now
        if self._window is None:
            return earliest
        left = self._window.free - self._reserve - self.in_flight
        return NEVER if self.in_flight and left <= _NEAR else earliest

    def take(self, now: float, jitter: float = 0.0) -> None:
        """Count a pull that goes now; as `Budget.take`."""
        window = self._window
        is_low = window is not None and window.lowest <= self._reserve
        self._is_finding_out = is_low and not self.is_spent(now)
        if window is not None:
            window.go(now, in_flight=self.in_flight)
        self._pace.take(now, jitter)

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
        self._home_at = NOT_TOLD
        if limit is None and not is_data:
            self.give_back()
        else:
            self._pace.answered(None)
            self.has_heard = True
            self._learn(limit)
        if now is not None:
            self._stamp(now)

    def must_look(self, now: float) -> bool:
        """Tell whether a pull that was handed out has to wait for what a HEAD tells."""
        window = self._window
        if self._looks.is_under_way:
            return True
        if window is None:
            return not self.has_heard and not self._looks.has_begun
        if window.free > self._reserve or now < self._due_at(now):
            return False
        return not self._looks.is_blind(window, self._reserve, now)

    def begin_look(self, now: float) -> bool:
        """Let no pull go until `end_look`; False if one is under way: then it is too early."""
        if self._looks.is_under_way or self.in_flight:
            return False
        self._stamp(now)
        self._looks.begin(now)
        if self._window is not None:
            self._window.go(now, in_flight=0)
        return True

    def end_look(self, now: float) -> None:
        """Let pulls go again, by what a look told; it may have told nothing."""
        self._stamp(now)
        self._looks.end(now, self._window.seconds if self._window is not None else 0.0)

    def heard(
        self, limit: PullLimit | None, now: float | None = None, *, is_look: bool = False
    ) -> None:
        """Learn the limit from an answer that is no pull, such as that to a HEAD; it came *now*.

        That there are more than was known is believed of a look, which went when no pull was under
        way. Of others, of which nobody knows when they went, only if none was for long.
        """
        if now is not None:
            self._stamp(now)
        self._pace.heard(None)
        self.has_heard = True
        if limit is None:
            return
        is_first, window = self._window is None, self._window or PullWindow(limit)
        is_quiet = now is not None and now > self._home_at + _LONGEST_TRIP_SECONDS
        is_newer = is_quiet and not self.in_flight and limit.remaining > window.lowest
        is_newer = is_newer or is_look
        self._window = window
        if is_look:
            self._looks.tell()
        if is_first or is_newer or limit.remaining < window.lowest:
            window.hear(limit, in_flight=self.in_flight, is_newer=is_newer)
        if is_newer:
            self._reopen(limit)
        if now is not None:
            self._stamp(now)

    def failed(self) -> None:
        """Count a pull that was taken and got no answer; the registry may have counted it."""
        self._home_at = NOT_TOLD
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
        self._pace.rest(0.0, now)  # afterwards, one at a time finds out
        window = self._window
        if window is None:
            usual = self._claim[1] if self._claim else _USUAL_SECONDS
            seconds = max(seconds or 0.0, usual + MARGIN_SECONDS)
        else:
            window.run_out(in_flight=self.in_flight)
            if self._is_finding_out:
                window.begin_anew()
            window.stamp(now)
        if seconds is not None:
            self._refused_until = now + min(max(0.0, seconds), _LONGEST_SECONDS)

    def is_spent(self, now: float) -> bool:
        """Tell whether all pulls of the window are spent but the reserve."""
        return (self.is_hopeless and not self.waits) or now < self._due_at(now)

    def next_window_at(self, now: float) -> float:
        """Return when there are pulls again, *now* if they are not spent.

        It is when so many have left the window that there is one above the reserve, if nobody else
        pulls. A look goes earlier if we cannot know when others pulled.
        """
        until, window = self._due_at(now), self._window
        if now < until and window is not None and window.free <= self._reserve:
            until = max(until, window.opens_at(self._reserve))
        return max(now, until)

    def why_spent(self, now: float) -> str | None:
        """Return why no pull may go, None if one may."""
        if not self.is_spent(now):
            return None
        again = f"again in {duration(self.next_window_at(now) - now)}"
        kept = f"more than the {self._reserve} left to others (DOCKERHUB_PULL_RESERVE)"
        window = self._window
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

    def absorb(self, other: PullBudget) -> None:
        """Take over what is known of *other*, which turned out to be the same; see `Budget`."""
        self._pace.absorb(other._pace)
        self._looks.absorb(other._looks)
        self.waits &= other.waits
        self.has_heard |= other.has_heard
        self._claim = self._claim or other._claim
        self._refused_until = max(self._refused_until, other._refused_until)
        self._home_at = max(self._home_at, other._home_at)
        if self._window is not None and other._window is not None:
            self._window.absorb(other._window)
        self._window = self._window or other._window

    def _learn(self, limit: PullLimit | None) -> None:
        if limit is None:
            if self._window is not None:
                self._window.settle(self.in_flight)
            return
        window = self._window = self._window or PullWindow(limit)
        is_newer = window.answered(limit, in_flight=self.in_flight)
        if is_newer:
            self._reopen(limit)
        if self._is_finding_out and limit.remaining < self._reserve:
            # It was too early: we were wrong about when the window began.
            window.begin_anew()

    def _reopen(self, limit: PullLimit) -> None:
        """Take the news of an answer that is surely newer than all before."""
        if limit.remaining > self._reserve:
            self._refused_until = 0.0
            self._looks.succeed()

    def _due_at(self, now: float) -> float:
        """Return when to find out whether there are pulls again; the past if they are not spent."""
        self._stamp(now)
        window, until = self._window, self._refused_until
        if window is not None and window.free <= self._reserve:
            until = max(until, self._looks.due_at(window, self._reserve, now))
        return until

    def _stamp(self, now: float) -> None:
        if self._home_at == NOT_TOLD:
            self._home_at = now
        if self._window is not None:
            self._window.stamp(now)
