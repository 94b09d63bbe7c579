"""The base images that others stand on: the same in every repository and every world."""

from __future__ import annotations

from functools import lru_cache

from dockerhub.standin.chance import digest, number
from dockerhub.standin.truth import Base, Layer, Platform

_NAMES = (
    "alpine:3.20",
    "debian:12-slim",
    "python:3.12-slim",
    "ubuntu:24.04",
    "eclipse-temurin:21-jre",
    "golang:1.23-bookworm",
)
BASE_COUNT = len(_NAMES)
_STEPS = (
    "ADD file:{key} in / ",
    "/bin/sh -c set -eu; groupadd -r svc && useradd -r -g svc svc",
    "/bin/sh -c refresh-packages && install-package ca-certificates tzdata",
)


def base_image(base: int) -> Base:
    """Return what the base image number *base* is called, and the digest of its index."""
    name, _, tag = _NAMES[base].partition(":")
    return Base(name=name, tag=tag, digest=digest("base index", base))


@lru_cache(maxsize=256)
def base_layers(base: int, platform: Platform) -> tuple[Layer, ...]:
    """Return the layers of base image *base* for one (os, architecture, variant, os_version)."""
    steps = _STEPS[: 1 + base % len(_STEPS)]
    return tuple(
        Layer(
            digest=digest("base", base, *platform, position),
            size=1_500_000 // (position + 1)
            + number("base", base, *platform, position) % 9_999_999,
            instruction=step.format(key=digest("file", base, *platform)[7:]),
        )
        for position, step in enumerate(steps)
    )


@lru_cache(maxsize=256)
def base_size(base: int, platform: Platform) -> int:
    """Return the compressed bytes of the layers of base image *base*."""
    return sum(layer.size for layer in base_layers(base, platform))
