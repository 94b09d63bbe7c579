"""What the registry holds of one repository, by digest."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.standin.contents import Contents, Stored
    from dockerhub.standin.generated_tags import GeneratedTags
    from dockerhub.standin.images import Push

_PLACES = 24
"""Bits of an entry that say which push; the others are the start of a digest."""


class Holdings:
    """Manifests and blobs of one repository: those of all its pushes, and what was laid there.

    What a tag once pointed to stays, as in a real registry. Bytes are made again from their push
    when they are asked for; until then a digest costs eight bytes, and nothing before the
    repository is first asked.
    """

    def __init__(self, generated: GeneratedTags) -> None:
        self._generated = generated
        self._index: array[int] | None = None
        self._later: dict[str, Push] = {}
        self._indexed = 0
        self.pushed: list[Push] = []
        self.laid_manifests: dict[str, Stored] = {}
        self.laid_blobs: dict[str, bytes] = {}

    def manifest(self, digest: str) -> Stored:
        """Return a manifest or an index.

        :raises KeyError: if there is none of that digest
        """
        laid = self.laid_manifests.get(digest)
        if laid is not None:
            return laid
        for contents in self._candidates(digest):
            if digest in contents.manifests:
                return contents.manifest(digest)
        raise KeyError(digest)

    def blob(self, digest: str) -> bytes:
        """Return a config or an in-toto statement; nobody has the bytes of a layer.

        :raises KeyError: if there is none of that digest
        """
        laid = self.laid_blobs.get(digest)
        if laid is not None:
            return laid
        for contents in self._candidates(digest):
            if digest in contents.blobs:
                return contents.blobs[digest]
        raise KeyError(digest)

    def _candidates(self, digest: str) -> Iterator[Contents]:
        try:
            start = _start(digest)
        except ValueError:
            return
        index = self._indexed_generated()
        at = bisect_left(index, start)
        while at < len(index) and index[at] >> _PLACES == start >> _PLACES:
            place = index[at] & ((1 << _PLACES) - 1)
            yield self._generated.group_push(place).contents()
            at += 1
        self._index_later()
        if digest in self._later:
            yield self._later[digest].contents()

    def _indexed_generated(self) -> Sequence[int]:
        if self._index is None:
            entries = [
                _start(digest) | place
                for place in range(self._generated.group_count)
                for digest in _digests(self._generated.group_push(place).contents())
            ]
            self._index = array("Q", sorted(entries))
        return self._index

    def _index_later(self) -> None:
        for push in self.pushed[self._indexed :]:
            self._later |= dict.fromkeys(_digests(push.contents()), push)
        self._indexed = len(self.pushed)


def _digests(contents: Contents) -> Iterator[str]:
    yield from contents.manifests
    yield from contents.blobs


def _start(digest: str) -> int:
    return int(digest[7:17], 16) << _PLACES
