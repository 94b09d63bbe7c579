"""Repository names that may be taken for official images. Pure.

A name is near by itself, or because its namespace looks like `library`. That a name is near proves
nothing; who grows fast with it is worth a look.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.names import OFFICIAL_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dockerhub.names import RepositoryName

_AT_ONCE = 4096  # names compared in one go: memory stays flat
_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "3": "e", "4": "a", "5": "s", "8": "b"})
_SEPARATORS = re.compile(r"[-_.]+")
# `python3` and `postgres-15` say a version and are as honest as `python`.
_VERSION = re.compile(r"[-_.]?v?[0-9][0-9._-]*$")
_CLAIMS = frozenset(
    {"authentic", "dockerhub", "genuine", "library", "official", "officials", "original", "real"}
    | {"trusted", "verified"}
)
_LETTERS = ("written alike", "1 letter off", "2 letters off")
_LIBRARY_WORDS = _CLAIMS | {"docker", "hub", "image", "images", "the"}


class Lookalike(NamedTuple):
    """What a repository may be taken for."""

    official: str
    """name of the official image"""
    how: str
    """what makes it near"""
    distance: int
    """letters that were put in, left out, replaced or swapped with the next one"""


def lookalikes(
    names: Iterable[RepositoryName], officials: Iterable[str]
) -> Iterator[tuple[RepositoryName, Lookalike]]:
    """Yield the names that look like official images and are none, with what they look like."""
    known = frozenset(officials)
    folded = {_folded(name): name for name in sorted(known, reverse=True)}
    others = (name for name in names if name.namespace != OFFICIAL_NAMESPACE)
    while chunk := list(islice(others, _AT_ONCE)):
        near = _near({name.name for name in chunk if not _own(name.name, known)}, folded)
        for name in chunk:
            own = _own(name.name, known)
            found = _by_namespace(name, own) if own else _by_name(name.name, folded, near)
            if found is not None:
                yield name, found


def _own(name: str, known: frozenset[str]) -> str | None:
    """Return the official image whose very name this is, with a version or without."""
    bare = _VERSION.sub("", name)
    return name if name in known else bare if bare in known else None


def _by_namespace(name: RepositoryName, official: str) -> Lookalike | None:
    distance = _distance_to_library(name.namespace)
    how = f"namespace like {OFFICIAL_NAMESPACE}"
    return None if distance is None else Lookalike(official, how, distance)


def _by_name(
    name: str, folded: Mapping[str, str], near: Mapping[str, Lookalike]
) -> Lookalike | None:
    text = _bare(name)
    if text in folded:
        return Lookalike(folded[text], _LETTERS[0], 0)
    words = _SEPARATORS.split(name)
    rest = [word for word in words if word not in _CLAIMS]
    if len(rest) < len(words) and (official := folded.get(_bare("-".join(rest)))):
        return Lookalike(official, "says it is official", 0)
    return near.get(text)


def _near(names: Iterable[str], folded: Mapping[str, str]) -> dict[str, Lookalike]:
    """Return which bare names are near which official image: the nearest, then the first one."""
    from rapidfuzz import process  # noqa: PLC0415  (Scrapy imports every command)
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    by_length: dict[int, list[str]] = {}
    for name in {_bare(name) for name in names}:
        by_length.setdefault(len(name), []).append(name)
    found: dict[str, Lookalike] = {}
    for text, official in sorted(folded.items()):
        most = _most_distance(text)
        for length in range(len(text) - most, len(text) + most + 1) if most else ():
            asked = by_length.get(length, ())
            hits = process.extract(text, asked, scorer=OSA.distance, score_cutoff=most, limit=None)
            for name, distance, _ in hits:
                is_nearer = name not in found or distance < found[name].distance
                if is_nearer and _is_mistakable(name, text):
                    found[name] = Lookalike(official, _LETTERS[distance], distance)
    return found


def _most_distance(official: str) -> int:
    """Return how far from an official image's folded name another may be: short ones are words."""
    return 0 if len(official) < 4 else 1 if len(official) < 9 else 2


def _is_mistakable(name: str, official: str) -> bool:
    """Tell whether a near name is a slip of the other, as `code` is none of `node`.

    Nobody errs at the first letter of a short word, unless by swapping two.
    """
    return len(official) > 5 or name[:1] == official[0] or sorted(name) == sorted(official)


def _distance_to_library(namespace: str) -> int | None:
    """Return how far a namespace is from `library`, None if it does not look like it."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415  (Scrapy imports every command)

    words = _SEPARATORS.split(namespace)
    if any(word in {"library", "official", "officials"} for word in words) and all(
        word in _LIBRARY_WORDS for word in words
    ):
        return 0
    distance = OSA.distance(_folded(namespace), _folded(OFFICIAL_NAMESPACE), score_cutoff=1)
    return int(distance) if distance <= 1 else None


def _bare(name: str) -> str:
    """Return a name without a version at its end, folded."""
    return _folded(_VERSION.sub("", name) or name)


def _folded(name: str) -> str:
    """Return a name with the signs that look alike made one, and without separators."""
    text = _SEPARATORS.sub("", name.lower()).translate(_ALIKE)
    return text.replace("rn", "m").replace("vv", "w")
