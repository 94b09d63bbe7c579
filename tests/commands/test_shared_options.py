"""An option that several commands have means the same in all of them, and is told in one way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.commands.test_help import ANSWERS

if TYPE_CHECKING:
    from tests.commands.running import Commands

SHARED = {
    "--json": ("", "print JSON, for programs"),
    "--database": ("FILE_OR_URL", "the database"),
    "--org": ("NAME", "only of this user or organisation"),
    "--repo": ("GLOB(,...)?", "only of these repositories, such as nginx or 'bitnami/*'"),
    "--since": ("WHEN", "only what is newer: 7d, 24h or 2026-11-01"),
    "--limit": ("N", r"rows (or tags )?at most"),
    "--days": ("N", ""),
    "--by": ("WHAT", ""),
    "--platform": ("OS/ARCH", ""),
}
"""each with what stands for its value, and how its help begins"""


@pytest.mark.parametrize("name", ANSWERS)
def test_what_several_commands_have_is_told_alike(commands: Commands, name: str) -> None:
    told = options(commands.run(name, "--help").out)

    for option in told.keys() & SHARED.keys():
        value, about = SHARED[option]
        assert re.fullmatch(value, told[option][0]), (option, *told[option])
        plain = about if option == "--limit" else re.escape(about)
        assert re.match(plain, told[option][1]), (option, *told[option])


def options(text: str) -> dict[str, tuple[str, str]]:
    """Return the options of a help, each with what stands for its value and what it is."""
    found: dict[str, tuple[str, str]] = {}
    for entry in re.split(r"\n  (?=-)", text)[1:]:
        words = " ".join(re.split(r"\n\n|\n\w", entry)[0].split())
        shown = re.match(r"(?:-\w(?: \S+)?, )?(--[\w-]+)(?: ([A-Z{]\S*))? (.*)", words)
        if shown:
            found[shown[1]] = (shown[2] or "", shown[3])
    return found
