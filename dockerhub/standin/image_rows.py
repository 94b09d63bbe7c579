"""What ``.../tags/{tag}/images`` answers: the images of a tag with their build steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.standin.chance import digest
from dockerhub.standin.layers import layers_of
from dockerhub.standin.shares import is_in_share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockerhub.standin.truth import Image, Layer


def image_rows(
    images: Iterable[Image], *, lying: bool = False, undigested: float = 0.0
) -> list[dict[str, Any]]:
    """Return the rows of *images*, *undigested* of them without their digest.

    ``features`` and ``os_features`` are null here, and empty in lists of tags. If they are
    *lying*, the topmost layer has a digest that no registry knows.
    """
    rows = [_image_row(image, layers_of(image)) for image in images]
    for row in rows:
        if lying:
            _lie(row)
        if is_in_share(row["digest"], undigested):
            del row["digest"]
    return rows


def _image_row(image: Image, layers: Iterable[Layer]) -> dict[str, Any]:
    return {
        "architecture": image.architecture,
        "features": None,
        "variant": image.variant,
        "digest": image.digest,
        "layers": [_layer_row(layer) for layer in layers],
        "os": image.os,
        "os_features": None,
        "os_version": image.os_version,
        "size": image.size,
        "status": image.status,
        "last_pulled": image.last_pulled,
        "last_pushed": image.last_pushed,
    }


def _layer_row(layer: Layer) -> dict[str, Any]:
    shown = {"size": layer.size, "instruction": layer.instruction}
    return shown if layer.digest is None else {"digest": layer.digest, **shown}


def _lie(row: dict[str, Any]) -> None:
    digested = [layer for layer in row["layers"] if "digest" in layer]
    if digested:
        digested[-1]["digest"] = digest("lie", digested[-1]["digest"])
