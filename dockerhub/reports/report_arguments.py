"""What a user of `scrapy report` may type, checked before the database is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.errors import ArgumentError, NameRefused
from dockerhub.names import is_tag
from dockerhub.options import MOST_DAYS, if_given, read_count, read_word
from dockerhub.reports.popular_report import ORDERS
from dockerhub.reports.report_options import ReportOptions
from dockerhub.reports.scope import read_scope
from dockerhub.reports.stored_images import read_platform

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_OPTIONS = {
    "sizes": ("--days", "--tag", "--tags", "--platform"),
    "stale": ("--days", "--pulled-within", "--tags"),
    "platforms": ("--all",),
    "popular": ("--days", "--by"),
    "shared": (),
    "coverage": (),
}
"""the options that not every report has"""

_ROWS = 50
_PULLED_DAYS = 30


def read_options(question: str, given: Mapping[str, Any], present: int) -> ReportOptions:
    """Return what a report is asked, by the options that were *given* (`pulled_within`: a text).

    *present* is now, in microseconds.

    :raises ArgumentError: naming option, expectation and finding
    :raises NameRefused: if the organisation is none
    """
    read_word("report", question, OWN_OPTIONS)
    _refuse_others(question, given)
    _refuse_scope(question, given)
    return ReportOptions(
        scope=read_scope(given["org"], given["repo"]),
        present=present,
        limit=if_given(read_count, "--limit", given["limit"]) or _ROWS,
        days=if_given(read_count, "--days", given["days"], MOST_DAYS),
        pulled_within=if_given(read_count, "--pulled-within", given["pulled_within"], MOST_DAYS)
        or _PULLED_DAYS,
        tag=_read_tag(given["tag"]),
        platform=_read_platform(given["platform"]),
        by_tag=bool(given["tags"] or given["all"]),
        order=if_given(read_word, "--by", given["by"], ORDERS) or ORDERS[0],
    )


def _refuse_others(question: str, given: Mapping[str, Any]) -> None:
    """Refuse an option that the report would not heed."""
    for option in sorted({option for own in OWN_OPTIONS.values() for option in own}):
        value = given[option.removeprefix("--").replace("-", "_")]
        if value not in {None, False} and option not in OWN_OPTIONS[question]:
            having = [name for name, own in OWN_OPTIONS.items() if option in own]
            raise ArgumentError(option, f"one of the reports {', '.join(having)}", question)


def _refuse_scope(question: str, given: Mapping[str, Any]) -> None:
    """Refuse to tell about a part what can be told of a whole discovery alone."""
    for option in ("org", "repo", "limit"):
        if question == "coverage" and given[option] is not None:
            raise ArgumentError(f"--{option}", "another report than coverage", given[option])


def _read_tag(text: str | None) -> str | None:
    if text is not None and not is_tag(text):
        raise ArgumentError("--tag", "the name of a tag", text)
    return text


def _read_platform(text: str | None) -> str | None:
    try:
        return read_platform(text)
    except NameRefused as error:
        raise ArgumentError("--platform", error.expected, text) from error
