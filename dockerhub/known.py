"""What the database knows of a repository, as far as it decides what to ask Hub."""

from __future__ import annotations

from typing import NamedTuple


class SettledWalk(NamedTuple):
    """The last walk of a repository's tags that ended well, for the same caller and arguments."""

    subject_updated: int | None
    """`last_updated` of the repository when that walk began"""
    full_at: int
    """when its tags were last walked from end to end"""
    finished: int = 0
    """when that walk ended: a row that was not seen since is as that walk left it"""


class OpenWalk(NamedTuple):
    """A walk that was killed or interrupted before its end."""

    started: int
    is_full: bool
    pages: int
    next_page: int | None
    last_count: int | None
    """how many rows its last page promised"""
    leg: str = ""
    """the order in which it was to ask next"""
    reach: int | None = None
    """the first row, counted from 0, that the caller may not see"""
    first_count: int | None = None
    """how many rows its first page promised"""
    subject_updated: int | None = None
    """`last_updated` of the repository when it began"""


class KnownRepository(NamedTuple):
    """What the database knows of one repository."""

    description: str | None
    last_updated: int | None
    last_modified: int | None
    detail_due: bool
    settled: SettledWalk | None
    open: OpenWalk | None
    has_tags: bool = False
    """whether any tag of it is known that is not gone"""


class KnownTag(NamedTuple):
    """What the database knows of one tag."""

    last_updated: int | None
    digest: bytes | None
    last_seen: int
