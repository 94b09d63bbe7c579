"""What every command of ours has: help with an example, refusals of what it does not know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.crawling import CHECKOUT

if TYPE_CHECKING:
    from tests.commands.running import Commands

FILES = (CHECKOUT / "dockerhub" / "commands").glob("[a-z]*.py")
NAMES = sorted(file.stem for file in FILES if "class Command(" in file.read_text(encoding="utf-8"))
ANSWERS = sorted(set(NAMES) - {"crawl", "demo", "enqueue", "worker"})


@pytest.mark.parametrize("name", NAMES)
def test_its_help_has_an_example(commands: Commands, name: str) -> None:
    ended = commands.run(name, "--help")

    words = " ".join(ended.out.split())
    assert ended.status == 0
    assert re.search(rf"(?:[Ee]xample|such as): scrapy {name}\b", words), words


@pytest.mark.parametrize("name", ANSWERS)
def test_what_answers_can_print_json(commands: Commands, name: str) -> None:
    assert "--json" in commands.run(name, "--help").out


@pytest.mark.parametrize("name", ANSWERS)
def test_an_option_that_it_does_not_know_is_refused(commands: Commands, name: str) -> None:
    ended = commands.run(name, "--colour")

    assert ended.status == 2
    assert "--colour" in ended.err
    assert ended.out == ""
