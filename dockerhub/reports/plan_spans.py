"""How many of something a crawl would need: known, or from low to high. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_FEW = 5  # numbers of which a mean says something


class Span(NamedTuple):
    """A number of requests."""

    low: float
    likely: float
    high: float
    is_known: bool = False
    """whether it follows from what was asked just now, or from the rules of a crawl"""

    def __add__(self, other: object) -> Span:
        """Return both together."""
        assert isinstance(other, Span)  # noqa: S101  (a sum of spans)
        return Span(
            self.low + other.low,
            self.likely + other.likely,
            self.high + other.high,
            is_known=self.is_known and other.is_known,
        )

    def times(self, low: float, likely: float, high: float) -> Span:
        """Return it so many times: the low with the low, the high with the high."""
        is_known = self.is_known and low == high
        return Span(self.low * low, self.likely * likely, self.high * high, is_known=is_known)

    def whole(self) -> tuple[int, int, int]:
        """Return low, likely and high as whole numbers."""
        return math.floor(self.low), round(self.likely), math.ceil(self.high)


NOTHING = Span(0, 0, 0, is_known=True)


def known(number: float) -> Span:
    """Return a number of which there is no doubt."""
    return Span(number, number, number, is_known=True)


def about(number: float) -> Span:
    """Return a number as it was when it was last seen."""
    return Span(number, number, number)


def total(spans: Iterable[Span]) -> Span:
    """Return all together; nothing is known to be nothing."""
    found = NOTHING
    for span in spans:
        found += span
    return found


def some_of(count: int, share: float) -> Span:
    """Return how many out of *count* do what a *share* of them does, within two deviations."""
    likely = count * share
    if not count:
        return NOTHING
    spread = 2 * math.sqrt(count * share * (1 - share)) + 1
    return Span(max(0.0, likely - spread), likely, min(float(count), likely + spread))


def like_those(spans: Sequence[Span], count: int) -> Span:
    """Return what *count* more are together, if they are like those that were looked at."""
    low, likely, high = (mean_of([span[place] for span in spans], count) for place in range(3))
    return Span(low.low, likely.likely, high.high)


def mean_of(numbers: Sequence[float], count: int) -> Span:
    """Return what *count* more are together like those that are known.

    A mean of few says little: the others may have twice as much as the most of them.
    """
    mean = sum(numbers) / len(numbers)
    low, high = 0.0, 2.0 * max(numbers)
    if len(numbers) >= _FEW:
        variance = sum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1)
        spread = 2 * math.sqrt(variance / len(numbers) + variance / max(1, count))
        low, high = max(0.0, mean - spread), mean + spread
    return Span(count * low, count * mean, count * high)
