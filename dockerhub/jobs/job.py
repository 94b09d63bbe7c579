"""One job: a bounded crawl, with what follows from its end. Names and numbers, nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from dockerhub.arguments import SHARED_ARGUMENTS
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TASK = "crawl"
QUEUE = "dockerhub"

# Of a list too long for a line, the names that are shown.
_SHOWN = 2
# What names the subject of a crawl; how it is crawled is no part of that.
_SUBJECTS = ("repos", "repo", "org", "query", "prefix")


class Stage(StrEnum):
    """What a job is of the crawl that somebody asked for."""

    LIST = "list"
    """the list of a namespace; its end brings the jobs for the tags of what it shows"""
    TAGS = "tags"
    """the tags of some repositories; its end brings the jobs for their layers"""
    CONTENTS = "contents"
    """the layers, or the configs, of some image sets"""
    WHOLE = "whole"
    """all that was asked for: nothing follows"""


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlJob:
    """One `scrapy crawl SPIDER -a NAME=VALUE ...`."""

    spider: str
    arguments: Mapping[str, str]
    """those of this crawl"""
    stage: Stage = Stage.WHOLE
    asked: Mapping[str, str] = field(default_factory=dict)
    """the shared arguments as somebody gave them, for the jobs that follow"""
    run: int | None = None
    """the number of what was enqueued together, followers included"""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Return the job whose `said` is in the queue."""
        return cls(**{**said, "stage": Stage(said["stage"])})

    @property
    def said(self) -> dict[str, Any]:
        """What the queue keeps of it."""
        return asdict(self)

    @property
    def names(self) -> tuple[str, ...]:
        """The repositories that it names."""
        text = self.arguments.get("repos") or self.arguments.get("repo") or ""
        return tuple(text.split(",")) if text else ()

    @property
    def scope(self) -> dict[str, str]:
        """How what it names is crawled: two of the same scope ask the same of a repository."""
        return {key: value for key, value in self.arguments.items() if key in SHARED_ARGUMENTS}

    @property
    def key(self) -> str:
        """What no two waiting jobs have alike."""
        return f"{self.spider} {_hashed(self.arguments)}"

    @property
    def lock(self) -> str:
        """What no two running jobs have alike: its subject, however that is crawled."""
        parts = [f"{name}={self.arguments[name]}" for name in _SUBJECTS if name in self.arguments]
        narrowed = {name: self.arguments[name] for name in ("digests",) if name in self.arguments}
        if self.stage is Stage.CONTENTS and "tags" in self.arguments:
            narrowed["tags"] = self.arguments["tags"]
        text = " ".join(parts) or self.spider
        if len(text) > 200 or narrowed:
            text = f"{text[:100]} {_hashed([text, narrowed])}"
        return text

    @property
    def subject(self) -> str:
        """What people call it: `org=bitnami`, `repos=a/b,c/d and 198 more`."""
        parts = [f"{name}={_short(value)}" for name, value in self.arguments.items()]
        return " ".join(parts)


def scope_of(given: Mapping[str, str]) -> dict[str, str]:
    """Return those of the arguments *given* that all spiders share."""
    return {name: given[name] for name in SHARED_ARGUMENTS if name in given}


def parts_of(values: Iterable[str], most: int) -> list[tuple[str, ...]]:
    """Return *values* in parts of at most *most*."""
    rest = tuple(values)
    return [rest[place : place + most] for place in range(0, len(rest), most)]


def _short(text: str) -> str:
    values = text.split(",")
    if len(values) <= _SHOWN + 1:
        return text
    left = counted(len(values) - _SHOWN, "more", "more")
    return f"{','.join(values[:_SHOWN])} and {left}"


def _hashed(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=dict)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
