"""The answers held against Docker's own description, where that describes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from tests.standin.client import Answer, ask, signed_in

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

DOCUMENT = Path(__file__).parents[3] / "shared/api/hub-openapi.yaml"
LIST = "/v2/namespaces/bitnami/repositories"
ONE = "/v2/namespaces/{namespace}/repositories/{repository}"


def corrected(document: Any) -> Any:
    """Return *document* with what Docker Hub is recorded to answer otherwise put right."""
    schemas = document["components"]["schemas"]
    tag, image = schemas["tag"]["properties"], schemas["image"]["properties"]
    # Described as one object and as text; every recorded payload has an array and a boolean.
    tag["images"] = {"type": "array", "items": {"$ref": "#/components/schemas/image"}}
    tag["v2"] = {"type": "boolean"}
    # Described as ``status``; recorded as ``tag_status``, with the same words.
    tag["tag_status"] = tag.pop("status")
    # Recorded as null where a platform has none, and in /images.
    for name in ("variant", "os_version", "features", "os_features"):
        image[name]["nullable"] = True
    row = schemas["repository_list_entry"]["properties"]
    # "archived" was recorded in 2026, "initialized" is in Docker's internal list of states.
    row["status_description"]["enum"] += ["archived", "initialized"]
    # Null in the list of media types marks a legacy repository; the detail's schema allows it.
    row["media_types"]["items"]["nullable"] = True
    # Both schemas describe the same columns: nullable in one of them is nullable in the other.
    row["storage_size"]["nullable"] = True
    schemas["repository_info"]["properties"]["last_updated"]["nullable"] = True
    return document


@pytest.fixture(scope="module")
def document() -> Any:
    if not DOCUMENT.exists():
        pytest.skip("the folder shared is absent")
    return corrected(yaml.safe_load(DOCUMENT.read_text()))


def errors(document: Any, path: str, answer: Answer, method: str = "get") -> list[str]:
    """Return what the schema of *path* and the answer's status has against its body."""
    responses = document["paths"][path][method]["responses"]
    found = responses.get(str(answer.status), responses.get(answer.status))
    while "$ref" in found:
        found = document["components"]["responses"][found["$ref"].rpartition("/")[2]]
    schema = found["content"]["application/json"]["schema"]
    # References point into the whole document: its components come along.
    validator = OAS30Validator({"allOf": [schema], "components": document["components"]})
    return [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(answer.json)]


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("/v2/namespaces/{namespace}/repositories", f"{LIST}?page_size=100", 200),
        ("/v2/namespaces/{namespace}/repositories", f"{LIST}?ordering=size", 400),
        ("/v2/namespaces/{namespace}/repositories", f"{LIST}?page=11", 403),
        ("/v2/namespaces/{namespace}/repositories", f"{LIST}?page=9", 404),
        (ONE, f"{LIST}/none", 404),
        (f"{ONE}/tags", f"{LIST}/long/tags?page_size=100", 200),
        (f"{ONE}/tags", f"{LIST}/long/tags?page_size=100&ordering=-last_updated", 200),
        (f"{ONE}/tags", f"{LIST}/long/tags?page=101", 403),
        (f"{ONE}/tags", f"{LIST}/none/tags", 404),
        (f"{ONE}/tags/{{tag}}", f"{LIST}/long/tags/latest", 200),
        (f"{ONE}/tags/{{tag}}", f"{LIST}/long/tags/none", 404),
    ],
)
def test_answer_is_as_described(
    hub: StandIn, document: Any, path: str, asked: str, status: int
) -> None:
    answer = ask(hub.url + asked)
    assert answer.status == status
    assert errors(document, path, answer) == []


def test_every_detail_is_as_described(hub: StandIn, document: Any) -> None:
    for each in hub.world.repositories("bitnami"):
        answer = ask(f"{hub.url}{LIST}/{each.name}")
        assert errors(document, ONE, answer) == []


def test_refused_token_is_as_described(hub: StandIn, document: Any) -> None:
    answer = ask(hub.url + LIST, headers={"Authorization": "Bearer other"})
    assert answer.status == 401
    assert errors(document, "/v2/namespaces/{namespace}/repositories", answer) == []


@pytest.mark.parametrize("secret", ["secret", "wrong"])
def test_sign_in_is_as_described(hub: StandIn, document: Any, secret: str) -> None:
    for path, keys in (
        ("/v2/auth/token", ("identifier", "secret")),
        ("/v2/users/login", ("username", "password")),
    ):
        body = dict(zip(keys, ("ada", secret), strict=True))
        answer = ask(hub.url + path, method="POST", body=body)
        assert answer.status == (200 if secret == "secret" else 401)
        assert errors(document, path, answer, "post") == []


def test_the_check_sees_a_wrong_answer(hub: StandIn, document: Any) -> None:
    right = ask(f"{hub.url}{LIST}/long/tags", headers=signed_in(hub.url))
    wrong = Answer(200, {}, right.body.replace(b'"v2":true', b'"v2":"true"'))
    assert len(errors(document, f"{ONE}/tags", wrong)) == 10
