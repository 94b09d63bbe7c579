"""Checks of contents: marks that stand for many rows are reckoned anew."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from dockerhub.contents import Descriptor
from dockerhub.items import ImageRow
from dockerhub.store.check_words import Finding
from dockerhub.store.contents_rows import chains
from dockerhub.store.rows import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerhub.store.check_words import Look

_AT_ONCE = 200
# Places, spread over the table, at which so many rows are looked at.
_PLACES = 10


def image_sets(look: Look, *, is_full: bool) -> Iterator[Finding]:
    """Yield the image sets whose images are not those that their mark stands for."""
    for number, rows in _groups(look, "image_set", "images_from", is_full=is_full):
        _, mark, *key = rows[0][:5]
        images = [
            ImageRow(row[6], row[7], *[word or None for word in row[8:]])
            for row in rows
            if row[5] is not None
        ]
        if fingerprint((*key, tuple(images))) != mark:
            found = f"{len(images)} that give another"
            yield Finding(f"image set {number}", "the images that its mark stands for", found)


def manifests(look: Look, *, is_full: bool) -> Iterator[Finding]:
    """Yield the images whose chains of layers, or whose bases, are not those of their layers."""
    for number, rows in _groups(look, "manifest", "layers_from", is_full=is_full):
        (_, digest, top, *_), layers = rows[0], [row for row in rows if row[3] is not None]
        if any(row[4] is None for row in layers):
            continue  # it points nowhere, which is another check's finding
        place = f"manifest {number}, sha256:{digest.hex()[:12]}"
        if [row[3] for row in layers] != list(range(len(layers))):
            yield Finding(place, "layers without a gap", f"places {[row[3] for row in layers]}")
            continue
        marks = chains([Descriptor(row[4], None, None) for row in layers])
        held = [mark for mark in marks if mark is not None]
        if marks != [row[5] for row in layers] or (held[-1] if held else None) != top:
            found = f"others over {len(layers)} layers"
            yield Finding(place, "the chains of its layers", found)
            continue
        # One that no image has any more may be kept; one that is not kept is not found.
        odd = [row[3] for row in layers if (row[6] or row[7]) and row[6] != row[5]]
        if odd:
            yield Finding(place, "the bases that its layers give", f"others at places {odd}")


def _groups(
    look: Look, table: str, statement: str, *, is_full: bool
) -> Iterator[tuple[int, list[Any]]]:
    """Yield rows by the number that they begin with: all, or some from all over the table."""
    ((last,),) = look.ask(f"last_{table}")
    start, done = 0, 0
    while start <= last:
        number = -1
        for number, rows in groupby(look.ask(statement, (start, _AT_ONCE)), itemgetter(0)):
            if number >= done:
                yield number, list(rows)
        if number < 0:
            return
        done = number + 1
        start = done if is_full else max(done, start + last // _PLACES)
