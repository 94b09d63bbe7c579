"""What a report finds: named fields, for people as a table, for programs as JSON. Pure."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.errors import DockerhubError
from dockerhub.moments import iso
from dockerhub.names import digest_text
from dockerhub.reports.sizes import size_text
from dockerhub.reports.tables import Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DIGITS_SHOWN = 12  # of a digest, as Docker's own tools show them


class Form(Enum):
    """What a field's values are, and so how they are shown."""

    TEXT = auto()
    """str; anything"""
    NUMBER = auto()
    """int, or float for what was reckoned: one decimal is shown"""
    SIZE = auto()
    """int, bytes"""
    SHARE = auto()
    """float, 1.0 is all: per cent are shown"""
    MOMENT = auto()
    """int, microseconds since 1970 in UTC: ISO text in JSON, to the minute in a table"""
    DAY = auto()
    """str, `2026-11-22`"""
    DIGEST = auto()
    """bytes, 32: `sha256:...` in JSON, its first 12 hex digits in a table"""
    TRUTH = auto()
    """bool: yes or no"""


_NUMBERS = {Form.NUMBER, Form.SIZE, Form.SHARE}


class Field(NamedTuple):
    """One field of the rows."""

    name: str
    """as in JSON: `pull_count`"""
    about: str
    """what it means, with its unit"""
    form: Form = Form.TEXT
    is_shown: bool = True
    """False for what only programs want"""


class Answer(NamedTuple):
    """What a report found. A value that nobody knows is None."""

    fields: Sequence[Field]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str] = ()
    """what whoever reads the rows has to know: gaps, estimates, what was left out"""


class Section(NamedTuple):
    """One answer of several."""

    name: str
    """as in JSON"""
    title: str
    answer: Answer


class NotAnswered(DockerhubError):
    """Raised when the database holds no answer yet, by the reports.

    The message is place, expectation and finding; *crawl* is the command that brings what lacks,
    such as `scrapy crawl org -a org=acme -a depth=layers`.
    """

    def __init__(self, message: str, crawl: str) -> None:
        super().__init__(f"{message}; run: {crawl}")
        self.crawl = crawl


def answer_table(answer: Answer) -> Table:
    """Return an answer for people."""
    shown = [place for place, field in enumerate(answer.fields) if field.is_shown]
    fields = [answer.fields[place] for place in shown]
    columns = [Column(field.name, field.form in _NUMBERS) for field in fields]
    rows = [
        [cell_text(row[place], field.form) for place, field in zip(shown, fields, strict=True)]
        for row in answer.rows
    ]
    return Table(columns, rows)


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer for programs: `rows`, each with every field by name, and `notes`."""
    rows = [
        {
            field.name: plain_value(value, field.form)
            for field, value in zip(answer.fields, row, strict=True)
        }
        for row in answer.rows
    ]
    return {"rows": rows, "notes": list(answer.notes)}


def plain_value(value: Any, form: Form) -> Any:
    """Return a value as JSON and files hold it: moments and digests as text."""
    if value is None:
        return None
    if form is Form.MOMENT:
        return iso(value)
    return digest_text(value) if form is Form.DIGEST else value


def cell_text(value: Any, form: Form) -> str | None:
    """Return a value as people read it."""
    if value is None:
        return None
    shown = _SHOWN.get(form)
    if shown is not None:
        return shown(value)
    return f"{value:.1f}" if isinstance(value, float) else str(value)


_SHOWN: dict[Form, Callable[[Any], str]] = {
    Form.SIZE: size_text,
    Form.SHARE: lambda value: f"{value * 100:.1f}%",
    Form.MOMENT: lambda value: iso(value)[:16].replace("T", " "),
    Form.DIGEST: lambda value: value.hex()[:_DIGITS_SHOWN],
    Form.TRUTH: lambda value: "yes" if value else "no",
}
