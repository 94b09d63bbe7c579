"""How many repositories there are, told from how often two kinds of searches found the same. Pure.

Two lists are compared: what was found by the beginning of its owner's name, and what by that of a
word of its own. Whether a word can be followed to its end depends on how many others share it, and
that an owner's name is common says little about whether a repository's is: so the two find nearly
independently of each other, which hits of searches and lists of the namespaces that they led to do
not. What makes both likely, many pulls, is taken out by comparing only repositories with about as
many (Sekar and Deming, 1949), and those whose own words begin as their owner's name are left out
of the comparison, as one search finds both. In each such stratum Chapman's estimate is used.

What is left of dependence no counts can show. The interval therefore allows, beside chance, for
odds ratios from 2/3 to 3/2 between the two lists. Repositories that no search would ever show, for
all their words are common and their pulls few, are in no estimate: it is rather too low than too
high.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_DEPENDENCE = 1.5
_DEVIATIONS = 1.96
# Fewer found by both lists than this, and Chapman's estimate is far too low.
_LEAST_BOTH = 10
_ENOUGH_BOTH = 50
# The part of what was found that searches must have shown: with less they have only begun, with the
# repositories that are pulled most, and say little of the others (tests/benchmarks/catalog.py).
_LEAST_SEARCHED = 0.5


class Stratum(NamedTuple):
    """Repositories with about as many pulls, owners' namesakes left out."""

    owner_only: int
    name_only: int
    both: int
    found: int
    """found in any way, by lists alone too"""

    def plus(self, other: Stratum) -> Stratum:
        """Return both together."""
        return Stratum(*(one + two for one, two in zip(self, other, strict=True)))


class Coverage(NamedTuple):
    """How much of all there is was found. Shares are of 1, the other figures repositories."""

    found: int
    total: int
    low: int
    high: int

    @property
    def share(self) -> float:
        """The part of all that was found."""
        return self.found / self.total

    @property
    def shares(self) -> tuple[float, float]:
        """The least and the greatest part that it may be."""
        return self.found / self.high, self.found / self.low


def strata_of(rows: Iterable[Sequence[int]]) -> tuple[list[Stratum], int]:
    """Return the strata in the order of their pulls, and how many repositories were found.

    Each row counts repositories that were found in the same ways: digits of the pulls, 1 if the
    first digit is 3 or more, 1 for namesakes, 1 if found by owner, 1 if by name, how many.
    """
    strata: dict[tuple[int, int], Stratum] = {}
    found = 0
    for digits, is_upper, is_namesake, by_owner, by_name, number in rows:
        found += number
        if is_namesake:
            continue
        one = Stratum(
            owner_only=number if by_owner and not by_name else 0,
            name_only=number if by_name and not by_owner else 0,
            both=number if by_owner and by_name else 0,
            found=number,
        )
        key = (digits, is_upper)
        strata[key] = strata[key].plus(one) if key in strata else one
    return [strata[key] for key in sorted(strata)], found


def estimate(strata: Iterable[Stratum], found: int) -> Coverage | None:
    """Return the coverage, None where too little was found twice to tell.

    *strata* are in the order of their pulls, so that a small one may be added to its neighbour;
    *found* is how many repositories were found altogether, namesakes among them.
    """
    merged = list(_merged(strata))
    compared = sum(stratum.found for stratum in merged)
    if sum(stratum.both for stratum in merged) < _ENOUGH_BOTH or not compared:
        return None
    unseen = sum(map(_unseen, merged))
    error = math.sqrt(sum(map(_variance, merged)))
    seen = sum(stratum.owner_only + stratum.name_only + stratum.both for stratum in merged)
    if seen < _LEAST_SEARCHED * compared or seen + unseen < compared:
        return None
    low = seen + max(0.0, unseen - _DEVIATIONS * error) / _DEPENDENCE
    high = seen + (unseen + _DEVIATIONS * error) * _DEPENDENCE
    # Of namesakes as many are missing in proportion.
    total, low_total, high_total = (
        round(found * max(each, compared) / compared) for each in (seen + unseen, low, high)
    )
    return Coverage(found, total, low_total, high_total)


def _merged(strata: Iterable[Stratum]) -> Iterator[Stratum]:
    """Yield the strata, small ones together with what follows, or with the last."""
    last: Stratum | None = None
    open_one: Stratum | None = None
    for stratum in strata:
        open_one = stratum if open_one is None else open_one.plus(stratum)
        if open_one.both >= _LEAST_BOTH:
            if last is not None:
                yield last
            last, open_one = open_one, None
    if last is not None and open_one is not None:
        last = last.plus(open_one)
    found = last if last is not None else open_one
    if found is not None:
        yield found


def _unseen(stratum: Stratum) -> float:
    """Return how many neither list has, by Chapman's estimate."""
    return stratum.owner_only * stratum.name_only / (stratum.both + 1)


def _variance(stratum: Stratum) -> float:
    """Return the variance of Chapman's estimate (Seber, 1982)."""
    owner, name = stratum.owner_only + stratum.both, stratum.name_only + stratum.both
    both = stratum.both
    return ((owner + 1) * (name + 1) * stratum.owner_only * stratum.name_only) / (
        (both + 1) ** 2 * (both + 2)
    )
