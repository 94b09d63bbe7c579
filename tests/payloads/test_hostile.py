"""Whatever a registry answers: it is read or refused in one line, and a database can hold it."""

from __future__ import annotations

import copy
import json
import sqlite3
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.errors import PayloadError
from dockerhub.names import RepositoryName
from dockerhub.payloads.attestations import read_attestation
from dockerhub.payloads.configs import read_config
from dockerhub.payloads.manifests import (
    read_manifest,
    read_predicate_types,
    read_proven_manifest,
    read_refusals,
)
from dockerhub.payloads.materials import read_base
from dockerhub.payloads.tag_images import read_tag_images
from dockerhub.payloads.tag_names import next_names, read_tag_names
from tests.payloads.from_file import payload
from tests.payloads.registry import REPOSITORY, SEEN, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST: dict[str, Any] = {"digest": digest("01"), "repository": REPOSITORY, "seen": SEEN}
READERS: dict[str, Callable[[bytes], object]] = {
    "manifest": lambda body: read_manifest(body, content_type=None, **MANIFEST),
    "index": lambda body: read_manifest(body, content_type=OCI_INDEX, **MANIFEST),
    "proven": lambda body: read_proven_manifest(body, content_type=None, **MANIFEST),
    "refusals": lambda body: read_refusals(body, None),
    "predicates": read_predicate_types,
    "config": lambda body: read_config(body, **MANIFEST),
    "attestation": lambda body: read_attestation(
        body, manifest=digest("02"), subject=None, predicate_type="a/b", **MANIFEST
    ),
    "tag images": lambda body: read_tag_images(body, REPOSITORY, "1.0", SEEN),
    "tag names": read_tag_names,
}
FILES = {
    "index_of_all_sorts": "manifest",
    "index_with_bad_members": "index",
    "manifest_of_oci": "manifest",
    "manifest_of_attestation": "predicates",
    "manifest_of_referrer": "manifest",
    "manifest_of_schema_1": "proven",
    "config_of_buildkit": "config",
    "config_of_classic_builder": "config",
    "provenance_v02": "attestation",
    "provenance_v1": "attestation",
    "sbom_of_spdx": "attestation",
    "tag_images": "tag images",
    "tag_images_with_bad_images": "tag images",
    "tag_names": "tag names",
}

texts = st.text(st.characters(codec=None), max_size=9) | st.sampled_from(
    ["\0", "\ud800", "sha256:" + "ab" * 32, "pkg:docker/a@1", "e30=", "2026-01-01T00:00:00Z"]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63 - 1, 2**63, -(2**63) - 1, 2**70, 10**400])
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda more: st.lists(more, max_size=4) | st.dictionaries(texts, more, max_size=4)
)


def leaves(found: Any) -> Iterator[Any]:
    """Give all that an item is made of."""
    if is_dataclass(found):
        for field in fields(found):
            yield from leaves(getattr(found, field.name))
    elif isinstance(found, tuple):
        for one in found:
            yield from leaves(one)
    else:
        yield found


def hold(database: sqlite3.Connection, found: object) -> None:
    for leaf in leaves(found):
        (held,) = database.execute("SELECT ?", (leaf,)).fetchone()
        assert held == leaf
        assert not (isinstance(leaf, str) and "\0" in leaf)


def refusal_of(name: str, body: bytes) -> str | None:
    """Return why a body is refused; None if it is read, and a database holds all of it."""
    database = sqlite3.connect(":memory:")
    try:
        hold(database, READERS[name](body))
    except PayloadError as error:
        return str(error)
    finally:
        database.close()
    return None


def read_or_refuse(name: str, body: bytes) -> None:
    refusal = refusal_of(name, body)
    if refusal is not None:
        assert refusal.splitlines() == [refusal]
        assert refusal.startswith(("$", "manifest: expected the bytes"))


# One test for all readers: pytest-twisted runs no test of Hypothesis with parameters twice.
@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.sampled_from(sorted(READERS)), st.binary(max_size=60))
def test_any_bytes(name: str, body: bytes) -> None:
    read_or_refuse(name, body)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.sampled_from(sorted(READERS)), values)
def test_any_json(name: str, value: Any) -> None:
    read_or_refuse(name, json.dumps(value).encode())


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to each part of a document."""
    yield above
    if isinstance(value, dict):
        for key, one in value.items():
            yield from places(one, (*above, key))
    elif isinstance(value, list):
        for position, one in enumerate(value):
            yield from places(one, (*above, position))


def with_part(document: Any, place: tuple[Any, ...], part: Any) -> Any:
    """Return the document with something else in one place."""
    if not place:
        return part
    changed = copy.deepcopy(document)
    inside = changed
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = part
    return changed


@settings(derandomize=True, max_examples=800, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_any_json_in_any_place(file: str, data: st.DataObject) -> None:
    document = json.loads(payload(file))
    place = data.draw(st.sampled_from(list(places(document))))
    body = json.dumps(with_part(document, place, data.draw(values))).encode()
    read_or_refuse(FILES[file], body)


@settings(derandomize=True, max_examples=800, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_any_byte_in_any_place(file: str, data: st.DataObject) -> None:
    body = bytearray(payload(file))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(FILES[file], bytes(body))


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000, id="lists"),
        pytest.param(b'{"layers":' * 100_000, id="objects"),
        pytest.param(b"[" + b"[" * 100_000 + b"]" * 100_000 + b"]", id="closed lists"),
        pytest.param(b'{"x":' * 100_000 + b"1" + b"}" * 100_000, id="closed objects"),
        pytest.param(
            b'{"predicateType":"a","config":{"Labels":{"a":'
            + b"[" * 100_000
            + b"]" * 100_000
            + b"}}}",
            id="inside",
        ),
    ],
)
def test_nesting_without_end(name: str, body: bytes) -> None:
    with pytest.raises(PayloadError, match=r"^(\$|manifest: expected the bytes)"):
        READERS[name](body)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(uri=st.text() | st.text().map("pkg:docker/".__add__), digits=st.none() | st.text())
def test_any_material(uri: str, digits: str | None) -> None:
    base = read_base(uri, digits)
    assert base.digest is None or len(base.digest) == 32


@settings(derandomize=True, max_examples=200, deadline=None)
@given(target=st.text() | st.text().map("/v2/a/b/tags/list?".__add__) | st.text().map("//".__add__))
def test_any_link(target: str) -> None:
    last, refusal = next_names(
        f"<{target}>; rel=next", origin="https://x", repository=RepositoryName("a", "b")
    )
    assert last is None or refusal is None
