"""Reads SQL from files: each statement stands under `-- name --` and a line with its question."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)


@cache
def load_queries(name: str) -> dict[str, str]:
    """Return the statements of `sql/<name>.sql` by their names."""
    file = resources.files("dockerhub.store") / "sql" / f"{name}.sql"
    parts = _NAME.split(file.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))
