"""Who spends the pulls of an account, as Docker's pull usage reports say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.moments import DAY, HOUR, iso
from dockerhub.reports.answers import Answer, Field, Form, NotAnswered
from dockerhub.reports.usage_machines import NOT_TOLD_APART, at_most, members

if TYPE_CHECKING:
    from dockerhub.store.questions import Questions

SPANS = {"hour": HOUR, "day": DAY}
SPENDERS = ("token", "machine", "repository", "user")
KINDS = (*SPENDERS, *SPANS)
"""what pulls can be told apart by"""
ALL = -1
HOW_TO_GET = "Docker Hub sends it by mail: hub.docker.com/usage/pulls, Send report to email"

_ABOUT = {
    "token": "Docker ID",
    "user": "Docker ID",
    "machine": "the machine, or those that lines name together, as one report numbers them",
    "repository": "full name of the repository",
}
_COUNTS = (
    Field("pulls", "pulls", Form.NUMBER),
    Field("share", "of all pulls", Form.SHARE),
    Field("version_checks", "looks at what a tag shows, which are no pulls", Form.NUMBER),
)
_MOSTS = (
    Field("hours", "hours in which there was any", Form.NUMBER),
    Field("most_in_hour", "most pulls in an hour", Form.NUMBER),
    Field("most_in_day", "most pulls in a day, UTC", Form.NUMBER),
)


class Period(NamedTuple):
    """Which usage is asked about, and how much of it there is."""

    since: int
    row_count: int
    pulls: int
    version_checks: int
    first_hour: int
    last_hour: int
    hour_count: int
    report_count: int
    caller_count: int


def usage_period(questions: Questions, since: int | None) -> Period:
    """Return what the reports speak of from *since* on.

    :raises NotAnswered: if no report was read, or none speaks of that time
    """
    asked = since if since is not None else -(2**63)
    found = questions.ask("bounds", {"since": asked})[0]
    if found[0]:
        return Period(asked, *found)
    if questions.one("has_usage") is None:
        raise no_usage()
    raise NotAnswered("--since: expected a report on that time, found none", _command())


def no_usage() -> NotAnswered:
    """Return the refusal where no report was read yet."""
    return NotAnswered(
        f"usage: expected a pull usage report, none was read yet; {HOW_TO_GET}", _command()
    )


def usage_totals(period: Period) -> Answer:
    """Return how much all reports say together."""
    fields = (
        Field("first_hour", "beginning of the first hour", Form.MOMENT),
        Field("last_hour", "beginning of the last hour", Form.MOMENT),
        Field("hours", "hours in which there was any", Form.NUMBER),
        Field("pulls", "pulls", Form.NUMBER),
        _COUNTS[2],
        Field("tokens", "tokens, each of its user", Form.NUMBER),
        Field("reports", "reports of which something is left", Form.NUMBER),
    )
    row = (
        *(period.first_hour, period.last_hour, period.hour_count, period.pulls),
        *(period.version_checks, period.caller_count, period.report_count),
    )
    return Answer(fields, [row])


def usage_by(questions: Questions, period: Period, kind: str, most: int = ALL) -> Answer:
    """Return what each token, machine, repository, user, hour or day spent, the most first.

    Hours and days stand in their order, where all of them are asked for.
    """
    if kind in SPANS:
        return _by_span(questions, period, kind, most)
    asked = {"by": kind, "since": period.since}
    if kind == "machine":
        return _by_machine(questions, period, asked, most)
    name = "user" if kind == "token" else kind
    token = [Field("token", "name of the access token; generated: Docker's own clients")]
    fields = (Field(name, _ABOUT[kind]), *(token if kind == "token" else ()), *_COUNTS, *_MOSTS)
    rows = [
        (who, *([token] if kind == "token" else ()), pulls, _share(pulls, period), *rest)
        for who, token, pulls, *rest in questions.each("spent", asked | {"most": most})
    ]
    return Answer(fields, rows)


def _by_machine(
    questions: Questions, period: Period, asked: dict[str, object], most: int
) -> Answer:
    spent = [(row[0], *row[2:]) for row in questions.each("spent", asked | {"most": ALL})]
    highest = at_most((who, pulls) for who, pulls, *_ in spent)
    about = "pulls of it at most, with those of lines that name others too; of those lines: empty"
    fields = (
        Field("machine", _ABOUT["machine"]),
        _COUNTS[0],
        Field("at_most", about, Form.NUMBER, is_shown=bool(highest)),
        *_COUNTS[1:],
        *_MOSTS,
    )
    rows = [
        (who, pulls, _at_most(who, pulls, highest), _share(pulls, period), *rest)
        for who, pulls, *rest in spent[: None if most == ALL else most]
    ]
    return Answer(fields, rows, [NOT_TOLD_APART] if highest else [])


def _at_most(machine: str | None, pulls: int, highest: dict[str, int]) -> int | None:
    is_one = machine is not None and len(members(machine)) == 1
    return highest.get(machine or "", pulls) if is_one else None


def _by_span(questions: Questions, period: Period, kind: str, most: int) -> Answer:
    length = SPANS[kind]
    asked = {"since": period.since, "length": length, "most": most}
    fields = (
        Field(kind, f"the {kind}, UTC", Form.DAY if kind == "day" else Form.MOMENT),
        *_COUNTS,
        Field("top_user", "whose token pulled most"),
        Field("top_token", "that token"),
        Field("top_token_pulls", "its pulls", Form.NUMBER),
        Field("top_machine", "the machine that pulled most, or those that lines name together"),
        Field("top_machine_pulls", "its pulls", Form.NUMBER),
        Field("top_repository", "the repository that was pulled most"),
        Field("top_repository_pulls", "its pulls", Form.NUMBER),
    )
    rows = []
    for begin, pulls, checks in questions.ask("spans", asked):
        span = {"from": max(begin, period.since), "until": begin + length}
        top: dict[str, tuple[Any, ...]] = {
            row[0]: row[1:] for row in questions.each("spenders", span)
        }
        user, token, by_token = top["token"]
        tops = (user, token, by_token, *top["machine"][::2], *top["repository"][::2])
        shown = iso(begin)[:10] if kind == "day" else begin
        rows.append((shown, pulls, _share(pulls, period), checks, *tops))
    return Answer(fields, rows)


def _share(pulls: int, period: Period) -> float | None:
    return pulls / period.pulls if period.pulls else None


def _command() -> str:
    return "scrapy usage REPORT.csv"
