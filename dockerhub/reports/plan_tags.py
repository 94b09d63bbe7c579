"""What a crawl would ask about repositories: their own pages, and their tags."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerhub.reports.plan_lists import TAG_ORDERS, Paging
from dockerhub.reports.plan_spans import NOTHING, Span, about, known, mean_of, some_of
from dockerhub.walks.planning import TagPlan, needs_detail, plan_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dockerhub.items import RepositoryRow
    from dockerhub.known import KnownRepository
    from dockerhub.names import RepositoryName
    from dockerhub.reports.plan_aim import Aim, Heard
    from dockerhub.reports.plan_facts import Facts, Stored

# Tags of a repository of which nothing is known: our assumption.
_ASSUMED_TAGS = Span(1, 100, 2000)
# Of repositories of which it is not known how often they change so many do: our assumption.
_ASSUMED_SHARE = 0.1


@dataclass
class Needs:
    """What a crawl would ask about some repositories, and which of them it would walk."""

    details: Span = NOTHING
    pages: Span = NOTHING
    changed: Span = NOTHING
    """how many are walked from the newest tag"""
    new_tags: Span = NOTHING
    """tags that are not stored yet, of those that are walked in full"""
    known: list[RepositoryName] = field(default_factory=list)
    """those that are in the database"""
    cut: list[RepositoryName] = field(default_factory=list)
    """whose lists of tags are longer than the caller may see"""
    doubtful: list[RepositoryName] = field(default_factory=list)
    """of which only the crawl finds out whether they have changed"""
    strangers: int = 0
    """of which the length of the list of tags is not known"""
    because: list[str] = field(default_factory=list)
    """where what is not known is taken from"""


class RepositoryPlanner:
    """Decides as a crawl does, with the crawl's own rules, and guesses where it does not know."""

    def __init__(self, aim: Aim, heard: Heard, facts: Facts, *, now: int, full_days: float) -> None:
        self._scope, self._heard, self._facts = aim.scope, heard, facts
        self._now, self._full_days = now, full_days
        scope, size = aim.scope, 100 if heard.signed_in else 99
        if scope.max_tags and not scope.tag_patterns:
            size = min(size, scope.max_tags)
        orders = 1 if scope.max_tags else TAG_ORDERS
        reach = None if heard.signed_in else facts.reach("tags")
        self._paging = Paging(size, reach, orders, is_inverse_next=orders > 1)

    def needs(
        self,
        stored: Mapping[RepositoryName, Stored],
        names: Iterable[RepositoryName],
        *,
        unknown: int = 0,
        seen_before: int = 0,
        namespace: str = "",
        is_visited: bool,
    ) -> Needs:
        """Return what is asked about the repositories *names*, and about more of a list.

        *unknown* are those of which nothing is known, *seen_before* those that were walked before
        and of which the names are not known. *is_visited* tells whether each is asked for its own
        page, whatever is known of it.
        """
        asked, arguments = list(dict.fromkeys(names)), self._scope.walk_arguments
        found = self._facts.known(asked, arguments, signed_in=self._heard.signed_in)
        needs = Needs(strangers=unknown)
        needs.details += known(unknown + (seen_before if is_visited else 0))
        for name in asked:
            knows, fresh = found.get(name), self._heard.repositories.get(name)
            row = fresh or (stored[name].row if name in stored else None)
            if name in self._heard.gone:
                needs.details += known(is_visited)
            elif row is None or (knows is None and fresh is None):
                needs.details += known(1)
                needs.strangers += 1
            else:
                self._add(needs, row, knows, is_fresh=fresh is not None, is_visited=is_visited)
        self._add_doubtful(needs, stored, seen_before, is_visited=is_visited)
        self._add_strangers(needs, namespace)
        return needs

    def _add(
        self,
        needs: Needs,
        row: RepositoryRow,
        knows: KnownRepository | None,
        *,
        is_fresh: bool,
        is_visited: bool,
    ) -> None:
        name = row.repository
        if knows is not None:
            needs.known.append(name)
        rules = {"fresh": self._scope.fresh, "now": self._now, "full_days": self._full_days}
        plan = plan_tags(row, knows, **rules)  # type: ignore[arg-type]
        if not is_fresh and row.last_updated is None:
            plan = TagPlan.SKIP  # nothing was ever pushed, when it was last seen
        is_doubtful = not is_fresh and plan is TagPlan.SKIP
        if is_visited:
            needs.details += known(1)
        elif is_fresh:
            needs.details += known(needs_detail(row, knows))
        elif not is_doubtful:
            needs.details += about(needs_detail(row, knows))
        if is_doubtful:
            needs.doubtful.append(name)
        elif plan is TagPlan.NEWEST:
            needs.changed += known(1)
            needs.pages += self._of_newest(self._facts.tag_count(name))
        elif plan is not TagPlan.SKIP:
            is_walked = knows is not None and (knows.has_tags or knows.settled is not None)
            self._add_walk(needs, row, is_walked=is_walked or (is_fresh and row.is_never_pushed))

    def _add_walk(self, needs: Needs, row: RepositoryRow, *, is_walked: bool) -> None:
        """Add a walk from end to end; *is_walked* tells whether what is stored is all there was."""
        name = row.repository
        stored, counted = self._facts.tag_count(name), self._heard.tag_counts.get(name)
        if counted is None and not is_walked:
            needs.strangers += 1
            return
        count = stored if counted is None else counted
        needs.pages += self._of_full(count, is_counted=counted is not None)
        needs.new_tags += known(max(0, self._wanted(count) - stored))
        if self._paging.is_cut(count) and not self._scope.max_tags:
            needs.cut.append(name)

    def _add_doubtful(
        self,
        needs: Needs,
        stored: Mapping[RepositoryName, Stored],
        seen_before: int,
        *,
        is_visited: bool,
    ) -> None:
        count = len(needs.doubtful) + seen_before
        if not count:
            return
        looks = [stored[name] for name in needs.doubtful if name in stored]
        changed = sum(one.has_changed_lately(self._now) for one in looks)
        share = changed / len(looks) if looks else _ASSUMED_SHARE
        maybe = some_of(count, share)
        needs.pages += maybe
        needs.changed += maybe
        needs.details += NOTHING if is_visited else maybe
        told = "as in the time before they were seen" if looks else "assumed"
        needs.because.append(f"{share * 100:.0f}% of {count} known repositories changed, {told}")

    def _add_strangers(self, needs: Needs, namespace: str) -> None:
        if not needs.strangers:
            return
        number, names = needs.strangers, len(self._scope.tag_names)
        if names:
            needs.pages += Span(0, number * names, number * names)
            needs.new_tags += about(number * names)
            return
        counts, whose = self._others(namespace)
        needs.because.append(f"tags of {number} repositories that are not known: {whose}")
        if counts:
            lengths = [int(self._paging.pages(self._wanted(one)).likely) for one in counts]
            # What was never pushed has no tags.
            needs.pages += mean_of(lengths, number)._replace(low=0.0)
            needs.new_tags += mean_of([self._wanted(one) for one in counts], number)
            return
        low, likely, high = (self._wanted(int(one)) for one in _ASSUMED_TAGS[:3])
        pages = [self._paging.pages(one).high for one in (low, likely, high)]
        needs.pages += Span(0, pages[1], pages[2]).times(number, number, number)
        needs.new_tags += Span(0, likely, high).times(number, number, number)

    def _others(self, namespace: str) -> tuple[list[int], str]:
        """Return how many tags other repositories have, and which those are."""
        heard = list(self._heard.tag_counts.values())
        stored, whose = self._facts.tag_counts(namespace)
        if len(stored) > len(heard):
            return stored, f"like {whose}"
        if heard:
            return heard, f"like the {len(heard)} asked just now"
        low, likely, high = _ASSUMED_TAGS[:3]
        return [], f"assumed are {likely:.0f} each, {low:.0f} to {high:.0f}"

    def _wanted(self, count: int) -> int:
        if self._scope.tag_names:
            return len(self._scope.tag_names)
        return min(count, self._scope.max_tags or count)

    def _of_newest(self, count: int) -> Span:
        """Return the pages of a walk that ends where it meets what is known."""
        if self._scope.tag_names:
            return known(len(self._scope.tag_names))
        return Span(1, 1, max(1.0, self._paging.pages(self._wanted(count)).high))

    def _of_full(self, count: int, *, is_counted: bool) -> Span:
        if self._scope.tag_names:
            return known(len(self._scope.tag_names))
        if self._scope.tag_patterns:
            # Docker Hub filters by a part of the names: how many are left is not known.
            most = self._paging.pages(count).high
            return Span(1, max(1.0, most / 2), most)
        pages = self._paging.pages(self._wanted(count))
        return pages if is_counted else pages._replace(is_known=False)
