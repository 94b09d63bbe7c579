"""How large what one tag showed was, over the time that we have looked."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from dockerhub.reports.answers import Answer, Field, Form, NotAnswered
from dockerhub.reports.first_rows import left_out
from dockerhub.reports.repository_images import Platforms, sizes_behind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.reports.report_options import ReportOptions
    from dockerhub.store.questions import Questions

FIELDS = (
    Field("repository", "full name of the repository"),
    Field("tag", "the tag"),
    Field("seen_from", "since when we have seen it on these images", Form.MOMENT),
    Field("seen_until", "when we saw that it had left them; nothing: it shows them", Form.MOMENT),
    Field("platform", "platform of the image"),
    Field("size", "its compressed bytes", Form.SIZE),
    Field("difference", "bytes more than what it showed before", Form.SIZE),
    Field("pushed", "when what it shows now was pushed", Form.MOMENT, is_shown=False),
    Field("digest", "digest of what it showed", Form.DIGEST),
)


def tag_history(questions: Questions, options: ReportOptions) -> Answer:
    """Return what tags of one name have shown, newest first; one that is gone too.

    :raises NotAnswered: if none was ever stored
    """
    scope, platforms = options.scope, Platforms(questions, options.platform)
    notes: list[str] = []

    def rows() -> Iterator[Sequence[Any]]:
        for name, *found in questions.each("named_tags", {**scope.parameters, "tag": options.tag}):
            if found[-1] is not None:
                notes.append(f"{name}:{options.tag} is not there any more")
            yield from _rows(questions, platforms, (name, options.tag), found)

    shown = list(islice(every := rows(), options.limit))
    count = len(shown) + sum(1 for _ in every)
    if not count and not notes:
        what = f"a tag {options.tag} of {scope.words}"
        raise NotAnswered(f"database: expected {what}, none is in it", _crawl(options))
    return Answer(FIELDS, shown, [*notes, *left_out(len(shown), count, "rows")])


def _crawl(options: ReportOptions) -> str:
    crawl = options.scope.crawl()
    return f"{crawl}:{options.tag}" if options.scope.is_one else crawl


def _rows(
    questions: Questions, platforms: Platforms, named: tuple[Any, Any], found: Sequence[Any]
) -> Iterator[Sequence[Any]]:
    """Yield the rows of one tag, from what it shows now back to what it showed first."""
    tag_id, set_id, digest, since, pushed, gone = found
    held = [
        (left, left_digest, start, end, None)
        for left, left_digest, start, end in questions.ask("moves", (tag_id,))
    ]
    held.append((set_id, digest, since, gone, pushed))
    sizes = [sizes_behind(questions, platforms, *each[:2]) for each in held]
    for place in range(len(held) - 1, -1, -1):
        _, shown, start, end, push = held[place]
        for platform in sorted(sizes[place], key=str):
            size = sizes[place][platform]
            then = sizes[place - 1].get(platform) if place else None
            difference = None if size is None or then is None else size - then
            yield (*named, start, end, platform, size, difference, push, shown)
