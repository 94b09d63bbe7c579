"""The shells that builders run steps in, and how a step tells which one it was. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from dockerhub.reports.quoting import read_go_list

Shell = tuple[str, ...]

LINUX_SHELL: Shell = ("/bin/sh", "-c")
WINDOWS_SHELL: Shell = ("cmd", "/S", "/C")
"""What steps are run in where no SHELL says otherwise."""

# What is repeated has bounds: these texts are looked for everywhere in what others wrote.
_POWERSHELL = (
    r"(?:[A-Za-z]:\\[^\s;]{0,100}\\)?(?:powershell|pwsh)(?:\.exe)?"
    r"(?: -(?!Command)\w{1,20}(?: \w{1,20})?){0,8}"
)
_KNOWN = re.compile(
    r"(?:(?:/[\w.-]{1,40}){0,6}/)?(?:ba|da|a|z|k)?sh(?: (?:-[A-Za-z-]{1,20}|\w{0,9}fail)){0,8}"
    r" -[A-Za-z]{0,8}c(?= )"
    r"|cmd(?:\.exe)?(?: /[A-Za-z]){0,4} /[cC](?= )"
    rf"|{_POWERSHELL} -Command(?= )"
)
_NOP = re.compile(r"(?P<shell>\S.*?) ?#\(nop\)\s+(?P<rest>\S.*)", re.DOTALL)


class Ran(NamedTuple):
    """A command and the shell that it was given to; None where it was run by itself."""

    shell: Shell | None
    command: str


def read_shell(text: str) -> Shell:
    """Return the words of `[/bin/bash -o pipefail -c]`, which have lost their quotes.

    What PowerShell is to do before each command is one word.
    """
    listed = read_go_list(text)
    if listed is not None:
        return listed
    text = text.strip().removeprefix("[").removesuffix("]")
    head, command, rest = text.partition(" -Command ")
    return (*head.split(), "-Command", rest) if command else tuple(text.split())


def read_command(text: str, current: Shell) -> Ran:
    """Return what *text* gives to which shell; *current* is the one that is expected."""
    start = " ".join(current) + " "
    if text.startswith(start):
        return Ran(current, text[len(start) :].strip())
    known = _KNOWN.match(text)
    if known is None:
        return Ran(None, text.strip())
    return Ran(read_shell(known[0]), text[known.end() :].strip())


def read_nop(text: str, current: Shell) -> Ran | None:
    """Return what the classic builder noted of a step that ran nothing: `... #(nop)  CMD [...]`.

    It stands behind the shell of that moment. None if it is another kind of step.
    """
    found = _NOP.fullmatch(text)
    if found is None:
        return None
    if found["shell"] == " ".join(current):
        return Ran(current, found["rest"])
    known = _KNOWN.match(f"{found['shell']} ")
    is_whole = known is not None and (
        known.end() == len(found["shell"]) or known[0].endswith(" -Command")
    )
    return Ran(read_shell(found["shell"]), found["rest"]) if is_whole else None


def command_start(text: str, current: Shell) -> int:
    """Return where a command for a shell begins in *text* behind other words, -1 if nowhere."""
    at = text.find(f" {' '.join(current)} ")
    if at < 0:
        found = next((one for one in _KNOWN.finditer(text) if text[one.start() - 1] == " "), None)
        return -1 if found is None else found.start()
    return at + 1
