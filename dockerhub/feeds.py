"""Feeds: an item is a whole page, a feed has one flat row an entity, with a `type` column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from itemadapter import ItemAdapter
from scrapy.exporters import CsvItemExporter, JsonItemExporter, JsonLinesItemExporter

from dockerhub.items import Absence, RepositoryDetail, RepositoryPage, TagPage
from dockerhub.moments import iso
from dockerhub.names import OFFICIAL_NAMESPACE, digest_text
from dockerhub.outcome import fail
from dockerhub.redact import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from dockerhub.items import ImageRow, RepositoryRow, TagRow
    from dockerhub.names import RepositoryName

Row = dict[str, Any]

COLUMNS = (
    "type",
    "repository",
    "tag",
    "description",
    "star_count",
    "pull_count",
    "last_updated",
    "last_pushed",
    "last_pulled",
    "last_modified",
    "date_registered",
    "status",
    "is_official",
    "is_private",
    "is_automated",
    "storage_size",
    "categories",
    "digest",
    "full_size",
    "media_type",
    "content_type",
    "platforms",
    "image_digests",
    "image_sizes",
    "full_description",
    "scraped_at",
)
"""All columns in their order; a row leaves those of other entities empty."""

# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def flat_rows(item: Any, listed: set[int]) -> Iterator[Row]:
    """Yield the rows of *item*, one for each entity that it holds.

    *listed* remembers the repositories that a list showed: of those their own page adds only the
    `description`. A `hit` of a search is no `repository` yet, it knows too little of one.
    """
    adapter = ItemAdapter(item)
    scraped = iso(adapter["seen"])
    if isinstance(item, TagPage):
        for tag in adapter["rows"]:
            yield _tag(item.repository, tag, scraped)
    elif isinstance(item, RepositoryPage):
        for row in adapter["rows"]:
            yield _repository(row, scraped, "hit" if item.is_search else "repository")
        if not item.is_search:
            listed.update(hash(row.repository) for row in item.rows)
    elif isinstance(item, RepositoryDetail):
        yield _detail(item, scraped, is_listed=hash(item.row.repository) in listed)
    elif isinstance(item, Absence):
        kind = "repository_gone" if item.tag is None else "tag_gone"
        yield {
            "type": kind,
            "repository": str(item.repository),
            "tag": item.tag,
            "scraped_at": scraped,
        }


def _detail(item: RepositoryDetail, scraped: str, *, is_listed: bool) -> Row:
    full = {"full_description": _said(item.full_description)}
    if not is_listed:
        return {**_repository(item.row, scraped, "repository"), **full}
    name = str(item.row.repository)
    return {"type": "description", "repository": name, **full, "scraped_at": scraped}


def _repository(row: RepositoryRow, scraped: str, kind: str) -> Row:
    return {
        "type": kind,
        "repository": str(row.repository),
        "description": _said(row.description),
        "star_count": row.star_count,
        "pull_count": row.pull_count,
        "last_updated": _iso(row.last_updated),
        "last_modified": _iso(row.last_modified),
        "date_registered": _iso(row.registered),
        "status": row.status_description,
        "is_official": row.repository.namespace == OFFICIAL_NAMESPACE,
        "is_private": row.is_private,
        "is_automated": row.is_automated,
        "storage_size": row.storage_size,
        "categories": "|".join(row.categories) or None,
        "scraped_at": scraped,
    }


def _tag(repository: RepositoryName, tag: TagRow, scraped: str) -> Row:
    return {
        "type": "tag",
        "repository": str(repository),
        "tag": tag.name,
        "last_updated": _iso(tag.last_updated),
        "last_pushed": _iso(tag.last_pushed),
        "last_pulled": _iso(tag.last_pulled),
        "status": tag.status,
        "digest": _digest(tag.digest),
        "full_size": tag.full_size,
        "media_type": tag.media_type,
        "content_type": tag.content_type,
        "platforms": "|".join(map(_platform, tag.images)) or None,
        "image_digests": "|".join(_digest(image.digest) or "" for image in tag.images) or None,
        "image_sizes": "|".join(_text(image.size) for image in tag.images) or None,
        "scraped_at": scraped,
    }


def _platform(image: ImageRow) -> str:
    parts = (image.os or "unknown", image.architecture or "unknown", image.variant)
    return "/".join(part for part in parts if part)


def _iso(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _digest(digest: bytes | None) -> str | None:
    return None if digest is None else digest_text(digest)


def _harmless(value: Any) -> Any:
    """Return a cell that a spreadsheet does not run."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def _said(text: str | None) -> str | None:
    """Return hostile text as a feed may hold it, which may be a terminal."""
    return None if text is None else harmless(text)


class _Rows:
    """What the exporters share: an item's rows, and one message for a feed that breaks off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listed: set[int] = set()
        self._stats: StatsCollector | None = None
        self._is_broken = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Keep the statistics: a feed that breaks off fails the crawl."""
        exporter = cls(*args, **kwargs)
        exporter._stats = crawler.stats
        return exporter

    def export_item(self, item: Any) -> None:
        """Write the rows of *item*."""
        for row in flat_rows(item, self._listed):
            self._try(super().export_item, self.cell_row(row))  # type: ignore[misc]

    def finish_exporting(self) -> None:
        """Write what is left."""
        self._try(super().finish_exporting)  # type: ignore[misc]

    def cell_row(self, row: Row) -> Row:
        """Return *row* as this format writes it."""
        return row

    def _try(self, write: Callable[..., None], *args: Any) -> None:
        if self._is_broken:
            return
        try:
            write(*args)
        except OSError as error:
            self._is_broken = True
            if self._stats is None:
                raise
            fail(self._stats, f"feed: expected to write, {error.strerror or error}")


class RowsJsonLinesExporter(_Rows, JsonLinesItemExporter):
    """One JSON object a line and entity."""


class RowsJsonExporter(_Rows, JsonItemExporter):
    """One JSON array of objects, one an entity."""


class RowsCsvExporter(_Rows, CsvItemExporter):
    """One line an entity; the columns of all entities in every file."""

    def __init__(
        self, file: Any, fields_to_export: Iterable[str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(file, fields_to_export=fields_to_export or COLUMNS, **kwargs)

    def cell_row(self, row: Row) -> Row:
        """Return *row* with cells that a spreadsheet does not run."""
        return {key: _harmless(value) for key, value in row.items()}
