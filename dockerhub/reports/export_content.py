"""What an export holds: columns with their meanings and kinds, and rows without end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dockerhub.store.dictionary import Kind


class ExportColumn(NamedTuple):
    """A column of an export."""

    name: str
    about: str
    kind: Kind


class Content(NamedTuple):
    """What is written."""

    name: str
    """of the view or table"""
    about: str
    columns: Sequence[ExportColumn]
    rows: Iterable[tuple[Any, ...]]
    """values as SQLite gives them, one for each column; they can be read once"""

    def places(self, *kinds: Kind) -> list[int]:
        """Return the places of the columns of these kinds."""
        return [place for place, column in enumerate(self.columns) if column.kind in kinds]
