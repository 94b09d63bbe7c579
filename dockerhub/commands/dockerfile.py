"""`scrapy dockerfile`: what an image was built from, as a Dockerfile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from dockerhub.errors import ArgumentError, DockerhubError, NameRefused
from dockerhub.image_commands import add_image_options, answer, apply_image_options, refuse, say
from dockerhub.reports.dockerfile import dockerfile_of
from dockerhub.reports.dockerfile_text import dockerfile_json, dockerfile_text
from dockerhub.reports.printing import put_json, put_text
from dockerhub.reports.stored_images import (
    DEFAULT_PLATFORM,
    Stored,
    fetch_arguments,
    read_image,
    read_platform,
)
from dockerhub.settings_check import check_settings
from dockerhub.store.database import open_database

if TYPE_CHECKING:
    import argparse

    from dockerhub.reports.dockerfile import Dockerfile

_NAME = "dockerfile"


class Command(ScrapyCommand):
    """Exit status: 0 done, 1 not stored or not fetched, 2 wrong arguments, 130 Ctrl-C."""

    requires_project = True

    def syntax(self) -> str:
        """Return how it is called."""
        return "[--platform OS/ARCH] [--steps] [--json] [--fetch] <image>"

    def short_desc(self) -> str:
        """Return what it does."""
        return "Print what an image was built from, such as: scrapy dockerfile nginx:1.27"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to print."""
        super().add_options(parser)
        add_image_options(parser)
        about = "print the build steps, even where the Dockerfile itself is attested"
        parser.add_argument("--steps", action="store_true", help=about)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options."""
        super().process_options(args, opts)
        apply_image_options(self.settings, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch what is missing if that is asked for, then print."""
        if len(args) != 1:
            found = " ".join(args) or "none"
            raise UsageError(f"expected one image, such as nginx:1.27; got {found}")
        settings: Any = self.settings
        try:
            image, platform = read_image(args[0]), read_platform(opts.platform)
            check_settings(settings)
        except (NameRefused, ArgumentError) as error:
            raise UsageError(str(error), print_help=False) from None

        def report() -> Dockerfile:
            with Stored(settings["DOCKERHUB_DATABASE_URL"]) as stored:
                return dockerfile_of(stored, image, platform=platform, steps_only=opts.steps)

        try:
            if opts.fetch:
                open_database(settings["DOCKERHUB_DATABASE_URL"]).close()
            first = [fetch_arguments(image, platform or DEFAULT_PLATFORM)] if opts.fetch else []
            made = answer(self, report, first)
        except DockerhubError as error:
            refuse(self, _NAME, error)
            return
        if made.is_chosen:
            others = ", ".join(made.others) or "no other platform"
            say(_NAME, f"{made.image}: this is {made.platform}; there is {others}")
        if made.fetch is not None and not opts.fetch:
            say(_NAME, f"the base image {made.fetch['repo']} is not stored; --fetch brings it")
        if opts.json:
            put_json(dockerfile_json(made))
        else:
            put_text(dockerfile_text(made))
