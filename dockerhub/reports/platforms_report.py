"""Which platforms repositories cover, and which of their organisation's usual ones they lack."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.first_rows import left_out
from dockerhub.reports.report_options import Report
from dockerhub.reports.repository_images import Platforms, TagImages, read_tags, sizes_behind
from dockerhub.reports.scope import check_stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dockerhub.reports.report_options import ReportOptions
    from dockerhub.reports.repository_images import Sizes
    from dockerhub.store.questions import Questions

Covered = frozenset[str]

_USUAL = 0.5  # the part of an organisation's repositories that makes a platform usual

FIELDS = (
    Field("repository", "full name of the repository"),
    Field("tag", "the tag that is looked at"),
    Field("platform_count", "platforms of the tag, Windows of any build as one", Form.NUMBER),
    Field("platforms", "its platforms, joined with |"),
    Field("lacks", "platforms of half of its organisation's repositories that it has not"),
)
TOTALS = (
    Field("platform", "the platform"),
    Field("repository_count", "repositories whose tag has it", Form.NUMBER),
    Field("share", "their part of the repositories with a known platform", Form.SHARE),
)


class _Looked(NamedTuple):
    """A tag with the platforms that it covers."""

    namespace: str
    repository_id: int
    name: str
    tag: str
    platforms: Covered


def platforms(questions: Questions, options: ReportOptions) -> Report:
    """Return the platforms of each repository's `latest`, or of the tag pushed last.

    Of all tags if rows by tag are asked for. Statements about images are no platforms.

    :raises NotAnswered: if no tags are stored
    """
    check_stored(questions, options.scope, tags=True)
    names = Platforms(questions)
    looked: list[_Looked] = []
    unknown = 0
    for number, name, namespace, *_ in questions.each("repositories", options.scope.parameters):
        found = _tag_to_look_at(questions, names, number)
        if found is None:
            unknown += 1
        else:
            looked.append(_Looked(namespace, number, name, *found))
    rows, count = _rows(questions, names, looked, options)
    notes = [f"of {unknown} repositories no platform is known"] if unknown else []
    notes += left_out(len(rows), count, "tags" if options.by_tag else "repositories")
    return Report(Answer(FIELDS, rows, notes), _totals(looked))


def _tag_to_look_at(
    questions: Questions, names: Platforms, number: int
) -> tuple[str, Covered] | None:
    """Return `latest`, or the tag pushed last of which a platform is known."""
    for _, tag, *behind in questions.ask("tags_to_look_at", (number,)):
        covered = _covered(sizes_behind(questions, names, *behind))
        if covered:
            return tag, covered
    return None


def _covered(sizes: Sizes) -> Covered:
    """Return the platforms alone; builds of Windows are one."""
    return frozenset(name.partition(" ")[0] for name in sizes if name is not None)


def _rows(
    questions: Questions, names: Platforms, looked: Sequence[_Looked], options: ReportOptions
) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows, and how many there are without the limit."""
    usual = _usual(looked)
    rows: list[tuple[Any, ...]] = []
    count = 0
    for one in looked:
        if not options.by_tag:
            tags: Iterator[_Looked] = iter([one])
            count += 1
        else:
            stored = read_tags(questions, one.repository_id)
            images = TagImages(questions, names)
            tags = (
                one._replace(tag=tag.name, platforms=_covered(images.of(tag))) for tag in stored
            )
            count += len(stored)
        rows += [_row(tag, usual[one.namespace]) for tag in islice(tags, options.limit - len(rows))]
    return rows, count


def _usual(looked: Sequence[_Looked]) -> Mapping[str, Covered]:
    """Return the platforms that at least half of a namespace's repositories have."""
    found: dict[str, Counter[str]] = {}
    repositories = Counter(one.namespace for one in looked)
    for one in looked:
        found.setdefault(one.namespace, Counter()).update(one.platforms)
    return {
        namespace: frozenset(
            name for name, count in counts.items() if count >= _USUAL * repositories[namespace]
        )
        for namespace, counts in found.items()
    }


def _row(one: _Looked, usual: Covered) -> tuple[Any, ...]:
    lacks = sorted(usual - one.platforms)
    shown = "|".join(sorted(one.platforms))
    return one.name, one.tag, len(one.platforms), shown or None, "|".join(lacks) or None


def _totals(looked: Sequence[_Looked]) -> Answer:
    counts = Counter(name for one in looked for name in one.platforms)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Answer(TOTALS, [(name, count, count / len(looked)) for name, count in ranked])
