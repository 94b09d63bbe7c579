"""Which platforms are asked for: what people write against what images say of themselves."""

from __future__ import annotations

import pytest

from dockerhub.arguments import read_scope


@pytest.mark.parametrize(
    ("os", "architecture", "variant"),
    [
        pytest.param("linux", "amd64", None, id="usual"),
        pytest.param("windows", "amd64", None, id="windows"),
        pytest.param("linux", "arm", "v7", id="with a variant"),
        pytest.param("unknown", "unknown", None, id="unknown"),
        pytest.param(None, None, None, id="not said"),
    ],
)
def test_without_the_argument_every_platform_is_wanted(
    os: str | None, architecture: str | None, variant: str | None
) -> None:
    assert read_scope({}).wants_platform(os, architecture, variant)


@pytest.mark.parametrize(
    ("asked", "os", "architecture", "variant", "answer"),
    [
        pytest.param("linux/amd64", "linux", "amd64", None, True, id="the very platform"),
        pytest.param("linux/amd64", "linux", "amd64", "", True, id="an empty variant"),
        pytest.param("linux/amd64", "linux", "amd64", "v2", True, id="any variant of it"),
        pytest.param("linux/amd64", "linux", "arm64", None, False, id="another architecture"),
        pytest.param("linux/amd64", "windows", "amd64", None, False, id="another system"),
        pytest.param("linux/amd64", "unknown", "unknown", None, False, id="unknown"),
        pytest.param("linux/amd64", None, "amd64", None, True, id="system not said"),
        pytest.param("linux/amd64", "linux", None, None, True, id="architecture not said"),
        pytest.param("linux/amd64", "", "", None, True, id="said to be empty"),
        pytest.param("linux/arm", "linux", "arm", "v5", True, id="all of an architecture"),
        pytest.param("linux/arm", "linux", "arm64", "v8", False, id="a longer name"),
        pytest.param("linux/arm/v7", "linux", "arm", "v7", True, id="the very variant"),
        pytest.param("linux/arm/v7", "linux", "arm", "v6", False, id="another variant"),
        pytest.param("linux/arm/v7", "linux", "arm", None, True, id="arm is v7"),
        pytest.param("linux/arm/v6", "linux", "arm", None, False, id="arm is not v6"),
        pytest.param("linux/arm64/v8", "linux", "arm64", None, True, id="arm64 is v8"),
        pytest.param("linux/arm64/v8", "linux", "arm64", "v9", False, id="nor v9"),
        pytest.param("linux/arm64", "linux", "arm64", "v8", True, id="v8 is arm64"),
        pytest.param("linux/amd64/v2", "linux", "amd64", None, False, id="no variant implied"),
        pytest.param("linux/386, linux/s390x", "linux", "s390x", None, True, id="one of several"),
        pytest.param("linux/386, linux/s390x", "linux", "amd64", None, False, id="none of several"),
    ],
)
def test_platforms_are_chosen(
    asked: str, os: str | None, architecture: str | None, variant: str | None, answer: bool
) -> None:
    scope = read_scope({"platforms": asked})
    assert scope.wants_platform(os, architecture, variant) is answer


def test_platforms_do_not_decide_which_rows_a_walk_keeps() -> None:
    assert read_scope({"platforms": "linux/amd64"}).walk_arguments == ""
