"""What one service still lets one exit do.

Time comes in as an argument, in Unix seconds of our clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerhub.ledger import Shown
from dockerhub.limits.headers import LONGEST_WAIT_SECONDS
from dockerhub.limits.pace import Pace
from dockerhub.limits.server_clock import ServerClock

if TYPE_CHECKING:
    from dockerhub.ledger import Ledger
    from dockerhub.limits.headers import HubLimit

NEVER = float("inf")
"""Not before something happens: an answer comes, or a hold is lifted."""

# A reset is told in whole seconds, and whether they are cut or rounded up is not known: a second
# later the window is open in either case.
_RESET_MARGIN_SECONDS = 1.05
_LEAST_WAIT_SECONDS = 1.0
# How long other crawls are waited for that have claimed all of a window which none has seen yet.
_OTHERS_SECONDS = 10.0
_LOOK_SECONDS = 0.1
_MOST_DOUBLINGS = 10  # enough for the longest wait; far more are no float


@dataclass
class _Window:
    """The server's window as far as answers have shown it."""

    limit: int
    lowest: int
    """the lowest `remaining` of any answer; requests not counted in it are still under way"""
    reset: int
    resets_at: float
    """in our clock; when it is over, the next answer shows the new one"""
    began_at: float = 0.0
    """when it was taken to be over, and the next one to have begun"""
    lost: int = 0
    """requests without an answer that `lowest` need not contain"""

    @property
    def free(self) -> int:
        """Requests left, if none is under way."""
        return self.lowest - self.lost

    @property
    def shown(self) -> Shown:
        """What other crawls may know of it."""
        return Shown(self.limit, self.lowest, self.reset, self.resets_at)


