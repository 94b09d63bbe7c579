"""Writes what pushes put into the registry, fast: a page of tags needs all of it."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from dockerhub.standin.attestations import AttestationText
from dockerhub.standin.contents import Contents
from dockerhub.standin.formats import OCI
from dockerhub.standin.layers import first_and_last_size, last_of
from dockerhub.standin.moulds import Make, mould
from dockerhub.standin.push_text import push_template, push_text
from dockerhub.standin.workshop import Telling

if TYPE_CHECKING:
    from dockerhub.standin.push_text import Build
    from dockerhub.standin.truth import Platform
    from dockerhub.standin.workshop import Style, Workshop

_DIGITS = 64
"""Hex digits of a digest."""


class Writer:
    """Writes what the pushes of one *workshop* for some *platforms* put into the registry."""

    def __init__(self, workshop: Workshop, platforms: tuple[Platform, ...]) -> None:
        self.workshop, self._platforms = workshop, platforms
        self._ways: dict[Make, _Way] = {}

    def write(self, make: Make, build: Build, digits: str, *, attested: bool) -> Contents:
        """Return the contents of one push; *digits* (64 for each platform) are its layers'."""
        way = self._ways.get(make)
        if way is None:
            way = self._ways[make] = _Way(self.workshop.style, make, self._platforms)
        made = Contents(make, build.copied)
        entries = way.write_images(made, build, digits)
        if attested:
            entries += way.attestations.attest(made, build)
        if len(entries) == 1:
            made.tag, made.is_index = made.images[0][0], False
            return made
        index = f"{way.index_start}{','.join(entries)}]}}".encode()
        made.tag = f"sha256:{sha256(index).hexdigest()}"
        made.manifests[made.tag] = index
        return made


class _Way:
    """The text of one way in which a workshop makes its images."""

    def __init__(self, style: Style, make: Make, platforms: tuple[Platform, ...]) -> None:
        self._attested = (style.telling, make.base, platforms)
        self._template = push_template(style, make)
        # What does not matter there is always the same: fewer moulds are kept.
        plain = style._replace(labelled=True, telling=Telling(newest=False, dockerfile=False))
        self._moulds = [mould(plain, make, platform) for platform in platforms]
        typed = f'"mediaType":"{make.format.index_type}",' if style.typed else ""
        self.index_start = f'{{"schemaVersion":2,{typed}"manifests":['

    @cached_property
    def attestations(self) -> AttestationText:
        return AttestationText(*self._attested)

    def write_images(self, made: Contents, build: Build, digits: str) -> list[str]:
        """Add the image of each platform, and return their entries in the index."""
        labels, history, layers, diff_ids, annotations = push_text(self._template, build)
        copied_size = build.size
        entries, end = [], 0
        # A page of tags spends most of its time here: hence the tuples, and no calls in between.
        for (
            shared_size,
            start,
            base_history,
            history_end,
            manifest,
            below,
            entry,
            about,
        ) in self._moulds:
            first = digits[end : end + _DIGITS]
            end += _DIGITS
            last = last_of(first)
            first_size, last_size = first_and_last_size(first)
            config = (
                f"{start}{labels}{base_history}{history}{history_end}{first[::-1]}{diff_ids}"
                f'{last[::-1]}"]}}}}'
            ).encode()
            config_digest = sha256(config).hexdigest()
            body = (
                f'{manifest}{config_digest}","size":{len(config)}{below}{first}","size":{first_size}'
                f'{layers}{last}","size":{last_size}}}]}}'
            ).encode()
            digest = f"sha256:{sha256(body).hexdigest()}"
            made.blobs[f"sha256:{config_digest}"] = config
            made.manifests[digest] = body
            size = shared_size + first_size + copied_size + last_size
            made.images.append((digest, size, first))
            entries.append(f'{entry}{digest}","size":{len(body)}{about}{annotations}')
        return entries


def write_empty_index(revision: str) -> Contents:
    """Return an index of nothing, which Docker Hub shows as a tag without images."""
    made = Contents(Make("buildkit", OCI, 0, old=False))
    annotations = f'{{"org.opencontainers.image.revision":"{revision}"}}'
    text = f'{{"schemaVersion":2,"mediaType":"{OCI.index_type}","manifests":[],"annotations":'
    body = f"{text}{annotations}}}".encode()
    made.tag = f"sha256:{sha256(body).hexdigest()}"
    made.manifests[made.tag] = body
    return made
