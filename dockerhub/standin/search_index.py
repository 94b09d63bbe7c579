"""Search as Docker Hub's is seen to work: by the beginnings of words.

A name is cut into words at every sign but letters, digits and `_`: so a hyphen at the end of a
query changes nothing. Each word of a query has to begin some word of a repository's full name or
description. Source: DITector, docs/scan-pipeline.md (read 2026-11-22), whose crawl of 12 million
repositories went by prefixes and met that about hyphens.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"\w+")
_LAST = chr(0x10FFFF)
_KEPT = 64
"""results that are kept, for the pages after the first"""


def words_of(text: str) -> list[str]:
    """Return the words of a name, a description or a query."""
    return _WORD.findall(text.lower())


class SearchIndex:
    """Finds the places of *texts*, which are in the order in which they are to be found."""

    def __init__(self, texts: Iterable[str]) -> None:
        places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            for word in set(words_of(text)):
                places.setdefault(word, []).append(place)
        self._words = sorted(places)
        self._starts = array("Q", [0])
        self._flat = array("I")
        for word in self._words:
            self._flat.extend(places[word])
            self._starts.append(len(self._flat))
        self._found: OrderedDict[tuple[str, ...], list[int]] = OrderedDict()

    def find(self, query: str) -> list[int]:
        """Return the places of all that has words beginning with each of those of *query*."""
        words = tuple(sorted(set(words_of(query))))
        if words not in self._found:
            self._found[words] = self._hits(words)
            if len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return self._found[words]

    def _hits(self, words: tuple[str, ...]) -> list[int]:
        sets = sorted(map(self._beginning, words), key=len)
        return sorted(set.intersection(*sets)) if sets else []

    def _beginning(self, word: str) -> set[int]:
        first = bisect_left(self._words, word)
        behind = bisect_left(self._words, word + _LAST)
        return set(self._flat[self._starts[first] : self._starts[behind]])
