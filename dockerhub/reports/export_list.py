"""What can be exported: the sets, the views, the tables."""

from __future__ import annotations

from dockerhub.reports.answers import Answer, Field
from dockerhub.reports.export_request import SETS, filters_of
from dockerhub.store.dictionary import data_dictionary

_LISTED = (
    Field("name", "what is named after `scrapy export`"),
    Field("kind", "set, view or table"),
    Field("about", "what it is"),
    Field("filters", "the filters that it knows; of --since the column that it looks at"),
)


def exportable() -> Answer:
    """Return what can be exported: sets, views, tables."""
    rows: list[tuple[str | None, ...]] = [
        (name, "set", about, None) for name, (about, _) in SETS.items()
    ]
    for is_view, kind in ((True, "view"), (False, "table")):
        for entry in data_dictionary().values():
            if entry.is_view == is_view:
                filters = ", ".join(filters_of(entry)) or None
                rows.append((entry.name, kind, entry.about, filters))
    return Answer(_LISTED, rows)
