"""How much of what images are made of is the same, and which layers that are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.names import ImageName, RepositoryName
from dockerhub.reports.answers import Answer, Field, Form, NotAnswered
from dockerhub.reports.first_rows import left_out
from dockerhub.reports.instructions import read_instructions
from dockerhub.reports.report_options import Report
from dockerhub.reports.scope import check_stored
from dockerhub.reports.stored_images import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.reports.report_options import ReportOptions
    from dockerhub.store.questions import Questions

FIELDS = (
    Field("digest", "digest of the layer", Form.DIGEST),
    Field("size", "its compressed bytes", Form.SIZE),
    Field("image_count", "images that hold it", Form.NUMBER),
    Field("repository_count", "repositories whose tags show them", Form.NUMBER),
    Field("saved", "bytes that are not stored again", Form.SIZE),
    Field("base", "a stored tag whose uppermost layer it is"),
    Field("instruction", "the build step that made it"),
)
TOTALS = (
    Field("image_count", "images whose layers are known", Form.NUMBER),
    Field("layer_count", "their layers, each once", Form.NUMBER),
    Field("bytes", "bytes of each image's layers together", Form.SIZE),
    Field("distinct_bytes", "bytes of the layers, each once", Form.SIZE),
    Field("saved_bytes", "bytes that sharing saves", Form.SIZE),
    Field("saved_share", "their part of the bytes", Form.SHARE),
    Field("shared_bytes", "bytes of the layers that several images hold, each once", Form.SIZE),
    Field("across_bytes", "bytes of those in several repositories, each once", Form.SIZE),
)


class _Together(NamedTuple):
    """What is said of all layers together; bytes are compressed."""

    images: int
    """whose layers are known"""
    unread: int
    """images whose layers are not"""
    layers: int
    once: int | None
    """bytes of each layer once; None: no size is known"""
    saved: int
    """bytes that images have in common with others before them"""
    among_images: int
    """of the layers in several images, each once"""
    among_repositories: int
    """of the layers in several repositories, each once"""
    shared: int
    """layers in several images"""
    unsized: int
    """layers of unknown size"""


def shared(questions: Questions, options: ReportOptions) -> Report:
    """Return the layers that several images hold, those that save most first.

    An image is what one platform's manifest describes, however many tags show it.

    :raises NotAnswered: if no tags are stored, or the layers of none
    """
    check_stored(questions, options.scope, tags=True)
    scope = options.scope
    first, *layers = questions.ask("layers", {**scope.parameters, "limit": options.limit})
    together = _Together._make(first[1:])
    if not together.images:
        raise NotAnswered(
            f"database: expected layers of {scope.words},"
            f" of {together.unread} images none are in it",
            scope.crawl(layers=True, questions=questions),
        )
    rows = [_row(questions, layer) for layer in layers]
    notes = _notes(together, scope.crawl(layers=True, questions=questions))
    notes += left_out(len(rows), together.shared, "shared layers")
    return Report(Answer(FIELDS, rows, notes), _totals(together))


def _row(questions: Questions, layer: Sequence[Any]) -> Sequence[Any]:
    digest, size, images, repositories, saved, manifest_id, layer_id, *_ = layer
    chain, text = questions.ask("made", (manifest_id, layer_id))[0]
    base = None if chain is None else _base(questions, chain)
    return (digest, size, images, repositories, saved, base, _step(text))


def _base(questions: Questions, chain: bytes) -> str | None:
    for namespace, name, tag in questions.ask("named_by_chain", (chain,)):
        return name_of(ImageName(repository=RepositoryName(namespace, name), tag=tag))
    return None


def _step(text: str | None) -> str | None:
    return None if text is None else " ".join(one.text for one in read_instructions([text]))


def _notes(together: _Together, crawl: str) -> list[str]:
    notes = []
    if together.unread:
        known, every = together.images, together.images + together.unread
        notes.append(f"the layers of {known} of {every} images are known; for all run: {crawl}")
    if together.unsized:
        notes.append(f"of {together.unsized} layers the size is not known; they count for nothing")
    return notes


def _totals(found: _Together) -> Answer:
    saved = None if found.once is None else found.saved
    every = None if found.once is None else found.once + found.saved
    share = found.saved / every if every else None
    sizes = (every, found.once, saved, share, found.among_images, found.among_repositories)
    return Answer(TOTALS, [(found.images, found.layers, *sizes)])
