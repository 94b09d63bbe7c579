"""`scrapy report`: sizes, staleness, platforms, popularity, shared layers, coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.answer_command import LIMIT, OF_ORG, OF_REPO, AnswerCommand
from dockerhub.moments import now
from dockerhub.reports.answers import answer_json, answer_table
from dockerhub.reports.coverage_report import CRAWL, coverage
from dockerhub.reports.platforms_report import platforms
from dockerhub.reports.popular_report import ORDERS, popular
from dockerhub.reports.printing import put_json, put_table, put_text
from dockerhub.reports.report_arguments import read_options
from dockerhub.reports.shared_report import shared
from dockerhub.reports.sizes_report import sizes
from dockerhub.reports.stale_report import stale
from dockerhub.store.questions import Questions

if TYPE_CHECKING:
    import argparse

REPORTS = {
    "sizes": sizes,
    "stale": stale,
    "platforms": platforms,
    "popular": popular,
    "shared": shared,
    "coverage": coverage,
}


class Command(AnswerCommand):
    """Exit status: 0 done, 1 the database has no answer, 2 wrong arguments, 130 Ctrl-C."""

    NAME = "report"
    ABOUT = "Report sizes, stale images, platforms, popularity, shared layers or coverage"
    EXAMPLE = "scrapy report sizes --org bitnami"
    WORDS = (1, 1)
    WORDS_WANTED = f"one of {', '.join(REPORTS)}"

    def syntax(self) -> str:
        """Return how it is called."""
        return f"[options] {'|'.join(REPORTS)}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to report on."""
        super().add_options(parser)
        add = parser.add_argument
        add("--org", metavar="NAME", help=OF_ORG)
        add("--repo", metavar="GLOB", help=OF_REPO)
        add("--limit", metavar="N", help=f"{LIMIT} (default 50)")
        about = "growth of sizes over so many days (default 365), stale: not pushed for so many"
        about += " (default 180), popular: pulls a day over so many (default 30)"
        add("--days", metavar="N", help=about)
        add("--pulled-within", metavar="N", help="stale: pulled in so many days (default 30)")
        add("--tags", action="store_true", help="sizes, stale: by tag")
        add("--tag", metavar="TAG", help="sizes: what this tag has shown over time")
        add("--platform", metavar="OS/ARCH", help="sizes: only this platform")
        add("--all", action="store_true", help="platforms: of all tags, not of one a repository")
        by = f"popular: order by {', '.join(ORDERS)} (default pulls)"
        add("--by", metavar="WHAT", help=by)

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Report."""
        options = read_options(args[0], vars(opts), now())
        is_coverage = args[0] == "coverage"
        crawl = CRAWL if is_coverage else options.scope.crawl(layers=args[0] == "shared")
        statements = "catalog_reading" if is_coverage else "report_reading"
        with Questions(url, statements, crawl) as questions:
            report = REPORTS[args[0]](questions, options)
        if opts.json:
            totals = None if report.totals is None else answer_json(report.totals)
            put_json({**answer_json(report.answer), "totals": totals})
            return
        self.put(report.answer, opts)
        if report.totals is not None:
            put_text("\n")
            put_table(answer_table(report.totals))
