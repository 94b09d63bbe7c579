"""Feeds: an item is a whole page, a feed has one flat row an entity, with a `type` column."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

from itemadapter import ItemAdapter
from scrapy.exporters import CsvItemExporter, JsonItemExporter, JsonLinesItemExporter

from dockerhub.items import (
    Absence,
    Attestation,
    CatalogPage,
    Config,
    Manifest,
    RepositoryDetail,
    RepositoryPage,
    TagDigest,
    TagImages,
    TagNames,
    TagPage,
)
from dockerhub.moments import iso
from dockerhub.names import OFFICIAL_NAMESPACE, digest_text
from dockerhub.outcome import fail
from dockerhub.redact import harmless, not_run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from dockerhub.items import RepositoryRow, TagRow
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
    "platform",
    "kind",
    "size",
    "artifact_type",
    "manifest_digest",
    "config_digest",
    "subject",
    "layer_index",
    "layer_digests",
    "layer_sizes",
    "instruction",
    "annotations",
    "created",
    "author",
    "user",
    "working_dir",
    "entrypoint",
    "cmd",
    "env",
    "labels",
    "exposed_ports",
    "volumes",
    "stop_signal",
    "predicate_type",
    "builder",
    "build_type",
    "source",
    "revision",
    "dockerfile",
    "base_images",
    "package_count",
    "detail",
    "scraped_at",
)
"""All columns in their order; a row leaves those of other entities empty."""


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
    elif isinstance(item, RepositoryPage | CatalogPage):
        for row in adapter["rows"]:
            yield _repository(row, scraped, "hit" if item.is_search else "repository")
        if not item.is_search:
            listed.update(hash(row.repository) for row in item.rows)
    elif isinstance(item, RepositoryDetail):
        yield _detail(item, scraped, is_listed=hash(item.row.repository) in listed)
    elif type(item) in _FLAT:
        name = str(item.repository)
        for kind, said in _FLAT[type(item)](item):
            yield {"type": kind, "repository": name, **said, "scraped_at": scraped}


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


Said = Iterator[tuple[str, Row]]
"""The types of an item's rows, and what they say beside repository and moment."""


def _absence(item: Absence) -> Said:
    yield "repository_gone" if item.tag is None else "tag_gone", {"tag": item.tag}


def _tag_digest(item: TagDigest) -> Said:
    digest = digest_text(item.digest)
    yield "tag_digest", {"tag": item.tag, "digest": digest, "media_type": _said(item.media_type)}


def _tag_names(item: TagNames) -> Said:
    for name in item.rows:
        yield "tag_name", {"tag": name}


def _layers(item: TagImages) -> Said:
    for built in item.rows:
        made = {step.layer: step.instruction for step in built.steps if step.layer is not None}
        for place, layer in enumerate(built.layers):
            yield (
                "layer",
                {
                    "tag": item.tag,
                    "platform": _platform(built.image),
                    "manifest_digest": _digest(built.image.digest),
                    "layer_index": place,
                    "digest": digest_text(layer.digest),
                    "size": layer.size,
                    "instruction": _said(made.get(place)),
                },
            )


def _manifest(item: Manifest) -> Said:
    said = {
        "digest": digest_text(item.digest),
        "kind": item.kind.value,
        "media_type": _said(item.media_type),
        "artifact_type": _said(item.artifact_type),
        "platform": _said(_joined(filter(None, (item.platform or ())[:3]), "/")),
        "size": item.size,
        "config_digest": digest_text(item.config.digest) if item.config else None,
        "subject": _digest(item.subject),
        "platforms": _said(_joined(map(_platform, item.members))),
        "image_digests": _joined(digest_text(each.descriptor.digest) for each in item.members),
        "layer_digests": _joined(digest_text(layer.digest) for layer in item.layers),
        "layer_sizes": _joined(_text(layer.size) for layer in item.layers),
        "annotations": _pairs(item.annotations),
    }
    yield "manifest", said


def _config(item: Config) -> Said:
    said = {
        "digest": digest_text(item.digest),
        "size": item.size,
        "platform": _said(_platform(item)),
        "created": _iso(item.created),
        "author": _said(item.author),
        "user": _said(item.user),
        "working_dir": _said(item.working_dir),
        "entrypoint": _list(item.entrypoint),
        "cmd": _list(item.cmd),
        "env": _list(item.env or None),
        "labels": _pairs(item.labels),
        "exposed_ports": _said(_joined(item.exposed_ports)),
        "volumes": _list(item.volumes or None),
        "stop_signal": _said(item.stop_signal),
        "detail": _said(item.detail),
    }
    yield "config", said


def _attestation(item: Attestation) -> Said:
    said = {
        "digest": digest_text(item.digest),
        "manifest_digest": digest_text(item.manifest),
        "subject": _digest(item.subject),
        "size": item.size,
        "predicate_type": _said(item.predicate_type),
        "builder": _said(item.builder),
        "build_type": _said(item.build_type),
        "source": _said(item.source),
        "revision": _said(item.revision),
        "dockerfile": _said(item.dockerfile),
        "base_images": _said(_joined(base.name for base in item.bases if base.name)),
        "package_count": item.package_count,
        "detail": _said(item.detail),
    }
    yield "attestation", said


_FLAT: dict[type, Callable[[Any], Said]] = {
    Absence: _absence,
    TagDigest: _tag_digest,
    TagNames: _tag_names,
    TagImages: _layers,
    Manifest: _manifest,
    Config: _config,
    Attestation: _attestation,
}


def _platform(image: Any) -> str:
    """Return the platform of an image, a member of an index or a config."""
    parts = (image.os or "unknown", image.architecture or "unknown", image.variant)
    return "/".join(part for part in parts if part)


def _joined(words: Iterable[str], sign: str = "|") -> str | None:
    return sign.join(words) or None


def _list(words: tuple[str, ...] | None) -> str | None:
    """Return *words* as JSON: a word of theirs may hold any sign between them."""
    return None if words is None else _said(json.dumps(words, ensure_ascii=False))


def _pairs(pairs: tuple[tuple[str, str], ...]) -> str | None:
    return _said(json.dumps(dict(pairs), ensure_ascii=False)) if pairs else None


def _iso(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _digest(digest: bytes | None) -> str | None:
    return None if digest is None else digest_text(digest)


def _harmless(value: Any) -> Any:
    """Return a cell that a spreadsheet does not run."""
    return not_run(value) if isinstance(value, str) else value


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
