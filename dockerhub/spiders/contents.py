"""What images are made of: which image sets have to be asked about, and whom."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from scrapy import Request

from dockerhub.arguments import Depth
from dockerhub.items import Attestation, Config, Manifest, TagImages
from dockerhub.kinds import Kind
from dockerhub.known import KnownEntry, KnownSet
from dockerhub.moments import now
from dockerhub.outcome import note_incomplete
from dockerhub.payloads.tag_images import read_tag_images
from dockerhub.payloads.tag_names import is_signature_tag
from dockerhub.redact import plain
from dockerhub.spiders.refusals import MOST_DETAIL, tolerant
from dockerhub.walks.wanted import (
    is_attestation,
    is_sampled,
    lacks_contents,
    lacks_layers,
    sample_of,
    set_key,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from scrapy.http import Response

    from dockerhub.errors import HubRefusal
    from dockerhub.items import ImageRow, Item, TagRow
    from dockerhub.known import KnownManifest
    from dockerhub.names import RepositoryName
    from dockerhub.spiders.base import HubSpider

logger = logging.getLogger(__name__)


class HubAsk(NamedTuple):
    """An image set whose layers Hub is asked for."""

    repository: RepositoryName
    known: KnownSet


# In front of a digest: its layers were asked of Hub, and not its manifest of the registry.
_HUBS = b"hub "

HUB, REGISTRY, AUTO = "hub", "registry", "auto"

# Before the next page of tags: what is begun is ended first.
_PRIORITY = 30

# An endpoint that Docker never documented may go as silently as it came. One that has answered
# before is missed later: its tags may have been deleted meanwhile.
_MOST_MISSING = 3
_MOST_MISSING_LATER = 20

# So much longer than an answer takes to be committed is remembered that it was asked for.
_MOST_STORED = 10_000


class Contents:
    """The part of a spider that brings layers: from Hub, which costs no pull, or the registry."""

    def __init__(self, spider: HubSpider, source: str) -> None:
        self.spider = spider
        self.source = source
        self._asked: set[bytes] = set()
        self._stored: deque[bytes] = deque()
        self._has_answered = False
        self._missing_in_a_row = 0

    @property
    def with_configs(self) -> bool:
        """Whether configs and attestations are wanted as well."""
        return self.spider.scope.depth >= Depth.CONFIGS

    def may_ask(self, key: bytes) -> bool:
        """Tell whether *key* is asked for, for the first time in this crawl."""
        if key in self._asked:
            return False
        self._asked.add(key)
        return True

    def take_stored(self, item: Item) -> None:
        """Hear that *item* is stored: from now on the database knows that it need not be asked."""
        self._stored.extend(_keys(item))
        while len(self._stored) > _MOST_STORED:
            self._asked.discard(self._stored.popleft())

    async def of_rows(
        self, repository: RepositoryName, rows: Iterable[TagRow]
    ) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked about the image sets of *rows*, as Hub has just shown them."""
        if self.spider.scope.depth < Depth.LAYERS:
            return
        shown = {_set_of(row): row for row in reversed(list(rows)) if self._wants_set(row)}
        digests = {image.digest for key in shown for image in key[1] if image.digest}
        digests |= {key[0] for key in shown if key[0]}
        spider = self.spider
        stored = await spider.thread.run(spider.reader.contents.known_manifests, digests)
        for row in reversed(shown.values()):
            async for request in self.plan(repository, _known_set(row, stored)):
                yield request

    async def of_repository(self, repository: RepositoryName) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked about a repository's tags, as they are stored."""
        spider = self.spider
        if spider.scope.depth < Depth.LAYERS:
            return
        lacking = await spider.thread.run(
            spider.reader.contents.lacking_sets,
            repository,
            with_configs=self.with_configs,
            wants=spider.scope.wants_tag,
            most=spider.scope.max_tags,
        )
        for known in lacking:
            # What is known by name alone is for Hub to describe first, and nobody wants signatures.
            is_named_only = known.is_blank and spider.asks_hub
            if not is_named_only and not is_signature_tag(known.tag):
                async for request in self.plan(repository, known):
                    yield request

    def _wants_set(self, row: TagRow) -> bool:
        """Tell whether a tag shows images: charts and models have no layers to be told."""
        is_image = row.content_type in {None, "image"}
        return (is_image or self.with_configs) and not is_signature_tag(row.name)

    async def plan(
        self, repository: RepositoryName, known: KnownSet
    ) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked about one image set."""
        wanted = [entry for entry in known.entries if self._wants(entry)]
        lacks = lacks_contents if self.with_configs else lacks_layers
        if known.entries and not any(map(lacks, wanted)):
            return
        has_digests = bool(known.entries) and all(entry.digest for entry in wanted)
        if not self.with_configs and self.source != REGISTRY and has_digests:
            for request in self.from_hub(repository, known):
                yield request
        elif self.with_configs or self.source != HUB:
            async for output in self.spider.manifests.of_set(repository, known):
                yield output
        else:
            self._note_unsaid(repository, known, "Docker Hub tells no digests of its images")

    def _wants(self, entry: KnownEntry) -> bool:
        wants = self.spider.scope.wants_platform
        return is_attestation(entry) or wants(entry.os, entry.architecture, entry.variant)

    def from_hub(self, repository: RepositoryName, known: KnownSet) -> Iterator[Request]:
        """Yield the request for an image set's layers, unless it was made already."""
        lacking = [
            entry.digest
            for entry in known.entries
            if entry.digest and self._wants(entry) and lacks_layers(entry)
        ]
        asked = [self.may_ask(_HUBS + digest) for digest in lacking]
        if any(asked):
            yield Request(
                self.spider.urls.tag_images(repository, known.tag),
                self.tag_images,
                errback=self.spider.refusals.take,
                priority=_PRIORITY,
                cb_kwargs={"ask": HubAsk(repository, known)},
            )

    @tolerant
    async def tag_images(self, response: Response, *, ask: HubAsk) -> AsyncIterator[Item | Request]:
        """Take the layers of a tag's images as Hub shows them."""
        repository, known = ask
        item, refusals = read_tag_images(response.body, repository, known.tag, now())
        self._missing_in_a_row, self._has_answered = 0, True
        if refusals:
            self.spider.count("rows_refused", len(refusals))
            logger.warning("%s: %s", plain(response.url), plain(refusals[0]))
        if self.source == REGISTRY:
            # It was asked before its word was found to be wrong.
            async for output in self.spider.manifests.of_set(repository, known):
                yield output
            return
        check = self._check(repository, known, item)
        if check is not None:
            yield check
            return
        yield item
        async for output in self._unsaid(repository, known, item):
            yield output

    def _check(
        self, repository: RepositoryName, known: KnownSet, item: TagImages
    ) -> Request | None:
        """Return the request with which Hub's word is checked, if this set is in the sample."""
        if self.source != AUTO or self.with_configs or not is_sampled(set_key(known)):
            return None
        said = {row.image.digest for row in item.rows}
        entries = [
            entry
            for entry in known.entries
            if entry.digest in said and self._wants(entry) and lacks_layers(entry)
        ]
        if not entries:
            return None
        entry = sample_of(entries, set_key(known))
        return self.spider.manifests.check(repository, known, entry, item)

    async def checked(
        self,
        repository: RepositoryName,
        known: KnownSet,
        item: TagImages,
        layers: list[bytes] | None,
        digest: bytes,
    ) -> AsyncIterator[Item | Request]:
        """Take what the registry says of a sample; *layers* is None where it said nothing."""
        said = next(row for row in item.rows if row.image.digest == digest)
        if layers is None or layers == [layer.digest for layer in said.layers]:
            self.spider.count("contents/checked" if layers is not None else "contents/unchecked")
            yield item
            async for output in self._unsaid(repository, known, item):
                yield output
            return
        self.spider.count("contents/contradicted")
        self._turn_off(f"{repository}:{known.tag} has other layers there than in the registry")
        async for output in self.spider.manifests.of_set(repository, known):
            yield output

    async def _unsaid(
        self, repository: RepositoryName, known: KnownSet, item: TagImages
    ) -> AsyncIterator[Item | Request]:
        """Yield what has to be asked of the registry, because Hub's answer left it out."""
        said = {row.image.digest for row in item.rows}
        lacking = [entry for entry in known.entries if self._wants(entry) and lacks_layers(entry)]
        has_moved = bool(said) and not any(entry.digest in said for entry in known.entries)
        left = tuple(entry for entry in lacking if entry.digest not in said)
        if has_moved:
            self._note_unsaid(repository, known, "it was pushed to meanwhile")
        elif left and self.source == HUB:
            self._note_unsaid(repository, known, "Docker Hub's list has not all of its images")
        elif left:
            rest = known._replace(entries=left)
            async for output in self.spider.manifests.of_set(repository, rest):
                yield output

    async def refused(self, ask: HubAsk, error: HubRefusal) -> AsyncIterator[Item | Request]:
        """Take the news that Hub does not show the layers of a tag."""
        repository, known = ask
        if error.kind is Kind.NOT_THERE:
            self._missing_in_a_row += 1
        most = _MOST_MISSING_LATER if self._has_answered else _MOST_MISSING
        if error.kind is Kind.REMOVED or self._missing_in_a_row >= most:
            self._turn_off(f"its list of layers is gone ({error.detail})")
        if self.source != HUB:
            async for output in self.spider.manifests.of_set(repository, known):
                yield output
        else:
            self.failed(f"layers of {repository}:{known.tag}", error)

    def _note_unsaid(self, repository: RepositoryName, known: KnownSet, why: str) -> None:
        """Note that nobody tells the layers of a set now."""
        self.spider.count("contents/untold")
        words = f"layers of {repository}:{known.tag}: {why}; the next crawl asks again"
        note_incomplete(self.spider.crawler.stats, plain(words, 250))

    def not_visible(self, what: str, key: bytes | None = None) -> None:
        """Note that the registry does not show something; another repository may."""
        if key is not None:
            self._asked.discard(key)
        self.spider.count("manifests/not_there")
        logger.info("%s: the registry does not show it", what)
        note_incomplete(self.spider.crawler.stats, f"{what}: the registry does not show it")

    def failed(self, what: str, error: HubRefusal) -> None:
        """Note that something could not be had; the next crawl asks again."""
        is_told = error.kind is Kind.UNREACHABLE and not self.spider.asks_hub
        if is_told:
            # It names who cannot be reached: the registry, or who gives tokens for it.
            self.spider.fail(error.detail)
        self.spider.count("contents/failed")
        words = f"{plain(what, 150)}: {error.kind}, {plain(error.detail, MOST_DETAIL)}"
        logger.log(logging.DEBUG if is_told else logging.WARNING, "%s", words)
        following = "" if error.kind is Kind.REFUSED else "; the next crawl takes it up"
        note_incomplete(self.spider.crawler.stats, words + following)

    def _turn_off(self, why: str) -> None:
        """Take layers from the registry for the rest of the crawl."""
        if self.source != AUTO:
            return
        self.source = REGISTRY
        logger.warning("layers come from the registry from now on: Docker Hub's API: %s", why)


def _set_of(row: TagRow) -> tuple[bytes | None, tuple[ImageRow, ...], str | None]:
    """Return what tags have in common that show the same images.

    One without any digest has to be asked for its own: the images alike are no proof.
    """
    has_digests = row.digest or (row.images and all(image.digest for image in row.images))
    return row.digest, row.images, None if has_digests else row.name


def _keys(item: Item) -> Iterator[bytes]:
    """Yield what was asked for to have *item*."""
    if isinstance(item, TagImages):
        yield from (_HUBS + row.image.digest for row in item.rows if row.image.digest)
    elif isinstance(item, (Manifest, Config)):
        yield item.digest
    elif isinstance(item, Attestation):
        yield item.manifest + item.digest


def _known_set(row: TagRow, stored: Mapping[bytes, KnownManifest]) -> KnownSet:
    """Return the image set of *row*, with what is stored of its images."""
    entries = []
    for image in row.images:
        found = stored.get(image.digest) if image.digest else None
        platform = (image.os, image.architecture, image.variant, image.os_version)
        about = (found.kind, found.evidence, found.is_whole) if found else (None, None, False)
        entries.append(KnownEntry(image.digest, *platform, *about))
    return KnownSet(row.name, row.digest, tuple(entries), row.digest in stored)
