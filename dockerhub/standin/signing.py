"""The key of the token service: made when the first token is asked for, and not before."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

_BITS = 2048
_YEARS = 10


class Signer:
    """Signs JSON Web Tokens with RS256; the header carries the certificate (``x5c``)."""

    def sign(self, claims: dict[str, Any]) -> str:
        """Return *claims* as a token."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

        text = f"{self._header}.{_part(_json(claims))}"
        return f"{text}.{_part(_key().sign(text.encode(), PKCS1v15(), SHA256()))}"

    @property
    def certificate(self) -> str:
        """The certificate in PEM: what a registry is to trust."""
        from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

        return _certificate().public_bytes(Encoding.PEM).decode()

    @cached_property
    def _header(self) -> str:
        from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

        der = base64.b64encode(_certificate().public_bytes(Encoding.DER)).decode()
        return _part(_json({"alg": "RS256", "typ": "JWT", "x5c": [der]}))


@cache
def _key() -> RSAPrivateKey:
    # One for all stand-ins of a process. It takes long to import and to use: a stand-in that
    # is asked for no token does neither.
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


@cache
def _certificate() -> Certificate:
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "standin")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(_key(), SHA256())
    )


def _json(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
