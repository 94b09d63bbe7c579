"""What was pruned, or would be: rows by table."""

from __future__ import annotations

from dockerhub.moments import DAY
from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.store.maintenance import vacuum
from dockerhub.store.place import database_place
from dockerhub.store.prune import prune
from dockerhub.words import counted

_FIELDS = (
    Field("table", "the table"),
    Field("rows", "rows that were removed, or would be", Form.NUMBER),
)
_VACUUM_FIELDS = (
    Field("before", "bytes of the database before", Form.SIZE),
    Field("after", "bytes after", Form.SIZE),
    Field("free", "bytes in pages that held nothing", Form.SIZE),
)
_KEPT = (
    "the server keeps the room for rows to come; its VACUUM FULL gives it back, and locks each"
    " table meanwhile"
)


def prune_store(url: str, now: int, keep_days: int, *, is_dry: bool) -> Answer:
    """Remove what was over or gone *keep_days* days ago; a dry run only counts it.

    :raises StoreError: if there is no database, or it cannot be written
    """
    pruned = prune(url, now - keep_days * DAY, is_dry=is_dry)
    rows = [(table, count) for table, count in sorted(pruned.counts.items()) if count]
    notes = [
        f"{table}: {counted(count, 'row')} could go, but somebody wrote meanwhile; the next prune"
        " takes them"
        for table, count in pruned.left.items()
    ]
    if is_dry and rows:
        notes.append("nothing was removed")
    elif rows:
        what = "file keeps its" if database_place(url).path else "tables keep their"
        notes.append(f"the {what} size, with room in it: scrapy store vacuum gives it back")
    else:
        notes.append(f"nothing to remove of what is older than {counted(keep_days, 'day')}")
    return Answer(_FIELDS, rows, notes)


def vacuum_store(url: str) -> Answer:
    """Give back what the database has free.

    :raises StoreError: if there is no database, somebody uses it, or there is no room
    """
    done = vacuum(url)
    notes = ["somebody reads: the file shrinks when that ends"] if done.is_held else []
    if done.free is None:
        notes.append(_KEPT)
    return Answer(_VACUUM_FIELDS, [(done.before, done.after, done.free)], notes)
