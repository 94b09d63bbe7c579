"""Which tags follow each other."""

from __future__ import annotations

import pytest

from dockerhub.reports.tag_lines import line_of, version_of

LINES = [
    ("1.27-alpine", "#.#-alpine"),
    ("1.27.3", "#.#.#"),
    ("1.27-alpine3.20", "#.#-alpine#.#"),
    ("1.27.3-debian-12-r5", "#.#.#-debian-#-r#"),
    ("latest", "latest"),
    ("20261122", "#"),
    ("sha-3fa9bc1", "sha-#"),
    ("main-3fa9bc1d2e", "main-#"),
    ("deadbeef", "deadbeef"),
    ("cafe1", "cafe#"),
]


@pytest.mark.parametrize(("name", "line"), LINES)
def test_the_line_of_a_tag(name: str, line: str) -> None:
    assert line_of(name) == line


def test_versions_are_in_order_of_their_numbers() -> None:
    assert version_of("1.9-alpine") < version_of("1.10-alpine")
