"""Manifests and indexes of the registry, each asked for once, and what follows from each."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy import Request

from dockerhub.caps import MANIFEST_BYTES, MOST_MEMBERS
from dockerhub.errors import HubRefusal, ProvenUnreadable
from dockerhub.kinds import Evidence, Kind, ManifestKind
from dockerhub.known import KnownEntry
from dockerhub.media_types import ACCEPTED, INDEXES
from dockerhub.meta import REPOSITORY
from dockerhub.moments import now
from dockerhub.names import digest_text
from dockerhub.outcome import INDEXES_LEFT_COUNT, PULLS_LEFT_COUNT, note_incomplete
from dockerhub.payloads.manifests import (
    attestation_subject,
    holds_manifest,
    read_proven_manifest,
    read_refusals,
    unreadable_manifest,
)
from dockerhub.redact import plain
from dockerhub.spiders.contents import AUTO
from dockerhub.spiders.refusals import tolerant
from dockerhub.walks.wanted import is_attestation, lacks_contents, lacks_layers
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from scrapy.http import Response

    from dockerhub.contents import Member, Platform
    from dockerhub.items import Item, Manifest, TagImages
    from dockerhub.known import KnownManifest, KnownSet
    from dockerhub.names import RepositoryName
    from dockerhub.spiders.base import HubSpider

logger = logging.getLogger(__name__)

# An index in an index is allowed by the specification; deeper nesting serves nobody.
_MOST_LEVELS = 3
_MOST_OTHERS = 10_000

# What an index named comes before the next index: with few pulls some sets are whole.
_PRIORITY = 35
_INDEX_PRIORITY = 30


class Root:
    """What all manifests below one index count against."""

    def __init__(self) -> None:
        self.member_count = 0


class Wanted(NamedTuple):
    """One manifest that is asked for, and why."""

    repository: RepositoryName
    digest: bytes
    platform: Platform | None = None
    level: int = 0
    """how many indexes lie above it"""
    root: Root | None = None
    known: KnownSet | None = None
    """the image set that it belongs to, as far as Hub can tell its layers too"""
    checks: TagImages | None = None
    """Hub's answer that it is to be compared with"""
    subject: bytes | None = None
    """the image that it is about, as the index says in which it stands"""
    size: int | None = None
    """its bytes, as that index says"""
    attests: bool = False
    """whether that index calls it an attestation"""
    is_named: bool = False
    """whether the user asked for this very one"""

    def __str__(self) -> str:
        return f"{self.repository}@{digest_text(self.digest)}"


