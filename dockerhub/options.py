"""What options say, read from their texts before anything is begun. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from dockerhub.errors import ArgumentError
from dockerhub.moments import read_since

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

More = ParamSpec("More")
Found = TypeVar("Found")

MOST = 999_999_999
MOST_DAYS = 36_500


def database_url(said: str) -> str:
    """Return the URL of what an option named: a file, or a URL as it is."""
    return said if "://" in said else f"sqlite:///{said}"


def read_count(place: str, text: str, most: int = MOST) -> int:
    """Return the whole number from 1 to *most* that *text* is.

    :raises ArgumentError: if it is none
    """
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not (is_number and 0 < int(text) <= most):
        raise ArgumentError(place, f"a whole number from 1 to {most}", text)
    return int(text)


def read_word(place: str, text: str, known: Iterable[str]) -> str:
    """Return *text* if it is one of the *known* words.

    :raises ArgumentError: naming them, if it is none
    """
    words = tuple(known)
    if text not in words:
        expected = words[0] if len(words) == 1 else f"one of {', '.join(words)}"
        raise ArgumentError(place, expected, text)
    return text


def read_time(place: str, text: str, present: int) -> int:
    """Return the moment before *present* that `7d`, `24h` or `2026-11-01` means; microseconds.

    :raises ArgumentError: if it is none
    """
    try:
        return read_since(text, present)
    except (ValueError, OverflowError):
        raise ArgumentError(place, "a past time such as 7d, 24h or 2026-11-01", text) from None


def if_given(
    read: Callable[Concatenate[str, str, More], Found],
    place: str,
    text: str | None,
    *more: More.args,
    **named: More.kwargs,
) -> Found | None:
    """Return what *read* makes of an option's text, None where it is not given.

    :raises ArgumentError: as *read* does
    """
    return None if text is None else read(place, text, *more, **named)
