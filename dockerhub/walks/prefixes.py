"""Beginnings of words that are searched for: which follow from one, and what its hits say. Pure.

A search finds what has a word that begins as the query does. It cuts names into words at hyphens
and slashes, so that a prefix which ends in a hyphen brings what the one before brought.
Source: ChimangoScan/DITector, docs/scan-pipeline.md (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from dockerhub.catalog_targets import ALPHABET
from dockerhub.items import Find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.items import RepositoryRow

SPLIT_ALWAYS = 1
"""Prefixes so long are split whatever their count: of stop words such as `a` it is far too low."""

_CEILING = 1000
"""Round numbers of so many are where counting stopped rather than counts."""

_WORD = re.compile(r"\w+")
# What is added to the hits of each continuation: one that no hit of a page shows may exist.
_PRIOR = 0.5
# Beginnings so long decide whether an owner and a name are alike: then one search finds both.
_ALIKE = 2


def words_of(text: str) -> list[str]:
    """Return the words that a search sees in *text*."""
    return _WORD.findall(text.lower())


def find_of(row: RepositoryRow, prefix: str | None) -> Find:
    """Return in which ways the hit *row* was found by *prefix*; None: a list showed it."""
    owner, own = words_of(row.repository.namespace), _own_words(row)
    beginnings = {word[:_ALIKE] for word in owner}
    is_namesake = any(word[:_ALIKE] in beginnings for word in own)
    if prefix is None:
        return Find(by_owner=False, by_name=False, is_namesake=is_namesake)
    last = _last_word(prefix)
    by_owner = any(word.startswith(last) for word in owner)
    # What neither explains was found by something of its own that a hit does not show.
    by_name = not by_owner or any(word.startswith(last) for word in own)
    return Find(by_owner=by_owner, by_name=by_name, is_namesake=is_namesake)


def longer_prefixes(
    prefix: str, count: int, rows: Sequence[RepositoryRow], alphabet: str
) -> tuple[tuple[str, int], ...]:
    """Return the prefixes that continue *prefix* by a sign, each with the hits it may have.

    *count* is how many hits *prefix* has, of which *rows* are the first: as often as a sign follows
    in their words it is thought to follow in all.
    """
    follow: Counter[str] = Counter()
    last = _last_word(prefix)
    for row in rows:
        words = {*words_of(row.repository.namespace), *_own_words(row)}
        follow.update({word[len(last)] for word in words if _goes_on(word, last)})
    return tuple((prefix + sign, _expected(count, follow[sign], len(rows))) for sign in alphabet)


def is_ceiling(count: int) -> bool:
    """Tell whether a search that says *count* hits has stopped counting there."""
    return count >= _CEILING and count % _CEILING == 0


def begins_so(prefix: str, rows: Sequence[RepositoryRow]) -> bool:
    """Tell whether a word that *rows* show begins as *prefix* does: then the search heeded it."""
    last = _last_word(prefix)
    return any(
        word.startswith(last)
        for row in rows
        for word in (*words_of(row.repository.namespace), *_own_words(row))
    )


def is_cut_short(prefix: str) -> bool:
    """Tell whether *prefix* ends in a sign that ends a word: then the search does not see it."""
    return not words_of(prefix[-1:])


def _last_word(prefix: str) -> str:
    return (words_of(prefix) or [prefix])[-1]


def _own_words(row: RepositoryRow) -> list[str]:
    return words_of(f"{row.repository.name} {row.description or ''}")


def _goes_on(word: str, prefix: str) -> bool:
    return len(word) > len(prefix) and word.startswith(prefix)


def _expected(count: int, seen: int, of: int) -> int:
    return round(count * (seen + _PRIOR / len(ALPHABET)) / (of + _PRIOR))
