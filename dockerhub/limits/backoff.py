"""How long to wait before a broken answer is asked for again."""

from __future__ import annotations

_FIRST_SECONDS = 2.0
_LONGEST_SECONDS = 60.0


def backoff_seconds(attempt: int, chance: float) -> float:
    """Return the wait before *attempt* (1 is the first repetition), doubling, at most 60 s.

    *chance* is a random number in [0, 1): full jitter over the upper half keeps many requests that
    failed together from coming back together. The first repetition comes within 2 s.
    """
    longest: float = min(_FIRST_SECONDS * 2.0 ** (attempt - 1), _LONGEST_SECONDS)
    return longest * (0.5 + 0.5 * chance)