class ManifestReading:
    """The part of a spider that asks the registry for manifests. Each one is a pull."""

    def __init__(self, spider: HubSpider) -> None:
        self.spider = spider
        self._others: dict[bytes, Wanted] = {}
        """who else has a manifest that was asked of one repository, should that not show it"""

    async def of_set(
        self, repository: RepositoryName, known: KnownSet
    ) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked of the registry about one image set."""
        contents = self.spider.contents
        wanted = self._wanted(known.entries)
        if contents.with_configs and known.is_stored and any(map(is_attestation, wanted)):
            # Hub does not tell of which image an attestation speaks; the index does.
            run, reader = self.spider.thread.run, self.spider.reader.contents
            behind = await run(reader.set_behind, known.tag, known.digest or b"")
            wanted = self._wanted(behind.entries)
        needs_index = not known.entries or not all(entry.digest for entry in wanted)
        # Who an attestation speaks of, and what the builder says of each image, is in the index.
        needs_index |= contents.with_configs and any(map(is_attestation, wanted))
        if needs_index and not known.is_stored:
            if known.digest is None:
                yield self.spider.heads.request(repository, known)
            else:
                for request in self.manifest(Wanted(repository, known.digest, known=known)):
                    yield request
            return
        for entry in wanted:
            below = Wanted(repository, entry.digest or b"", level=1, known=known)
            async for output in self._of_entry(below, entry):
                yield output

    async def by_digests(
        self, repository: RepositoryName, digests: Sequence[bytes]
    ) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked about manifests that the user named."""
        spider = self.spider
        stored = await spider.thread.run(spider.reader.contents.known_manifests, digests)
        for digest in digests:
            wanted, found = Wanted(repository, digest, is_named=True), stored.get(digest)
            if found is None or found.evidence is not Evidence.REGISTRY:
                for request in self.manifest(wanted):
                    yield request
                continue
            about = (found.kind, found.evidence, found.is_whole)
            entry = KnownEntry(digest, None, None, None, None, *about)
            async for output in self._of_entry(wanted, entry):
                yield output

    def check(
        self, repository: RepositoryName, known: KnownSet, entry: KnownEntry, item: TagImages
    ) -> Request | None:
        """Return the request with which Hub's word for one image is checked, None if not now."""
        assert entry.digest is not None  # noqa: S101  (the caller chose among those that have one)
        wanted = Wanted(repository, entry.digest, _platform(entry), known=known, checks=item)
        return next(self.manifest(wanted), None)

    def manifest(self, wanted: Wanted) -> Iterator[Request]:
        """Yield the request for a manifest, unless it was made in this crawl."""
        if not self.spider.contents.may_ask(wanted.digest):
            if len(self._others) < _MOST_OTHERS:
                self._others.setdefault(wanted.digest, wanted)
        else:
            is_index = wanted.platform is None
            yield Request(
                self.spider.registry.manifest(wanted.repository, wanted.digest),
                self.manifest_page,
                errback=self.spider.refusals.take,
                priority=_INDEX_PRIORITY if is_index else _PRIORITY,
                headers={"Accept": ", ".join(ACCEPTED)},
                meta={
                    REPOSITORY: str(wanted.repository),
                    "download_maxsize": MANIFEST_BYTES,
                    "download_warnsize": MANIFEST_BYTES,
                },
                cb_kwargs={"ask": wanted},
            )

    async def _of_entry(self, wanted: Wanted, entry: KnownEntry) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked about one image of a set, or one member of an index."""
        lacks = lacks_contents if self.spider.contents.with_configs else lacks_layers
        if not entry.digest or not lacks(entry):
            return
        wanted = wanted._replace(
            digest=entry.digest,
            platform=_platform(entry),
            subject=entry.subject,
            size=entry.size,
            attests=entry.kind is ManifestKind.ATTESTATION,
        )
        if entry.evidence is not Evidence.REGISTRY:
            for request in self.manifest(wanted):
                yield request
            return
        # Its bytes are stored already: what is lacking lies below it.
        if entry.kind is ManifestKind.INDEX:
            outputs = self._of_index(wanted)
        else:
            outputs = self.spider.blobs.of_stored(wanted.repository, entry.digest)
        async for output in outputs:
            yield output

    async def _of_index(self, wanted: Wanted) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked about the members of an index that is stored."""
        spider = self.spider
        behind = await spider.thread.run(spider.reader.contents.set_behind, "", wanted.digest)
        below = self._below(wanted, len(behind.entries))
        if below is None:
            return
        for entry in self._wanted(behind.entries):
            if entry.kind is ManifestKind.INDEX and below.level >= _MOST_LEVELS:
                self._refuse(wanted, f"at most {_MOST_LEVELS} levels of indexes")
                continue
            async for output in self._of_entry(below, entry):
                yield output

    def _below(self, wanted: Wanted, count: int) -> Wanted | None:
        """Return what is wanted in an index of so many members, None if they are too many."""
        root = wanted.root or Root()
        root.member_count += count
        if root.member_count > MOST_MEMBERS:
            self._refuse(wanted, f"at most {MOST_MEMBERS} manifests below one index")
            return None
        return wanted._replace(level=wanted.level + 1, root=root, checks=None, is_named=False)

    def _wanted(self, entries: Iterable[KnownEntry]) -> list[KnownEntry]:
        """Return the images of the platforms that are asked for, and what is attested of them."""
        entries = list(entries)
        images = {entry.digest for entry in entries if self._wants_image(entry)}
        return [
            entry
            for entry in entries
            if entry.digest in images
            or (is_attestation(entry) and entry.subject in {None, *images})
        ]

    @tolerant
    async def manifest_page(
        self, response: Response, *, ask: Wanted
    ) -> AsyncIterator[Item | Request]:
        """Take one manifest or index."""
        wanted = ask
        said = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        about: dict[str, Any] = {
            "digest": wanted.digest,
            "repository": wanted.repository,
            "seen": now(),
            "platform": wanted.platform,
        }
        more: dict[str, Any] = {"size": wanted.size, "attests": wanted.attests}
        try:
            item = read_proven_manifest(response.body, content_type=said, **about, **more)
        except ProvenUnreadable:
            self.spider.count(f"manifests/{ManifestKind.UNREADABLE}")
            # Where a sample cannot be compared Docker Hub's word is kept.
            if wanted.checks is None:
                yield unreadable_manifest(response.body, **about)
            raise
        self.spider.count(f"manifests/{item.kind}")
        self._others.pop(wanted.digest, None)
        if item.refused_count:
            self._note_refusals(wanted, read_refusals(response.body, said))
        yield item
        if wanted.checks is not None:
            async for output in self._compare(wanted, item):
                yield output
        async for output in self._below_manifest(wanted, item, response):
            yield output

    async def _below_manifest(
        self, wanted: Wanted, item: Manifest, response: Response
    ) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked about what a manifest names."""
        if item.kind is ManifestKind.INDEX:
            async for output in self._members(wanted, item):
                yield output
        elif item.kind is ManifestKind.IMAGE:
            async for request in self.spider.blobs.config_of(wanted.repository, item):
                yield request
        elif item.kind is ManifestKind.ATTESTATION and self.spider.contents.with_configs:
            # The index comes before what a statement says of itself.
            blobs, subject = self.spider.blobs, wanted.subject or item.subject
            async for output in blobs.statements_of(wanted.repository, item, subject, response):
                yield output
        elif item.kind is ManifestKind.ARTIFACT and wanted.attests and wanted.subject is not None:
            self._note_no_statement(wanted, item)

    async def _compare(
        self, wanted: Wanted, item: Manifest | None
    ) -> AsyncIterator[Item | Request]:
        """Hand what the registry says of a sample to who asked; None if it says nothing."""
        layers = [layer.digest for layer in item.layers] if item is not None else None
        assert wanted.known is not None and wanted.checks is not None  # noqa: S101, PT018
        async for output in self.spider.contents.checked(
            wanted.repository, wanted.known, wanted.checks, layers, wanted.digest
        ):
            yield output

    async def _members(self, wanted: Wanted, index: Manifest) -> AsyncIterator[Item | Request]:
        """Yield the requests for what is in an index and not stored."""
        below = self._below(wanted, len(index.members))
        if below is None:
            return
        entries = await self._entries(index)
        images = {entry.digest for entry in entries if self._wants_image(entry)}
        for entry, member in zip(entries, index.members, strict=True):
            if not holds_manifest(member):
                self.spider.count("manifests/no_manifest")
            elif member.descriptor.media_type in INDEXES and below.level >= _MOST_LEVELS:
                self._refuse(wanted, f"at most {_MOST_LEVELS} levels of indexes")
            elif entry.digest in images or self._wants_attestation(member, images):
                async for output in self._of_entry(below, entry):
                    yield output

    async def _entries(self, index: Manifest) -> list[KnownEntry]:
        spider = self.spider
        digests = {member.descriptor.digest for member in index.members}
        stored = await spider.thread.run(spider.reader.contents.known_manifests, digests)
        return [_entry(member, stored.get(member.descriptor.digest)) for member in index.members]

    def _wants_image(self, entry: KnownEntry) -> bool:
        wants = self.spider.scope.wants_platform
        return not is_attestation(entry) and wants(entry.os, entry.architecture, entry.variant)

    def _wants_attestation(self, member: Member, images: set[bytes | None]) -> bool:
        is_wanted = self.spider.contents.with_configs and member.is_attestation
        return is_wanted and attestation_subject(member) in {None, *images}

    def _note_refusals(self, wanted: Wanted, refusals: tuple[str, ...]) -> None:
        """Tell that a manifest is stored without some of its entries."""
        self.spider.count("rows_refused", len(refusals))
        number, first = counted(len(refusals), "entry", "entries"), plain(refusals[0], 120)
        words = f"{wanted}: {number} cannot be read; the first: {first}"
        logger.warning("%s", words)
        note_incomplete(self.spider.crawler.stats, words)

    def _note_no_statement(self, wanted: Wanted, item: Manifest) -> None:
        """Tell once that an index calls something an attestation in which nothing is stated."""
        counted_as = "manifests/no_statement"
        is_told = self.spider.crawler.stats.get_value(f"dockerhub/{counted_as}")
        self.spider.count(counted_as)
        kind = plain(item.artifact_type or "nothing", 120)
        words = "%s: expected statements where its index has an attestation, got %s"
        logger.log(logging.DEBUG if is_told else logging.WARNING, words, wanted, kind)

    def _refuse(self, wanted: Wanted, expected: str) -> None:
        error = HubRefusal(Kind.REFUSED, None, f"index: expected {expected}, got more")
        self.spider.contents.failed(str(wanted), error)

    async def refused(self, wanted: Wanted, error: HubRefusal) -> AsyncIterator[Item | Request]:
        """Take the news that a manifest is not to be had."""
        contents = self.spider.contents
        if wanted.checks is not None:
            async for output in self._compare(wanted, None):
                yield output
        elif error.kind is Kind.PULLS_SPENT:
            self.spider.count(PULLS_LEFT_COUNT)
            if wanted.platform is None:
                self.spider.count(INDEXES_LEFT_COUNT)
            if wanted.known is not None and contents.source == AUTO:
                # What Hub tells costs no pull: better than nothing until the next window.
                for request in contents.from_hub(wanted.repository, wanted.known):
                    yield request
        elif error.kind is Kind.NOT_THERE:
            contents.not_visible(str(wanted), wanted.digest)
            other = self._others.pop(wanted.digest, wanted)
            for request in self.manifest(other) if other.repository != wanted.repository else ():
                yield request
            if wanted.is_named:
                self.spider.fail(
                    f"spider argument digests: expected a manifest of {wanted.repository}, got"
                    f" {digest_text(wanted.digest)}, which the registry does not show"
                )
        else:
            contents.failed(str(wanted), error)


def _platform(entry: KnownEntry) -> Platform:
    return entry.os, entry.architecture, entry.variant, entry.os_version


def _entry(member: Member, found: KnownManifest | None) -> KnownEntry:
    """Return a member of an index, with what is stored of its manifest."""
    platform = (member.os, member.architecture, member.variant, member.os_version)
    kind = ManifestKind.ATTESTATION if member.is_attestation else None
    about = (found.kind, found.evidence, found.is_whole) if found else (kind, None, False)
    entry = KnownEntry(member.descriptor.digest, *platform, *about)
    return entry._replace(subject=attestation_subject(member), size=member.descriptor.size)
