"""How the command of a RUN is laid out in lines. Pure.

The builder took the ends of its lines away and left their indentation: where a command has a wide
gap, a line began. There it is broken again, so that the same command comes out of the lines.
"""

from __future__ import annotations

import re

_WIDTH = 88
"""Signs of a command from which on it is broken at its `&&`."""
_SHORT = 68
"""Signs that stand in one line, whatever gaps were between them."""

# What follows a gap must be no comment: the builder would drop that line.
_GAP = re.compile(r"(?<=\S)(?:[ \t](?=[ \t]{2,})|[ \t](?=\t)|\t(?=[ \t]))[ \t]+(?=[^\s#])")
# What a builder takes for the beginning of a heredoc, and the plain ones among them.
_HEREDOC = re.compile(r"(?<!\S)\d*<<(?!<)-?\S")
_PLAIN_HEREDOC = re.compile(
    r"(?<!\S)\d*<<-?(?P<quote>[\"']?)(?P<word>[A-Za-z_]\w*)(?P=quote)(?!\S)"
)
_JOINTS = (" && ", " || ")


def command_lines(command: str, escape: str = "\\") -> list[str]:
    """Return the lines of a command, the sign of continuation at the end of each but the last.

    *escape* is that sign. A command of several lines is one that stood in a heredoc.
    """
    if "\n" in command or _HEREDOC.search(command):
        return _heredoc(command)
    # What stands at its very end would join the next line to it.
    command = command.rstrip(f"{escape} \t")
    lines = _as_it_was(command)
    together = " ".join(line.strip() for line in lines)
    if len(lines) == 1 and len(command) > _WIDTH:
        lines = _at_joints(command)
    elif len(together) <= _SHORT and _is_simple(command):
        lines = [together]
    return [*[line + escape for line in lines[:-1]], lines[-1]]


def has_heredoc(text: str) -> bool:
    """Tell whether a builder would take what follows the line *text* for a part of it."""
    return _HEREDOC.search(text) is not None


def heredoc_words(line: str) -> list[str]:
    """Return the words that end the heredocs which *line* begins; none if one is odd."""
    words = [found["word"] for found in _PLAIN_HEREDOC.finditer(line)]
    return words if len(words) == len(_HEREDOC.findall(line)) else []


def _as_it_was(command: str) -> list[str]:
    """Return the lines that a command had: each break keeps all that stood there."""
    lines, start = [], 0
    for gap in _GAP.finditer(command):
        # The sign before the builder's own sign of continuation, then the indentation.
        lines.append(command[start : gap.start() + 1])
        start = gap.start() + 1
    return [*lines, command[start:]]


def _is_simple(command: str) -> bool:
    """Tell whether gaps in a command mean nothing: none of it is quoted."""
    return not re.search(r"[\"'`\\]", command)


def _at_joints(command: str) -> list[str]:
    """Return a long command broken before each `&&` and `||` that is in no quotes or brackets."""
    places = _joints(command)
    if not places:
        return [command]
    ends = [*places, len(command)]
    parts = [command[start:end] for start, end in zip([0, *places], ends, strict=True)]
    return [parts[0], *[f"    {part}" for part in parts[1:]]]


def _joints(command: str) -> list[int]:
    """Return where `&&` and `||` stand, nothing if the quotes of *command* are not understood."""
    places: list[int] = []
    inside: list[str] = []
    at = 0
    while at < len(command):
        sign, top = command[at], inside[-1] if inside else ""
        if sign == "\\" and top != "'":
            at += 1
        elif top == "'":
            if sign == "'":
                inside.pop()
        elif command.startswith(("$(", "${"), at):
            inside.append(")" if command[at + 1] == "(" else "}")
            at += 1
        elif sign == top:
            inside.pop()
        elif sign in '"`' or (sign == "'" and top != '"'):
            inside.append(sign)
        elif sign == "(" and top != '"':
            inside.append(")")
        elif not inside and command[max(0, at - 1) : at + 3] in _JOINTS:
            places.append(at)
        at += 1
    return [] if inside else places


def _heredoc(command: str) -> list[str]:
    """Return a command of several lines, as it was if it ends its heredocs itself."""
    lines = command.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if _is_closed(lines):
        return lines
    word = "EOF"
    while any(line.strip() == word for line in lines):
        word += "F"
    return [f"<<{word}", *lines, word]


def _is_closed(lines: list[str]) -> bool:
    """Tell whether the heredocs that the first line begins end with the last line."""
    words = heredoc_words(lines[0]) if lines else []
    at = 1
    for word in words:
        ends = [n for n, line in enumerate(lines[at:], start=at) if line.lstrip("\t") == word]
        if not ends:
            return False
        at = ends[0] + 1
    return bool(words) and at == len(lines)
