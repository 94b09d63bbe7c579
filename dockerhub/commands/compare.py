"""`scrapy compare`: what is different between two images, platform by platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from dockerhub.errors import ArgumentError, DockerhubError, NameRefused
from dockerhub.image_commands import add_image_options, answer, apply_image_options, refuse
from dockerhub.reports.compare import compare
from dockerhub.reports.comparison_text import comparison_json, comparison_lines
from dockerhub.reports.printing import put_json, put_lines
from dockerhub.reports.stored_images import Stored, fetch_arguments, read_image, read_platform
from dockerhub.settings_check import check_settings
from dockerhub.store.database import open_database

if TYPE_CHECKING:
    import argparse

    from dockerhub.reports.compare import Comparison

_NAME = "compare"


class Command(ScrapyCommand):
    """Exit status: 0 done, 1 not stored or not fetched, 2 wrong arguments, 130 Ctrl-C."""

    requires_project = True

    def syntax(self) -> str:
        """Return how it is called."""
        return "[--platform OS/ARCH] [--json] [--fetch] <image> <image>"

    def short_desc(self) -> str:
        """Return what it does."""
        return "Compare two images, such as: scrapy compare nginx:1.26 nginx:1.27"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to compare and how to print it."""
        super().add_options(parser)
        add_image_options(parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options."""
        super().process_options(args, opts)
        apply_image_options(self.settings, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch what is missing if that is asked for, then print."""
        if len(args) != 2:
            found = " ".join(args) or "none"
            raise UsageError(f"expected two images, such as nginx:1.26 nginx:1.27; got {found}")
        settings: Any = self.settings
        try:
            old, new = map(read_image, args)
            platform = read_platform(opts.platform)
            check_settings(settings)
        except (NameRefused, ArgumentError) as error:
            raise UsageError(str(error), print_help=False) from None

        def report() -> Comparison:
            with Stored(settings["DOCKERHUB_DATABASE_URL"]) as stored:
                return compare(stored, old, new, platform=platform)

        try:
            if opts.fetch:
                open_database(settings["DOCKERHUB_DATABASE_URL"]).close()
            first = [fetch_arguments(one, platform) for one in (old, new)] if opts.fetch else []
            comparison = answer(self, report, first)
        except DockerhubError as error:
            refuse(self, _NAME, error)
            return
        if opts.json:
            put_json(comparison_json(comparison))
        else:
            put_lines(comparison_lines(comparison))
        for missing in comparison.unread[:1]:
            refuse(self, _NAME, missing)
