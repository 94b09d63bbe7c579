"""Numbers and digests that look like chance and are the same in every run."""

from __future__ import annotations

from hashlib import blake2b, sha256, shake_256


def number(*parts: object) -> int:
    """Return a whole number of 64 bits that depends on *parts* alone."""
    key = "/".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(key, digest_size=8).digest())


def many_digits(count: int, *parts: object) -> str:
    """Return 64 hex digits *count* times that depend on *parts* alone, for the price of one."""
    return shake_256("/".join(map(str, parts)).encode()).hexdigest(32 * count)


def digest(*parts: object) -> str:
    """Return ``sha256:`` and 64 hex digits that depend on *parts* alone."""
    return "sha256:" + sha256("/".join(map(str, parts)).encode()).hexdigest()
