"""Attestations: in-toto statements about an image, and what their predicates say."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

import msgspec

from dockerhub.caps import BLOB_BYTES
from dockerhub.errors import NameRefused, PayloadError, shown
from dockerhub.items import Attestation
from dockerhub.names import DIGEST_PREFIX, digest_bytes
from dockerhub.payloads.bodies import decode_at, decode_body, entries, is_said, kept
from dockerhub.payloads.descriptors import MOST_WORD, NOT_SAID
from dockerhub.payloads.provenance import Provenance, is_provenance, read_provenance
from dockerhub.payloads.sbom import Sbom, is_sbom, read_sbom

if TYPE_CHECKING:
    from dockerhub.names import RepositoryName

MOST_SUBJECTS = 10_000
MOST_DETAIL = 500

_STATEMENTS = ("https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1")


class WireStatement(msgspec.Struct, frozen=True):
    """A statement, or the envelope of a signed one, which has it in base64 as `payload`.

    Source: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and
    https://github.com/secure-systems-lab/dsse/blob/master/envelope.md (read 2026-11-22)
    """

    type: str | None = msgspec.field(default=None, name="_type")
    predicate_type: str | None = msgspec.field(default=None, name="predicateType")
    subject: msgspec.Raw = NOT_SAID
    predicate: msgspec.Raw = NOT_SAID
    payload: str | None = None


class WireDigests(msgspec.Struct, frozen=True):
    """`digest` of a subject."""

    sha256: str | None = None


class WireSubject(msgspec.Struct, frozen=True):
    """What a statement is about; its names differ from image to image in nothing that counts."""

    digest: WireDigests | None = None


_STATEMENT = msgspec.json.Decoder(WireStatement)
_SUBJECT = msgspec.json.Decoder(WireSubject)


def read_attestation(
    body: bytes,
    *,
    digest: bytes,
    manifest: bytes,
    subject: bytes | None,
    repository: RepositoryName,
    seen: int,
    predicate_type: str | None = None,
) -> Attestation:
    """Return what a statement says; its bytes are not proven here.

    *manifest* is the digest of the attestation manifest that holds it, *subject* that of the image
    that it is about as the index says, *predicate_type* what the manifest says that it states.
    What its predicate says is left out where it cannot be read, and `detail` says why.

    :raises PayloadError: if it is no statement
    Source: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md (read 2026-11-22)
    """
    wire = _statement(body)
    stated = kept(wire.predicate_type or predicate_type, MOST_WORD)
    if stated is None or not (wire.type or wire.predicate_type):
        raise PayloadError("$: object missing required field `predicateType`")
    details: list[str] = []
    subjects = _subjects(wire.subject, details)
    if subject is None and len(subjects) == 1:
        (subject,) = subjects
    elif subject is not None and subject not in subjects:
        details.append(f"the statement is about {'another' if subjects else 'no'} image")
    provenance, sbom = Provenance(), Sbom()
    try:
        if wire.type not in (None, *_STATEMENTS):
            details.append(f"$._type: expected a statement of v0.1 or v1, got {shown(wire.type)}")
        elif not is_said(wire.predicate):
            details.append("$: object missing required field `predicate`")
        elif is_provenance(stated):
            provenance = read_provenance(wire.predicate)
        elif is_sbom(stated):
            sbom = read_sbom(wire.predicate)
    except PayloadError as error:
        details.append(str(error))
    details += [one for one in (provenance.detail, sbom.detail) if one]
    return Attestation(
        seen=seen,
        repository=repository,
        digest=digest,
        manifest=manifest,
        subject=subject,
        predicate_type=stated,
        size=len(body),
        builder=provenance.builder,
        build_type=provenance.build_type,
        source=provenance.source,
        revision=provenance.revision,
        bases=provenance.bases,
        dockerfile=provenance.dockerfile,
        packages=sbom.packages,
        package_count=sbom.package_count,
        detail=kept("; ".join(details), MOST_DETAIL),
    )


def _statement(body: bytes) -> WireStatement:
    wire: WireStatement = decode_body(_STATEMENT, body, BLOB_BYTES)
    if wire.payload and not wire.predicate_type and not is_said(wire.predicate):
        try:
            inside = base64.b64decode(wire.payload)
        except (binascii.Error, ValueError) as error:
            found = f"{len(wire.payload)} signs"
            raise PayloadError(f"$.payload: expected base64, got {found}: {error}") from error
        wire = decode_body(_STATEMENT, inside, BLOB_BYTES)
    return wire


def _subjects(raw: msgspec.Raw, details: list[str]) -> set[bytes]:
    """Return the digests of what a statement is about; one of another algorithm is none.

    The first of them that cannot be read is told in *details*.
    """
    found: set[bytes] = set()
    refusals: list[str] = []
    try:
        subjects = entries(raw, "$.subject", MOST_SUBJECTS, "subjects")
    except PayloadError as error:
        subjects = []
        refusals.append(str(error))
    for position, entry in enumerate(subjects):
        place = f"$.subject[{position}]"
        try:
            wire: WireSubject = decode_at(_SUBJECT, entry, place)
            if wire.digest and wire.digest.sha256:
                found.add(digest_bytes(DIGEST_PREFIX + wire.digest.sha256))
        except NameRefused as error:
            refusals.append(f"{place}.digest: {error}")
        except PayloadError as error:
            refusals.append(str(error))
    details += refusals[:1]
    return found
