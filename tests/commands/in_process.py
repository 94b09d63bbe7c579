"""Runs a command that needs no reactor in this process, as on a terminal or as into a pipe."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader

if TYPE_CHECKING:
    from scrapy.commands import ScrapyCommand


class Said(NamedTuple):
    """What a command said."""

    status: int
    out: str
    err: str


class Here:
    """What a command finds where Scrapy would run crawls for it: the spiders, and nothing else."""

    def __init__(self, settings: Settings) -> None:
        self.spider_loader = get_spider_loader(settings)


class Screen(io.StringIO):
    """A standard output that is a terminal, or is none."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def run_here(url: str, name: str, *words: str, is_terminal: bool = False) -> Said:
    """Run the command *name* with *words* on the database at *url*."""
    command: ScrapyCommand = importlib.import_module(f"dockerhub.commands.{name}").Command()
    command.settings = _settings().copy()
    command.settings.set("DOCKERHUB_DATABASE_URL", url, priority="cmdline")
    here: Any = Here(command.settings)
    command.crawler_process = here
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    opts, args = parser.parse_known_args(words)
    out, err = Screen(is_terminal=is_terminal), Screen(is_terminal=is_terminal)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        command.process_options(args, opts)
        command.run(args, opts)
    return Said(command.exitcode, out.getvalue(), err.getvalue())


@cache
def _settings() -> Settings:
    settings = Settings()
    settings.setmodule("dockerhub.settings")
    return settings
