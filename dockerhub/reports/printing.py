"""Puts results on standard output, whoever reads it: a person, a program, or nobody any more."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from dockerhub.reports.output_files import unwritten
from dockerhub.reports.tables import for_terminal, plain_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from dockerhub.reports.tables import Table

Line = tuple[str, str]
"""a line and the style that a terminal shows it in"""


def put_text(text: str) -> None:
    """Put *text* as it is."""
    _put([text], is_for_person=False)


def put_json(value: object) -> None:
    """Put *value* as JSON, in which only plain signs stand: a terminal acts on none of them."""
    put_text(json.dumps(value, indent=2, ensure_ascii=True) + "\n")


def put_lines(lines: Iterable[Line]) -> None:
    """Put lines, in their styles if a terminal shows them."""
    if _is_terminal():
        _put([Text(line, style) for line, style in lines], is_for_person=True)
    else:
        put_text("".join(f"{line}\n" for line, _ in lines))


def put_table(table: Table) -> None:
    """Put a table: drawn on a terminal, or row by row where that is narrow; aligned elsewhere."""
    if _is_terminal():
        _put(for_terminal(table, _console().width), is_for_person=True)
    else:
        put_text("".join(f"{line}\n" for line in plain_lines(table)))


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False)


def _put(parts: Iterable[RenderableType], *, is_for_person: bool) -> None:
    if sys.stdout is None:
        return
    console = _console()
    try:
        for part in parts:
            if is_for_person:
                console.print(part)
            else:
                sys.stdout.write(_encodable(str(part)))
        sys.stdout.flush()
    except OSError as error:
        # Python would complain of it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Who closes our output has seen enough.
        if not isinstance(error, BrokenPipeError):
            raise unwritten(error) from error


def _encodable(text: str) -> str:
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
