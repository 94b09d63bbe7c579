"""Small databases for the reports over repositories, and how they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.items import RepositoryPage, RepositoryRow, TagPage
from dockerhub.names import RepositoryName
from dockerhub.reports.answers import answer_json
from dockerhub.reports.report_arguments import read_options
from dockerhub.store.questions import Questions
from dockerhub.store.writer import Writer
from tests.store.made import DAY, NOW, digest, image, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockerhub.items import Item, TagRow
    from dockerhub.reports.report_options import Report, ReportOptions

NOTHING = {
    **dict.fromkeys(("org", "repo", "limit", "days", "pulled_within", "tag", "platform", "by")),
    "tags": False,
    "all": False,
}


class Reporting:
    """Writes what crawls would, and reports on it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def write(self, *items: Item) -> None:
        """Write items one by one."""
        writer = Writer(self.url)
        for item in items:
            writer.write([item])
        writer.close()

    def ask(
        self, report: Callable[[Questions, ReportOptions], Report], question: str, **given: Any
    ) -> Report:
        """Return what a report says when the options are given as a user would."""
        options = read_options(question, {**NOTHING, **given}, NOW)
        with Questions(self.url, "report_reading") as questions:
            return report(questions, options)


def values(found: Report, *names: str) -> list[tuple[Any, ...]]:
    """Return some of the fields of each row."""
    rows = answer_json(found.answer)["rows"]
    return [tuple(row[name] for name in names) for row in rows]


def totals(found: Report) -> list[dict[str, Any]]:
    """Return the rows of the totals."""
    assert found.totals is not None
    rows: list[dict[str, Any]] = answer_json(found.totals)["rows"]
    return rows


def sized(name: str, days: float | None, **sizes: int | None) -> TagRow:
    """Return a tag pushed so many days ago, with sizes by platform: `linux_amd64=5`."""
    images = tuple(
        image(platform.replace("_", "/"), size=size, digest=digest((name, platform, size)))
        for platform, size in sizes.items()
    )
    pushed = None if days is None else NOW - round(days * DAY)
    return tag(name, (name, str(sizes)), updated=pushed, images=images)


def tags_of(name: str, *rows: TagRow, seen: int = NOW) -> TagPage:
    """Return a page of tags of `namespace/name`."""
    return TagPage(seen=seen, repository=RepositoryName.of(name), rows=rows)


def repositories(*rows: RepositoryRow, seen: int = NOW) -> RepositoryPage:
    """Return a page of repositories."""
    return RepositoryPage(seen=seen, rows=rows)


def repository(name: str, **said: Any) -> RepositoryRow:
    """Return a repository pushed now, of which Hub says little else."""
    usual: Mapping[str, Any] = {"last_updated": NOW, "pull_count": None, "star_count": None}
    return RepositoryRow(RepositoryName.of(name), "a server", **{**usual, **said})
