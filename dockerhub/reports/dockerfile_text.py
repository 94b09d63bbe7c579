"""A Dockerfile as text and as JSON. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dockerhub.media_types import EMPTY_LAYERS
from dockerhub.moments import iso
from dockerhub.names import digest_text
from dockerhub.redact import harmless, plain
from dockerhub.reports.base_images import BaseEvidence
from dockerhub.reports.sizes import size_text
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerhub.reports.base_images import SaidBase
    from dockerhub.reports.dockerfile import Dockerfile, Step

# What a builder reads at the top of a Dockerfile, and only there.
_DIRECTIVE = re.compile(r"#\s*[A-Za-z][A-Za-z0-9]*\s*=.*")
_WHY = {
    BaseEvidence.ANNOTATION: "an annotation names it",
    BaseEvidence.LABEL: "a label names it",
    BaseEvidence.PROVENANCE: "the provenance names it",
    BaseEvidence.LAYERS: "the lowest layers are its own",
}


def dockerfile_text(dockerfile: Dockerfile) -> str:
    """Return the text of a Dockerfile, with comments that say where it comes from."""
    lines = _true(dockerfile) if dockerfile.true_text is not None else _rebuilt(dockerfile)
    return harmless("".join(f"{line}\n" for line in lines))


def dockerfile_json(dockerfile: Dockerfile) -> dict[str, Any]:
    """Return all that is known of a Dockerfile as a program reads it."""
    base = dockerfile.base
    return {
        "image": dockerfile.image,
        "platform": dockerfile.platform,
        "digest": digest_text(dockerfile.digest),
        "source": "steps" if dockerfile.true_text is None else "attestation",
        "base": base
        and {
            "name": base.name,
            "digest": digest_text(base.digest),
            "evidence": base.evidence,
            "layer_count": base.layer_count,
            "step_count": base.step_count,
        },
        "said_bases": [
            {
                "name": said.name,
                "digest": said.digest and digest_text(said.digest),
                "evidence": said.evidence,
            }
            for said in dockerfile.said
        ],
        "steps": [_step_json(step) for step in dockerfile.steps],
        "dockerfile": dockerfile_text(dockerfile),
    }


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "keyword": step.instruction.keyword or None,
        "instruction": harmless(step.instruction.text),
        "note": step.instruction.note,
        "layer": step.layer and digest_text(step.layer),
        "size_bytes": step.size,
        "created": None if step.created is None else iso(step.created),
    }


def _title(dockerfile: Dockerfile) -> str:
    return f"# {plain(dockerfile.image)}, {plain(dockerfile.platform)}"


def _true(dockerfile: Dockerfile) -> Iterator[str]:
    """Yield the Dockerfile that a builder attested; its directives have to stay on top."""
    lines = (dockerfile.true_text or "").replace("\r\n", "\n").rstrip("\n").split("\n")
    count = 0
    while count < len(lines) and _DIRECTIVE.fullmatch(lines[count].strip()):
        count += 1
    yield from lines[:count]
    yield f"{_title(dockerfile)}: the Dockerfile itself, as the provenance of its build has it"
    yield f"# {digest_text(dockerfile.digest)}"
    yield from lines[count:]


def _rebuilt(dockerfile: Dockerfile) -> Iterator[str]:
    escape = "`" if dockerfile.is_windows else "\\"
    if dockerfile.is_windows:
        yield "# escape=`"
    yield f"{_title(dockerfile)}: rebuilt from the build steps that are kept in the image"
    yield f"# {digest_text(dockerfile.digest)}"
    if any(step.instruction.is_opaque for step in dockerfile.steps):
        yield "# file:... and dir:... stand for sources of which the builder kept a checksum alone"
    yield from _beginning(dockerfile)
    was_wide = True
    for step in dockerfile.steps:
        lines = [*_notes(step), *step.instruction.lines(escape)]
        is_wide = len(lines) > 1
        if is_wide or was_wide:
            yield ""
        yield from lines
        was_wide = is_wide


def _beginning(dockerfile: Dockerfile) -> Iterator[str]:
    base = dockerfile.base
    said = said_text(dockerfile.said)
    if base is not None:
        layers = counted(base.layer_count, "layer")
        yield f"# the base image: {_WHY[base.evidence]}; {layers}, {digest_text(base.digest)}"
        if base.evidence is BaseEvidence.LAYERS and said:
            yield f"# it is said to be {said}, of which the layers are not known here"
        yield f"FROM {plain(base.name)}"
    elif said:
        yield f"# built on {said}"
        yield "# whose layers are not known here: the first steps are those of that image"
        yield "FROM scratch"
    else:
        yield "# the base image is not known: if there is one, the first steps are its own"
        yield "FROM scratch"


def said_text(said: Iterable[SaidBase]) -> str:
    """Return what is said of a base image in words: each name once, with all who say it."""
    by_name: dict[str, list[str]] = {}
    for one in said:
        by_name.setdefault(plain(str(one)), []).append(one.evidence)
    return ", ".join(f"{name} ({', '.join(why)})" for name, why in by_name.items())


def _notes(step: Step) -> list[str]:
    """Return what is said of a step above it: the size of its layer, its build arguments."""
    is_empty = step.layer is None or step.layer in EMPTY_LAYERS
    said = [] if step.size is None or is_empty else [size_text(step.size)]
    said += [step.instruction.note] if step.instruction.note else []
    return [f"# {'; '.join(said)}"] if said else []
