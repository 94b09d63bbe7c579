"""Answers what is lacking of images' contents: manifests, configs, attestations."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.contents import Descriptor
from dockerhub.kinds import Evidence, ManifestKind
from dockerhub.known import KnownEntry, KnownManifest, KnownSet
from dockerhub.names import RepositoryName
from dockerhub.store.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dockerhub.store.connection import ReadConnection

_AT_ONCE = 1000


class LackingBlobs(NamedTuple):
    """What is lacking below a stored manifest, other manifests aside."""

    kind: ManifestKind
    subject: bytes | None
    """32 bytes of the manifest that it is about"""
    descriptors: tuple[Descriptor, ...]
    """the config of an image, the statements of an attestation"""


class ContentsReader:
    """The questions of a crawl that goes deeper than tags.

    Without configs, a manifest is enough whoever told what is in it, and an attestation is not
    asked for. With configs, all is to be proven and whole: the config of an image, the statements
    of an attestation, the members of an index.
    """

    def __init__(self, connection: ReadConnection) -> None:
        self._connection = connection
        self._sql = load_queries("contents_reading")

    def lacking_sets(
        self,
        repository: RepositoryName,
        *,
        with_configs: bool,
        wants: Callable[[str], bool] | None = None,
        most: int | None = None,
    ) -> list[KnownSet]:
        """Return what the live tags of *repository* show and of which something is lacking.

        *wants* tells which tags are asked about, *most* how many of those at most; the newest one
        comes first. A digest that has to
        be asked for is each tag's own, so tags without one stand for themselves, even where they
        share their images.
        """
        asked = {**repository._asdict(), "with_configs": with_configs}
        # image set, digest -> whether it needs a HEAD
        lacking = {row[:2]: bool(row[2]) for row in self._rows("lacking_sets", asked)}
        return list(self._under_tags(repository, lacking, wants, most)) if lacking else []

    def known_manifests(self, digests: Iterable[bytes]) -> dict[bytes, KnownManifest]:
        """Return what is stored of the manifests with these *digests*, those unknown left out."""
        return {
            digest: KnownManifest(ManifestKind(kind), Evidence(evidence), config, bool(is_whole))
            for digest, kind, evidence, config, is_whole in self._among("known_manifests", digests)
        }

    def known_configs(self, digests: Iterable[bytes]) -> set[bytes]:
        """Return which of the configs with these *digests* are stored."""
        return {row[0] for row in self._among("known_configs", digests)}

    def blobs_of(self, digest: bytes) -> LackingBlobs:
        """Return what is lacking below a stored manifest, other manifests aside.

        That is its config, or its statements; nothing of a manifest that is not stored.
        """
        rows = self._rows("manifest", (digest,))
        kind, subject = rows[0] if rows else (ManifestKind.IMAGE, None)
        statement = {
            ManifestKind.IMAGE: "lacking_config",
            ManifestKind.ATTESTATION: "lacking_statements",
        }.get(ManifestKind(kind))
        found = self._rows(statement, (digest,)) if statement else []
        return LackingBlobs(ManifestKind(kind), subject, tuple(Descriptor(*row) for row in found))

    def repositories_lacking(self, *, with_configs: bool) -> list[RepositoryName]:
        """Return the repositories of which something is lacking, by their names."""
        rows = self._rows("repositories_lacking", {"with_configs": with_configs})
        return [RepositoryName(*row) for row in rows]

    def undetailed(self, repository: RepositoryName, most: int) -> tuple[list[str], int]:
        """Return live tags that Hub never showed, at most *most*, and how many there are.

        Those first seen come first. Tags that sign images (`sha256-...`) are left out.
        """
        with self._connection.snapshot():
            names = self._rows("undetailed_tags", (*repository, most))
            count = self._rows("undetailed_count", repository)
        return [name for (name,) in names], int(count[0][0])

    def known_digests(self, repository: RepositoryName, names: Iterable[str]) -> dict[str, bytes]:
        """Return the digests of those live tags among *names* of which one is known."""
        return dict(self._among("known_digests", names, repository))

    def set_behind(self, tag: str, digest: bytes) -> KnownSet:
        """Return what is stored behind a manifest or index to which *tag* points."""
        is_stored = bool(self._rows("has_manifest", (digest,)))
        entries = self._entries(None, digest, is_stored=is_stored)
        return KnownSet(tag, digest, entries, is_stored)

    def listed_among(self, repository: RepositoryName, names: Iterable[str]) -> set[str]:
        """Return which of *names* are live tags that Hub has listed."""
        return {row[0] for row in self._among("listed_names", names, repository)}

    def is_listed(self, repository: RepositoryName) -> bool:
        """Tell whether Hub ever listed a live tag of *repository*."""
        return bool(self._rows("is_listed", repository))

    def _under_tags(
        self,
        repository: RepositoryName,
        lacking: dict[tuple[int, bytes | None], bool],
        wants: Callable[[str], bool] | None,
        most: int | None,
    ) -> Iterator[KnownSet]:
        left = dict(lacking)
        rows = self._rows("tags_with_sets", repository)
        wanted = (row for row in rows if wants is None or wants(row[0]))
        for tag, set_id, digest, is_listed in islice(wanted, most):
            needs_head = left.get((set_id, digest))
            if needs_head is None:
                continue
            if not needs_head:
                del left[set_id, digest]
            is_stored = digest is not None and bool(self._rows("has_manifest", (digest,)))
            entries = self._entries(set_id, digest, is_stored=is_stored)
            is_blank = not is_listed and digest is None
            yield KnownSet(tag, digest, entries, is_stored, is_blank)

    def _entries(
        self, set_id: int | None, digest: bytes | None, *, is_stored: bool
    ) -> tuple[KnownEntry, ...]:
        told = self._rows("told_entries", (set_id,))
        # What Hub tells without digests leads nowhere once the index itself is there.
        if is_stored and not (told and all(row[0] for row in told)):
            told = self._rows("index_entries", {"digest": digest})
        return tuple(map(_entry, told))

    def _rows(self, name: str, parameters: Any) -> list[tuple[Any, ...]]:
        return self._connection.rows(self._sql[name], parameters)

    def _among(
        self, name: str, values: Iterable[object], parameters: tuple[object, ...] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a question about many *values*, some at a time."""
        rest = iter(dict.fromkeys(values))
        while some := list(islice(rest, _AT_ONCE)):
            marks = ", ".join("?" * len(some))
            statement = self._sql[name].replace("IN (?)", f"IN ({marks})")
            yield from self._connection.rows(statement, (*parameters, *some))


def _entry(row: tuple[Any, ...]) -> KnownEntry:
    digest, *platform, kind, evidence, is_whole, subject, size = row
    os, architecture, variant, os_version = (word or None for word in platform)
    return KnownEntry(
        digest,
        os,
        architecture,
        variant,
        os_version,
        ManifestKind(kind) if kind else None,
        Evidence(evidence) if evidence else None,
        bool(is_whole),
        subject,
        size,
    )
