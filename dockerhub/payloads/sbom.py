"""SBOMs in SPDX: the packages that are in an image."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from dockerhub.contents import Package
from dockerhub.errors import PayloadError, shown
from dockerhub.payloads.bodies import MOST_VALUES, decode_at, entries, fits, kept
from dockerhub.payloads.descriptors import NOT_SAID

SPDX = "https://spdx.dev/Document"
MOST_PACKAGES = 20_000
MOST_PACKAGE_NAME = 512
MOST_VERSION = 256
MOST_PURL = 1024
"""Bytes; what is longer is left out, for what is cut would be another package."""


class WireReference(msgspec.Struct, frozen=True):
    """An entry of `externalRefs`: a package URL among others."""

    kind: str | None = msgspec.field(default=None, name="referenceType")
    locator: str | None = msgspec.field(default=None, name="referenceLocator")


class WirePackage(msgspec.Struct, frozen=True):
    """A package.

    Source: https://spdx.github.io/spdx-spec/v2.3/package-information/ (read 2026-11-22)
    """

    name: str
    version: str | None = msgspec.field(default=None, name="versionInfo")
    references: list[WireReference] | None = msgspec.field(default=None, name="externalRefs")

    def row(self) -> Package | None:
        """Return the package, None if it has no name."""
        name = kept(self.name, MOST_PACKAGE_NAME)
        if name is None:
            return None
        purls = [one.locator for one in self.references or () if one.kind == "purl"]
        purl = next((one for one in purls if one and fits(one, MOST_PURL)), None)
        return Package(name, kept(self.version, MOST_VERSION), kept(purl, MOST_PURL))


class WireSbom(msgspec.Struct, frozen=True):
    """The document; files and relationships are not read."""

    version: str | None = msgspec.field(default=None, name="spdxVersion")
    packages: msgspec.Raw = NOT_SAID


class Sbom(NamedTuple):
    """What was read of it."""

    packages: tuple[Package, ...] = ()
    package_count: int | None = None
    detail: str | None = None
    """why something was not read"""


_SBOM = msgspec.json.Decoder(WireSbom)
_PACKAGE = msgspec.json.Decoder(WirePackage)


def is_sbom(predicate_type: str) -> bool:
    """Tell whether a predicate is an SBOM of a format that is read; BuildKit names no version."""
    return predicate_type == SPDX or predicate_type.startswith(f"{SPDX}/v2")


def read_sbom(raw: msgspec.Raw) -> Sbom:
    """Return what the predicate of an SBOM in SPDX 2 says.

    :raises PayloadError: if it is none, naming the place
    Source: https://spdx.github.io/spdx-spec/v2.3/ (read 2026-11-22)
    """
    wire: WireSbom = decode_at(_SBOM, raw, "$.predicate")
    if not (wire.version or "").startswith("SPDX-2."):
        found = shown(wire.version) if wire.version else "nothing"
        return Sbom(detail=f"$.predicate.spdxVersion: expected SPDX-2, got {found}")
    place = "$.predicate.packages"
    found_packages = entries(wire.packages, place, MOST_VALUES, "packages")
    packages: list[Package] = []
    refusals: list[str] = []
    for position, entry in enumerate(found_packages[:MOST_PACKAGES]):
        try:
            package = decode_at(_PACKAGE, entry, f"{place}[{position}]").row()
        except PayloadError as error:
            refusals.append(str(error))
            continue
        if package:
            packages.append(package)
        else:
            refusals.append(f"{place}[{position}].name: expected a name, got none")
    return Sbom(tuple(packages), len(found_packages), refusals[0] if refusals else None)