class Budget:
    """Paces one service for one exit: below our ceiling, within what the headers leave.

    Requests under way are taken from the lowest `remaining` that an answer showed. That is never
    too much: an answered request is counted in that number, and the others are subtracted.
    """

    def __init__(self, *, per_minute: float, ledger: Ledger | None = None) -> None:
        """*ledger* has what other crawls claim of the same limit; without it there are none."""
        self._ledger = ledger
        self._pace = Pace(per_minute)
        self._taken_at = NEVER
        self._refusals = 0
        self._closed_until = 0.0
        self._is_held = False
        self._is_resting = False
        self._rest_began = 0.0
        self._window: _Window | None = None
        self.has_heard = False
        """whether any answer came"""
        self.clock = ServerClock()
        self.in_flight = 0

    def opens_at(self, now: float) -> float:
        """Return when the next request may go: *now*, later, or `NEVER` until something happens."""
        must_find_out = self._is_resting or not self.has_heard
        if self._is_held or (self.in_flight and must_find_out):
            # Until the first answer shows the limit, one request at a time finds out.
            return NEVER
        earliest = max(self._pace.opens_at(now), self._closed_until)
        if earliest > now:
            return earliest
        self._hear_others()
        return now if self._window is None else self._opens_in(self._window, now)

    def _opens_in(self, window: _Window, now: float) -> float:
        if now >= window.resets_at:
            window.lowest, window.lost = window.limit, 0
            window.resets_at, window.began_at = NEVER, now
        if window.free > self.in_flight and self._is_granted(window):
            return now
        if window.resets_at == NEVER and not self.in_flight:
            # As many as a new window holds are under way elsewhere: an answer will tell of it.
            if window.free > 0 and now < window.began_at + _OTHERS_SECONDS:
                return now + _LOOK_SECONDS
            # Or have failed: one at a time finds out.
            return now
        return window.resets_at

    def take(self, now: float, jitter: float = 0.0) -> None:
        """Count a request that goes now; *jitter* is that of `Pace.take`."""
        self.in_flight += 1
        self._taken_at = now
        self._pace.take(now, jitter)
        self._tell_others()

    def give_back(self) -> None:
        """Count a request that was taken and never sent."""
        self.in_flight -= 1
        self._tell_others()

    def answered(self, limit: HubLimit | None) -> None:
        """Count the answer to a request that was taken."""
        self.in_flight -= 1
        self.heard(limit)
        self._tell_others()

    def heard(self, limit: HubLimit | None) -> None:
        """Learn the limit from any answer of this service."""
        self.has_heard = True
        if limit is None:
            return
        window = self._window
        if window is None or limit.reset > window.reset:
            resets_at = limit.reset - self.clock.offset() + _RESET_MARGIN_SECONDS
            resets_at = min(resets_at, self._taken_at + LONGEST_WAIT_SECONDS)
            self._see(Shown(*limit, resets_at))
        else:
            self._see(Shown(*limit, window.resets_at))

    def _see(self, shown: Shown) -> None:
        window = self._window
        if window is None or shown.reset > window.reset:
            # What was lost since the old window ended may have come after this answer's request.
            lost = window.lost if window is not None and window.resets_at == NEVER else 0
            self._window = _Window(*shown, lost=lost)
        elif shown.reset == window.reset and window.resets_at != NEVER:
            window.lowest = min(window.lowest, shown.remaining)

    def _hear_others(self) -> None:
        """Learn what other crawls were shown of the same limit."""
        shown = self._ledger.seen() if self._ledger is not None else None
        if shown is not None:
            self._see(shown)

    def _is_granted(self, window: _Window) -> bool:
        """Tell whether other crawls leave room for one request more of ours, and claim it."""
        count = self.in_flight + window.lost + 1
        reset = window.reset if window.resets_at != NEVER else None
        return self._ledger is None or self._ledger.claim(count, room=window.lowest, reset=reset)

    def _tell_others(self) -> None:
        if self._ledger is None:
            return
        window = self._window
        claimed = self.in_flight + (window.lost if window is not None else 0)
        is_open = window is not None and window.resets_at != NEVER
        self._ledger.tell(claimed, window.shown if window is not None and is_open else None)

    def failed(self) -> None:
        """Count a request that was taken and got no answer; the server may have counted it."""
        self.in_flight -= 1
        if self._window is not None:
            self._window.lost += 1
        self._tell_others()

    def slow_down(self, asked_seconds: float, now: float) -> float | None:
        """Close because of a 429 and return for how long, None if it was closed already.

        However little is asked, refusals that follow each other without a good answer between
        them double the wait: a server that says "0" must not be asked without pause.
        """
        if now < self._closed_until:
            self.close_until(now + asked_seconds)
            return None
        self._refusals += 1
        doubled = _LEAST_WAIT_SECONDS * 2.0 ** min(self._refusals - 1, _MOST_DOUBLINGS)
        least = min(doubled, LONGEST_WAIT_SECONDS)
        wait = max(asked_seconds, least)
        self.close_until(now + wait)
        return wait

    def went_well(self, *, sent: float = NEVER) -> None:
        """Hear that the answer to a request that went at *sent* was none that asks to slow down."""
        self._refusals = 0
        if sent >= self._rest_began:
            self._is_resting = False

    def close_until(self, moment: float) -> None:
        """Let nothing go before *moment*."""
        self._closed_until = max(self._closed_until, moment)

    def rest(self, seconds: float, now: float) -> None:
        """Let nothing go for *seconds*, and then one request at a time until one is answered."""
        self.close_until(now + seconds)
        self._is_resting, self._rest_began = True, now

    def hold(self) -> None:
        """Let nothing go until `release`, while a token is renewed."""
        self._is_held = True

    def release(self) -> None:
        """End a hold."""
        self._is_held = False

    def is_spent(self, now: float) -> bool:
        """Tell whether what it allows is used up for long; requests only wait for their turn."""
        return False

    def absorb(self, other: Budget) -> None:
        """Take over what is known of *other*, which turned out to be the same: the stricter counts.

        Each answered request of both is in what the server counts; those under way are added.
        """
        self.in_flight += other.in_flight
        self.has_heard |= other.has_heard
        self._is_held |= other._is_held
        self._refusals = max(self._refusals, other._refusals)
        self.close_until(other._closed_until)
        if other._is_resting:
            self._is_resting, self._rest_began = True, max(self._rest_began, other._rest_began)
        if other._taken_at != NEVER:
            known = self._taken_at != NEVER
            self._taken_at = max(self._taken_at, other._taken_at) if known else other._taken_at
        ours, others = self._window, other._window
        if ours is None or (others is not None and others.reset > ours.reset):
            ours, others = others, ours
        if ours is not None and others is not None and others.reset == ours.reset:
            ours.lowest = min(ours.lowest, others.lowest)
            ours.lost += others.lost
        self._window = ours

    def left(self) -> tuple[int, int, float] | None:
        """Return (requests left, limit, when it resets), or None while no limit is known."""
        window = self._window
        if window is None:
            return None
        return max(0, window.free - self.in_flight), window.limit, window.resets_at
