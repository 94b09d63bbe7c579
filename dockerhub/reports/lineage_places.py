"""Where a layer or a digest is found: in which images, behind which tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.errors import ArgumentError, NameRefused
from dockerhub.names import digest_text, read_digest_text
from dockerhub.reports.answers import Answer, Field, Form, NotAnswered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.store.questions import Questions

_TAG = [
    Field("repo_name", "full name of the repository; nothing where no tag shows the image"),
    Field("tag_name", "the tag"),
    Field("platform", "linux/arm64/v8"),
]
_LAYER_FIELDS = [
    *_TAG,
    Field("position", "place of the layer from 0, bottom first", Form.NUMBER),
    Field("layer_count", "layers of the image", Form.NUMBER),
    Field("digest", "the image's manifest", Form.DIGEST),
    Field("evidence", "hub or registry: who told the layers"),
]
_DIGEST_FIELDS = [
    *_TAG,
    Field("kind", "what the digest is: index, image, attestation, artifact or config"),
    Field("state", "now; moved: the tag shows something else now; gone: it is not there any more"),
    Field("seen_from", "when we first saw it there", Form.MOMENT),
    Field("seen_until", "when we last saw it there; nothing: it is there", Form.MOMENT),
    Field("moved_at", "when we saw the tag elsewhere, or gone", Form.MOMENT),
]
_ALL = {"manifests": "[]"}


def read_digest(option: str, text: str) -> bytes:
    """Return the digest that a user names.

    :raises ArgumentError: if it is none
    """
    try:
        return read_digest_text(text)
    except NameRefused:
        raise ArgumentError(option, "sha256: and 64 hex digits", text) from None


def images_with_layer(questions: Questions, digest: bytes, *, limit: int = 100) -> Answer:
    """Return the images that hold a layer, with the live tags that show them; *limit* rows.

    :raises NotAnswered: if the layer is not stored
    :raises StoreError: if the database cannot be read
    """
    count = questions.one("layer", {"digest": digest})
    if not count:
        raise NotAnswered(
            f"layer {digest_text(digest)}: expected an image that holds it, none is stored",
            "scrapy crawl tags -a repo=NAMESPACE/NAME -a depth=layers",
        )
    rows: list[tuple[Any, ...]] = []
    images: set[bytes] = set()
    for row in _layer_rows(questions, digest):
        if len(rows) == limit:
            shown = f"these are rows of {len(images)} of them; --limit N shows more"
            return Answer(_LAYER_FIELDS, rows, (f"{count} images hold it; {shown}",))
        images.add(row[5])
        rows.append(row)
    return Answer(_LAYER_FIELDS, sorted(rows, key=_by_name), (f"{count} images hold it",))


def tags_of_digest(questions: Questions, digest: bytes, *, limit: int = 100) -> Answer:
    """Return the tags that show an index, a manifest or a config, and that showed it once.

    :raises NotAnswered: if nothing with that digest is stored
    :raises StoreError: if the database cannot be read
    """
    asked = {"digest": digest}
    known = questions.ask("digest", asked)
    configured = questions.ask("manifests_of_config", asked)
    if configured:
        found = [(of, "config", platform) for of, platform in configured]
    elif known and known[0][0] != "layer":
        found = [(digest, *known[0])]
    else:
        raise _unknown(digest, is_layer=bool(known))
    rows = sorted(
        (row for one in found for row in _digest_rows(questions, *one)),
        key=lambda row: (row[4] != "now", row[4], _by_name(row)),
    )
    notes = [f"{len(rows)} tags, {limit} are shown; --limit N shows more"] * (len(rows) > limit)
    if not rows:
        notes = ["it is stored, and no tag that we saw has shown it"]
    return Answer(_DIGEST_FIELDS, rows[:limit], notes)


def _layer_rows(questions: Questions, digest: bytes) -> Iterator[tuple[Any, ...]]:
    for image, platform, position, evidence, count in questions.each(
        "layer_images", {"digest": digest}
    ):
        tags = questions.ask("shown_now", {**_ALL, "digest": image})
        named: list[tuple[str | None, str | None]] = [(f"{t[2]}/{t[3]}", t[4]) for t in tags]
        for name in named or [(None, None)]:
            yield (*name, platform, position, count, image, evidence)


def _digest_rows(
    questions: Questions, digest: bytes, kind: str, platform: str | None
) -> Iterator[tuple[Any, ...]]:
    asked = {**_ALL, "digest": digest}
    for _, _, namespace, name, tag, since, _ in questions.ask("shown_now", asked):
        yield f"{namespace}/{name}", tag, platform, kind, "now", since, None, None
    for row in questions.ask("shown_once", asked):
        _, _, namespace, name, tag, move, since, until, moved, gone = row
        seen = since, until, gone if move is None else moved
        state = "gone" if move is None else "moved"
        yield f"{namespace}/{name}", tag, platform, kind, state, *seen


def _by_name(row: Sequence[Any]) -> tuple[Any, ...]:
    name = row[0]
    is_other = name is not None and not name.startswith("library/")
    return name is None, is_other, name or "", row[1] or "", row[2] or ""


def _unknown(digest: bytes, *, is_layer: bool) -> NotAnswered:
    text = digest_text(digest)
    if is_layer:
        return NotAnswered(
            f"{text}: expected the digest of an image, it is that of a layer",
            f"scrapy lineage --layer {text}",
        )
    return NotAnswered(
        f"{text}: expected an image with this digest in the database, there is none",
        "scrapy crawl tags -a repo=NAMESPACE/NAME",
    )
