"""Reads SQL from files: each statement stands under `-- name --` and a line with its question.

What several statements of a file say alike stands under `-- name (alias) --`, and `{name other}`
puts it there with the other alias in its place.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_NAME = re.compile(r"^-- (\w+)(?: \((\w+)\))? --$", re.MULTILINE)
_PART = re.compile(r"\{(\w+) (\w+)\}")


@cache
def load_queries(name: str) -> dict[str, str]:
    """Return the statements of `sql/<name>.sql` by their names."""
    file = resources.files("dockerhub.store") / "sql" / f"{name}.sql"
    texts = _NAME.split(file.read_text(encoding="utf-8"))
    statements: dict[str, str] = {}
    parts: dict[str, tuple[re.Pattern[str], str]] = {}
    for title, alias, text in zip(texts[1::3], texts[2::3], texts[3::3], strict=True):
        if alias is None:
            statements[title] = text.strip()
        else:
            _, _, said = text.strip().partition("\n")
            parts[title] = (re.compile(rf"\b{alias}(?=[.}}])"), said)
    return {title: _whole(text, parts) for title, text in statements.items()}


def _whole(text: str, parts: dict[str, tuple[re.Pattern[str], str]]) -> str:
    """Return *text* with the parts that it names, which may name others."""

    def part(named: re.Match[str]) -> str:
        alias, said = parts[named[1]]
        return alias.sub(named[2], said)

    while _PART.search(text):
        text = _PART.sub(part, text)
    return text
