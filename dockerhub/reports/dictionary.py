"""The data dictionary for people (Markdown) and programs (JSON)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.store.dictionary import data_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.dictionary import Entry

_ABOUT = (
    "What every view, table and column of a dockerhub database means."
    " Moments are in UTC: ISO 8601 text in views, microseconds since 1970 in tables."
    " Sizes are bytes. A missing value is NULL."
)


def dictionary_markdown() -> str:
    """Return the dictionary as Markdown: views first, they are what is meant to be read."""
    lines = ["# Data dictionary", "", _ABOUT]
    for title, is_view in (("Views", True), ("Tables", False)):
        lines += ["", f"## {title}"]
        for entry in data_dictionary().values():
            if entry.is_view == is_view:
                lines += _section(entry)
    return "\n".join(lines) + "\n"


def dictionary_json() -> dict[str, Any]:
    """Return the dictionary for programs."""
    return {"about": _ABOUT, "entries": [_entry(each) for each in data_dictionary().values()]}


def _section(entry: Entry) -> Iterator[str]:
    yield from ("", f"### {entry.name}", "", f"{_sentence(entry.about)}", "")
    yield from ("| column | kind | meaning |", "|---|---|---|")
    for name, about in entry.columns.items():
        yield f"| {name} | {entry.kinds[name].value} | {_cell(about)} |"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _entry(entry: Entry) -> dict[str, Any]:
    columns = [
        {"name": name, "kind": entry.kinds[name].value, "about": about}
        for name, about in entry.columns.items()
    ]
    kind = "view" if entry.is_view else "table"
    return {"name": entry.name, "kind": kind, "about": entry.about, "columns": columns}
