from __future__ import annotations

import hashlib

import pytest

from dockerhub.errors import PayloadError, PayloadRefused, ProvenUnreadable
from dockerhub.payloads.proof import believed, prove

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
            "config: expected the bytes of its digest,"
            f" got those of sha256:{hashlib.sha256(BODY[:-1]).hexdigest()}",
            id="other bytes",
        ),
        pytest.param(BODY[:-1], 8, "config: expected 8 bytes, got 7", id="cut off"),
        pytest.param(BODY, 7, "config: expected 7 bytes, got 8", id="size is a lie"),
    ],
)
def test_other_bytes_are_refused(body: bytes, size: int | None, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        prove(body, DIGEST, size, "config")
    assert str(caught.value) == message
    # What is proven stays as it is, whatever somebody said of its size.
    assert isinstance(caught.value, PayloadRefused) is (body == BODY)


def test_a_message_about_the_longest_noun_fits_a_line() -> None:
    with pytest.raises(PayloadError) as caught:
        prove(b"", DIGEST, None, "attestation")
    assert len(str(caught.value)) <= 160


def test_what_is_proven_and_cannot_be_read_is_told_apart() -> None:
    def read() -> None:
        raise PayloadError("$: expected JSON")

    assert believed(lambda: 5) == 5
    with pytest.raises(ProvenUnreadable, match=r"^\$: expected JSON$"):
        believed(read)
