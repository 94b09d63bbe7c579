"""Sizes as people say them. Pure."""

from __future__ import annotations

_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def size_text(size: int) -> str:
    """Return bytes as people say them, in thousands: `812 B`, `3.2 kB`, `29.1 MB`."""
    if abs(size) < 1000:
        return f"{size} B"
    number, units = size / 1000, iter(_UNITS)
    unit = next(units)
    # What would be rounded up to a thousand is one of the next unit.
    while abs(number) >= 999.95 and unit != _UNITS[-1]:
        number, unit = number / 1000, next(units)
    return f"{number:.1f} {unit}"


def difference_text(old: int, new: int) -> str:
    """Return by how much a size has changed: `+1.2 MB`."""
    return ("+" if new >= old else "") + size_text(new - old)
