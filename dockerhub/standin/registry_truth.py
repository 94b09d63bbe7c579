"""What is true of the registry: the bytes of manifests and blobs, and which digest is what."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dockerhub.standin.bases import base_image
from dockerhub.standin.change import ChangingCatalogue
from dockerhub.standin.repository_state import RepositoryState
from dockerhub.standin.shape import PLAIN, Shape

if TYPE_CHECKING:
    from dockerhub.standin.truth import Base, Digests, Image

PREVIEW = "ratelimitpreview/test"
"""The repository at which anybody may look at the limit of pulls; it is always there."""


class RegistryCatalogue(ChangingCatalogue):
    """A catalogue whose tags can be fetched from the registry."""

    def manifest_bytes(self, full_name: str, reference: str) -> tuple[bytes, str]:
        """Return a manifest by its digest or tag, and its media type.

        :raises KeyError: if the repository has none of that name
        """
        with self.lock:
            stored = self.registry_state(full_name).manifest(reference)[1]
            return stored.body, stored.media_type

    def blob_bytes(self, full_name: str, digest: str) -> bytes:
        """Return a config or an in-toto statement; nobody has the bytes of layers.

        :raises KeyError: if the repository has none of that digest
        """
        with self.lock:
            return self.registry_state(full_name).holdings.blob(digest)

    def digests(self, full_name: str) -> dict[str, Digests]:
        """Return for each tag of a repository what it points to, also where Hub does not say.

        :raises KeyError: if there is no repository of that name
        """
        with self.lock:
            state = self.state(full_name)
            return {entry.name: entry.push.digests() for entry in state.tags}

    def base(self, image: Image) -> Base | None:
        """Return the base image of *image*, ``None`` for an attestation."""
        return None if image.base is None else base_image(image.base)

    def registry_has(self, full_name: str) -> bool:
        """Return whether the registry knows a repository of that name."""
        with self.lock:
            try:
                self.registry_state(full_name)
            except KeyError:
                return False
            return True

    def registry_state(self, full_name: str) -> RepositoryState:
        return self._preview if full_name == PREVIEW else self.state(full_name)

    @cached_property
    def _preview(self) -> RepositoryState:
        namespace, _, name = PREVIEW.partition("/")
        shape = Shape(names_per_digest=1, platforms=1, **PLAIN)
        return RepositoryState(
            seed=0, namespace=namespace, name=name, order=0, tag_count=1, shape=shape
        )
