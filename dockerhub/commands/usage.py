"""`scrapy usage`: who spends the pulls, as Docker's own pull usage report says."""

from __future__ import annotations

import stat
from collections import deque
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.answer_command import LIMIT, SINCE, AnswerCommand
from dockerhub.errors import ArgumentError
from dockerhub.image_commands import say
from dockerhub.moments import iso, now
from dockerhub.options import if_given, read_count, read_time, read_word
from dockerhub.payloads.usage import LONGEST_LINE, read_usage
from dockerhub.redact import plain
from dockerhub.reports.usage import ALL, KINDS, no_usage, usage_by, usage_period
from dockerhub.reports.usage_limits import ALLOWED, PLANS, WINDOWS, read_limit
from dockerhub.reports.usage_summary import usage_summary
from dockerhub.store.place import database_place
from dockerhub.store.questions import Questions
from dockerhub.store.usage import UsageWriter
from dockerhub.words import counted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from dockerhub.reports.usage_limits import PullLimit
    from dockerhub.store.usage import ReadReport
    from dockerhub.usage_row import UsageRow

_SHOWN = 10  # rows a table of the summary for people


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
        add("--since", metavar="WHEN", help=SINCE)
        about = f"{LIMIT}, of each table (default {_SHOWN}; with --by or --json all)"
        add("--limit", metavar="N", help=about)
        add("--plan", metavar="PLAN", help=f"whose limit: {', '.join(PLANS)} (default personal)")
        add("--pulls", metavar="N", help="pulls that are allowed (default the plan's)")
        add("--per", metavar="TIME", help=f"in so long: {', '.join(WINDOWS)} (default 1h)")
        add("--account", metavar="NAME", help="whose reports these are, if there are several")
        add("--keep-addresses", action="store_true", help="store the addresses of machines")

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Read the reports, then say what all of them say."""
        by = if_given(read_word, "--by", opts.by, KINDS)
        rows = if_given(read_count, "--limit", opts.limit)
        since = if_given(read_time, "--since", opts.since, now())
        limit = _limit(opts)
        self._read([_report(word) for word in args], opts, url)
        if not database_place(url).exists():
            raise no_usage()
        with Questions(url, "usage_reading") as questions:
            period = usage_period(questions, since)
            if by is not None:
                self.put(usage_by(questions, period, by, rows or ALL), opts)
                return
            most = rows or (ALL if opts.json else _SHOWN)
            self.put_sections(list(usage_summary(questions, period, limit, most)), opts)

    def _read(self, paths: list[Path], opts: argparse.Namespace, url: str) -> None:
        if not paths:
            return
        if not database_place(url).exists():
            # A report that is refused leaves no database behind.
            for path in paths:
                deque(_rows(path, with_addresses=False), maxlen=0)
        with closing(UsageWriter(url)) as writer:
            rows = (_rows(path, with_addresses=opts.keep_addresses) for path in paths)
            done = writer.write(rows, account=opts.account or None, now=now())
        for path, report in zip(paths, done, strict=True):
            say(self.NAME, f"{plain(path.name)}: {_said(report)}")


def _rows(path: Path, *, with_addresses: bool) -> Iterator[UsageRow]:
    with path.open("rb") as file:
        lines = iter(lambda: file.readline(LONGEST_LINE + 1), b"")
        yield from read_usage(lines, plain(path.name), with_addresses=with_addresses)


def _report(word: str) -> Path:
    path = Path(word)
    try:
        # A pipe would be read once, and one that nobody writes to never.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ArgumentError("REPORT", "a file", word)
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


def _limit(opts: argparse.Namespace) -> PullLimit:
    plan = if_given(read_word, "--plan", opts.plan, PLANS)
    pulls = if_given(read_count, "--pulls", opts.pulls)
    per = if_given(read_word, "--per", opts.per, WINDOWS)
    is_unlimited = plan is not None and pulls is None and plan not in ALLOWED
    if per is not None and is_unlimited:
        raise ArgumentError("--per", f"--pulls beside it: the plan {plan} has no limit", per)
    if opts.by is not None and any(each is not None for each in (plan, pulls, per)):
        place = "--plan" if plan else "--pulls" if pulls else "--per"
        raise ArgumentError(place, "no --by beside it, whose table has no limit", opts.by)
    return read_limit(plan, pulls, WINDOWS[per] if per else None)
