"""`scrapy usage`: who spends the pulls, as Docker's own pull usage report says."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.answer_command import AnswerCommand
from dockerhub.errors import ArgumentError
from dockerhub.image_commands import say
from dockerhub.moments import iso, now, read_since
from dockerhub.payloads.usage import LONGEST_LINE, read_usage
from dockerhub.redact import plain
from dockerhub.reports.answers import answer_json, answer_table
from dockerhub.reports.printing import put_json, put_lines, put_table
from dockerhub.reports.usage import ALL, KINDS, no_usage, usage_by, usage_period
from dockerhub.reports.usage_limits import PLANS, WINDOWS, read_limit
from dockerhub.reports.usage_summary import usage_summary
from dockerhub.store.database import database_path
from dockerhub.store.questions import Questions
from dockerhub.store.usage import UsageWriter
from dockerhub.words import counted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from dockerhub.reports.usage_summary import Part
    from dockerhub.store.usage import ReadReport
    from dockerhub.usage_row import UsageRow

_SHOWN = 10  # rows a table of the summary for people
_MOST_PULLS = 10**9


class Command(AnswerCommand):
    """Exit status: 0 done, 1 a report is malformed or none was read, 2 wrong arguments."""

    NAME = "usage"
    ABOUT = "Show who spends the pulls, from the pull usage reports that Docker Hub sends by mail"
    EXAMPLE = "scrapy usage REPORT.csv --by token --since 7d"
    WORDS = (0, 1000)
    WORDS_WANTED = "reports, such as REPORT.csv"

    def syntax(self) -> str:
        """Return how it is called."""
        return "[options] [REPORT.csv ...]"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to count, and against which limit."""
        super().add_options(parser)
        add = parser.add_argument
        add("--by", metavar="WHAT", help=f"only this table, in full: {', '.join(KINDS)}")
        add("--since", metavar="WHEN", help="only hours since then: 7d, 24h or 2026-11-01")
        add("--top", metavar="N", help=f"rows a table (default: {_SHOWN}; --by and --json: all)")
        add("--plan", metavar="PLAN", help=f"whose limit: {', '.join(PLANS)} (default: personal)")
        add("--limit", metavar="N", help="pulls that are allowed (default: the plan's)")
        add("--per", metavar="TIME", help="time of the limit: 1h, 6h, 24h (default: 1h)")
        add("--account", metavar="NAME", help="whose reports these are, if there are several")
        add("--keep-addresses", action="store_true", help="store the addresses of machines")

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Read the reports, then say what all of them say."""
        top = _number("--top", opts.top)
        plan, by = _word("--plan", opts.plan, PLANS), _word("--by", opts.by, KINDS)
        per = _word("--per", opts.per, tuple(WINDOWS))
        limit = read_limit(plan, _number("--limit", opts.limit), WINDOWS[per] if per else None)
        since = _since(opts.since)
        self._read([_report(word) for word in args], opts, url)
        if not database_path(url).exists():
            raise no_usage()
        with Questions(url, "usage_reading") as questions:
            period = usage_period(questions, since)
            if by is not None:
                self.put(usage_by(questions, period, by, top or ALL), opts)
                return
            most = top or (ALL if opts.json else _SHOWN)
            self._put_parts(list(usage_summary(questions, period, limit, most)), opts)

    def _read(self, paths: list[Path], opts: argparse.Namespace, url: str) -> None:
        if not paths:
            return
        with closing(UsageWriter(url)) as writer:
            rows = (_rows(path, with_addresses=opts.keep_addresses) for path in paths)
            done = writer.write(rows, account=opts.account or None, now=now())
        for path, report in zip(paths, done, strict=True):
            say(self.NAME, f"{plain(path.name)}: {_said(report)}")

    def _put_parts(self, parts: list[Part], opts: argparse.Namespace) -> None:
        if opts.json:
            put_json({part.name: answer_json(part.answer) for part in parts})
            return
        for place, part in enumerate(parts):
            put_lines([("", "")] * bool(place) + [(part.title, "bold")])
            if part.answer.rows:
                put_table(answer_table(part.answer))
            elif not part.answer.notes:
                put_lines([("(none)", "dim")])
            for note in part.answer.notes:
                put_lines([(f"({plain(note, 2000)})", "dim")])


def _rows(path: Path, *, with_addresses: bool) -> Iterator[UsageRow]:
    with path.open("rb") as file:
        lines = iter(lambda: file.readline(LONGEST_LINE + 1), b"")
        yield from read_usage(lines, plain(path.name), with_addresses=with_addresses)


def _report(word: str) -> Path:
    path = Path(word)
    try:
        path.open("rb").close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no name of a file"
        raise ArgumentError("REPORT", f"a file that can be read ({why})", word) from None
    return path


def _said(report: ReadReport) -> str:
    hours = f"{iso(report.first_hour)[:13]} to {iso(report.last_hour)[:13]} UTC"
    said = f"{counted(report.row_count, 'row')} of {hours}"
    if report.replaced_count:
        said += f"; {counted(report.replaced_count, 'hour')} of earlier reports replaced"
    if report.shrunk_count:
        said += f", {report.shrunk_count} of them with fewer pulls than before"
    return said


def _word(option: str, found: str | None, known: tuple[str, ...]) -> str | None:
    if found is not None and found not in known:
        raise ArgumentError(option, f"one of {', '.join(known)}", found)
    return found


def _number(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= _MOST_PULLS):
        raise ArgumentError(option, "a whole number above 0", text)
    return int(text)


def _since(text: str | None) -> int | None:
    try:
        return None if text is None else read_since(text, now())
    except ValueError:
        raise ArgumentError("--since", "a time such as 7d, 24h or 2026-11-01", text) from None
