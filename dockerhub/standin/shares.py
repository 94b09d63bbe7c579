"""Shares of what has a digest: which ones fall into it depends on the digest alone."""

from __future__ import annotations

_DIGITS = 8
_ALL = 2 ** (4 * 8)


def is_in_share(digest: str, share: float) -> bool:
    """Return whether *digest* is among the *share* (0 to 1) of all digests."""
    # Not the first digits: those are what an index is sorted by, and sizes are read off them.
    return int(digest[-_DIGITS:], 16) < share * _ALL
