"""What a push put into the registry: the bytes of manifests and blobs, named by their digests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dockerhub.standin.moulds import Make


Made = tuple[str, int, str]
"""One image of a push: digest of its manifest, compressed bytes, digits of its first own layer.

An attestation has no such layer. A plain tuple, as there are so many of them.
"""


class Stored(NamedTuple):
    """A manifest or an index: its media type and its bytes."""

    media_type: str
    body: bytes


@dataclass(slots=True)
class Contents:
    """All that one push put there: *tag* is the digest that its tags point to.

    *copied* are the digits of the layer that all its images share.
    """

    make: Make
    copied: str = ""
    tag: str = ""
    is_index: bool = True
    manifests: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    images: list[Made] = field(default_factory=list)
    attestations: list[Made] = field(default_factory=list)

    def manifest(self, digest: str) -> Stored:
        """Return a manifest, or the index.

        :raises KeyError: if this push has none of that digest
        """
        index = self.is_index and digest == self.tag
        form = self.make.format
        return Stored(form.index_type if index else form.manifest_type, self.manifests[digest])
