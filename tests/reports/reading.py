"""Reads a Dockerfile as its builder does: directives, comments, continued lines, heredocs."""

from __future__ import annotations

import re

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*")
_HEREDOC = re.compile(r"(?<!\S)\d*<<-?(?P<quote>[\"']?)(?P<word>[^\s<\"']+)(?P=quote)(?!\S)")
_WITH_HEREDOCS = ("ADD", "COPY", "RUN")


def read_dockerfile(text: str) -> list[tuple[str, str]]:
    """Return keyword and arguments of each instruction; what a heredoc holds stands behind them.

    Source: https://docs.docker.com/reference/dockerfile/ (read 2026-11-22)
    """
    lines = text.split("\n")
    escape = _escape(lines)
    found, at = [], 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        whole, goes_on = _cut(line.lstrip(), escape)
        while goes_on and at < len(lines):
            line = lines[at]
            at += 1
            if line.strip() and not line.lstrip().startswith("#"):
                more, goes_on = _cut(line, escape)
                whole += more
        keyword, _, rest = whole.strip().partition(" ")
        if keyword in _WITH_HEREDOCS:
            for heredoc in _HEREDOC.finditer(whole):
                body = []
                while lines[at] != heredoc["word"]:
                    body.append(lines[at])
                    at += 1
                at += 1
                rest += "".join(f"\n{one}" for one in [*body, heredoc["word"]])
        found.append((keyword, rest))
    return found


def _escape(lines: list[str]) -> str:
    for line in lines:
        directive = _DIRECTIVE.fullmatch(line.strip())
        if directive is None:
            break
        if directive[1].lower() == "escape":
            return directive[2]
    return "\\"


def _cut(line: str, escape: str) -> tuple[str, bool]:
    """Return a line without its sign of continuation, and whether it had one."""
    end = re.search(rf"{re.escape(escape)}[ \t]*$", line)
    return (line, False) if end is None else (line[: end.start()], True)
