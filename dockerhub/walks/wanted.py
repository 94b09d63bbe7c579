"""Which contents of an image set have to be asked for, and of which a sample is checked. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dockerhub.contents import UNKNOWN_PLATFORM
from dockerhub.kinds import Evidence, ManifestKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.known import KnownEntry, KnownSet

SAMPLED_OF = 100
"""One in so many image sets that Hub describes is compared with the registry's own words."""


def is_attestation(entry: KnownEntry) -> bool:
    """Tell whether *entry* speaks of an image and is none: what is stored of it decides."""
    if entry.kind is not None:
        return entry.kind is ManifestKind.ATTESTATION
    return (entry.os, entry.architecture) == UNKNOWN_PLATFORM


def lacks_layers(entry: KnownEntry) -> bool:
    """Tell whether the layers of *entry* are not known; an attestation has none.

    Of an index it is not enough to be stored: what is in it has to be.
    """
    if entry.kind is ManifestKind.INDEX:
        return not entry.is_whole
    return entry.evidence is None and not is_attestation(entry)


def lacks_contents(entry: KnownEntry) -> bool:
    """Tell whether the registry has not shown all of *entry*."""
    return entry.evidence is not Evidence.REGISTRY or not entry.is_whole


def set_key(known: KnownSet) -> bytes:
    """Return what an image set is known by, whatever tag shows it."""
    digests = (entry.digest or b"" for entry in known.entries)
    return known.digest or hashlib.blake2b(b"".join(digests), digest_size=32).digest()


def is_sampled(key: bytes) -> bool:
    """Tell whether the image set *key* is in the sample: always the same answer for the same set.

    Hub's list is asked once for a set, so the draw is made once for it, ever.
    """
    return _throw(key) % SAMPLED_OF == 0


def sample_of(entries: Sequence[KnownEntry], key: bytes) -> KnownEntry:
    """Return the one of *entries* that is compared."""
    return entries[_throw(key) // SAMPLED_OF % len(entries)]


def _throw(key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest())
