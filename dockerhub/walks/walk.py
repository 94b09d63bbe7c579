"""One paged list followed to its end: what to ask next, and when and why it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.items import WalkKey, WalkStep
from dockerhub.kinds import StopReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockerhub.known import OpenWalk

# A list that moved while it was walked is walked once more from the top, and no more.
_ROUNDS = 2
# How far a list is followed that says it goes on: pages beyond its count, or, where it says none,
# pages that bring nothing new.
_MOST_STALE_PAGES = 2
_MOST_PAGES_OVER = 10


class Walk:
    """The state of one walk. Pages are taken one by one; each gives the step to store with it.

    A walk that was killed goes on: from the top until a row that it has, then one page before the
    one that it was to ask next.
    """

    def __init__(
        self,
        key: WalkKey,
        *,
        started: int,
        page_size: int,
        is_full: bool = True,
        subject_updated: int | None = None,
        max_rows: int | None = None,
    ) -> None:
        self.key = key
        self.started = started
        self.had_rows = False
        """whether rows of the list are known from before"""
        self.settled_until: int | None = None
        """when the last settled walk of the same key ended: rows not seen since are as it left"""
        self.resumed: int | None = None
        """until when it may have stored rows before it was killed"""
        self._began_again: int | None = None
        self.page_size = page_size
        self.is_full = is_full
        self.subject_updated = subject_updated
        self.page = 1
        self._max_rows = max_rows
        self._round = 1
        self._resume_page: int | None = None
        self._pages = 0
        self._seen: set[int] = set()
        self._kept_count = 0
        self._refused_count = 0
        self._first_count: int | None = None
        self._last_count: int | None = None
        self._has_drifted = False
        self._has_shrunk = False
        self._stale_pages = 0
        self.is_cut = False
        """whether the list said that it goes on somewhere where it is not followed"""

    def resume(self, open_walk: OpenWalk, seen: Iterable[str]) -> None:
        """Go on where a killed walk was; *seen* are the names that it had stored."""
        self.started = open_walk.started
        self.is_full = open_walk.is_full
        self._pages = open_walk.pages
        # Rows may have come at the top since: the count is held against itself from here on.
        self._first_count = None
        # Rows that moved up meanwhile are missed by a jump. A full walk finds out by its count.
        self._resume_page = open_walk.next_page if open_walk.is_full else None
        self._seen.update(map(hash, seen))

    @property
    def is_resuming(self) -> bool:
        """Whether it still looks for the row from which it can go on."""
        return self._resume_page is not None

    def take(
        self,
        names: list[str],
        *,
        kept: int,
        refused: int,
        count: int | None,
        has_next: bool,
        is_known: bool = False,
        is_met: bool = False,
        now: int = 0,
    ) -> WalkStep:
        """Take the page that was asked for and return how far the walk is with it.

        *names* are the rows that came, *kept* how many of them are wanted, *count* what the page
        says of the whole list. *is_known* tells whether its last row stands in the database as the
        last settled walk left it, *is_met* whether it stands there as this walk itself had stored
        it before it was killed. *now* is in microseconds.
        """
        before = len(self._seen)
        self._note(names, kept, refused, count)
        self._stale_pages = 0 if len(self._seen) > before or refused else self._stale_pages + 1
        goes_on = has_next and bool(names or refused)
        if not self.is_full and is_known and goes_on:
            # Rows moved up behind its back: one that is new may have been passed over.
            return self._begin_again(now) if self._has_shrunk else self._end(StopReason.UNCHANGED)
        if self._max_rows is not None and self._kept_count >= self._max_rows:
            return self._end(StopReason.MAX_TAGS)
        if goes_on and (endless := self._endless()):
            return self._step(None, StopReason.ERROR, endless)
        if goes_on:
            self._go_on(is_met)
            return self._step(self.page)
        return self._at_the_end(now)

    def _endless(self) -> str | None:
        """Return why a list that says it goes on is not believed, None if it is."""
        if self._last_count is None:
            stale = self._stale_pages if not self.is_resuming else 0
            return f"{stale} pages brought nothing new" if stale > _MOST_STALE_PAGES else None
        promised = self._last_count // self.page_size + 1
        if self.page <= 2 * promised + _MOST_PAGES_OVER:
            return None
        return f"page {self.page} of a list of {self._last_count} says that it goes on"

    @property
    def room(self) -> int | None:
        """How many more rows are wanted; None if all are."""
        return None if self._max_rows is None else max(0, self._max_rows - self._kept_count)

    def take_end(self, now: int = 0) -> WalkStep:
        """Take the news that the page that was asked for is past the end of the list."""
        return self._at_the_end(now)

    def stop(
        self, reason: StopReason, detail: str | None = None, *, can_go_on: bool = False
    ) -> WalkStep:
        """Return the last step of a walk that cannot go on, now or (else) ever."""
        return self._step(self.page if can_go_on else None, reason, detail)

    def _note(self, names: list[str], kept: int, refused: int, count: int | None) -> None:
        self._pages += 1
        self._seen.update(map(hash, names))
        self._kept_count += kept
        self._refused_count += refused
        if self._first_count is None:
            self._first_count = count
        else:
            self._has_drifted |= count != self._first_count
            self._has_shrunk |= (count or 0) < (self._last_count or 0)
        self._last_count = count

    def _go_on(self, is_met: bool) -> None:
        """Choose the next page: the following one, or where a killed walk was."""
        resume_page, following = self._resume_page, self.page + 1
        if resume_page is not None and is_met:
            self._resume_page = None
            jump = max(following, resume_page - 1)
            # What is passed over was kept before the kill.
            self._kept_count += (jump - following) * self.page_size
            following = jump
        self.page = following

    def _at_the_end(self, now: int) -> WalkStep:
        rows = len(self._seen) + self._refused_count
        is_whole = self._last_count is None or rows == self._last_count
        if self.is_cut and (self._last_count is None or not is_whole):
            return self._step(None, StopReason.ERROR, "its next link leads elsewhere")
        if is_whole and not self._has_drifted:
            # Whatever was planned, this went from end to end.
            self.is_full = True
            return self._end(StopReason.COMPLETE)
        self.is_full = True
        return self._begin_again(now)

    def _begin_again(self, now: int) -> WalkStep:
        """Begin again from the top, or end if it did already."""
        if self._round == _ROUNDS:
            return self._end(StopReason.DRIFTED)
        self._round += 1
        self._began_again = max(now, self.started) + 1
        self.page = 1
        self._resume_page = None
        self._seen.clear()
        self._kept_count = self._refused_count = 0
        self._first_count = None
        self._has_drifted = self._has_shrunk = False
        return self._step(1)

    def _end(self, reason: StopReason) -> WalkStep:
        return self._step(None, reason)

    def _step(
        self, next_page: int | None, reason: StopReason | None = None, detail: str | None = None
    ) -> WalkStep:
        return WalkStep(
            key=self.key,
            started=self.started,
            is_full=self.is_full,
            subject_updated=self.subject_updated,
            pages=self._pages,
            row_count=len(self._seen) + self._refused_count,
            refused_count=self._refused_count,
            first_count=self._first_count,
            last_count=self._last_count,
            next_page=next_page,
            stop_reason=reason,
            detail=detail,
            began_again=self._began_again,
        )
