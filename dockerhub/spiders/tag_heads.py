"""The digest of a tag that nobody told us, asked for by HEAD, which costs no pull."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scrapy import Request

from dockerhub.errors import NameRefused, PayloadError, PayloadRefused, shown
from dockerhub.items import Absence, TagDigest
from dockerhub.kinds import Kind
from dockerhub.media_types import ACCEPTED
from dockerhub.meta import REPOSITORY
from dockerhub.moments import now
from dockerhub.names import digest_bytes
from dockerhub.spiders.manifest_reading import Wanted
from dockerhub.spiders.refusals import tolerant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response

    from dockerhub.errors import HubRefusal
    from dockerhub.items import Item
    from dockerhub.known import KnownSet
    from dockerhub.names import RepositoryName
    from dockerhub.spiders.base import HubSpider

_PRIORITY = 20


class Head(NamedTuple):
    """A tag whose digest is asked for."""

    repository: RepositoryName
    known: KnownSet
    is_named: bool = False
    """whether the user asked for this very one"""


class TagHeads:
    """The part of a spider that asks which manifest a tag points to."""

    def __init__(self, spider: HubSpider) -> None:
        self.spider = spider

    def request(
        self, repository: RepositoryName, known: KnownSet, *, is_named: bool = False
    ) -> Request:
        """Return the request for the digest of the tag that shows an image set."""
        return Request(
            self.spider.registry.manifest(repository, known.tag),
            self.tag_head,
            method="HEAD",
            errback=self.spider.refusals.take,
            priority=_PRIORITY,
            headers={"Accept": ", ".join(ACCEPTED)},
            meta={REPOSITORY: str(repository)},
            cb_kwargs={"ask": Head(repository, known, is_named)},
        )

    @tolerant
    async def tag_head(self, response: Response, *, ask: Head) -> AsyncIterator[Item | Request]:
        """Take the digest of a tag, and ask for what it points to if that is wanted."""
        repository, known, _ = ask
        digest = _digest(response)
        media_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        yield TagDigest(
            seen=now(),
            repository=repository,
            tag=known.tag,
            digest=digest,
            media_type=media_type.partition(";")[0].strip() or None,
        )
        spider = self.spider
        stored = await spider.thread.run(spider.reader.contents.known_manifests, {digest})
        if digest not in stored:
            known = known._replace(digest=digest)
            for request in spider.manifests.manifest(Wanted(repository, digest, known=known)):
                yield request
            return
        behind = await spider.thread.run(spider.reader.contents.set_behind, known.tag, digest)
        async for output in spider.contents.plan(repository, behind):
            yield output

    async def refused(self, ask: Head, error: HubRefusal) -> AsyncIterator[Item | Request]:
        """Take the news that the registry does not show a tag."""
        name = f"{ask.repository}:{ask.known.tag}"
        if error.kind is not Kind.NOT_THERE:
            self.spider.contents.failed(name, error)
            return
        self.spider.contents.not_visible(name)
        if ask.is_named:
            self.spider.fail(
                f"spider argument tags: expected tags of {ask.repository}, got"
                f" {ask.known.tag}, which the registry does not show"
            )
        # What Hub has listed is not gone because another service does not show it.
        if ask.known.is_blank:
            yield Absence(seen=now(), repository=ask.repository, tag=ask.known.tag)


def _digest(response: Response) -> bytes:
    said = (response.headers.get(b"Docker-Content-Digest") or b"").decode("latin-1")
    try:
        return digest_bytes(said)
    except NameRefused as error:
        if not said:
            # Somebody between us and the registry may have left it out, this once.
            raise PayloadError("Docker-Content-Digest: expected a digest, got none") from error
        raise PayloadRefused(
            f"Docker-Content-Digest: expected a digest of sha256, got {shown(said)}"
        ) from error
