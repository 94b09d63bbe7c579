"""What a user may point a discovery at: a prefix, the signs of the longer ones, a bound."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerhub.errors import ArgumentError
from dockerhub.options import read_count

if TYPE_CHECKING:
    from collections.abc import Mapping

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789_"
"""What words in names are made of; a hyphen ends one, other signs are rare."""

_PREFIX = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
_SIGN = re.compile(r"[a-z0-9._-]", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogTargets:
    """What one discovery looks at. By its `repr` one crawl at a time is told from another."""

    prefix: str = ""
    """only words that begin so; empty: all"""
    alphabet: str = field(default=ALPHABET, repr=False)
    """the signs by which a prefix goes on"""
    max_requests: int | None = field(default=None, repr=False)
    """requests of all kinds, those that are made again among them; sign-in apart"""


def read_catalog(given: Mapping[str, str]) -> CatalogTargets:
    """Return what the arguments `prefix`, `alphabet` and `max_requests` say.

    :raises ArgumentError: naming argument, expectation and finding
    """
    prefix = given.get("prefix", "").strip()
    if "prefix" in given and not _PREFIX.fullmatch(prefix):
        expected = "the beginning of a name: small letters, digits, then . _ - too"
        raise ArgumentError(_place("prefix"), expected, given["prefix"])
    alphabet = given.get("alphabet", ALPHABET)
    if not alphabet or not all(map(_SIGN.fullmatch, alphabet)):
        expected = "small letters, digits and . _ - without anything between them"
        raise ArgumentError(_place("alphabet"), expected, alphabet)
    most = given.get("max_requests")
    return CatalogTargets(
        prefix=prefix,
        alphabet="".join(dict.fromkeys(alphabet)),
        max_requests=None if most is None else read_count(_place("max_requests"), most),
    )


def _place(argument: str) -> str:
    return f"spider argument {argument}"
