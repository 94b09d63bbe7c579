"""What is the same in all images of one push: the text that goes into the moulds."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.standin.bases import base_image
from dockerhub.standin.formats import EMPTY_DIFF_ID, EMPTY_LAYER, EMPTY_LAYER_SIZE
from dockerhub.standin.layers import NONE, STEPS
from dockerhub.standin.moulds import is_annotated, own_layer_type, step_entry
from dockerhub.standin.rows import go_json
from dockerhub.standin.template import Template
from dockerhub.standin.workshop import NAME, NAMES, SOURCE

if TYPE_CHECKING:
    from dockerhub.standin.moulds import Make
    from dockerhub.standin.truth import Builder
    from dockerhub.standin.workshop import Style

_CUT = "\n"
CREATED, REVISION, VERSION = "$created$", "$revision$", "$version$"
BUILD = (CREATED, REVISION, VERSION, *NAMES)
"""The open places of text about a build; see `Build.values`."""
_COPIED, _UNPACKED, _SIZE = "$copied$", "$unpacked$", "$size$"


class Build(NamedTuple):
    """What differs from push to push: when, from which sources, and the layer of copied files.

    *values* are moment, revision, version and the names of the workshop. *copied* are the hex
    digits of that layer's digest, *size* is in compressed bytes.
    """

    values: tuple[str, ...]
    copied: str
    size: int


class PushText(NamedTuple):
    """Text of one push.

    *labels* go on to the start of the history, *history* to the moment of the last step. *layers*
    and *diff_ids* stand between those of the first and the last own layer. *annotations* end an
    entry of an index.
    """

    labels: str
    history: str
    layers: str
    diff_ids: str
    annotations: str


def push_template(style: Style, make: Make) -> Template:
    """Return the text of all pushes that are made in one way in workshops of one style."""
    own_type = own_layer_type(style, make.format)
    annotated = is_annotated(style, make.builder)
    base = make.base if style.labelled else None
    return _template(own_type, base, make.builder, annotated=annotated)


def push_text(template: Template, build: Build) -> PushText:
    """Return the text of one push."""
    values, copied, size = build
    return PushText(*template.fill((*values, copied, copied[::-1], str(size))).split(_CUT))


@lru_cache(maxsize=256)
def _template(own_type: str, base: int | None, builder: Builder, *, annotated: bool) -> Template:
    parts = (
        f'{_labels(base)}}},"created":"{CREATED}","history":[',
        _history(builder),
        _layers(own_type, builder),
        _diff_ids(builder),
        _annotations() if annotated else "}",
    )
    return Template(_CUT.join(parts), (*BUILD, _COPIED, _UNPACKED, _SIZE))


def _labels(base: int | None) -> str:
    if base is None:
        return "null"
    image = base_image(base)
    labels = {
        "org.opencontainers.image.base.digest": image.digest,
        "org.opencontainers.image.base.name": image.full_name,
        "org.opencontainers.image.created": CREATED,
        "org.opencontainers.image.revision": REVISION,
        "org.opencontainers.image.source": SOURCE,
        "org.opencontainers.image.version": VERSION,
    }
    return go_json(labels)


def _history(builder: Builder) -> str:
    entries = []
    for step in STEPS[builder][:-1]:
        text = step.text.format(copied=_COPIED, architecture="")
        entry = step_entry(text, builder, empty=step.place == NONE)
        entries.append(f'{{"created":"{CREATED}"{entry}')
    return f',{",".join(entries)},{{"created":"{CREATED}"'


def _layers(own_type: str, builder: Builder) -> str:
    following = f'{{"mediaType":"{own_type}","digest":"sha256:'
    text = f'}},{following}{_COPIED}","size":{_SIZE}}},{following}'
    if builder == "buildkit":
        text += f'{EMPTY_LAYER[7:]}","size":{EMPTY_LAYER_SIZE}}},{following}'
    return text


def _diff_ids(builder: Builder) -> str:
    text = f'","sha256:{_UNPACKED}","sha256:'
    return f'{text}{EMPTY_DIFF_ID[7:]}","sha256:' if builder == "buildkit" else text


def _annotations() -> str:
    shown = {
        "org.opencontainers.image.created": CREATED,
        "org.opencontainers.image.revision": REVISION,
        "org.opencontainers.image.source": f"{SOURCE}.git#{REVISION}:{VERSION}",
        "org.opencontainers.image.url": f"https://hub.docker.com/_/{NAME}",
        "org.opencontainers.image.version": VERSION,
    }
    return f",{go_json(shown)[1:]}}}"
