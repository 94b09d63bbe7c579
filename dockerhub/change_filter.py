"""Which changes somebody wants: patterns of repositories, kinds of events. Pure."""

from __future__ import annotations

import json
from typing import NamedTuple

from dockerhub.changes import KINDS
from dockerhub.globs import front_of, read_glob
from dockerhub.options import read_word

_EVERYTHING = frozenset({"*", "*/*"})


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
        fronts = [(one, front_of(one)) for one in self.globs]
        # `~` comes after all signs of names.
        globs = [{"glob": one, "low": low, "high": f"{low}~"} for one, low in fronts]
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


def _read_globs(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    globs = sorted({read_glob("--repo", part.strip()) for part in text.split(",")})
    return () if _EVERYTHING.intersection(globs) else tuple(globs)


def _read_kinds(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    kinds = {read_word("--kind", part.strip(), KINDS) for part in text.split(",")}
    return tuple(kind for kind in KINDS if kind in kinds)
