"""A clock for tests, that goes only when it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER = float("inf")
START = 1_000.0


class Timer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.is_cancelled = at, call, False

    def cancel(self) -> None:
        self.is_cancelled = True


class Clock:
    """Takes the place of the module `time`, and of Scrapy's `call_later`."""

    def __init__(self, now: float = START) -> None:
        self.now = now
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, call))
        return self.timers[-1]

    def go_to(self, moment: float) -> None:
        self.now = moment
        for timer in [each for each in self.timers if each.at <= moment]:
            self.timers.remove(timer)
            if not timer.is_cancelled:
                timer.call()

    @property
    def next_ring(self) -> float:
        return min((timer.at for timer in self.timers if not timer.is_cancelled), default=NEVER)
