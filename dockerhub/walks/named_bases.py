"""Which repositories on Docker Hub base annotations, labels and Dockerfiles name. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockerhub.errors import NameRefused
from dockerhub.names import OFFICIAL_NAMESPACE, RepositoryName, read_image_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What a Dockerfile names that begins with nothing.
_SCRATCH = RepositoryName(OFFICIAL_NAMESPACE, "scratch")
_STAGE = re.compile(
    r"^\s*FROM\s+(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?\s*$", re.IGNORECASE | re.MULTILINE
)


def named_repositories(names: Iterable[str], dockerfiles: Iterable[str]) -> set[RepositoryName]:
    """Return the repositories on Docker Hub among *names* and in the stages of *dockerfiles*.

    What names another registry, a stage of the same Dockerfile, or holds a variable, is none.
    """
    found = set()
    for name in [*names, *(name for text in dockerfiles for name in _stages(text))]:
        repository = _repository(name)
        if repository is not None and repository != _SCRATCH:
            found.add(repository)
    return found


def _stages(dockerfile: str) -> Iterator[str]:
    stages: set[str] = set()
    for name, stage in _STAGE.findall(dockerfile):
        if name.lower() not in stages:
            yield name
        stages.add(stage.lower())


def _repository(name: str) -> RepositoryName | None:
    if "$" in name:
        return None
    try:
        return read_image_name(name).repository
    except NameRefused:
        return None
