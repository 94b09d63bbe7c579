"""Which changes somebody wants: patterns of repositories, kinds of events. Pure."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from dockerhub.changes import KINDS
from dockerhub.errors import ArgumentError
from dockerhub.names import OFFICIAL_NAMESPACE

_EVERYTHING = frozenset({"*", "*/*"})
_CLASS = r"\[[!^]?[A-Za-z0-9._-]+\]"
_PART = rf"(?:[A-Za-z0-9._*?-]|{_CLASS})+"
_GLOB = re.compile(rf"{_PART}(?:/{_PART})?", re.ASCII)
_MOST_SIGNS = 255
_WILD = re.compile(r"[*?\[]")


class ChangeFilter(NamedTuple):
    """Which changes are wanted; what is empty wants all."""

    globs: tuple[str, ...] = ()
    """patterns of full names as SQLite's GLOB reads them: `bitnami/*`"""
    kinds: tuple[str, ...] = ()
    """of `KINDS`"""

    @property
    def parameters(self) -> dict[str, str | None]:
        """What the statements about changes are asked with; None: all.

        A pattern comes with the names between which its matches lie, for the index.
        """
        globs = [{"glob": one, "low": _front(one), "high": _front(one) + "~"} for one in self.globs]
        return {
            "globs": json.dumps(globs) if globs else None,
            "kinds": json.dumps(self.kinds) if self.kinds else None,
        }

    @property
    def key(self) -> str:
        """The filter as a text: two that want the same have the same."""
        return json.dumps([self.globs, self.kinds])

    @property
    def about(self) -> str:
        """The filter in words, empty if all is wanted: `bitnami/*, library/nginx, tag_moved`."""
        return ", ".join((*self.globs, *self.kinds))


def read_filter(repositories: str | None, kinds: str | None) -> ChangeFilter:
    """Return what `--repo` and `--kind` ask for; None: all.

    :raises ArgumentError: if a pattern or a kind is none
    """
    return ChangeFilter(_read_globs(repositories), _read_kinds(kinds))


def is_pattern(glob: str) -> bool:
    """Tell whether *glob* may match more than one name."""
    return _WILD.search(glob) is not None


def _read_globs(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    globs = sorted({_read_glob(part.strip()) for part in text.split(",")})
    return () if _EVERYTHING.intersection(globs) else tuple(globs)


def _read_glob(text: str) -> str:
    if len(text) > _MOST_SIGNS or not _GLOB.fullmatch(text):
        raise ArgumentError("--repo", "names or patterns with commas: nginx,bitnami/*", text)
    if text == "*" or "/" in text:
        return text.replace("[!", "[^")
    return f"{OFFICIAL_NAMESPACE}/{text.replace('[!', '[^')}"


def _read_kinds(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    kinds = {part.strip() for part in text.split(",")}
    for kind in sorted(kinds - {*KINDS}):
        raise ArgumentError("--kind", f"{', '.join(KINDS[:-1])} or {KINDS[-1]}", kind)
    return tuple(kind for kind in KINDS if kind in kinds)


def _front(glob: str) -> str:
    """Return what every match begins with; `~` comes after all signs of names."""
    return _WILD.split(glob, maxsplit=1)[0]
