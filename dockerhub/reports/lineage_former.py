"""Who stands on what a tag showed before: who did not build anew since the tag moved on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.moments import iso
from dockerhub.names import ImageName, digest_text
from dockerhub.reports.stored_images import name_of, reference_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.questions import Questions

_MOST_NOTES = 3


def former_notes(
    questions: Questions, image: ImageName, digest: bytes, own: frozenset[bytes]
) -> list[str]:
    """Return how many more images stand on what the tag of *image* showed before, and on which.

    *digest* is the manifest that it shows now, *own* are all that belong to it.

    :raises StoreError: if the database cannot be read
    """
    if image.digest is not None:
        return []
    found = list(_former(questions, image, digest, own))
    notes = [_note(image, *one) for one in found[:_MOST_NOTES]]
    left = found[_MOST_NOTES:]
    if left:
        total = sum(count for count, _, _ in left)
        notes.append(f"{total} more stand on {len(left)} that it showed before these")
    return notes


def _note(image: ImageName, count: int, moved: int, digest: bytes) -> str:
    text = digest_text(digest)
    before = ImageName(repository=image.repository, digest=text)
    one = "image stands" if count == 1 else "images stand"
    return (
        f"{count} more {one} on what this tag showed before (until {iso(moved)[:10]}: {text});"
        f" scrapy lineage {name_of(before)} --dependents lists {'it' if count == 1 else 'them'}"
    )


def _former(
    questions: Questions, image: ImageName, digest: bytes, own: frozenset[bytes]
) -> Iterator[tuple[int, int, bytes]]:
    """Yield for what a tag has left: how many more stand on it, when it was seen to be left."""
    ((_, top, _, platform_id, _),) = questions.ask("manifest", {"digest": digest})
    below = {chain for _, chain in questions.ask("chains", {"digest": digest})}
    done = {top, None}
    repository = image.repository
    asked = {"namespace": repository.namespace, "name": repository.name, "tag": reference_of(image)}
    for left, moved in questions.ask("left_by", asked):
        rows = questions.ask("members", {"digest": left})
        for member, chain, platform in rows:
            is_other = None not in {platform, platform_id} and platform != platform_id
            if chain in done or member in own or is_other:
                continue
            done.add(chain)
            count = questions.one("dependent_count", {"chain": chain})
            if chain in below:
                # All that stands on what it shows now stands on this too, and that itself.
                count -= questions.one("stands_on_or_is", {"chain": top})
            if count > 0:
                yield count, moved, member
