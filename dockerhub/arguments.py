"""What a user may type: spider arguments, checked before a crawler exists."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from enum import IntEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from dockerhub.errors import ArgumentError
from dockerhub.names import is_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Depth(IntEnum):
    """How deep a crawl goes."""

    REPOSITORIES = 0
    TAGS = 1
    LAYERS = 2
    CONFIGS = 3


# The variants that are meant where none is said, as Docker's own tools read them.
_IMPLIED_VARIANTS = {"arm64": "v8", "arm": "v7"}
_PLATFORM = re.compile(r"[a-z0-9_]+/[a-z0-9_]+(?:/[a-z0-9_.]+)?", re.ASCII)
_GLOB = re.compile(r"[A-Za-z0-9_.*?\[\]!-]{1,128}", re.ASCII)
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off", ""})

SHARED_ARGUMENTS = {
    "depth": "how deep to go: repositories, tags, layers or configs (default tags)",
    "platforms": "whose layers to fetch, such as linux/amd64,linux/arm64 (default all)",
    "tags": "only the tags of these names or patterns, such as latest,1.2* (default all)",
    "max_tags": "at most this many tags a repository, newest first (default all)",
    "fresh": "1 walks in full although nothing seems to have changed (default 0)",
    "strict": "1 makes an incomplete crawl end with exit status 3 (default 0)",
}
"""The arguments of every spider, each with its meaning and default."""

# Scrapyd hands every job its number as a spider argument, and the version that was asked for.
_SILENT_ARGUMENTS = frozenset({"_job", "_version"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What all spiders are asked alike."""

    depth: Depth = Depth.TAGS
    platforms: tuple[str, ...] = ()
    tag_names: tuple[str, ...] = ()
    """tags asked for by their full names"""
    tag_patterns: tuple[str, ...] = ()
    """patterns, among them the full names where there are patterns too"""
    max_tags: int | None = None
    fresh: bool = False
    strict: bool = False
    walk_arguments: str = field(default="")
    """The part of the scope that decides which rows a walk keeps, in one canonical text."""

    def wants_tag(self, name: str) -> bool:
        """Tell whether the tag *name* is asked for."""
        if self.tag_names:
            return name in self.tag_names
        return not self.tag_patterns or any(
            fnmatchcase(name, pattern) for pattern in self.tag_patterns
        )

    def wants_platform(self, os: str | None, architecture: str | None, variant: str | None) -> bool:
        """Tell whether a platform is asked for; one of which nothing is known may be.

        Without a variant all of an architecture are asked for.
        """
        if not self.platforms or not (os and architecture):
            return True
        variant = variant or _IMPLIED_VARIANTS.get(architecture, "")
        return any(
            asked in (f"{os}/{architecture}", f"{os}/{architecture}/{variant}")
            for asked in self.platforms
        )

    @property
    def tag_filter(self) -> str:
        """A text that every wanted tag's name contains; empty where there is none."""
        if len(self.tag_patterns) != 1:
            return ""
        return max(re.split(r"[*?]|\[!?\]?[^\]]*\]", self.tag_patterns[0]), key=len)


def written_arguments(given: Mapping[str, str]) -> str:
    """Return *given* as the table of crawls has it: the same arguments are the same text."""
    return json.dumps(dict(given), sort_keys=True)


def refuse_unknown(spider: str, given: Iterable[str], own: Mapping[str, str]) -> None:
    """Refuse an argument that *spider* does not have.

    :raises ArgumentError: naming the argument and the nearest one that exists
    """
    known = [*own, *SHARED_ARGUMENTS]
    for name in given:
        if name not in known and name not in _SILENT_ARGUMENTS:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise ArgumentError(
                f"spider {spider}", f"an argument out of {', '.join(known)}", name + hint
            )


def read_scope(given: Mapping[str, str]) -> Scope:
    """Return what *given* says of the arguments that every spider shares.

    :raises ArgumentError: naming argument, expectation and finding
    """
    names, patterns = _read_tags(given.get("tags"))
    max_tags = _read_max_tags(given.get("max_tags"))
    limits = [f"tags={','.join(sorted({*names, *patterns}))}"] if names or patterns else []
    limits += [f"max_tags={max_tags}"] if max_tags else []
    return Scope(
        depth=_read_depth(given.get("depth", "tags")),
        platforms=_read_platforms(given.get("platforms")),
        tag_names=names,
        tag_patterns=patterns,
        max_tags=max_tags,
        fresh=_read_flag("fresh", given.get("fresh", "0")),
        strict=_read_flag("strict", given.get("strict", "0")),
        walk_arguments=" ".join(limits),
    )


def _place(argument: str) -> str:
    return f"spider argument {argument}"


def _read_depth(text: str) -> Depth:
    words = [depth.name.lower() for depth in Depth]
    if text in words:
        return Depth[text.upper()]
    raise ArgumentError(_place("depth"), " or ".join(words), text)


def _read_platforms(text: str | None) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(",")) if text is not None else ()
    for part in parts:
        if not _PLATFORM.fullmatch(part):
            raise ArgumentError(_place("platforms"), "os/architecture[/variant] with commas", part)
    return parts


def _read_tags(text: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    parts = tuple(part.strip() for part in text.split(",")) if text is not None else ()
    for part in parts:
        if not _GLOB.fullmatch(part):
            raise ArgumentError(_place("tags"), "tag names or patterns with commas", part)
    if all(is_tag(part) for part in parts):
        return tuple(dict.fromkeys(parts)), ()
    return (), tuple(dict.fromkeys(parts))


def _read_max_tags(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ArgumentError(_place("max_tags"), "a whole number above 0", text)
    return int(text)


def _read_flag(argument: str, text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ArgumentError(_place(argument), "1 or 0", text)
    return text.lower() in _YES
