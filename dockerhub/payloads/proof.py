"""Whether bytes are those that were asked for."""

from __future__ import annotations

import hashlib

from dockerhub.errors import PayloadError
from dockerhub.names import digest_text


def prove(body: bytes, digest: bytes, size: int | None, what: str) -> None:
    """Check that *body* has the 32 bytes of *digest* and, where a descriptor said it, *size*.

    *what* is the noun of the message: manifest, config, statement.

    :raises PayloadError: if it is something else
    """
    name = f"{what} {digest_text(digest)}"
    # A body that was cut off on its way is told by its size.
    if size is not None and len(body) != size:
        raise PayloadError(f"{name}: expected {size} bytes, got {len(body)}")
    found = hashlib.sha256(body).digest()
    if found != digest:
        raise PayloadError(
            f"{name}: expected the bytes of that digest, got bytes of {digest_text(found)}"
        )
