"""What the tests of the registry share: a repository, digests, and bodies made on the spot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dockerhub.names import RepositoryName
from dockerhub.payloads.attestations import read_attestation

if TYPE_CHECKING:
    from dockerhub.items import Attestation

REPOSITORY = RepositoryName("acme", "app")
SEEN = 1_790_000_000_000_000
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"


def digest(number: str) -> bytes:
    """Return 32 bytes that are all the same."""
    return bytes.fromhex(number) * 32


def descriptor(number: str = "11", size: Any = 5, kind: Any = LAYER, **more: Any) -> dict[str, Any]:
    """Return a descriptor as JSON has it."""
    return {"mediaType": kind, "digest": f"sha256:{number * 32}", "size": size, **more}


def json_of(value: Any = None, **fields: Any) -> bytes:
    """Return a value, or an object with *fields*, as a body."""
    return json.dumps(fields if value is None else value).encode()


def read_statement(body: bytes, **more: Any) -> Attestation:
    """Return what a statement says that the index calls one about the image 21."""
    said = {"subject": digest("21"), **more}
    return read_attestation(
        body,
        digest=digest("01"),
        manifest=digest("02"),
        repository=REPOSITORY,
        seen=SEEN,
        **said,
    )
