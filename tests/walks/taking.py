"""Pages of rows that are named by letters, given to a walk by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockerhub.items import WalkStep
    from dockerhub.walks.walk import Walk


def take(
    walk: Walk,
    names: str,
    count: int | None,
    *,
    more: bool = True,
    refused: int = 0,
    known: bool = False,
    old: bool = False,
    newcomers: bool = False,
    wanted: str | None = None,
    pushed: tuple[int | None, int | None] | None = None,
    now: int = 0,
) -> WalkStep:
    """Take the page of the rows named by the letters of *names*; all are wanted by default.

    *old* tells whether the last of them was pushed before the walk began.
    """
    return walk.take(
        list(names),
        wanted=list(names if wanted is None else wanted),
        refused=refused,
        count=count,
        has_next=more,
        is_known=known,
        has_newcomers=newcomers,
        # The walk began when a row was pushed at 5, and reads its first page when one was at 10.
        pushed=pushed or (10, 5 if old else 11),
        now=now,
    )
