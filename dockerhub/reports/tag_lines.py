"""Which tags of a repository follow each other: `1.27-alpine` comes after `1.26-alpine`. Pure.

Tags are on one line if their names are alike but for the numbers in them, and of as many numbers:
`1.27.3` is on the line `#.#.#`, `1.27-alpine3.20` on `#.#-alpine#.#`. The hash of a commit is one
number. `latest` is alone on its line.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[0-9]+")
_HASH = re.compile(
    r"(?<![0-9a-z])(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,64}(?![0-9a-z])", re.ASCII
)


def line_of(tag: str) -> str:
    """Return the line that a tag is on: its name with # for each number."""
    return _NUMBER.sub("#", _HASH.sub("#", tag))


def version_of(tag: str) -> tuple[int, ...]:
    """Return the numbers in a tag, by which those pushed at the same time are in order."""
    return tuple(map(int, _NUMBER.findall(tag)))
