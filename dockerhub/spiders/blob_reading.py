"""Configs and attestations: blobs of the registry, which cost no pull."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from scrapy import Request

from dockerhub.caps import BLOB_BYTES
from dockerhub.errors import HubRefusal, ProvenUnreadable
from dockerhub.items import Attestation, Config
from dockerhub.kinds import Kind, ManifestKind
from dockerhub.media_types import IMAGE_CONFIGS, IN_TOTO
from dockerhub.meta import REPOSITORY
from dockerhub.moments import now
from dockerhub.names import digest_text
from dockerhub.payloads.attestations import MOST_DETAIL, read_attestation
from dockerhub.payloads.configs import read_config
from dockerhub.payloads.manifest_forms import bare_type
from dockerhub.payloads.manifests import read_predicate_types
from dockerhub.payloads.proof import believed, prove
from dockerhub.redact import plain
from dockerhub.spiders.refusals import tolerant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any

    from scrapy.http import Response

    from dockerhub.contents import Descriptor
    from dockerhub.items import Item, Manifest
    from dockerhub.names import RepositoryName
    from dockerhub.spiders.base import HubSpider

_PRIORITY = 38


class Blob(NamedTuple):
    """One blob that is asked for."""

    repository: RepositoryName
    descriptor: Descriptor
    manifest: bytes
    """digest of the manifest that names it"""
    subject: bytes | None = None
    predicate_type: str | None = None

    def __str__(self) -> str:
        return f"{self.repository}@{digest_text(self.descriptor.digest)}"


class BlobReading:
    """The part of a spider that asks the registry for configs and statements; never for layers."""

    def __init__(self, spider: HubSpider) -> None:
        self.spider = spider

    async def config_of(
        self, repository: RepositoryName, manifest: Manifest
    ) -> AsyncIterator[Request]:
        """Yield the request for an image's config, unless it is stored."""
        config = manifest.config
        if config is None or bare_type(config.media_type) not in {"", *IMAGE_CONFIGS}:
            return
        spider = self.spider
        known = await spider.thread.run(spider.reader.contents.known_configs, {config.digest})
        if config.digest not in known:
            for request in self._config(Blob(repository, config, manifest.digest)):
                yield request

    async def statements_of(
        self,
        repository: RepositoryName,
        manifest: Manifest,
        subject: bytes | None,
        response: Response,
    ) -> AsyncIterator[Item | Request]:
        """Yield the requests for the statements of an attestation manifest about *subject*."""
        types = read_predicate_types(response.body)
        for layer, predicate_type in zip(manifest.layers, types, strict=True):
            blob = Blob(repository, layer, manifest.digest, subject, predicate_type)
            for output in self._statement(blob):
                yield output

    async def of_stored(
        self, repository: RepositoryName, manifest: bytes
    ) -> AsyncIterator[Item | Request]:
        """Yield what is lacking below a manifest that is stored."""
        spider = self.spider
        stored = await spider.thread.run(spider.reader.contents.blobs_of, manifest)
        for descriptor in stored.descriptors:
            blob = Blob(repository, descriptor, manifest, stored.subject)
            is_statement = stored.kind is ManifestKind.ATTESTATION
            for output in (self._statement if is_statement else self._config)(blob):
                yield output

    def _config(self, blob: Blob) -> Iterator[Request]:
        if (blob.descriptor.size or 0) > BLOB_BYTES:
            self._refuse(blob, blob.descriptor.size)
        elif self.spider.contents.may_ask(blob.descriptor.digest):
            yield self._request(blob, self.config)

    def _statement(self, blob: Blob) -> Iterator[Item | Request]:
        size = blob.descriptor.size or 0
        if bare_type(blob.descriptor.media_type) not in {"", IN_TOTO}:
            yield self._unread(blob, f"not read: {blob.descriptor.media_type}")
        elif size > BLOB_BYTES:
            yield self._unread(blob, f"not read: {size} bytes are more than {BLOB_BYTES}")
        elif self.spider.contents.may_ask(blob.manifest + blob.descriptor.digest):
            yield self._request(blob, self.statement)

    def _unread(self, blob: Blob, why: str) -> Attestation:
        return Attestation(
            seen=now(),
            repository=blob.repository,
            digest=blob.descriptor.digest,
            manifest=blob.manifest,
            subject=blob.subject,
            predicate_type=blob.predicate_type,
            size=blob.descriptor.size or 0,
            detail=why,
        )

    def _request(self, blob: Blob, callback: Callable[..., Any]) -> Request:
        return Request(
            self.spider.registry.blob(blob.repository, blob.descriptor.digest),
            callback,
            errback=self.spider.refusals.take,
            priority=_PRIORITY,
            meta={
                REPOSITORY: str(blob.repository),
                "download_maxsize": BLOB_BYTES,
                # Scrapy's warning would name the address that was signed for us.
                "download_warnsize": BLOB_BYTES,
            },
            # Several attestation manifests may name one statement.
            dont_filter=True,
            cb_kwargs={"ask": blob},
        )

    @tolerant
    async def config(self, response: Response, *, ask: Blob) -> AsyncIterator[Item]:
        """Take an image's config; one that can never be read is stored as that."""
        self._prove(response, ask, "config")
        said: dict[str, Any] = {
            "digest": ask.descriptor.digest,
            "repository": ask.repository,
            "seen": now(),
        }
        try:
            item = believed(partial(read_config, response.body, **said))
        except ProvenUnreadable as error:
            why = plain(str(error), MOST_DETAIL)
            yield Config(**said, size=len(response.body), detail=why)
            raise
        yield item

    @tolerant
    async def statement(self, response: Response, *, ask: Blob) -> AsyncIterator[Item]:
        """Take a statement of an attestation; one that can never be read is stored as that."""
        self._prove(response, ask, "attestation")
        read = partial(
            read_attestation,
            response.body,
            digest=ask.descriptor.digest,
            manifest=ask.manifest,
            subject=ask.subject,
            repository=ask.repository,
            seen=now(),
            predicate_type=ask.predicate_type,
        )
        try:
            item = believed(read)
        except ProvenUnreadable as error:
            yield self._unread(ask, plain(str(error), MOST_DETAIL))
            raise
        yield item

    def _prove(self, response: Response, blob: Blob, what: str) -> None:
        prove(response.body, blob.descriptor.digest, blob.descriptor.size, what)

    def _refuse(self, blob: Blob, size: int | None) -> None:
        words = f"config: expected at most {BLOB_BYTES} bytes, got {size}"
        self.spider.contents.failed(str(blob), HubRefusal(Kind.REFUSED, None, words))

    async def refused(self, ask: Blob, error: HubRefusal) -> AsyncIterator[Item | Request]:
        """Take the news that a blob is not to be had."""
        self.spider.contents.failed(str(ask), error)
        return
        yield  # what a part is refused may lead to more; a blob leads to nothing
