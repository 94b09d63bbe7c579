"""Whether what a tag shows is built on an image that its base's tag has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.names import digest_bytes

if TYPE_CHECKING:
    from dockerhub.store.questions import Questions


def old_base(questions: Questions, name: str, tag: str) -> str | None:
    """Return the base of what a tag shows, `library/debian:12`, if that tag shows another one now.

    Of several the nearest, the one with most layers, as the view `outdated_bases` has them: also
    where no event was written yet. A base that only annotations, labels or provenance name counts
    once an event has told it. None: no base has moved on, or none is known.

    :raises StoreError: if the database cannot be read
    """
    asked = {"name": name, "tag": tag}
    found = questions.ask("left_bases", asked)
    if not found:
        told: str | None = questions.one("told_bases", asked)
        return told
    counts = {digest: _layer_count(questions, digest) for _, digest in found}
    return min((-counts[digest], *_fame(base)) for base, digest in found)[-1]


def _layer_count(questions: Questions, digest: str) -> int:
    return int(questions.one("layer_count", {"digest": digest_bytes(digest)}))


def _fame(base: str) -> tuple[bool, bool, int, str]:
    """Return what to sort images by that are the same: as events choose among them."""
    repository, _, tag = base.rpartition(":")
    return not repository.startswith("library/"), tag == "latest", len(tag), base
