"""Images made by hand, written into a database as a crawl would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dockerhub.contents import BuildStep, Descriptor
from dockerhub.items import TagPage
from dockerhub.names import read_image_name
from dockerhub.store.writer import Writer
from tests.store.made import NOW, digest, image, tag
from tests.store.made_contents import (
    TAR,
    attestation,
    attestation_manifest,
    config,
    index,
    manifest,
    member,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dockerhub.contents import Base

EMPTY = bytes.fromhex("4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1")

Made = str | tuple[str | None, object, int | None]
"""a step: its text, or text, the name of the layer that it made, and the layer's size"""


@dataclass(frozen=True, kw_only=True)
class Build:
    """One platform's image, by its steps from the first one on."""

    steps: Sequence[Made]
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    bases: Sequence[Base] = ()
    dockerfile: str | None = None
    os_version: str | None = None
    has_config: bool = True
    is_read: bool = True
    """whether its manifest was"""
    run: Mapping[str, Any] = field(default_factory=dict)
    """what it runs: the fields of a config"""


class Images:
    """Writes images into the database at *url*."""

    def __init__(self, url: str) -> None:
        self.url = url

    def put(self, name: str, builds: Mapping[str, Build]) -> None:
        """Write an image with a build for each platform."""
        writer = Writer(self.url)
        for item in items_of(name, builds):
            writer.write([item])
        writer.close()


def items_of(name: str, builds: Mapping[str, Build]) -> list[Any]:
    """Return what a crawl of an image reads, in the order in which it comes."""
    named = read_image_name(name)
    items: list[Any] = []
    members, rows = [], []
    attested = []
    for platform, build in builds.items():
        what = f"{name} {platform} {build.os_version}"
        said = {"os_version": build.os_version, "repository": named.repository}
        rows.append(image(platform, digest=digest(what), os_version=build.os_version))
        annotations = tuple(build.annotations.items())
        members.append(member(what, platform, annotations=annotations, os_version=build.os_version))
        if build.is_read:
            items += _contents(what, platform, build, said)
        if build.bases or build.dockerfile:
            members.append(member(f"attestation of {what}", about=what))
            attested += _attested(what, build)
    page = TagPage(
        seen=NOW,
        repository=named.repository,
        rows=(tag(named.tag or "latest", shows=name, images=tuple(rows)),),
    )
    top = index(name, *members, seen=NOW, repository=named.repository)
    return [page, top, *items, *attested]


def layer_of(made: Made) -> Descriptor | None:
    """Return the layer that a step made."""
    if isinstance(made, str):
        return None
    known = made[1] if isinstance(made[1], bytes) else digest(f"layer {made[1]}")
    return Descriptor(known, made[2], TAR)


def _contents(what: str, platform: str, build: Build, said: dict[str, Any]) -> list[Any]:
    layers = [layer for made in build.steps if (layer := layer_of(made)) is not None]
    steps, count = [], 0
    for made in build.steps:
        is_layer = layer_of(made) is not None
        text = made if isinstance(made, str) else made[0]
        steps.append(BuildStep(text, count if is_layer else None, NOW))
        count += is_layer
    its = manifest(
        what,
        *layers,
        seen=NOW,
        repository=said["repository"],
        config=f"config of {what}",
    )
    if not build.has_config:
        return [its]
    labels = tuple(build.labels.items())
    about = {"labels": labels, **said, **build.run}
    return [its, config(f"config of {what}", *steps, platform=platform, seen=NOW, **about)]


def _attested(what: str, build: Build) -> list[Any]:
    holder = f"attestation of {what}"
    statement = attestation(
        f"statement of {what}",
        holder,
        seen=NOW,
        subject=digest(what),
        bases=tuple(build.bases),
        dockerfile=build.dockerfile,
    )
    return [attestation_manifest(holder, statement.digest, subject=what, seen=NOW), statement]
