from __future__ import annotations

import pytest

from dockerhub.contents import Base
from dockerhub.payloads.materials import MOST_URI, read_base
from tests.payloads.registry import digest

HEX = "b2" * 32


@pytest.mark.parametrize(
    ("uri", "name", "said"),
    [
        ("pkg:docker/alpine@3.20?platform=linux%2Famd64", "docker.io/library/alpine:3.20", None),
        ("pkg:docker/library/alpine@3.20", "docker.io/library/alpine:3.20", None),
        ("pkg:docker/acme/app@2.1#sub/path", "docker.io/acme/app:2.1", None),
        ("pkg:docker/alpine", "docker.io/library/alpine", None),
        (f"pkg:docker/alpine@sha256:{HEX}", "docker.io/library/alpine", "b2"),
        (f"pkg:docker/alpine@sha256%3A{HEX}", "docker.io/library/alpine", "b2"),
        (f"pkg:docker/alpine@3.20?digest=sha256:{HEX}", "docker.io/library/alpine:3.20", "b2"),
        ("pkg:docker/ghcr.example/acme/app@v2", "ghcr.example/acme/app:v2", None),
        ("pkg:docker/ghcr.example%3A5000/a/b/c@v2", "ghcr.example:5000/a/b/c:v2", None),
        ("pkg:docker/localhost/app@v2", "localhost/app:v2", None),
        ("pkg:docker/app@v2?repository_url=ghcr.example/acme", "ghcr.example/acme/app:v2", None),
        ("pkg:docker/app@v2?repository_url=https://ghcr.example/", "ghcr.example/app:v2", None),
        ("docker-image://alpine:3.20", "docker.io/library/alpine:3.20", None),
        (
            f"docker-image://docker.io/library/alpine:3.20@sha256:{HEX}",
            "docker.io/library/alpine:3.20",
            "b2",
        ),
        ("docker-image://ghcr.example/acme/app:v2", "ghcr.example/acme/app:v2", None),
        ("https://git.example/acme/lib.git#v3", None, None),
        ("pkg:npm/alpine@3.20", None, None),
        ("pkg:docker/Up/Per@1", None, None),
        ("pkg:docker/a b@1", None, None),
        ("pkg:docker/", None, None),
        ("pkg:docker/@3.20", None, None),
        ("docker-image://", None, None),
        ("docker-image://x/../y", None, None),
        ("alpine:3.20", None, None),
        ("", None, None),
    ],
)
def test_what_a_build_was_made_of_is_named_in_full(
    uri: str, name: str | None, said: str | None
) -> None:
    assert read_base(uri, None) == Base(uri, name, digest(said) if said else None)
    assert read_base(uri, "c3" * 32) == Base(uri, name, digest("c3"))


@pytest.mark.parametrize("sha256", ["c3", "C3" * 32, "sha256:" + "c3" * 32])
def test_a_digest_that_is_none_is_missing(sha256: str) -> None:
    assert read_base("pkg:docker/alpine@3.20", sha256).digest is None


def test_a_long_uri_is_cut_and_names_nothing() -> None:
    uri = "pkg:docker/alpine@3.20?x=" + "x" * MOST_URI
    assert read_base(uri, None) == Base(uri[:MOST_URI], None, None)
