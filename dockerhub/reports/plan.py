"""What a crawl would cost before it starts: requests by kind, pulls, minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.arguments import Depth
from dockerhub.reports.plan_aim import NAMESPACE
from dockerhub.reports.plan_contents import Contents, ContentsPlanner
from dockerhub.reports.plan_figures import HUB, REGISTRY, TOKENS, Figure, figures_answer
from dockerhub.reports.plan_lists import NAMESPACE_ORDERS, SEARCH_ORDERS, Paging
from dockerhub.reports.plan_registry import registry_figures
from dockerhub.reports.plan_spans import NOTHING, Span, about, known
from dockerhub.reports.plan_tags import Needs, RepositoryPlanner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dockerhub.names import RepositoryName
    from dockerhub.reports.answers import Answer
    from dockerhub.reports.plan_aim import Aim, FirstPage, Heard
    from dockerhub.reports.plan_facts import Facts, Stored
    from dockerhub.reports.plan_figures import PlanOptions

# Of a list of which nothing is known: our assumption.
_ASSUMED_COUNT = Span(1, 50, 2000)
_NEW_OF_A_CHANGE = (0.0, 2.0, 20.0)
_FALLBACK = "pulls at most: what Docker Hub's lists of layers leave out is asked of the registry"


def plan(aim: Aim, heard: Heard, facts: Facts, options: PlanOptions) -> Answer:
    """Return what a crawl would ask, kind by kind, and all of it together."""
    planned = _Plan(aim, heard, facts, options)
    figures = list(planned.figures())
    return figures_answer(figures, options, planned.notes)


class _Plan:
    def __init__(self, aim: Aim, heard: Heard, facts: Facts, options: PlanOptions) -> None:
        self._aim, self._heard, self._facts, self._options = aim, heard, facts, options
        self._repositories = RepositoryPlanner(
            aim, heard, facts, now=options.now, full_days=options.full_days
        )
        self._contents = ContentsPlanner(aim, facts, options.layers_from)
        self.notes: list[str] = []
        self._needs: list[Needs] = []

    def figures(self) -> Iterator[Figure]:
        """Yield what is asked, in the order in which a crawl comes to it."""
        if self._heard.signed_in and self._aim.asks_hub:
            yield Figure(TOKENS, "sign-in", known(1))
        for kind, subject in self._aim.lists:
            yield self._of_list(kind, subject)
        if self._aim.manifests is not None:
            yield from self._of_manifests()
            return
        if self._aim.named and self._aim.scope.depth < Depth.TAGS:
            self._note(Needs(details=known(len(self._aim.named))))
        elif self._aim.named:
            stored = {n: s for n in self._aim.named if (s := self._facts.stored(n)) is not None}
            self._take(stored, self._aim.named, is_visited=True)
        yield Figure(HUB, "repositories", sum((n.details for n in self._needs), NOTHING))
        yield Figure(HUB, "pages of tags", sum((n.pages for n in self._needs), NOTHING))
        names, details = self._of_cut_lists()
        yield Figure(HUB, "single tags", details)
        yield Figure(REGISTRY, "names of tags", names)
        if self._aim.scope.depth >= Depth.LAYERS:
            yield from self._contents_figures(names)
        else:
            yield from registry_figures(Contents(), names, len(self._needs), self._options)

    def _of_list(self, kind: str, subject: str) -> Figure:
        """Return the pages of a list, and note what is needed for the repositories on it."""
        is_namespace, page = kind == NAMESPACE, self._heard.lists.get((kind, subject))
        title = "pages of repositories" if is_namespace else "pages of hits"
        orders = NAMESPACE_ORDERS if is_namespace else SEARCH_ORDERS
        size, reach = (100, None) if self._heard.signed_in else (99, self._facts.reach(kind))
        paging = Paging(size, reach, orders)
        last = self._facts.last_count(kind, subject)
        stored = self._stored(subject, page, is_namespace=is_namespace)
        count = page.length if page is not None else last
        if count is None and not stored:
            self._assume(subject, is_visited=not is_namespace)
            return Figure(HUB, title, Span(1, 1, paging.pages(int(_ASSUMED_COUNT.high)).high))
        shown = paging.shown(count or len(stored))
        on_page = [row.repository for row in page.rows] if page is not None else []
        names = list(dict.fromkeys([*on_page, *stored]))[:shown]
        rest = max(0, shown - len(names))
        # What a search brought before is known by now, but not which of all that is.
        old = min(rest, last) if last is not None and not is_namespace else 0
        self._take(
            stored,
            names,
            unknown=rest - old,
            seen_before=old,
            namespace=subject if is_namespace else "",
            is_visited=not is_namespace,
        )
        pages = paging.pages(count or len(stored))
        return Figure(HUB, title, pages if page is not None else pages._replace(is_known=False))

    def _stored(
        self, subject: str, page: FirstPage | None, *, is_namespace: bool
    ) -> dict[RepositoryName, Stored]:
        if is_namespace:
            return self._facts.of_namespace(subject)
        names = [row.repository for row in page.rows] if page is not None else []
        return {name: found for name in names if (found := self._facts.stored(name)) is not None}

    def _assume(self, subject: str, *, is_visited: bool) -> None:
        """Note what is needed for a list of which nothing is known."""
        low, likely, high = _ASSUMED_COUNT[:3]
        self.notes.append(
            f"{subject}: nothing is known of it; assumed are {likely:.0f} repositories,"
            f" {low:.0f} to {high:.0f}"
        )
        if self._aim.scope.depth >= Depth.TAGS:
            needs = self._repositories.needs({}, (), unknown=1, is_visited=is_visited)
            needs.details = _ASSUMED_COUNT
            needs.pages = needs.pages.times(low, likely, high)
            needs.new_tags = needs.new_tags.times(low, likely, high)
            needs.because = [one.replace("1 repositories", "repositories") for one in needs.because]
            self._note(needs)

    def _take(
        self,
        stored: Mapping[RepositoryName, Stored],
        names: Sequence[RepositoryName],
        *,
        unknown: int = 0,
        seen_before: int = 0,
        namespace: str = "",
        is_visited: bool,
    ) -> None:
        if self._aim.scope.depth >= Depth.TAGS:
            needs = self._repositories.needs(
                stored,
                names,
                unknown=unknown,
                seen_before=seen_before,
                namespace=namespace,
                is_visited=is_visited,
            )
            self._note(needs)

    def _note(self, needs: Needs) -> None:
        self._needs.append(needs)
        self.notes += needs.because

    def _of_cut_lists(self) -> tuple[Span, Span]:
        """Return the requests for what lists of tags do not show to who is not signed in."""
        if self._heard.signed_in or self._aim.scope.walk_arguments or not self._aim.asks_hub:
            return NOTHING, NOTHING
        most, names, details = self._options.most_details, NOTHING, NOTHING
        for needs in self._needs:
            names += Span(0, 1, 10).times(*[len(needs.cut)] * 3)
            details += Span(0, most, most).times(*[len(needs.cut)] * 3)
            for name in set(needs.known) - set(needs.cut) if self._facts.reader else ():
                details += known(self._facts.undetailed(name, most))
        return names, details

    def _of_manifests(self) -> Iterator[Figure]:
        wanted, scope, reader = self._aim.manifests, self._aim.scope, self._facts.reader
        assert wanted is not None  # noqa: S101  (its caller has looked)
        found = Contents()
        names, heads, count = NOTHING, NOTHING, 1
        if wanted.image is None:
            lacking = (
                reader.contents.repositories_lacking(with_configs=scope.depth >= Depth.CONFIGS)
                if reader is not None
                else []
            )
            found, count = self._contents.stored(lacking), len(lacking)
            self.notes += self._contents.notes
        elif wanted.digests:
            found = self._of_digests(wanted.digests)
        elif scope.tag_names:
            heads = known(len(scope.tag_names))
            found = self._contents.new(about(len(scope.tag_names)))
        elif reader is not None and reader.contents.is_listed(wanted.image.repository):
            found = self._contents.stored([wanted.image.repository])
        else:
            self.notes.append(
                f"{wanted.image.repository}: its tags are not known, {_assumed_tags()}"
            )
            names, heads = Span(1, 1, 2), Span(1, 100, 2000)
            found = self._contents.new(heads)
        yield Figure(REGISTRY, "names of tags", names)
        found = found.plus(Contents(heads=heads))
        yield from registry_figures(found, names, count, self._options)

    def _of_digests(self, digests: tuple[bytes, ...]) -> Contents:
        reader = self._facts.reader
        stored = reader.contents.known_manifests(digests) if reader is not None else {}
        missing = sum(digest not in stored for digest in digests)
        more = self._contents.new(about(missing))
        return Contents(pulls=Span(missing, missing, missing + more.pulls.high), blobs=more.blobs)

    def _contents_figures(self, names: Span) -> Iterator[Figure]:
        found = Contents()
        for needs in self._needs:
            found = found.plus(self._contents.stored(needs.known))
            new = needs.changed.times(*_NEW_OF_A_CHANGE) + needs.new_tags
            found = found.plus(self._contents.new(new))
        if any(needs.new_tags.high or needs.changed.high for needs in self._needs):
            self.notes.append(f"images of tags not seen yet: {self._contents.guess_words()}")
        self.notes += dict.fromkeys(self._contents.notes)
        if found.images.high and found.pulls.high > found.pulls.likely:
            self.notes.append(_FALLBACK)
        count = sum(len(needs.known) + needs.strangers for needs in self._needs)
        yield from registry_figures(found, names, count, self._options)


def _assumed_tags() -> str:
    return "assumed are 100, 1 to 2000"
