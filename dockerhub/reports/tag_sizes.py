"""How large each tag of a repository is, and the one before it was."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.first_rows import first_rows, left_out
from dockerhub.reports.repository_images import Platforms, TagImages, read_tags
from dockerhub.reports.tag_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.reports.report_options import ReportOptions
    from dockerhub.reports.repository_images import StoredTag
    from dockerhub.store.questions import Questions

FIELDS = (
    Field("repository", "full name of the repository"),
    Field("tag", "the tag"),
    Field("pushed", "when it was pushed last", Form.MOMENT),
    Field("platform", "platform of the image"),
    Field("size", "its compressed bytes", Form.SIZE),
    Field("difference", "bytes more than the tag before it has", Form.SIZE),
    Field("before", "the tag that was pushed before it on its line"),
    Field("line", "its line: its name with # for each number", is_shown=False),
)


class _Tag(NamedTuple):
    """A tag among those of its repository."""

    repository: str
    tags: Sequence[StoredTag]
    """those pushed last first"""
    place: int

    @property
    def order(self) -> tuple[Any, ...]:
        """By what it is in order with those of other repositories."""
        pushed = self.tags[self.place].pushed
        return (pushed is None, -(pushed or 0), self.repository, self.place)


def tag_sizes(questions: Questions, options: ReportOptions) -> Answer:
    """Return the sizes of the tags that were pushed last, by platform.

    Each is compared with the tag pushed before it on its line that has the platform.
    """
    chosen, count = first_rows(_tags(questions, options), options.limit, lambda tag: tag.order)
    platforms = Platforms(questions, options.platform)
    repositories: dict[str, _Repository] = {}
    rows: list[tuple[Any, ...]] = []
    for tag in chosen:
        if tag.repository not in repositories:
            images = TagImages(questions, platforms)
            repositories[tag.repository] = _Repository(tag.tags, images)
        rows += [(tag.repository, *row) for row in repositories[tag.repository].rows(tag.place)]
    return Answer(FIELDS, rows, left_out(len(chosen), count, "tags"))


def _tags(questions: Questions, options: ReportOptions) -> Iterator[_Tag]:
    for number, name, *_ in questions.each("repositories", options.scope.parameters):
        tags = read_tags(questions, number)
        for place in range(len(tags)):
            yield _Tag(name, tags, place)


class _Repository:
    """The tags of a repository, those pushed last first, each with the one before it."""

    def __init__(self, tags: Sequence[StoredTag], images: TagImages) -> None:
        self._tags = tags
        self._images = images
        self._lines: dict[str, list[int]] = {}
        for place, tag in enumerate(self._tags):
            self._lines.setdefault(line_of(tag.name), []).append(place)

    def rows(self, place: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of one tag, a platform each."""
        tag = self._tags[place]
        line = line_of(tag.name)
        for platform, size in sorted(self._images.of(tag).items(), key=lambda item: str(item[0])):
            before, then = self._before(place, line, platform) if size is not None else (None, None)
            difference = None if size is None or then is None else size - then
            yield (tag.name, tag.pushed, platform, size, difference, before, line)

    def _before(self, place: int, line: str, platform: str | None) -> tuple[str | None, int | None]:
        """Return the tag before one on its line that has a platform, with its size."""
        if self._tags[place].pushed is None:
            return None, None
        places = self._lines[line]
        for other in map(self._tags.__getitem__, places[bisect_right(places, place) :]):
            size = self._images.of(other).get(platform)
            if other.pushed is not None and size is not None:
                return other.name, size
        return None, None
