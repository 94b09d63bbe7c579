"""Which manifests a user may ask for: of a repository, by digest, or all that lack something."""

from __future__ import annotations

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.names import ImageName, RepositoryName, digest_bytes
from dockerhub.targets import WantedManifests, read_manifests

REDIS = RepositoryName("bitnami", "redis")
FIRST, SECOND = f"sha256:{'a1' * 32}", f"sha256:{'b2' * 32}"
DIGEST = "spider argument digests: expected sha256: and 64 hex digits, got "


def wanted(*digests: str, tag: str | None = None, digest: str | None = None) -> WantedManifests:
    return WantedManifests(
        image=ImageName(repository=REDIS, tag=tag, digest=digest),
        digests=tuple(map(digest_bytes, digests)),
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, WantedManifests(), id="nothing: all that lack something"),
        pytest.param({"tags": "1*"}, WantedManifests(), id="what others read"),
        pytest.param({"repo": "bitnami/redis"}, wanted(), id="a repository"),
        pytest.param({"repo": "bitnami/redis:7.2"}, wanted(tag="7.2"), id="a tag"),
        pytest.param({"repo": "bitnami/redis", "digests": FIRST}, wanted(FIRST), id="a digest"),
        pytest.param(
            {"repo": "bitnami/redis", "digests": f"{FIRST.upper()},{FIRST}"},
            wanted(FIRST),
            id="in capitals",
        ),
        pytest.param(
            {"repo": "bitnami/redis", "digests": f"{SECOND}, {FIRST},{SECOND},"},
            wanted(SECOND, FIRST),
            id="digests, each once",
        ),
        pytest.param(
            {"repo": f"docker.io/bitnami/redis@{FIRST}"},
            wanted(FIRST, digest=FIRST),
            id="a digest in the name",
        ),
        pytest.param(
            {"repo": f"bitnami/redis:7.2@{FIRST}", "digests": f"{SECOND},{FIRST}"},
            wanted(SECOND, FIRST, tag="7.2", digest=FIRST),
            id="in both",
        ),
    ],
)
def test_manifests_are_read(given: dict[str, str], expected: WantedManifests) -> None:
    assert read_manifests(given) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            {"digests": FIRST},
            'spider argument digests: expected repo= beside it, got "none"',
            id="digests alone",
        ),
        pytest.param(
            {"repo": " ", "digests": FIRST},
            'spider argument repo: expected a repository such as nginx or a/b, got "nothing"',
            id="repo empty",
        ),
        pytest.param(
            {"repo": "ghcr.io/a/b"},
            'spider argument repo: expected an image on Docker Hub, got "ghcr.io/a/b"',
            id="another registry",
        ),
        pytest.param(
            {"repo": "nginx@sha256:1"},
            'spider argument repo: expected sha256: and 64 hex digits after the @, got "sha256:1"',
            id="half a digest in the name",
        ),
        pytest.param({"repo": "nginx", "digests": "latest"}, f'{DIGEST}"latest"', id="a tag"),
        pytest.param(
            {"repo": "nginx", "digests": f"{FIRST},{'a1' * 32}"},
            f'{DIGEST}"{"a1" * 28}a..."',
            id="digits alone",
        ),
    ],
)
def test_what_is_no_manifest_is_named(given: dict[str, str], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_manifests(given)
    assert str(caught.value) == message


@pytest.mark.parametrize("digests", ["", " , "])
@pytest.mark.parametrize("more", [{}, {"repo": "bitnami/redis"}], ids=["alone", "beside repo"])
def test_digests_that_name_none_are_a_mistake(digests: str, more: dict[str, str]) -> None:
    with pytest.raises(ArgumentError, match="spider argument digests: expected sha256"):
        read_manifests({**more, "digests": digests})
