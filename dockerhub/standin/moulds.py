"""Moulds: the text of configs and manifests around what differs from push to push.

A page of tags shows the digests of manifests, so each must be written and hashed to be shown.
What is the same in many of them is therefore written once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.standin.bases import base_image, base_layers, base_size
from dockerhub.standin.formats import EMPTY_LAYER_SIZE, Format
from dockerhub.standin.layers import BASE_ENTRY, BUILDKIT, STEPS, created_by
from dockerhub.standin.moments import DAY, microseconds, moment_text
from dockerhub.standin.rows import go_json

if TYPE_CHECKING:
    from dockerhub.standin.truth import Builder, Platform
    from dockerhub.standin.workshop import Style

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BASHBREW = {"arm64": "arm64v8", "arm": "arm32v7", "386": "i386"}


class Make(NamedTuple):
    """How a push is made: by which *builder*, in which *format*, on which *base* image.

    *old* manifests have no name for the type of their config.
    """

    builder: Builder
    format: Format
    base: int
    old: bool


class Mould(NamedTuple):
    """The text of one platform; what differs comes between the parts, in their order.

    A config is start, labels and moment, base history, own history, end, diff IDs. A manifest is
    start, digest and size of the config, base layers, own layers. An entry of an index is start,
    digest, size, end. *shared_size* is that of all layers but its own, in compressed bytes.
    """

    shared_size: int
    config_start: str
    base_history: str
    config_end: str
    manifest_start: str
    base_layers: str
    entry_start: str
    entry_end: str


def own_layer_type(style: Style, form: Format) -> str:
    """Return the media type of the layers that are no base image's."""
    return form.zstd_type if style.zstd else form.layer_type


def is_annotated(style: Style, builder: Builder) -> bool:
    """Return whether the entries of an index say what they are."""
    return style.official and builder == "buildkit"


@lru_cache(maxsize=4096)
def mould(style: Style, make: Make, platform: Platform) -> Mould:
    """Return the text around the image of one *platform*."""
    builder, form, base, old = make
    typed = f'"mediaType":"{form.manifest_type}",' if style.typed else ""
    config_type = form.old_config_type if old else form.config_type
    own_layer = f'{{"mediaType":"{own_layer_type(style, form)}","digest":"sha256:'
    annotations = _annotations(base, platform) if is_annotated(style, builder) else ""
    return Mould(
        shared_size=base_size(base, platform) + (EMPTY_LAYER_SIZE if builder == "buildkit" else 0),
        config_start=_config_start(builder, platform[1]),
        base_history=_base_history(base, platform),
        config_end=_config_end(builder, base, platform),
        manifest_start=(
            f'{{"schemaVersion":2,{typed}"config":{{"mediaType":"{config_type}","digest":"sha256:'
        ),
        base_layers=_base_layers(form, base, platform) + own_layer,
        entry_start=f'{{"mediaType":"{form.manifest_type}","digest":"',
        entry_end=f',"platform":{_platform(platform)}{annotations}',
    )


@lru_cache(maxsize=64)
def _config_start(builder: Builder, architecture: str) -> str:
    docker = '"docker_version":"20.10.24",' if builder == "classic" else ""
    config = {
        "User": "svc",
        "ExposedPorts": {"8080/tcp": {}},
        "Env": [_PATH, "LANG=C.UTF-8"],
        "Entrypoint": ["/opt/app/run"],
        "Cmd": [f"--arch={architecture}"],
        "WorkingDir": "/opt/app",
    }
    return f'{{{docker}"architecture":"{architecture}","config":{go_json(config)[:-1]},"Labels":'


@lru_cache(maxsize=256)
def _base_history(base: int, platform: Platform) -> str:
    created = moment_text(microseconds(2014) + base * 17 * DAY)
    entries: list[dict[str, object]] = [
        {"created": created, "created_by": created_by(layer.instruction, "classic")}
        for layer in base_layers(base, platform)
    ]
    command = created_by(BASE_ENTRY, "classic")
    entries.append({"created": created, "created_by": command, "empty_layer": True})
    return go_json(entries)[1:-1]


@lru_cache(maxsize=512)
def _config_end(builder: Builder, base: int, platform: Platform) -> str:
    os, architecture, variant, os_version = platform
    entry = step_entry(
        STEPS[builder][-1].text.format(architecture=architecture), builder, empty=True
    )
    more = f',"os.version":"{os_version}"' if os_version else ""
    more += f',"variant":"{variant}"' if variant else ""
    ids = "".join(f'"{_diff_id(layer.digest or "")}",' for layer in base_layers(base, platform))
    return f'{entry}],"os":"{os}"{more},"rootfs":{{"type":"layers","diff_ids":[{ids}"sha256:'


@lru_cache(maxsize=512)
def _base_layers(form: Format, base: int, platform: Platform) -> str:
    windows = platform[0] == "windows"
    media_type = form.foreign_type if windows else form.layer_type
    layers: list[dict[str, object]] = []
    for layer in base_layers(base, platform):
        row: dict[str, object] = {"mediaType": media_type, "digest": layer.digest}
        row["size"] = layer.size
        if windows:
            row["urls"] = [f"https://layers.example.com/{layer.digest}"]
        layers.append(row)
    return f'}},"layers":[{go_json(layers)[1:-1]},'


@lru_cache(maxsize=64)
def _platform(platform: Platform) -> str:
    os, architecture, variant, os_version = platform
    shown = {"architecture": architecture, "os": os}
    shown |= {"os.version": os_version} if os_version else {}
    shown |= {"variant": variant} if variant else {}
    return go_json(shown)


@lru_cache(maxsize=256)
def _annotations(base: int, platform: Platform) -> str:
    os, architecture, *_ = platform
    image, bashbrew = base_image(base), _BASHBREW.get(architecture, architecture)
    shown = {
        "com.docker.official-images.bashbrew.arch": bashbrew if os == "linux" else f"{os}-amd64",
        "org.opencontainers.image.base.digest": image.digest,
        "org.opencontainers.image.base.name": f"{image.name}:{image.tag}",
    }
    return f',"annotations":{go_json(shown)[:-1]}'


def step_entry(text: str, builder: Builder, *, empty: bool) -> str:
    """Return the entry of a history from behind its moment on."""
    shown: dict[str, object] = {"created_by": created_by(text, builder)}
    if builder == "buildkit":
        shown["comment"] = BUILDKIT
    if empty:
        shown["empty_layer"] = True
    return f",{go_json(shown)[1:]}"


def _diff_id(layer_digest: str) -> str:
    # That of the unpacked layer: nobody ever unpacks one, so it is made up.
    return f"sha256:{layer_digest[:6:-1]}"
