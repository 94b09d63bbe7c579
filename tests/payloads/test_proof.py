from __future__ import annotations

import hashlib

import pytest

from dockerhub.errors import PayloadError
from dockerhub.payloads.proof import prove

BODY = b'{"a":1}\n'
DIGEST = hashlib.sha256(BODY).digest()


@pytest.mark.parametrize("size", [None, len(BODY)])
def test_the_bytes_of_a_digest_are_proven(size: int | None) -> None:
    prove(BODY, DIGEST, size, "manifest")


@pytest.mark.parametrize(
    ("body", "size", "message"),
    [
        pytest.param(
            BODY[:-1],
            None,
            f"config sha256:{DIGEST.hex()}: expected the bytes of that digest,"
            f" got bytes of sha256:{hashlib.sha256(BODY[:-1]).hexdigest()}",
            id="other bytes",
        ),
        pytest.param(
            BODY[:-1], 8, f"config sha256:{DIGEST.hex()}: expected 8 bytes, got 7", id="cut off"
        ),
        pytest.param(
            BODY, 7, f"config sha256:{DIGEST.hex()}: expected 7 bytes, got 8", id="size is a lie"
        ),
    ],
)
def test_other_bytes_are_refused(body: bytes, size: int | None, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        prove(body, DIGEST, size, "config")
    assert str(caught.value) == message
