from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dockerhub.caps import BLOB_BYTES
from dockerhub.contents import BuildStep
from dockerhub.errors import PayloadError
from dockerhub.items import Config
from dockerhub.moments import microseconds
from dockerhub.payloads.configs import MOST_TEXT, pair, read_config
from tests.payloads.from_file import payload
from tests.payloads.registry import REPOSITORY, SEEN, digest, json_of


def at(text: str) -> int:
    return microseconds(datetime.fromisoformat(text))


def read(body: bytes) -> Config:
    return read_config(body, digest=digest("01"), repository=REPOSITORY, seen=SEEN)


def config(size: int, **more: Any) -> Config:
    texts = "os architecture variant os_version created author user working_dir stop_signal"
    rows = "env labels exposed_ports volumes diff_ids steps"
    said = {
        **dict.fromkeys(texts.split()),
        **dict.fromkeys(rows.split(), ()),
        "entrypoint": None,
        "cmd": None,
        **more,
    }
    return Config(seen=SEEN, repository=REPOSITORY, digest=digest("01"), size=size, **said)


CASES: dict[str, dict[str, Any]] = {
    "config_of_buildkit": {
        "os": "linux",
        "architecture": "arm64",
        "variant": "v8",
        "created": at("2026-02-03T03:05:06.123456Z"),
        "author": "Acme Builders",
        "user": "1000:1000",
        "working_dir": "/srv",
        "entrypoint": ("/entry", "--"),
        "cmd": ("serve", ""),
        "env": ("PATH=/usr/bin:/bin", "EMPTY="),
        "labels": (
            ("a.number", "5"),
            ("empty", ""),
            ("nothing", ""),
            ("org.opencontainers.image.source", "https://git.example/acme/app"),
        ),
        "exposed_ports": ("53/udp", "8443/tcp"),
        "volumes": ("/data",),
        "stop_signal": "SIGQUIT",
        "diff_ids": (digest("91"), digest("92")),
        "steps": (
            BuildStep("ADD rootfs.tar.gz / # buildkit", 0, at("2026-01-01T00:00:00Z")),
            BuildStep("ENV EMPTY=", None, at("2026-01-01T00:00:01Z")),
            BuildStep("RUN /bin/sh -c  make   install # buildkit", 1, at("2026-02-03T04:05:06Z")),
            BuildStep('CMD ["serve" ""]', None, at("2026-02-03T04:05:06Z")),
        ),
    },
    "config_of_classic_builder": {
        "os": "windows",
        "architecture": "amd64",
        "os_version": "10.0.12345.678",
        "cmd": ("run",),
        "diff_ids": (digest("93"), digest("94")),
        "steps": (
            BuildStep("/bin/sh -c #(nop) ADD file:0123 in / ", 0),
            BuildStep('/bin/sh -c #(nop)  CMD ["run"]', None, at("2017-05-06T07:08:09.100000Z")),
            BuildStep(None, 1),
        ),
    },
    "config_of_first_years": {
        "os": "linux",
        "architecture": "amd64",
        "cmd": ("run --all",),
        "entrypoint": ("/bin/sh",),
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_config_is_read(name: str) -> None:
    body = payload(name)
    assert read(body) == config(len(body), **CASES[name])


def test_an_empty_config_says_nothing() -> None:
    assert read(b"{}") == config(2)
    nothing = json_of(config=None, rootfs=None, history=None, created=None, os="", author="")
    assert read(nothing) == config(len(nothing))


@pytest.mark.parametrize(
    ("created", "moment"),
    [
        pytest.param("1970-12-31T23:59:59.9Z", None, id="1970"),
        pytest.param("1971-01-01T00:00:00Z", at("1971-01-01T00:00:00Z"), id="1971"),
        pytest.param("1971-01-01T00:00:00+02:00", None, id="1971 to the east"),
        pytest.param("1980-01-01T00:00:01Z", at("1980-01-01T00:00:01Z"), id="buildpacks"),
        pytest.param("2026-02-03T04:05:06.7-08:00", at("2026-02-03T12:05:06.700000Z"), id="west"),
        pytest.param("0001-01-01T00:00:00Z", None, id="Go's zero"),
        pytest.param("9999-12-31T23:59:59-01:00", None, id="year 10000"),
        pytest.param("2026-02-03T04:05:06", None, id="no offset"),
        pytest.param("yesterday", None, id="word"),
        pytest.param(1767225600, None, id="number"),
        pytest.param(["2026-02-03T04:05:06Z"], None, id="list"),
        pytest.param("", None, id="blank"),
    ],
)
def test_a_moment_is_read_or_none(created: Any, moment: int | None) -> None:
    found = read(json_of(created=created, history=[{"created": created}]))
    assert (found.created, found.steps) == (moment, (BuildStep(None, 0, moment),))


@pytest.mark.parametrize(
    "rootfs",
    [
        pytest.param({"diff_ids": [f"sha256:{'01' * 32}", "sha512:00"]}, id="algorithm"),
        pytest.param({"diff_ids": [5]}, id="number"),
        pytest.param({"diff_ids": {}}, id="object"),
        pytest.param({"diff_ids": [f"sha256:{'01' * 32}"] * 2001}, id="far too many"),
        pytest.param([], id="list"),
        pytest.param("layers", id="text"),
    ],
)
def test_diff_ids_of_which_one_is_none_are_none(rootfs: Any) -> None:
    found = read(json_of(rootfs=rootfs, os="linux"))
    assert (found.diff_ids, found.os) == ((), "linux")


@pytest.mark.parametrize(
    ("run", "field", "found"),
    [
        pytest.param({"Entrypoint": []}, "entrypoint", None, id="empty list"),
        pytest.param({"Entrypoint": ""}, "entrypoint", None, id="blank"),
        pytest.param({"Entrypoint": [""]}, "entrypoint", ("",), id="a blank part"),
        pytest.param({"Cmd": ["a", None]}, "cmd", ("a", ""), id="a part that is null"),
        pytest.param({"Cmd": ["a"] * 1001}, "cmd", ("a",) * 1000, id="far too many parts"),
        pytest.param({"Env": ["A=1", "", None]}, "env", ("A=1",), id="no variables"),
        pytest.param({"Env": ["A\0"]}, "env", ("A\ufffd",), id="NUL"),
        pytest.param(
            {"Env": ["A" * (MOST_TEXT + 1)]}, "env", ("A" * MOST_TEXT,), id="a long variable"
        ),
        pytest.param({"ExposedPorts": {"": {}, "b": 1, "a": None}}, "exposed_ports", ("a", "b")),
        pytest.param({"Volumes": {"v\0": {}, "x" * 1025: {}}}, "volumes", ("v\ufffd",), id="names"),
        pytest.param({"Volumes": ""}, "volumes", (), id="blank volumes"),
        pytest.param({"User": "u" * 300}, "user", "u" * 255, id="a long name"),
    ],
)
def test_how_it_is_run_is_read(run: dict[str, Any], field: str, found: Any) -> None:
    assert getattr(read(json_of(config=run)), field) == found


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"[]", "$: expected `object`, got `array`", id="list"),
        pytest.param(b"null", "$: expected `object`, got `null`", id="null"),
        pytest.param(b"{", "$: expected JSON, got 1 bytes: Input data was truncated", id="cut"),
        pytest.param(json_of(os=5), "$.os: expected `str | null`, got `int`", id="os"),
        pytest.param(
            json_of(config=[]), "$.config: expected `object | null`, got `array`", id="config"
        ),
        pytest.param(
            json_of(config={"User": 0}),
            "$.config.User: expected `str | null`, got `int`",
            id="user",
        ),
        pytest.param(
            json_of(config={"Env": {"A": "1"}}),
            "$.config.Env: expected `array`, got `object`",
            id="environment",
        ),
        pytest.param(
            json_of(config={"Cmd": ["a", 1]}),
            "$.config.Cmd[1]: expected `str | null`, got `int`",
            id="command",
        ),
        pytest.param(
            json_of(config={"Labels": ["a=1"]}),
            "$.config.Labels: expected `object`, got `array`",
            id="labels",
        ),
        pytest.param(
            json_of(config={"Volumes": ["/data"]}),
            "$.config.Volumes: expected `object`, got `array`",
            id="volumes",
        ),
        pytest.param(
            json_of(history=[{}, "RUN"]),
            "$.history[1]: expected `object`, got `str`",
            id="step",
        ),
        pytest.param(
            json_of(history=[{"empty_layer": "yes"}]),
            "$.history[0].empty_layer: expected `bool | null`, got `str`",
            id="empty layer",
        ),
        pytest.param(
            json_of(history=[{}] * 2001),
            "$.history: expected at most 2000 build steps, got 2001",
            id="far too many steps",
        ),
        pytest.param(
            b" " * (BLOB_BYTES + 1),
            "$: expected at most 16777216 bytes, got 16777217",
            id="far too long",
        ),
    ],
)
def test_what_is_no_config_is_refused_by_its_place(body: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read(body)
    assert str(caught.value) == message


LAYER, META = BuildStep("RUN", 0), BuildStep("ENV", None)


@pytest.mark.parametrize(
    ("steps", "layers", "fit"),
    [
        pytest.param((LAYER, META, LAYER), 2, True, id="fit"),
        pytest.param((LAYER, META, LAYER), 1, False, id="flattened"),
        pytest.param((META,), 0, True, id="no layers"),
        pytest.param((), 0, True, id="nothing"),
        pytest.param((), 3, False, id="imported"),
    ],
)
def test_steps_fit_a_manifest_with_as_many_layers(
    steps: tuple[BuildStep, ...], layers: int, fit: bool
) -> None:
    assert pair(steps, layers) == (steps if fit else None)
