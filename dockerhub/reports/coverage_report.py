"""How much of Docker Hub a discovery has found, as it estimates that itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.reports.answers import Answer, Field, Form, NotAnswered
from dockerhub.reports.report_options import Report
from dockerhub.walks.recapture import estimate, strata_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.reports.report_options import ReportOptions
    from dockerhub.store.questions import Questions

CRAWL = "scrapy crawl catalog"

FIELDS = (
    Field("source", "search or lists"),
    Field("state", "waiting, open, done, split, plateau or refused"),
    Field("subject_count", "prefixes searched for, or namespaces listed", Form.NUMBER),
    Field("request_count", "answers that they took", Form.NUMBER),
    Field("row_count", "rows that came", Form.NUMBER),
    Field("new_count", "repositories among them that were not stored yet", Form.NUMBER),
    Field("yield", "new repositories a request", Form.NUMBER),
)
TOTALS = (
    Field("found_count", "repositories that the discovery found", Form.NUMBER),
    Field("total_count", "repositories that there are, by estimate", Form.NUMBER),
    Field("low_count", "so many at least", Form.NUMBER),
    Field("high_count", "so many at most", Form.NUMBER),
    Field("share", "part of all that was found", Form.SHARE),
    Field("low_share", "that part at least", Form.SHARE),
    Field("high_share", "that part at most", Form.SHARE),
)
_METHOD = (
    "estimated from how often repositories were found both by the name of their owner and by words"
    " of their own, among those with about as many pulls (Chapman); the interval allows for chance"
    " and for odds ratios from 2/3 to 3/2 between the two ways; what no search would ever show is"
    " not in it"
)
_UNKNOWN = "not known yet: searches have shown too few of the repositories twice"


def coverage(questions: Questions, options: ReportOptions) -> Report:  # noqa: ARG001  (as all)
    """Return what the discovery asked and what that brought, and how much of all it has found.

    :raises NotAnswered: if there was none yet
    """
    rows = [*_rows(questions, "search", "states"), *_rows(questions, "lists", "namespaces")]
    if not rows:
        raise NotAnswered("coverage: expected a discovery of repositories, got none", CRAWL)
    strata, found = strata_of(questions.ask("finds"))
    told = estimate(strata, found)
    if told is None:
        totals: Sequence[object] = (found, None, None, None, None, None, None)
        return Report(Answer(FIELDS, rows, [_UNKNOWN]), Answer(TOTALS, [totals], [_UNKNOWN]))
    least, most = told.shares
    totals = (found, told.total, told.low, told.high, told.share, least, most)
    return Report(Answer(FIELDS, rows, [_METHOD]), Answer(TOTALS, [totals], [_METHOD]))


def _rows(questions: Questions, source: str, question: str) -> Iterator[Sequence[object]]:
    for state, subjects, requests, rows, new in questions.ask(question):
        yield (source, state, subjects, requests, rows, new, new / requests if requests else None)
