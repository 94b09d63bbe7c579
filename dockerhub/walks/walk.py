"""One paged list followed to its end: what to ask next, and when and why it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.items import WalkStep
from dockerhub.kinds import StopReason
from dockerhub.walks.frontier import Frontier
from dockerhub.walks.legs import Legs
from dockerhub.walks.orderings import NAMED, NEWEST_FIRST
from dockerhub.walks.patience import Patience
from dockerhub.walks.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dockerhub.items import WalkKey
    from dockerhub.known import OpenWalk

# Rows by which pages overlap once a list has moved in which a new row, at its end, hides from the
# count that another one went.
_MARGIN = 10
# A list that moved while it was walked is walked once more from the top, and no more.
_ROUNDS = 2
# What came at its top meanwhile is looked up so often, in each round, before that.
_MOST_CATCH_UPS = 3
# Anonymous callers may be told 1000 for any longer list of tags (seen once, October 2026).
_CUT_COUNT = 1000


class Walk:
    """The state of one walk. Pages are taken one by one; each gives the step to store with it.

    *orderings* are the orders in which the list can be asked for. A walk goes through the first;
    where that is cut, it goes on with the others, each from its own start, until it has all rows.

    A walk that was killed goes on: from the top until a row that it has, unless nothing can have
    come there, and then where it was; before that by as many rows as the list has lost.
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
        orderings: Sequence[str] = (),
    ) -> None:
        self.key = key
        self.started = started
        self.had_rows = False
        """whether rows of the list are known from before"""
        self.settled_until: int | None = None
        """when the last settled walk of the same key ended: rows not seen since are as it left"""
        self.began_at: int | None = None
        """when the list said its first page, by its own clock, in this round"""
        self.is_full = is_full
        self.subject_updated = subject_updated
        self._reference = self._newest = subject_updated
        self.is_cut = False
        """whether the list said that it goes on somewhere where it is not followed"""
        self.trouble: str | None = None
        """what could not be read on the way"""
        self._page_size = page_size
        self._max_rows = max_rows
        # The newest rows are wanted, if not all are: other orders would bring others.
        self._legs = Legs((orderings if max_rows is None else ()) or (key.ordering,))
        self._round = 1
        self._began_again: int | None = None
        self._left: OpenWalk | None = None
        self._catch_ups = 0
        self._is_catching_up = False
        self._pages = 0
        self._begin_round()

    def resume(self, left: OpenWalk, seen: Iterable[str], *, has_news: bool = True) -> None:
        """Go on where a killed walk was; *seen* are the names that it had stored.

        *has_news* tells whether anything may have come to the list or moved in it since.
        """
        self.started = left.started
        self.is_full = left.is_full
        self._pages = left.pages
        self._legs.reach = left.reach
        self._reference = self._newest = left.subject_updated
        names = list(seen)
        self._tally.keep(names)
        self._tally.add(names)
        self._tally.last_count = left.last_count
        # Where it went straight on and nothing was pushed since, its counts tell what is missing.
        is_straight = left.leg != self.ordering or left.pages == (left.next_page or 0) - 1
        has_changed = left.first_count != left.last_count
        self._tally.has_moved = has_news or has_changed or not is_straight
        if left.next_page is None or not self._legs.has(left.leg):
            return
        if not has_news:
            self._tally.first_count = left.first_count
            self._jump(left)
            self._frontier.aim()
        elif left.is_full:
            # Rows that moved up meanwhile are missed by a jump. A full walk finds out by its count.
            self._left = left

    @property
    def ordering(self) -> str:
        """The order in which the page is to be asked for."""
        return self._legs.ordering

    @property
    def page(self) -> int:
        """The page that is to be asked for."""
        return self._frontier.page

    @property
    def page_size(self) -> int:
        """How many rows a page are to be asked for."""
        return self._frontier.size

    @property
    def is_first_ordering(self) -> bool:
        """Whether it is still in the order with which it began."""
        return self._legs.is_first

    @property
    def is_named(self) -> bool:
        """Whether its rows are asked for one by one."""
        return self.key.ordering == NAMED

    @property
    def is_again(self) -> bool:
        """Whether it reads the list once more, because that has moved."""
        return self._round > 1

    @property
    def is_at_its_start(self) -> bool:
        """Whether nothing of it was read yet."""
        return self._pages == 0

    @property
    def is_resuming(self) -> bool:
        """Whether it still looks for the row from which it can go on."""
        return self._left is not None

    @property
    def room(self) -> int | None:
        """How many more rows are wanted; None if all are."""
        return None if self._max_rows is None else max(0, self._max_rows - self._tally.kept_count)

    def take(
        self,
        names: Sequence[str],
        *,
        wanted: Iterable[str],
        refused: int,
        count: int | None,
        has_next: bool,
        is_known: bool = False,
        has_newcomers: bool = False,
        pushed: tuple[int | None, int | None] = (None, None),
        now: int = 0,
    ) -> WalkStep:
        """Take the page that was asked for and return how far the walk is with it.

        *names* are the rows that came, *wanted* those of them that are kept, *count* what the page
        says of the whole list. *is_known* tells whether its last row stands in the database as the
        last settled walk left it, *has_newcomers* whether a row came into being since `began_at`.
        *pushed* is when the first and the last row were pushed. Times are in microseconds.
        """
        goes_on = has_next and bool(names or refused)
        self._note(names, wanted, refused, count)
        self._tally.has_moved |= has_newcomers
        follows = self._frontier.took(len(names) + refused, count, is_end=not goes_on)
        if self.room == 0:
            return self._end(StopReason.MAX_TAGS)
        endless = self._endless() if goes_on else None
        is_old = _is_older(pushed[1], self._reference)
        if self._is_catching_up and not endless:
            return self._catch_up_with(is_over=is_old or not goes_on, now=now)
        if self._is_newest_first and self.page == 1 and self._patience.pages == 1:
            # All that is pushed from now on comes before this row.
            self._newest = pushed[0]
        if self._left is None:
            self._reference = self._newest
            # So many were pushed since that they came as far as this page.
            self._tally.has_moved |= self._is_newest_first and _is_newer(pushed[0], self._newest)
        if endless or not follows:
            return self._give_up(endless, now) if endless else self._go_back(now)
        if not self.is_full and is_known and goes_on:
            return self._end(StopReason.UNCHANGED)
        if self._left is not None and (is_old or goes_on):
            return self._in_the_head(self._left, is_over=is_old, now=now)
        return self._behind_a_page(names, now)

    def take_end(self, now: int = 0) -> WalkStep:
        """Take the news that the page that was asked for is past the end of the list."""
        self._patience.pages += 1
        if self._is_catching_up:
            self._is_catching_up = False
            return self._catch_up(now)
        if (self.page - 1) * self.page_size >= (self._tally.last_count or 0):
            return self._at_the_end(now)
        self._tally.has_moved = True
        if endless := self._endless():
            return self._give_up(endless, now)
        # How many rows went is known once another page has told the count.
        self._frontier.back()
        return self._go_on(now)

    def take_cap(self, now: int = 0) -> WalkStep:
        """Take the news that the page that was asked for is deeper than the caller may go."""
        self._legs.cut((self.page - 1) * self.page_size)
        return self._next_leg(now)

    def skip_ordering(self, now: int = 0) -> WalkStep:
        """Take the news that the list cannot be had in this order."""
        return self._next_leg(now)

    def stop(
        self, reason: StopReason, detail: str | None = None, *, can_go_on: bool = False
    ) -> WalkStep:
        """Return the last step of a walk that cannot go on, now or (else) ever."""
        return self._step(reason, detail) if can_go_on else self._end(reason, detail)

    def _note(
        self, names: Sequence[str], wanted: Iterable[str], refused: int, count: int | None
    ) -> None:
        self._pages += 1
        self._tally.keep(wanted)
        new = self._tally.add(names)
        self._patience.took(has_news=bool(new or refused))
        self._tally.refuse(self.ordering, (self.page - 1) * self.page_size, refused)
        self._tally.promise(count)

    def _endless(self) -> str | None:
        """Return why a list that says it goes on is not believed, None if it is."""
        minds_stale = self.is_first_ordering and not (self.is_resuming or self._is_catching_up)
        return self._patience.why_over(self.page, self._tally.last_count, minds_stale=minds_stale)

    def _give_up(self, endless: str, now: int) -> WalkStep:
        """Follow a list no longer that has no end, or that loses rows faster than it is read."""
        return (
            self._begin_again(now)
            if self._tally.has_moved
            else self._end(StopReason.ERROR, endless)
        )

    def _go_back(self, now: int) -> WalkStep:
        """Read again where rows may have slipped past, or all of it where that must be anyway."""
        needs_round = self.is_full and not self._is_newest_first and self._round < _ROUNDS
        return self._begin_again(now) if needs_round else self._go_on(now)

    def _in_the_head(self, left: OpenWalk, *, is_over: bool, now: int) -> WalkStep:
        """Read from the top, after a kill, all that moved there since the walk began."""
        if not is_over:
            return self._go_on(now)
        self._left = None
        self._jump(left)
        return self._go_on(now)

    def _jump(self, left: OpenWalk) -> None:
        """Go on where it was when it was killed, or before, if rows moved up since."""
        if left.leg != self.ordering:
            self._legs.change(left.leg)
            self._begin_leg()
        rows = ((left.next_page or 1) - 1) * self._page_size
        self._frontier.jump(rows, left.last_count)

    def _behind_a_page(self, names: Sequence[str], now: int) -> WalkStep:
        """Choose what comes behind a page without a gap before it."""
        is_ignored = self._legs.is_ignored(self.page, names)
        if not self.is_first_ordering and self._tally.is_whole and not self._tally.has_moved:
            return self._end(StopReason.COMPLETE)
        if is_ignored:
            return self._next_leg(now)
        if self._frontier.is_at_end:
            return self._at_the_end(now)
        return self._go_on(now)

    def _go_on(self, now: int) -> WalkStep:
        self._frontier.aim()
        return self._unless_out_of_reach(now)

    def _unless_out_of_reach(self, now: int) -> WalkStep:
        if self._legs.is_out_of_reach((self.page - 1) * self.page_size):
            return self._next_leg(now)
        return self._step()

    def _next_leg(self, now: int) -> WalkStep:
        """Go on with the next order, or end: this is all that the caller may see."""
        self.is_full = True
        self._left, self._is_catching_up = None, False
        if self._legs.has_next():
            self._legs.change()
            self._begin_leg()
            return self._step()
        may_be_whole = (self._tally.last_count or 0) <= 2 * (self._legs.reach or 0)
        is_of_use = may_be_whole and not self.is_first_ordering and self._round < _ROUNDS
        if self._tally.has_moved and is_of_use:
            return self._begin_again(now)
        return self._end(self._cap())

    def _begin_leg(self) -> None:
        self._patience = Patience(self._page_size)
        hides_losses = self._round > 1 and not self._is_newest_first
        margin = min(_MARGIN, self._page_size // 4) if hides_losses else 0
        self._frontier = Frontier(self._page_size, margin=margin)

    def _at_the_end(self, now: int) -> WalkStep:
        tally, self.is_full = self._tally, True
        self._left = None
        if self.is_cut and (tally.last_count is None or not tally.is_whole):
            return self._end(StopReason.ERROR, "its next link leads elsewhere")
        if tally.is_whole and not tally.has_moved:
            # Whatever was planned, this went from end to end.
            return self._complete()
        return self._catch_up(now)

    def _complete(self) -> WalkStep:
        if self.trouble is not None:
            return self._end(StopReason.ERROR)
        if self._tally.last_count == _CUT_COUNT and not self.key.signed_in:
            why = f"a count of exactly {_CUT_COUNT} may be a cut one"
            return self._end(self._cap(), why)
        return self._end(StopReason.COMPLETE)

    def _catch_up(self, now: int) -> WalkStep:
        """Read again from the top what moved there meanwhile, if that may be all that is missing.

        Too many rows are some that were deleted since they came: those only another round tells.
        """
        tally = self._tally
        is_too_many = tally.row_count > (tally.last_count or 0)
        if not self._is_newest_first or is_too_many or self._catch_ups == _MOST_CATCH_UPS:
            return self._begin_again(now)
        self._catch_ups += 1
        self._is_catching_up = True
        self._frontier.turn_to(1)
        return self._step()

    def _catch_up_with(self, *, is_over: bool, now: int) -> WalkStep:
        """Take a page of the top; behind a row that is older than the round nothing has moved.

        Only one page shows the top at one moment: where it takes more, it is read once more.
        """
        if not is_over:
            self._frontier.turn_to(self.page + 1)
            return self._unless_out_of_reach(now)
        is_at_one_moment = self.page == 1
        self._is_catching_up = False
        is_whole = is_at_one_moment and self._tally.is_whole
        return self._complete() if is_whole else self._catch_up(now)

    def _begin_again(self, now: int) -> WalkStep:
        """Begin again from the top, or end if it did already."""
        if self._round == _ROUNDS:
            return self._end(StopReason.DRIFTED)
        self._round += 1
        self._began_again = max(now, self.started) + 1
        self._begin_round()
        return self._step()

    def _begin_round(self) -> None:
        self._tally = Tally()
        self._left, self._is_catching_up, self._catch_ups = None, False, 0
        self.began_at = None
        self._legs.start()
        self._begin_leg()

    @property
    def _is_newest_first(self) -> bool:
        return self.ordering == NEWEST_FIRST and self.is_first_ordering

    def _cap(self) -> StopReason:
        return StopReason.DEPTH_CAP if self.key.signed_in else StopReason.ANONYMOUS_CAP

    def _end(self, reason: StopReason, detail: str | None = None) -> WalkStep:
        return self._step(reason, detail)._replace(next_page=None)

    def _step(self, reason: StopReason | None = None, detail: str | None = None) -> WalkStep:
        tally, left = self._tally, self._left
        # While it reads the top again, after a kill or at the end, it goes on where it was.
        return WalkStep(
            key=self.key,
            started=self.started,
            is_full=self.is_full,
            subject_updated=self.subject_updated if left is None else left.subject_updated,
            pages=self._pages,
            row_count=tally.row_count,
            refused_count=tally.refused_count,
            first_count=tally.first_count,
            last_count=tally.last_count if left is None else left.last_count,
            next_page=self._frontier.next_page if left is None else left.next_page,
            stop_reason=reason,
            detail=detail or self.trouble,
            began_again=self._began_again,
            leg=self.ordering if left is None else left.leg,
            reach=self._legs.reach,
        )


def _is_older(moment: int | None, reference: int | None) -> bool:
    return moment is not None and reference is not None and moment <= reference


def _is_newer(moment: int | None, reference: int | None) -> bool:
    return moment is not None and reference is not None and moment > reference
