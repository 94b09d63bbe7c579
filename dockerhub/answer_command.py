"""What the commands that answer from the database share: options, printing, exit statuses.

Not among the commands: Scrapy would take it for one.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from dockerhub.errors import ArgumentError, DockerhubError, NameRefused
from dockerhub.image_commands import refuse, say
from dockerhub.options import database_url
from dockerhub.outcome import STOPPED
from dockerhub.redact import plain
from dockerhub.reports.answers import answer_json, answer_table
from dockerhub.reports.printing import put_json, put_lines, put_table
from dockerhub.settings_check import check_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from dockerhub.reports.answers import Answer, Section

# What an option that several commands have says in their --help.
OF_ORG = "only of this user or organisation"
OF_REPO = "only of these repositories, such as nginx or 'bitnami/*'"
SINCE = "only what is newer: 7d, 24h or 2026-11-01"
LIMIT = "rows at most"
_LONGEST_NOTE = 2000


class AnswerCommand(ScrapyCommand):
    """A command that asks the database and no network.

    Exit status: 0 done, 1 the database has no answer or cannot be read, 2 wrong arguments,
    130 Ctrl-C.
    """

    requires_project = True
    requires_crawler_process = False
    NAME: str
    """as it is called: `trends`"""
    ABOUT: str
    """what it does, in a line"""
    EXAMPLE: str
    """a command that can be copied: `scrapy trends --org bitnami --days 30`"""
    WORDS: tuple[int, int] = (0, 0)
    """how many words it takes beside options: at least, at most"""
    WORDS_WANTED = "no arguments"
    """what those are: `one image, such as nginx:1.27`"""

    def short_desc(self) -> str:
        """Return what it does."""
        return self.ABOUT

    def long_desc(self) -> str:
        """Return what it does, with an example."""
        return f"{self.ABOUT}. Example: {self.EXAMPLE}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what all of them have."""
        super().add_options(parser)
        add = parser.add_argument
        add("--json", action="store_true", help="print JSON, for programs")
        add("--database", metavar="FILE_OR_URL", help="the database (-s DOCKERHUB_DATABASE_URL)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options."""
        super().process_options(args, opts)
        settings: Any = self.settings
        if opts.database is not None:
            url = database_url(opts.database)
            settings.set("DOCKERHUB_DATABASE_URL", url, priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the words, then answer."""
        settings: Any = self.settings
        self._check_words(args)
        try:
            check_settings(settings)
            self.answer(args, opts, settings["DOCKERHUB_DATABASE_URL"])
        except (ArgumentError, NameRefused) as error:
            raise UsageError(str(error), print_help=False) from None
        except DockerhubError as error:
            refuse(self, self.NAME, error)
        except KeyboardInterrupt:
            self.exitcode = STOPPED

    @abstractmethod
    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Ask the database at *url* and print what it says.

        :raises DockerhubError: if there is no answer; the command prints it and ends with 1, with 2
            for an `ArgumentError` or a `NameRefused`
        """

    def put(self, answer: Answer, opts: argparse.Namespace) -> None:
        """Print an answer: JSON, or a table with its notes beside it."""
        if opts.json:
            put_json(answer_json(answer))
            return
        put_table(answer_table(answer))
        for note in answer.notes:
            say(self.NAME, note)

    def put_sections(self, sections: Iterable[Section], opts: argparse.Namespace) -> None:
        """Print several answers: JSON by their names, or tables with titles and notes below."""
        if opts.json:
            put_json({section.name: answer_json(section.answer) for section in sections})
            return
        for place, section in enumerate(sections):
            put_lines([("", "")] * bool(place) + [(section.title, "bold")])
            if section.answer.rows:
                put_table(answer_table(section.answer))
            else:
                put_lines([("(none)", "dim")])
            # Not on standard error: there nobody could tell what they are about.
            notes = [plain(note, _LONGEST_NOTE) for note in section.answer.notes]
            put_lines((f"({note})", "dim") for note in notes)

    def _check_words(self, args: list[str]) -> None:
        least, most = self.WORDS
        # Scrapy hands on the options that nobody knows.
        unknown = [word for word in args if word.startswith("-") and word != "-"]
        if unknown:
            raise UsageError(f"expected an option of this command, got {unknown[0]}")
        if not least <= len(args) <= most:
            found = " ".join(args) or "none"
            raise UsageError(f"expected {self.WORDS_WANTED}; got {found}")
