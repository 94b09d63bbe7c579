"""Whether bytes are those that were asked for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

from dockerhub.errors import PayloadError, PayloadRefused, ProvenUnreadable
from dockerhub.names import digest_text

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def prove(body: bytes, digest: bytes, size: int | None, what: str) -> None:
    """Check that *body* has the 32 bytes of *digest* and, where a descriptor said it, *size*.

    *what* is the noun of the message: manifest, config, statement. Who tells of it names the
    digest that was asked for.

    :raises PayloadError: if it is something else
    :raises PayloadRefused: if the bytes are proven, and the size is a lie
    """
    found = hashlib.sha256(body).digest()
    if size is not None and len(body) != size:
        # A body that was cut off on its way is told by its size; a proven one stays as it is.
        kind = PayloadRefused if found == digest else PayloadError
        raise kind(f"{what}: expected {size} bytes, got {len(body)}")
    if found != digest:
        raise PayloadError(
            f"{what}: expected the bytes of its digest, got those of {digest_text(found)}"
        )


def believed(read: Callable[[], T]) -> T:
    """Return what *read* returns of bytes that are proven.

    :raises ProvenUnreadable: if they cannot be read
    """
    try:
        return read()
    except PayloadError as error:
        raise ProvenUnreadable(str(error)) from error
