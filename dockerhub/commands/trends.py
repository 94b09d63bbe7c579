"""`scrapy trends`: pulls a day, who grows, odd days, and names that look like official images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.answer_command import AnswerCommand
from dockerhub.image_commands import say
from dockerhub.moments import day, now
from dockerhub.reports.printing import put_lines, put_text
from dockerhub.reports.report_arguments import read_count, read_scope
from dockerhub.reports.trends import trends
from dockerhub.reports.trends_json import trends_json
from dockerhub.reports.trends_options import (
    MOST_DAYS,
    MOST_ROWS,
    SECTIONS,
    TrendOptions,
    read_threshold,
)
from dockerhub.reports.trends_scores import THRESHOLD
from dockerhub.reports.trends_tables import TITLES
from dockerhub.store.questions import Questions

if TYPE_CHECKING:
    import argparse

    from dockerhub.reports.answers import Answer


class Command(AnswerCommand):
    """Exit status: 0 done, 1 no samples of two days, 2 wrong arguments, 130 Ctrl-C."""

    NAME = "trends"
    ABOUT = "Tell pulls a day, who grows, odd days, and names that look like official images"
    EXAMPLE = "scrapy trends --org bitnami --days 30"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to look at."""
        super().add_options(parser)
        add = parser.add_argument
        add("--org", metavar="NAME", help="only the repositories of this organisation")
        add("--repo", metavar="GLOB", help="only these repositories: nginx, or 'bitnami/*'")
        add("--days", metavar="N", default="30", help="so many days until today (30)")
        add("--limit", metavar="N", default="20", help="so many rows of each list (20)")
        add("--by", choices=SECTIONS, help="only this section")
        add("--threshold", metavar="Z", default=str(THRESHOLD), help="scores from here on are"
            f" anomalies ({THRESHOLD})")  # fmt: skip

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Tell the sections one after the other."""
        options = TrendOptions(
            today=day(now()),
            scope=read_scope(opts.org, opts.repo),
            days=read_count("--days", opts.days, MOST_DAYS),
            limit=read_count("--limit", opts.limit, MOST_ROWS),
            by=opts.by,
            threshold=read_threshold(opts.threshold),
        )
        with Questions(url, "trends_reading") as questions:
            found = trends(questions, options)
            if opts.json:
                for part in trends_json(questions, options, found):
                    put_text(part)
                return
        for place, (name, section) in enumerate(found.sections.items()):
            if section.rows or name != "falls":
                put_lines([*([("", "")] if place else []), (TITLES[name], "bold")])
                self._put_section(section, opts)

    def _put_section(self, section: Answer, opts: argparse.Namespace) -> None:
        if section.rows:
            self.put(section, opts)
            return
        put_lines([("none", "")])
        for note in section.notes:
            say(self.NAME, note)
