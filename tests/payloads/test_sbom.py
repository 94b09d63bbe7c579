from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.contents import Package
from dockerhub.payloads.sbom import MOST_PACKAGES, MOST_PURL, is_sbom
from tests.payloads.from_file import payload
from tests.payloads.registry import json_of, read_statement

if TYPE_CHECKING:
    from dockerhub.items import Attestation


def test_packages_are_read_with_their_versions_and_urls() -> None:
    found = read_statement(payload("sbom_of_spdx"))
    assert found.packages == (
        Package("busybox", "1.37.0-r12", "pkg:apk/alpine/busybox@1.37.0-r12?arch=x86_64"),
        Package("made-up", None, None),
        Package("last", None, None),
    )
    assert found.package_count == 5
    assert found.detail == "$.predicate.packages[2].name: expected a name, got none"
    assert (found.builder, found.bases) == (None, ())


def predicate(value: Any) -> Attestation:
    statement = json.loads(payload("sbom_of_spdx"))
    return read_statement(json_of({**statement, "predicate": value}))


def test_an_sbom_may_have_no_packages() -> None:
    found = predicate({"spdxVersion": "SPDX-2.3"})
    assert (found.packages, found.package_count, found.detail) == ((), 0, None)


def test_far_too_many_packages_are_counted_all_the_same() -> None:
    found = predicate({"spdxVersion": "SPDX-2.2", "packages": [{"name": "a"}] * 20_005})
    assert (len(found.packages), found.package_count) == (MOST_PACKAGES, 20_005)


@pytest.mark.parametrize(
    ("references", "purl"),
    [
        ([{"referenceType": "purl", "referenceLocator": "pkg:a/b"}], "pkg:a/b"),
        ([{"referenceType": "purl", "referenceLocator": "x" * (MOST_PURL + 1)}], None),
        ([{"referenceType": "purl"}, {"referenceLocator": "pkg:a/b"}], None),
    ],
)
def test_a_package_url_is_one_of_the_references(references: Any, purl: str | None) -> None:
    packages = [{"name": "n" * 600, "versionInfo": "v\0", "externalRefs": references}]
    found = predicate({"spdxVersion": "SPDX-2.3", "packages": packages})
    assert found.packages == (Package("n" * 512, "v\ufffd", purl),)


@pytest.mark.parametrize(
    ("value", "count", "detail"),
    [
        pytest.param([], None, "$.predicate: expected `object`, got `array`", id="list"),
        pytest.param(
            {"@graph": []}, None, "$.predicate.spdxVersion: expected SPDX-2, got nothing", id="3"
        ),
        pytest.param(
            {"spdxVersion": "SPDX-3.0"},
            None,
            '$.predicate.spdxVersion: expected SPDX-2, got "SPDX-3.0"',
            id="said",
        ),
        pytest.param(
            {"spdxVersion": "SPDX-2.3", "packages": {}},
            None,
            "$.predicate.packages: expected `array`, got `object`",
            id="no list",
        ),
        pytest.param(
            {"spdxVersion": "SPDX-2.3", "packages": [{"name": "a"}, {"name": 5}]},
            2,
            "$.predicate.packages[1].name: expected `str`, got `int`",
            id="no name",
        ),
    ],
)
def test_what_cannot_be_read_is_told_in_the_detail(
    value: Any, count: int | None, detail: str
) -> None:
    found = predicate(value)
    assert (found.package_count, found.detail) == (count, detail)


@pytest.mark.parametrize(
    ("predicate_type", "is_one"),
    [
        ("https://spdx.dev/Document", True),
        ("https://spdx.dev/Document/v2.3", True),
        ("https://spdx.dev/Document/v3.0", False),
        ("https://cyclonedx.org/bom", False),
    ],
)
def test_the_formats_that_are_read_are_told(predicate_type: str, is_one: bool) -> None:
    assert is_sbom(predicate_type) is is_one
