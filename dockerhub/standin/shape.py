"""How the tags of a repository look: how many names, platforms and oddities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

LINUX: tuple[tuple[str, str | None], ...] = (
    ("amd64", None),
    ("arm64", "v8"),
    ("arm", "v7"),
    ("386", None),
    ("ppc64le", None),
    ("s390x", None),
    ("riscv64", None),
)
"""Architecture and variant of the Linux platforms, in the order in which they are given out."""

WINDOWS: tuple[str, ...] = ("10.0.20348.3091", "10.0.17763.6775")
"""The ``os_version`` of the Windows platforms: they share os and architecture."""


class Oddities(TypedDict, total=False):
    """The fields of `Shape` that make tags unlike each other, each optional."""

    attestations: float
    imageless: float
    undigested: float
    windows: bool | None


class ShapeOptions(Oddities, total=False):
    """The fields of `Shape`, each optional."""

    names_per_digest: int
    platforms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How the tags of one repository look.

    *names_per_digest* tags point to the same images, *platforms* (1 to 7) is the number of Linux
    platforms. *attestations* is the share of pushes that carry an attestation per platform,
    *imageless* of those with ``"images": []``, *undigested* the oldest share without ``digest``.
    *windows* adds two Windows platforms; ``None`` does so in one repository of twelve.
    """

    names_per_digest: int = 4
    platforms: int = 4
    attestations: float = 0.25
    imageless: float = 0.02
    undigested: float = 0.1
    windows: bool | None = None

    def __post_init__(self) -> None:
        if self.names_per_digest < 1:
            raise ValueError(f"names_per_digest: expected 1 or more, got {self.names_per_digest}")
        if not 1 <= self.platforms <= len(LINUX):
            raise ValueError(f"platforms: expected 1 to {len(LINUX)}, got {self.platforms}")


PLAIN = Oddities(attestations=0.0, imageless=0.0, undigested=0.0, windows=False)
"""No oddities: every tag has a digest and exactly *platforms* images."""
