"""What changed on Docker Hub while we looked, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.change_filter import ChangeFilter, read_filter
from dockerhub.changes import Change, change_id, change_page
from dockerhub.options import if_given, read_count, read_time
from dockerhub.reports.answers import Answer, Field, Form, NotAnswered, cell_text
from dockerhub.reports.scope import EVERYTHING, scope_of

if TYPE_CHECKING:
    from dockerhub.store.questions import Questions

SQL = "changes_reading"
"""the file of statements that these reports ask"""
DEFAULT_SINCE = "7d"
DEFAULT_LIMIT = 1000

FIELDS = (
    Field("event", "number of the event in this database", Form.NUMBER, is_shown=False),
    Field("id", "its lasting id, the same in the feed and in webhooks", is_shown=False),
    Field("seen_at", "when we noticed", Form.MOMENT),
    Field("hub_at", "when Docker Hub says that it happened", Form.MOMENT),
    Field("kind", "what happened"),
    Field("repo_name", "full name of the repository"),
    Field("tag_name", "the tag; nothing if it is about the repository"),
    Field("old_digest", "what the tag showed before; base_outdated: the base's tag", Form.DIGEST),
    Field("new_digest", "what it shows now", Form.DIGEST),
    Field("base_image", "base_outdated: the image that it is built on"),
    Field("url", "its page on Docker Hub", is_shown=False),
)


class ChangesAsked(NamedTuple):
    """What somebody wants to know."""

    wanted: ChangeFilter
    since: int | None
    """seen at this moment or later; None: ever"""
    limit: int | None
    """at most so many, the newest; None: as many as is usual"""


class Changes(NamedTuple):
    """What was found, newest first."""

    rows: list[Change]
    has_more: bool
    """whether there are older ones that were left out"""


def changes_answer(questions: Questions, asked: ChangesAsked) -> Answer:
    """Return what changed.

    :raises NotAnswered: if nothing was looked at twice yet
    """
    found = find_changes(questions, asked, DEFAULT_LIMIT)
    rows = [_row(change) for change in found.rows]
    return Answer(FIELDS, rows, _notes(found, asked))


def find_changes(questions: Questions, asked: ChangesAsked, usual: int) -> Changes:
    """Return the newest events, at most *usual* where no limit is asked for.

    :raises NotAnswered: if nothing was looked at twice yet
    """
    require_second_look(questions, asked.wanted)
    statement = "newest_of" if asked.wanted.globs else "newest"
    since = -(2**63) if asked.since is None else asked.since
    limit = asked.limit or usual
    parameters = {**asked.wanted.parameters, "since": since, "limit": limit + 1}
    rows = [Change(*row) for row in questions.ask(statement, parameters)]
    return Changes(rows[:limit], len(rows) > limit)


def require_second_look(questions: Questions, wanted: ChangeFilter) -> None:
    """Check that something could have changed while we looked: a first look shows no change.

    :raises NotAnswered: if nothing was looked at twice yet
    """
    of = "_of" if wanted.globs else ""
    parameters = {"globs": wanted.parameters["globs"]} if wanted.globs else {}
    if questions.one(f"any_event{of}", parameters) or questions.one(f"second_look{of}", parameters):
        return
    where = ", ".join(wanted.globs) or "database"
    raise NotAnswered(
        f"{where}: expected what two crawls saw, no crawl has come back to it yet",
        first_crawl(wanted, questions),
    )


def read_asked(
    repo: str | None, kind: str | None, since: str | None, limit: str | None, *, present: int
) -> ChangesAsked:
    """Return what the options of those names ask for at the *present* moment.

    :raises ArgumentError: if one of them cannot be used
    """
    return ChangesAsked(
        read_filter(repo, kind),
        if_given(read_time, "--since", since, present),
        if_given(read_count, "--limit", limit),
    )


def _row(change: Change) -> tuple[object, ...]:
    return (
        change.number,
        change_id(change),
        change.seen,
        change.hub,
        change.kind,
        change.repository,
        change.tag,
        change.old,
        change.new,
        change.base,
        change_page(change),
    )


def _notes(found: Changes, asked: ChangesAsked) -> list[str]:
    if found.has_more:
        return [f"the newest {len(found.rows)} are shown, there are more; --limit shows them"]
    if found.rows:
        return []
    since = "" if asked.since is None else f" since {cell_text(asked.since, Form.MOMENT)}"
    about = f" ({asked.wanted.about})" if asked.wanted.about else ""
    return [f"no changes{since}{about}"]


def first_crawl(wanted: ChangeFilter, questions: Questions | None = None) -> str:
    """Return the crawl that looks again, or for the first time; without a database the latter."""
    scope = scope_of(wanted.globs[0]) if wanted.globs else EVERYTHING
    return scope.crawl(questions=questions)
