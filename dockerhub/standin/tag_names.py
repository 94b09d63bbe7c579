"""Names of generated tags: from their place in a repository and back, without keeping any."""

from __future__ import annotations

import re
from functools import lru_cache

_SUFFIXES = ("", "-debian-12", "-debian", "-stable")
_NAME = re.compile(r"(\d+)\.(\d+)\.(\d+)((?:-[a-z0-9-]+)?)")
_PATCHES, _MINORS = 12, 20


def tag_name(group: int, alias: int) -> str:
    """Return the name of the *alias*-th tag of the *group*-th push (0 is the oldest)."""
    return _version(group) + (_SUFFIXES[alias] if alias < len(_SUFFIXES) else f"-r{alias}")


@lru_cache(maxsize=256)
def _version(group: int) -> str:
    major, rest = divmod(group, _PATCHES * _MINORS)
    minor, patch = divmod(rest, _PATCHES)
    return f"{major + 1}.{minor}.{patch}"


def tag_place(name: str) -> tuple[int, int] | None:
    """Return group and alias of the tag called *name*, ``None`` if none is ever called so."""
    found = _NAME.fullmatch(name)
    alias = _alias(found[4]) if found else None
    if found is None or alias is None:
        return None
    group = ((int(found[1]) - 1) * _MINORS + int(found[2])) * _PATCHES + int(found[3])
    # Other spellings of the same place (leading zeros, a patch of 12) are not names.
    return (group, alias) if group >= 0 and tag_name(group, alias) == name else None


def _alias(suffix: str) -> int | None:
    if suffix in _SUFFIXES:
        return _SUFFIXES.index(suffix)
    return int(suffix[2:]) if re.fullmatch(r"-r\d{1,6}", suffix) else None
