"""Pull usage reports, as they are written."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from dockerhub.store.usage import UsageWriter
from tests.store.made import NOW

if TYPE_CHECKING:
    from dockerhub.usage_row import UsageRow


def write(url: str, *rows: UsageRow) -> None:
    """Write one report into the database at *url*."""
    with closing(UsageWriter(url)) as writer:
        writer.write([rows], account=None, now=NOW)
