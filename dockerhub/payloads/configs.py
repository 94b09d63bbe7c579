"""Image configs: what an image runs, and the history of how it was built."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from dockerhub.caps import BLOB_BYTES, MOST_STEPS
from dockerhub.contents import BuildStep
from dockerhub.errors import NameRefused, PayloadError
from dockerhub.items import Config
from dockerhub.moments import microseconds, read_moment
from dockerhub.names import digest_bytes
from dockerhub.payloads.bodies import (
    MOST_VALUES,
    decode_at,
    decode_body,
    entries,
    fits,
    is_said,
    kept,
)
from dockerhub.payloads.descriptors import MOST_WORD, NOT_SAID
from dockerhub.payloads.pairs import MOST_NAME, read_pairs

if TYPE_CHECKING:
    from typing import Any

    from dockerhub.names import RepositoryName

MOST_ENTRIES = 1000
"""of each list: environment, command, labels, ports, volumes; more are cut"""
MOST_DIFF_IDS = 2000
MOST_TEXT = 64 * 1024
"""Signs of a build step, a label, a variable or a part of a command; what is longer is cut."""
MOST_PATH = 4096
"""Signs of a folder or an author."""

# Tools that build alike each time write 1970 or Go's zero time where they say no moment.
_FIRST_MOMENT = microseconds(datetime(1971, 1, 1, tzinfo=UTC))


class WireRun(msgspec.Struct, frozen=True):
    """`config`: how the image is run.

    Source: https://github.com/opencontainers/image-spec/blob/main/config.md (read 2026-11-22)
    """

    user: str | None = msgspec.field(default=None, name="User")
    working_dir: str | None = msgspec.field(default=None, name="WorkingDir")
    stop_signal: str | None = msgspec.field(default=None, name="StopSignal")
    entrypoint: msgspec.Raw = msgspec.field(default=NOT_SAID, name="Entrypoint")
    cmd: msgspec.Raw = msgspec.field(default=NOT_SAID, name="Cmd")
    env: msgspec.Raw = msgspec.field(default=NOT_SAID, name="Env")
    labels: msgspec.Raw = msgspec.field(default=NOT_SAID, name="Labels")
    exposed_ports: msgspec.Raw = msgspec.field(default=NOT_SAID, name="ExposedPorts")
    volumes: msgspec.Raw = msgspec.field(default=NOT_SAID, name="Volumes")


class WireConfig(msgspec.Struct, frozen=True):
    """The whole of it, as far as it is read.

    Source: https://github.com/opencontainers/image-spec/blob/main/config.md (read 2026-11-22)
    """

    architecture: str | None = None
    os: str | None = None
    variant: str | None = None
    os_version: str | None = msgspec.field(default=None, name="os.version")
    author: str | None = None
    created: msgspec.Raw = NOT_SAID
    config: WireRun | None = None
    rootfs: msgspec.Raw = NOT_SAID
    history: msgspec.Raw = NOT_SAID


class WireRootfs(msgspec.Struct, frozen=True):
    """`rootfs`: the digests of the unpacked layers."""

    diff_ids: msgspec.Raw = NOT_SAID


class WireStep(msgspec.Struct, frozen=True):
    """One entry of `history`."""

    created_by: str | None = None
    created: msgspec.Raw = NOT_SAID
    empty_layer: bool | None = None


_CONFIG = msgspec.json.Decoder(WireConfig)
_STEP = msgspec.json.Decoder(WireStep)
_ROOTFS = msgspec.json.Decoder(WireRootfs)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_TEXT_OR_NONE = msgspec.json.Decoder(str | None)


def read_config(body: bytes, *, digest: bytes, repository: RepositoryName, seen: int) -> Config:
    """Return what an image config says; its bytes are not proven here.

    Times that cannot be read, and those up to 1970, are None. Diff IDs of which one cannot be read
    are none at all.

    :raises PayloadError: if it is no config, naming the place
    Source: https://github.com/opencontainers/image-spec/blob/main/config.md (read 2026-11-22)
    """
    wire: WireConfig = decode_body(_CONFIG, body, BLOB_BYTES)
    run = wire.config or WireRun()
    return Config(
        seen=seen,
        repository=repository,
        digest=digest,
        size=len(body),
        os=kept(wire.os, MOST_WORD),
        architecture=kept(wire.architecture, MOST_WORD),
        variant=kept(wire.variant, MOST_WORD),
        os_version=kept(wire.os_version, MOST_WORD),
        created=_moment(wire.created),
        author=kept(wire.author, MOST_PATH),
        user=kept(run.user, MOST_WORD),
        working_dir=kept(run.working_dir, MOST_PATH),
        entrypoint=_command(run.entrypoint, "$.config.Entrypoint") or None,
        cmd=_command(run.cmd, "$.config.Cmd") or None,
        env=tuple([text for text in _texts(run.env, "$.config.Env") if text]),
        labels=read_pairs(run.labels, "$.config.Labels", MOST_ENTRIES, MOST_TEXT),
        exposed_ports=_keys(run.exposed_ports, "$.config.ExposedPorts"),
        volumes=_keys(run.volumes, "$.config.Volumes"),
        stop_signal=kept(run.stop_signal, MOST_WORD),
        diff_ids=_diff_ids(wire.rootfs),
        steps=_steps(wire.history),
    )


def pair(steps: tuple[BuildStep, ...], layer_count: int) -> tuple[BuildStep, ...] | None:
    """Return *steps* if they made as many layers as their manifest has, else None.

    The history of images that were flattened or imported speaks of layers that are not there.
    """
    made = sum(step.layer is not None for step in steps)
    return steps if made == layer_count else None


def _steps(raw: msgspec.Raw) -> tuple[BuildStep, ...]:
    steps: list[BuildStep] = []
    layers = 0
    for position, entry in enumerate(entries(raw, "$.history", MOST_STEPS, "build steps")):
        wire: WireStep = decode_at(_STEP, entry, f"$.history[{position}]")
        layer = None if wire.empty_layer else layers
        layers += layer is not None
        steps.append(BuildStep(kept(wire.created_by, MOST_TEXT), layer, _moment(wire.created)))
    return tuple(steps)


def _diff_ids(raw: msgspec.Raw) -> tuple[bytes, ...]:
    try:
        rootfs: Any = decode_at(_ROOTFS, raw, "$.rootfs") if is_said(raw) else WireRootfs()
        found = entries(rootfs.diff_ids, "$.rootfs.diff_ids", MOST_DIFF_IDS, "diff IDs")
        return tuple([digest_bytes(decode_at(_TEXT, one, "$")) for one in found])
    except (PayloadError, NameRefused):
        return ()


def _moment(raw: msgspec.Raw) -> int | None:
    try:
        moment = read_moment(_TEXT.decode(bytes(raw)))
    except (msgspec.MsgspecError, ValueError, OverflowError):
        return None
    return moment if moment >= _FIRST_MOMENT else None


def _command(raw: msgspec.Raw, place: str) -> tuple[str, ...]:
    """Return a command; images of Docker's first years have it as one text."""
    if bytes(raw).startswith(b'"'):
        text = kept(decode_at(_TEXT, raw, place), MOST_TEXT)
        return (text,) if text else ()
    return _texts(raw, place)


def _texts(raw: msgspec.Raw, place: str) -> tuple[str, ...]:
    found = entries(raw, place, MOST_VALUES, "texts")[:MOST_ENTRIES]
    texts = [decode_at(_TEXT_OR_NONE, one, f"{place}[{n}]") for n, one in enumerate(found)]
    return tuple([kept(text, MOST_TEXT) or "" for text in texts])


def _keys(raw: msgspec.Raw, place: str) -> tuple[str, ...]:
    said: Any = decode_at(_OBJECT, raw, place) if is_said(raw) else {}
    found = {kept(name, MOST_NAME) for name in said if fits(name, MOST_NAME)}
    return tuple(sorted(name for name in found if name)[:MOST_ENTRIES])
