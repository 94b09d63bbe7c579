from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.contents import Base
from dockerhub.payloads.provenance import MOST_BASES, MOST_DOCKERFILE, is_provenance
from tests.payloads.from_file import payload
from tests.payloads.registry import digest, json_of, read_statement

if TYPE_CHECKING:
    from dockerhub.items import Attestation

DOCKERFILE = 'FROM alpine:3.21\nRUN apk add build-base\nCOPY . /srv\nCMD ["serve"]\n'
ALPINE = Base(
    "pkg:docker/alpine@3.21?platform=linux%2Famd64", "docker.io/library/alpine:3.21", digest("b2")
)
LIBRARY = Base("https://git.example/acme/lib.git#v3", None, None)


def told(found: Attestation) -> dict[str, Any]:
    """Return what was read of a provenance."""
    names = "builder build_type source revision bases dockerfile detail"
    return {name: getattr(found, name) for name in names.split()}


CASES = {
    "provenance_v02": {
        "builder": "https://ci.example/acme/app/runs/17",
        "build_type": "https://mobyproject.org/buildkit@v1",
        "source": "https://git.example/acme/app.git",
        "revision": "0123456789abcdef0123456789abcdef01234567",
        "bases": (
            Base("pkg:docker/docker/dockerfile@1", "docker.io/docker/dockerfile:1", digest("b1")),
            ALPINE,
            LIBRARY,
            Base("https://files.example/tool.tar.gz", None, digest("b3")),
        ),
        "dockerfile": DOCKERFILE,
        "detail": None,
    },
    "provenance_v1": {
        "builder": None,
        "build_type": "https://github.com/moby/buildkit/blob/master/docs/attestations/"
        "slsa-definitions.md",
        "source": "https://git.example/acme/app.git",
        "revision": "cd" * 20,
        "bases": (ALPINE, LIBRARY),
        "dockerfile": DOCKERFILE,
        "detail": None,
    },
    "provenance_of_least": {
        "builder": None,
        "build_type": "https://mobyproject.org/buildkit@v1",
        "source": None,
        "revision": None,
        "bases": (),
        "dockerfile": None,
        "detail": None,
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_provenance_is_read(name: str) -> None:
    found = read_statement(payload(name))
    assert told(found) == CASES[name]
    assert (found.packages, found.package_count) == ((), None)


def predicate(value: Any) -> Attestation:
    statement = json.loads(payload("provenance_of_least"))
    return read_statement(json_of({**statement, "predicate": value}))


VCS = "https://mobyproject.org/buildkit@v1#metadata"


@pytest.mark.parametrize(
    ("vcs", "config", "source", "revision"),
    [
        pytest.param({}, {"uri": "https://g/a.git"}, "https://g/a.git", None, id="source alone"),
        pytest.param({}, {"uri": "https://g/a.git#v1"}, "https://g/a.git", "v1", id="fragment"),
        pytest.param({}, {"uri": "https://g/a.git#v1:dir"}, "https://g/a.git", "v1", id="folder"),
        pytest.param({}, {"uri": "https://g/a.git#:dir"}, "https://g/a.git", None, id="no rev"),
        pytest.param(
            {},
            {"uri": "https://g/a.git#v1", "digest": {"sha1": "ab"}},
            "https://g/a.git",
            "ab",
            id="commit",
        ),
        pytest.param(
            {},
            {"uri": "https://g/a.git", "digest": {"gitCommit": "cd"}},
            "https://g/a.git",
            "cd",
            id="commit by another name",
        ),
        pytest.param({"revision": "r"}, {}, None, "r", id="revision alone"),
        pytest.param({"source": "s", "revision": "r"}, {"uri": "u#v1"}, "s", "r", id="said"),
        pytest.param({"source": "s"}, {"uri": "u#v1"}, "s", None, id="of another repository"),
        pytest.param({"source": "u"}, {"uri": "u#v1"}, "u", "v1", id="of the same one"),
        pytest.param(None, None, None, None, id="null"),
    ],
)
def test_the_source_is_what_was_said_of_it(
    vcs: Any, config: Any, source: str | None, revision: str | None
) -> None:
    v02 = predicate({"invocation": {"configSource": config}, "metadata": {VCS: {"vcs": vcs}}})
    v1 = predicate(
        {
            "buildDefinition": {"externalParameters": {"configSource": config}},
            "runDetails": {"metadata": {"buildkit_metadata": {"vcs": vcs}}},
        }
    )
    for found in (v02, v1):
        assert (found.source, found.revision, found.detail) == (source, revision, None)


def encoded(text: bytes) -> str:
    return base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("infos", "text", "detail"),
    [
        pytest.param(
            [{"filename": "x", "data": encoded(b"no")}, {"language": "Dockerfile", "data": "eA=="}],
            "x",
            None,
            id="by its language",
        ),
        pytest.param([{"filename": "a/Dockerfile.ci", "data": "eA=="}], "x", None, id="by name"),
        pytest.param([{"filename": "recipe", "data": "eA=="}], "x", None, id="as it was asked for"),
        pytest.param([{"filename": "other", "data": "eA=="}], None, None, id="another file"),
        pytest.param([{"filename": "Dockerfile"}], None, None, id="no data"),
        pytest.param([{"filename": "Dockerfile", "data": "/w=="}], "\ufffd", None, id="no text"),
        pytest.param([{"filename": "Dockerfile", "data": "AA=="}], "\ufffd", None, id="NUL"),
        pytest.param(None, None, None, id="null"),
        pytest.param(
            [{"filename": "Dockerfile", "data": encoded(b"x" * (MOST_DOCKERFILE + 9))}],
            "x" * MOST_DOCKERFILE,
            None,
            id="cut",
        ),
        pytest.param(
            [{"filename": "Dockerfile", "data": "x"}],
            None,
            "$.predicate.metadata.*.source.infos[0].data: expected base64, got 1 signs: Invalid"
            " base64-encoded string: number of data characters (1) cannot be 1 more than a"
            " multiple of 4",
            id="no base64",
        ),
        pytest.param(
            [{"filename": 5}],
            None,
            "$.predicate.metadata.*.source.infos[0].filename: expected `str | null`, got `int`",
            id="no name",
        ),
    ],
)
def test_the_dockerfile_is_read_where_it_is_inside(
    infos: Any, text: str | None, detail: str | None
) -> None:
    found = predicate(
        {
            "invocation": {"configSource": {"entryPoint": "recipe"}},
            "metadata": {VCS: {"source": {"infos": infos}}},
        }
    )
    assert (found.dockerfile, found.detail) == (text, detail)


def test_of_too_many_materials_images_are_kept_first() -> None:
    sources = [{"uri": f"https://git.example/{number}"} for number in range(MOST_BASES)]
    found = predicate({"materials": [*sources, {"uri": "pkg:docker/alpine@3.21"}]})
    assert len(found.bases) == MOST_BASES
    assert found.bases[0].name == "docker.io/library/alpine:3.21"
    assert found.bases[1].uri == "https://git.example/0"


@pytest.mark.parametrize(
    ("value", "bases", "detail"),
    [
        pytest.param(5, 0, "$.predicate: expected `object`, got `int`", id="no predicate"),
        pytest.param(
            {"buildType": "b", "builder": "me"},
            0,
            "$.predicate.builder: expected `object | null`, got `str`",
            id="builder",
        ),
        pytest.param(
            {"materials": {}},
            0,
            "$.predicate.materials: expected `array`, got `object`",
            id="materials",
        ),
        pytest.param(
            {"buildDefinition": {"resolvedDependencies": [{"uri": "a"}, {"uri": 5}, {}]}},
            1,
            "$.predicate.buildDefinition.resolvedDependencies[1].uri:"
            " expected `str | null`, got `int`",
            id="one of them",
        ),
    ],
)
def test_what_cannot_be_read_is_told_in_the_detail(value: Any, bases: int, detail: str) -> None:
    found = predicate(value)
    assert (len(found.bases), found.detail) == (bases, detail)


@pytest.mark.parametrize(
    ("predicate_type", "is_one"),
    [
        ("https://slsa.dev/provenance/v0.2", True),
        ("https://slsa.dev/provenance/v1", True),
        ("https://slsa.dev/provenance/v1.1", True),
        ("https://slsa.dev/provenance/v0.1", False),
        ("https://slsa.dev/provenance/v10", False),
        ("https://slsa.dev/verification_summary/v1", False),
        ("v1", False),
    ],
)
def test_the_versions_that_are_read_are_told(predicate_type: str, is_one: bool) -> None:
    assert is_provenance(predicate_type) is is_one
