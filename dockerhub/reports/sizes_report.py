"""How large images are: over an organisation, by tag, and one tag over time."""

from __future__ import annotations

from statistics import median_low
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.first_rows import first_rows, left_out
from dockerhub.reports.report_options import Report
from dockerhub.reports.repository_images import Platforms, read_images, read_tags, sizes_behind
from dockerhub.reports.scope import check_stored
from dockerhub.reports.tag_history import tag_history
from dockerhub.reports.tag_lines import line_of
from dockerhub.reports.tag_sizes import tag_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dockerhub.reports.report_options import ReportOptions
    from dockerhub.reports.repository_images import Sizes, StoredTag
    from dockerhub.store.questions import Questions

DEFAULT_DAYS = 365

FIELDS = (
    Field("repository", "full name of the repository"),
    Field("platform", "platform of the images"),
    Field("tag", "the tag pushed last that has the platform"),
    Field("pushed", "when it was pushed", Form.MOMENT),
    Field("size", "its compressed bytes", Form.SIZE),
    Field("growth", "by how many bytes it has grown over the period", Form.SIZE),
    Field("smallest", "compressed bytes of the smallest tag", Form.SIZE),
    Field("median", "compressed bytes of the middle one", Form.SIZE),
    Field("largest", "compressed bytes of the largest", Form.SIZE),
    Field("tag_count", "tags that have the platform and a size", Form.NUMBER),
)
TOTALS = (
    Field("repository_count", "repositories", Form.NUMBER),
    Field("tag_count", "tags", Form.NUMBER),
    Field("storage", "bytes that Hub says it stores for them", Form.SIZE),
    Field("unsaid_count", "repositories of which Hub does not say it", Form.NUMBER),
)


class _Totals:
    """What the repositories come to together."""

    def __init__(self) -> None:
        self.repositories = self.tags = self.unsaid = 0
        self.storage: int | None = None

    def add(self, tag_count: int, storage: int | None) -> None:
        self.repositories += 1
        self.tags += tag_count
        if storage is None:
            self.unsaid += 1
        else:
            self.storage = (self.storage or 0) + storage

    def answer(self) -> Answer:
        return Answer(TOTALS, [(self.repositories, self.tags, self.storage, self.unsaid)])


class _Repository(NamedTuple):
    """A repository with what its tags show."""

    name: str
    storage: int | None
    tags: Sequence[StoredTag]
    images: Mapping[int, Sizes]


def sizes(questions: Questions, options: ReportOptions) -> Report:
    """Return how large images are.

    Of one tag what it showed over time, of one repository each tag, of several each repository.

    :raises NotAnswered: if no tags are stored
    """
    if options.tag is not None:
        return Report(tag_history(questions, options))
    check_stored(questions, options.scope, tags=True)
    if options.by_tag or options.scope.is_one:
        return Report(tag_sizes(questions, options))
    return _overview(questions, options)


def _overview(questions: Questions, options: ReportOptions) -> Report:
    totals = _Totals()
    platforms = Platforms(questions, options.platform)

    def rows() -> Iterator[tuple[Any, Sequence[Any]]]:
        # First all that is asked of one repository, so that little of it is held at a time.
        for number, name, _, storage, *_ in questions.each(
            "repositories", options.scope.parameters
        ):
            tags = read_tags(questions, number)
            totals.add(len(tags), storage)
            images = read_images(questions, platforms, number, tags)
            repository = _Repository(name, storage, tags, images)
            order = (-1 if storage is None else storage) * -1, name
            for place, row in enumerate(_rows(questions, platforms, repository, options)):
                yield (*order, place), row

    found, count = first_rows(rows(), options.limit, lambda row: row[0])
    days = options.days or DEFAULT_DAYS
    notes = [
        f"growth is from what the tag, or the last one on its line, showed {days} days ago",
        *left_out(len(found), count, "rows"),
    ]
    return Report(Answer(FIELDS, [row for _, row in found], notes), totals.answer())


def _rows(
    questions: Questions, platforms: Platforms, repository: _Repository, options: ReportOptions
) -> Iterator[Sequence[Any]]:
    """Yield a row for each platform of a repository."""
    known: dict[str | None, list[int]] = {}
    newest: dict[str | None, StoredTag] = {}
    for tag in repository.tags:
        for platform, size in repository.images[tag.id].items():
            if size is not None:
                known.setdefault(platform, []).append(size)
                newest.setdefault(platform, tag)
    before: dict[int, Sizes] = {}
    start = options.days_ago(options.days or DEFAULT_DAYS)
    for platform in sorted(known, key=str):
        tag, found = newest[platform], known[platform]
        if tag.id not in before:
            before[tag.id] = _then(questions, platforms, repository, tag, start)
        then = before[tag.id].get(platform)
        growth = None if then is None else found[0] - then
        spread = (min(found), median_low(found), max(found), len(found))
        yield (repository.name, platform, tag.name, tag.pushed, found[0], growth, *spread)


def _then(
    questions: Questions,
    platforms: Platforms,
    repository: _Repository,
    tag: StoredTag,
    start: int,
) -> Sizes:
    """Return what a tag showed at a moment, or else what the one before it on its line shows."""
    for left in questions.ask("set_at", (tag.id, start, start)):
        return sizes_behind(questions, platforms, *left)
    line = line_of(tag.name)
    for other in repository.tags:
        if other.pushed is not None and other.pushed <= start and line_of(other.name) == line:
            return repository.images[other.id]
    return {}
