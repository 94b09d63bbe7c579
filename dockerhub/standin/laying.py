"""Odd things in a world: artifacts, and bytes as a test wants them."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from dockerhub.standin.artifacts import artifact
from dockerhub.standin.contents import Stored
from dockerhub.standin.formats import SCHEMA1
from dockerhub.standin.laid import Laid, shown_set
from dockerhub.standin.registry_truth import RegistryCatalogue
from dockerhub.standin.truth import Image

if TYPE_CHECKING:
    from dockerhub.standin.artifacts import ArtifactKind

_SIGNATURE = re.compile(r"sha256-[0-9a-f]{64}\.sig")


class LayingCatalogue(RegistryCatalogue):
    """A catalogue into which anything can be laid; it is a change like a push."""

    def add_artifact(self, full_name: str, tag: str, kind: ArtifactKind) -> str:
        """Put an artifact under *tag* and return the digest of its manifest.

        *kind* is ``helm``, ``model``, ``cosign`` or ``schema1``. A signature of cosign stands
        under ``sha256-<hex>.sig``: for any other *tag* it is made for what that points to.

        :raises KeyError: if the repository, or the tag to be signed, does not exist
        :raises ValueError: if there is no such kind
        """
        with self.lock:
            state = self.state(full_name)
            if kind == "cosign" and not _SIGNATURE.fullmatch(tag):
                tag = state.tags.entry(tag).push.digests().tag.replace(":", "-") + ".sig"
            made = artifact(kind, f"{state.key} {state.pushes} {tag}", full_name, tag)
            state.holdings.laid_manifests[made.digest] = made.stored
            state.holdings.laid_blobs |= made.blobs
            images = (_old_image(made.digest, made.size),) if made.shown_type == SCHEMA1 else ()
            shown = shown_set(made.digest, made.shown_type, made.content_type, images, made.size)
            state.push(tag, self._tick(), Laid(made.digest, made.stored, shown))
            return made.digest

    def put_content(
        self,
        full_name: str,
        tag: str | None,
        body: bytes,
        media_type: str,
        *,
        digest: str | None = None,
    ) -> str:
        """Lay *body* under a digest (by default its own) and, unless it is ``None``, a *tag*.

        :raises KeyError: if there is no such repository
        """
        with self.lock:
            state = self.state(full_name)
            found = digest or f"sha256:{sha256(body).hexdigest()}"
            stored = state.holdings.laid_manifests[found] = Stored(media_type, body)
            at = self._tick()
            if tag is not None:
                shown = shown_set(found, media_type, "unrecognized", (), len(body))
                state.push(tag, at, Laid(found, stored, shown))
            return found

    def put_blob(self, full_name: str, body: bytes, digest: str | None = None) -> str:
        """Lay a blob under a digest (by default its own) and return it.

        :raises KeyError: if there is no such repository
        """
        with self.lock:
            found = digest or f"sha256:{sha256(body).hexdigest()}"
            self.state(full_name).holdings.laid_blobs[found] = body
            self._tick()
            return found


def _old_image(digest: str, size: int) -> Image:
    return Image(
        os="linux",
        architecture="amd64",
        variant=None,
        os_version=None,
        digest=digest,
        size=size,
        status="active",
        last_pulled=None,
        last_pushed=None,
        base=None,
    )
