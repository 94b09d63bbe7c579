"""What a manifest is: its form by what is said and by its keys, its kind by what is in it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dockerhub.errors import PayloadError
from dockerhub.kinds import ManifestKind
from dockerhub.media_types import (
    ATTESTATION_REFERENCE,
    IMAGE_CONFIGS,
    IN_TOTO,
    INDEXES,
    MANIFESTS,
    OCI_EMPTY,
    REFERENCE_TYPE,
    SCHEMA_1,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_ATTESTATION_CONFIG = "application/vnd.docker.attestation.config.v1+json"
_LAYER_TYPES = ("application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.")
_SAY_NOTHING = frozenset({*IMAGE_CONFIGS, OCI_EMPTY})


class Form(StrEnum):
    """How a manifest is to be read."""

    INDEX = "an index"
    MANIFEST = "a manifest"
    SCHEMA_1 = "a schema 1 manifest"


_FORMS = {
    **dict.fromkeys(INDEXES, Form.INDEX),
    **dict.fromkeys(MANIFESTS, Form.MANIFEST),
    **dict.fromkeys(SCHEMA_1, Form.SCHEMA_1),
}
KEYS = {
    "manifests": Form.INDEX,
    "layers": Form.MANIFEST,
    "config": Form.MANIFEST,
    "fsLayers": Form.SCHEMA_1,
}
"""The keys that tell a form where nothing else does."""


def bare_type(media_type: str | None) -> str:
    """Return a media type in lower case and without its parameters, "" if there is none."""
    return (media_type or "").partition(";")[0].strip().lower()


def is_known(media_type: str | None) -> bool:
    """Tell whether a media type is one of a manifest or index."""
    return bare_type(media_type) in _FORMS


def form_of(content_type: str | None, media_type: str | None, keys: Sequence[str]) -> Form:
    """Return the form by the `Content-Type`, else the body's `mediaType`, else the keys it has.

    What is an index to one reader and an image to another can hide an image from one of them, so
    those that contradict each other are refused (CVE-2021-41190).

    :raises PayloadError: if two contradict each other, or none says anything
    """
    said: dict[str, Form] = {}
    for place, words in (("Content-Type", content_type), ("mediaType", media_type)):
        form = _FORMS.get(bare_type(words))
        if form is not None:
            said[f"its {place}"] = form
    said.update({f"its key {key}": KEYS[key] for key in keys})
    if not said:
        raise PayloadError("$: expected manifests, layers, config or fsLayers, got none of them")
    (first_place, first), *others = said.items()
    for place, form in others:
        if form is not first:
            raise PayloadError(f"$: expected {first} by {first_place}, got {form} by {place}")
    return first


def kind_of(
    config_type: str | None,
    layer_types: Sequence[str | None],
    annotations: Sequence[tuple[str, str]],
    *,
    attests: bool = False,
) -> ManifestKind:
    """Return what a manifest with such a config and such layers describes.

    *attests* is whether an index calls it an attestation. Anybody's index may say so of anything:
    it is believed of what holds a statement, beside what else there may be.

    Source: https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
    (read 2026-11-22)
    """
    config, layers = bare_type(config_type), [bare_type(one) for one in layer_types]
    is_image_like = all(_is_layer(one) for one in layers)
    if layers and all(one == IN_TOTO for one in layers):
        return ManifestKind.ATTESTATION
    says_so = (REFERENCE_TYPE, ATTESTATION_REFERENCE) in annotations
    if config == _ATTESTATION_CONFIG or (not is_image_like and says_so):
        return ManifestKind.ATTESTATION
    if attests and IN_TOTO in layers:
        return ManifestKind.ATTESTATION
    if is_image_like and (config in IMAGE_CONFIGS or (not config and any(layers))):
        return ManifestKind.IMAGE
    return ManifestKind.ARTIFACT


def artifact_type_of(
    said: str | None, config_type: str | None, layer_types: Sequence[str | None]
) -> str | None:
    """Return what an artifact is: its own word, else its config's type, else its first layer's.

    A signature of cosign has the config type of an image, which says nothing of it.
    """
    if said:
        return said
    first = next((one for one in layer_types if one), None)
    if config_type and bare_type(config_type) not in _SAY_NOTHING:
        return config_type
    return first or config_type


def _is_layer(layer_type: str) -> bool:
    # Without a type it can be anything; a layer it is for whoever runs the image.
    return not layer_type or layer_type.startswith(_LAYER_TYPES)
