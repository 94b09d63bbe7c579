from __future__ import annotations

import pytest

from dockerhub.names import RepositoryName
from dockerhub.walks.named_bases import named_repositories

STAGES = """# syntax=docker/dockerfile:1
ARG BASE=debian
FROM --platform=$BUILDPLATFORM golang:1.23 AS build
FROM acme/tools as tools
RUN echo FROM here
from build AS again
FROM ${BASE}:12
FROM scratch
FROM quay.io/other/thing
"""


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("docker.io/library/alpine:3.20", "library/alpine"),
        ("alpine", "library/alpine"),
        ("acme/app@sha256:" + "0" * 64, "acme/app"),
        ("scratch", None),
        ("ghcr.io/acme/app:1", None),
        ("acme/$NAME", None),
        ("Not A Name", None),
        ("", None),
    ],
)
def test_names_of_repositories_on_docker_hub(name: str, repository: str | None) -> None:
    expected = set() if repository is None else {RepositoryName.of(repository)}

    assert named_repositories([name], []) == expected


def test_stages_of_a_dockerfile_that_are_images() -> None:
    found = {str(name) for name in named_repositories([], [STAGES])}

    assert found == {"library/golang", "acme/tools"}
