"""`scrapy trends`: pulls a day, who grows, odd days, and names that look like official images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.answer_command import LIMIT, OF_ORG, OF_REPO, AnswerCommand
from dockerhub.moments import day, now
from dockerhub.options import MOST_DAYS, if_given, read_count, read_word
from dockerhub.reports.answers import Section
from dockerhub.reports.printing import put_text
from dockerhub.reports.scope import read_scope
from dockerhub.reports.trends import trends
from dockerhub.reports.trends_json import trends_json
from dockerhub.reports.trends_options import (
    SECTIONS,
    TrendOptions,
    read_threshold,
)
from dockerhub.reports.trends_scores import THRESHOLD
from dockerhub.reports.trends_tables import TITLES
from dockerhub.store.questions import Questions

if TYPE_CHECKING:
    import argparse


class Command(AnswerCommand):
    """Exit status: 0 done, 1 no samples of two days, 2 wrong arguments, 130 Ctrl-C."""

    NAME = "trends"
    ABOUT = "Tell pulls a day, who grows, odd days, and names that look like official images"
    EXAMPLE = "scrapy trends --org bitnami --days 30"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to look at."""
        super().add_options(parser)
        add = parser.add_argument
        add("--org", metavar="NAME", help=OF_ORG)
        add("--repo", metavar="GLOB", help=OF_REPO)
        add("--days", metavar="N", default="30", help="so many days until today (default 30)")
        add("--limit", metavar="N", default="20", help=f"{LIMIT}, of each table (default 20)")
        add("--by", metavar="WHAT", help=f"only this section: {', '.join(SECTIONS)}")
        about = f"scores from here on are anomalies (default {THRESHOLD})"
        add("--threshold", metavar="Z", default=str(THRESHOLD), help=about)

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Tell the sections one after the other."""
        options = TrendOptions(
            today=day(now()),
            scope=read_scope(opts.org, opts.repo),
            days=read_count("--days", opts.days, MOST_DAYS),
            limit=read_count("--limit", opts.limit),
            by=if_given(read_word, "--by", opts.by, SECTIONS),
            threshold=read_threshold(opts.threshold),
        )
        with Questions(url, "trends_reading", options.scope.crawl()) as questions:
            found = trends(questions, options)
            if opts.json:
                for part in trends_json(questions, options, found):
                    put_text(part)
                return
        sections = [
            Section(name, TITLES[name], answer)
            for name, answer in found.sections.items()
            if answer.rows or name != "falls"
        ]
        self.put_sections(sections, opts)
