from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from dockerhub.errors import PayloadError
from dockerhub.items import Attestation
from tests.payloads.from_file import payload
from tests.payloads.registry import REPOSITORY, SEEN, digest, json_of, read_statement

CYCLONE = "https://cyclonedx.org/bom"


def statement(**more: Any) -> dict[str, Any]:
    """Return a statement about the image 21 of which the predicate is not read."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": CYCLONE,
        "subject": [{"name": "_", "digest": {"sha256": "21" * 32}}],
        "predicate": {"bomFormat": "CycloneDX"},
        **more,
    }


def test_another_predicate_is_recorded_and_not_read_statement() -> None:
    body = payload("sbom_of_cyclonedx")
    assert read_statement(body) == Attestation(
        seen=SEEN,
        repository=REPOSITORY,
        digest=digest("01"),
        manifest=digest("02"),
        subject=digest("21"),
        predicate_type=CYCLONE,
        size=len(body),
    )


ABOUT_21 = {"digest": {"sha256": "21" * 32}}
ABOUT_22 = {"digest": {"sha256": "22" * 32}}
OTHER = "the statement is about another image"
NONE = "the statement is about no image"


@pytest.mark.parametrize(
    ("said", "subjects", "subject", "detail"),
    [
        pytest.param("21", [ABOUT_21, ABOUT_22], "21", None, id="one of two"),
        pytest.param("21", [ABOUT_22], "21", OTHER, id="another"),
        pytest.param("21", [], "21", NONE, id="none"),
        pytest.param("21", None, "21", NONE, id="null"),
        pytest.param("21", [{"digest": {"sha1": "21" * 20}}], "21", NONE, id="another algorithm"),
        pytest.param(None, [ABOUT_21, ABOUT_21], "21", None, id="taken from the statement"),
        pytest.param(None, [ABOUT_21, ABOUT_22], None, None, id="two to choose from"),
        pytest.param(None, [{"digest": None}], None, None, id="nothing to take"),
        pytest.param(
            None,
            [{"digest": {"sha256": "21"}}],
            None,
            '$.subject[0].digest: expected sha256: and 64 hex digits, got "sha256:21"',
            id="no digest",
        ),
        pytest.param(
            "21",
            [ABOUT_21, 5],
            "21",
            "$.subject[1]: expected `object`, got `int`",
            id="no subject",
        ),
        pytest.param(
            None,
            [5, ABOUT_21, "_"],
            "21",
            "$.subject[0]: expected `object`, got `int`",
            id="one among others",
        ),
        pytest.param(
            None, {"name": "_"}, None, "$.subject: expected `array`, got `object`", id="no list"
        ),
    ],
)
def test_the_subject_is_the_one_of_the_index(
    said: str | None, subjects: Any, subject: str | None, detail: str | None
) -> None:
    found = read_statement(
        json_of(statement(subject=subjects)), subject=digest(said) if said else None
    )
    assert (found.subject, found.detail) == (digest(subject) if subject else None, detail)


@pytest.mark.parametrize(
    ("fields", "said", "predicate_type", "detail"),
    [
        pytest.param({}, "a/b", CYCLONE, None, id="the statement's own"),
        pytest.param({"predicateType": None}, "a/b", "a/b", None, id="the manifest's"),
        pytest.param({"_type": None}, None, CYCLONE, None, id="no version"),
        pytest.param(
            {"_type": "https://in-toto.io/Statement/v9"},
            None,
            CYCLONE,
            '$._type: expected a statement of v0.1 or v1, got "https://in-toto.io/Statement/v9"',
            id="a version that nobody knows",
        ),
        pytest.param(
            {"predicate": None},
            None,
            CYCLONE,
            "$: object missing required field `predicate`",
            id="no predicate",
        ),
        pytest.param(
            {"predicateType": "x" * 300, "predicate": 5}, None, "x" * 255, None, id="a long type"
        ),
    ],
)
def test_what_is_stated_is_told_by_its_type(
    fields: dict[str, Any], said: str | None, predicate_type: str, detail: str | None
) -> None:
    found = read_statement(json_of(statement(**fields)), predicate_type=said)
    assert (found.predicate_type, found.detail) == (predicate_type, detail)


def envelope(inside: bytes) -> bytes:
    return json_of(
        payloadType="application/vnd.in-toto+json",
        payload=base64.b64encode(inside).decode(),
        signatures=[{"keyid": "", "sig": "bm9uZQ=="}],
    )


def test_a_signed_statement_is_taken_out_of_its_envelope() -> None:
    plain = payload("provenance_v02")
    found, expected = read_statement(envelope(plain)), read_statement(plain)
    assert found.size == len(envelope(plain))
    assert (found.source, found.bases, found.subject) == (
        expected.source,
        expected.bases,
        expected.subject,
    )
    assert found.predicate_type == "https://slsa.dev/provenance/v0.2"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"[]", "$: expected `object`, got `array`", id="list"),
        pytest.param(b"{", "$: expected JSON, got 1 bytes: Input data was truncated", id="cut"),
        pytest.param(b"{}", "$: object missing required field `predicateType`", id="empty"),
        pytest.param(
            json_of(predicateType=5),
            "$.predicateType: expected `str | null`, got `int`",
            id="no type",
        ),
        pytest.param(
            json_of(payload="A"),
            "$.payload: expected base64, got 1 signs: Invalid base64-encoded string: number of"
            " data characters (1) cannot be 1 more than a multiple of 4",
            id="no base64",
        ),
        pytest.param(
            json_of(payload="é"),
            "$.payload: expected base64, got 1 signs: string argument should contain only ASCII"
            " characters",
            id="no ASCII",
        ),
        pytest.param(
            envelope(b"{"),
            "$: expected JSON, got 1 bytes: Input data was truncated",
            id="cut inside",
        ),
        pytest.param(
            envelope(envelope(json_of(statement()))),
            "$: object missing required field `predicateType`",
            id="an envelope in an envelope",
        ),
    ],
)
def test_what_is_no_statement_is_refused(body: bytes, message: str) -> None:
    for said in (None, "https://slsa.dev/provenance/v1"):
        with pytest.raises(PayloadError) as caught:
            read_statement(body, predicate_type=said)
        assert str(caught.value) == message


def test_all_that_is_wrong_is_told() -> None:
    body = json.loads(payload("provenance_v02"))
    body["predicate"]["materials"] = [{"uri": "u"}, 5]
    body["subject"] = [5]
    found = read_statement(json_of(body))
    assert found.detail == (
        "$.subject[0]: expected `object`, got `int`; the statement is about no image;"
        " $.predicate.materials[1]: expected `object`, got `int`"
    )
