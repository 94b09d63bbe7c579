"""`scrapy store`: checks the database, copies it, makes it smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.answer_command import AnswerCommand
from dockerhub.errors import ArgumentError
from dockerhub.moments import now
from dockerhub.options import MOST_DAYS, if_given, read_count, read_word
from dockerhub.outcome import FAILED
from dockerhub.reports.answers import Section
from dockerhub.reports.printing import put_lines
from dockerhub.reports.store_backup import back_up, read_backup
from dockerhub.reports.store_check import check_store
from dockerhub.reports.store_prune import prune_store, vacuum_store

if TYPE_CHECKING:
    import argparse

# Each action with the options that it takes.
_ACTIONS: dict[str, tuple[str, ...]] = {
    "check": ("quick", "full"),
    "backup": ("force", "keep"),
    "vacuum": (),
    "prune": ("keep_days", "dry_run"),
}
_KEPT = (
    "Prune keeps: every tag and repository that is there, each digest that such a tag has left,"
    " what images they show are made of, images that those are built on by their layers, the walks"
    " and crawls by which the next crawl decides, pull samples, and what scrapy usage has read. Of"
    " a repository that is gone its name stays with its samples"
)


class Command(AnswerCommand):
    """Exit status: 0 done, 1 findings or not done, 2 wrong arguments, 130 Ctrl-C."""

    NAME = "store"
    ABOUT = "Check the database, copy it, or make it smaller"
    EXAMPLE = "scrapy store check; scrapy store backup --keep 7; scrapy store prune --keep-days 90"
    WORDS = (1, 2)
    WORDS_WANTED = "check, backup [FILE], vacuum or prune"

    def syntax(self) -> str:
        """Return how it is called."""
        return "[options] check | backup [FILE] | vacuum | prune"

    def long_desc(self) -> str:
        """Return what it does, with an example, and what a prune leaves."""
        return f"{super().long_desc()}. {_KEPT}."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what the actions take."""
        super().add_options(parser)
        add = parser.add_argument
        add("--quick", action="store_true", help="check: leave out what reads all indexes")
        add("--full", action="store_true", help="check: all contents in place of some")
        add("--force", action="store_true", help="backup: replace what is there already")
        about = "backup: of the copies that are named by their moments, only the newest N stay"
        add("--keep", metavar="N", help=about)
        about = "prune: what was over or gone more than N days ago can go"
        add("--keep-days", metavar="N", help=about)
        add("--dry-run", action="store_true", help="prune: only count")

    def answer(self, args: list[str], opts: argparse.Namespace, url: str) -> None:
        """Do what the first word says."""
        action = read_word("store", args[0], _ACTIONS)
        if len(args) > 1 and action != "backup":
            raise ArgumentError(f"store {action}", "nothing behind it", args[1])
        _check_options(action, opts)
        if action == "check":
            self._check(opts, url)
        elif action == "backup":
            keep = if_given(read_count, "--keep", opts.keep)
            file = args[1] if len(args) > 1 else None
            wanted = read_backup(url, now(), file, replace=opts.force, keep=keep)
            self.put(back_up(url, wanted), opts)
        elif action == "vacuum":
            self.put(vacuum_store(url), opts)
        elif opts.keep_days is None:
            raise ArgumentError("store prune", "--keep-days N", "none")
        else:
            days = read_count("--keep-days", opts.keep_days, MOST_DAYS)
            self.put(prune_store(url, now(), days, is_dry=opts.dry_run), opts)

    def _check(self, opts: argparse.Namespace, url: str) -> None:
        verdict = check_store(url, now(), is_quick=opts.quick, is_full=opts.full)
        if opts.json:
            sections = {"checks": verdict.checks, "findings": verdict.findings}
            self.put_sections([Section(name, "", one) for name, one in sections.items()], opts)
        else:
            self.put(verdict.checks, opts)
            put_lines((line, "") for line in verdict.lines())
        self.exitcode = FAILED if verdict.total else 0


def _check_options(action: str, opts: argparse.Namespace) -> None:
    """Check that no option of another action is given."""
    for other, names in _ACTIONS.items():
        for name in names:
            if other != action and getattr(opts, name) not in {None, False}:
                option = f"--{name.replace('_', '-')}"
                raise ArgumentError(option, f"it with store {other}", f"store {action}")
    if opts.quick and opts.full:
        raise ArgumentError("--quick", "it alone", "--full beside it")
