"""`scrapy export`: what is in the database, as files for other programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from dockerhub.answer_command import OF_ORG, OF_REPO, SINCE, AnswerCommand
from dockerhub.errors import ArgumentError
from dockerhub.moments import now
from dockerhub.reports.export import export
from dockerhub.reports.export_list import exportable
from dockerhub.reports.export_request import ROW_FORMATS, Said, read_request

if TYPE_CHECKING:
    import argparse


class Command(AnswerCommand):
    """Exit status: 0 done, 1 nothing to export or not written, 2 wrong arguments, 130 Ctrl-C."""

    NAME = "export"
    ABOUT = "Write a view, a table or the whole database to a file"
    EXAMPLE = "scrapy export tags --org bitnami --format parquet"
    WORDS = (0, 1)
    WORDS_WANTED = "a view, a table or a set; scrapy export --list shows them"

    def syntax(self) -> str:
        """Return how it is called."""
        return "[options] <view, table or set>"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to export, and where to."""
        super().add_options(parser)
        add = parser.add_argument
        formats = ", ".join(ROW_FORMATS)
        add("--list", action="store_true", help="what can be exported, and how it is filtered")
        add("--format", metavar="FORMAT", help=f"{formats} (default csv, or what --output ends in)")
        add("--output", metavar="FILE", help="where to; - is standard output (csv, jsonl)")
        add("--org", metavar="NAME", help=OF_ORG)
        add("--repo", metavar="GLOB", help=OF_REPO)
        add("--since", metavar="WHEN", help=SINCE)
        add("--columns", metavar="A,B", help="only these columns, in this order")
        add("--raw", action="store_true", help="CSV: leave formulas and control characters")
        add("--force", action="store_true", help="replace what is there already")

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Write it, and print what was written where."""
        if opts.list:
            self.put(exportable(), opts)
            return
        if not args:
            raise ArgumentError("export", self.WORDS_WANTED, "none")
        said = Said(
            what=args[0],
            format=opts.format,
            output=opts.output,
            org=opts.org,
            repo=opts.repo,
            since=opts.since,
            columns=opts.columns,
            is_raw=opts.raw,
            force=opts.force,
        )
        request = read_request(said, now())
        if request.is_raw and request.output is None and sys.stdout and sys.stdout.isatty():
            raise ArgumentError("--raw", "a file or a pipe, no terminal", "a terminal")
        answer = export(url, request)
        if answer is not None:
            self.put(answer, opts)
