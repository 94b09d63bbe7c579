from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dockerhub.media_types import BASE_NAME
from dockerhub.names import read_image_name
from dockerhub.reports.dockerfile import Dockerfile, dockerfile_of
from dockerhub.reports.dockerfile_text import dockerfile_json, dockerfile_text
from dockerhub.reports.stored_images import NotStored
from tests.reports.images import EMPTY, Build
from tests.reports.reading import read_dockerfile
from tests.store.made import digest_text
from tests.store.made_contents import base

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.reports.stored_images import Stored
    from tests.reports.images import Images, Made

    Open = Callable[[], Stored]

AMD64 = "linux/amd64"
SUM = "0123456789abcdef" * 4
DEBIAN: list[Made] = [
    (f"/bin/sh -c #(nop) ADD file:{SUM} in / ", "rootfs", 29_100_000),
    '/bin/sh -c #(nop)  CMD ["bash"]',
]
PYTHON: list[Made] = [
    *DEBIAN,
    "ENV PYTHON_VERSION=3.12",
    ("RUN /bin/sh -c install-python # buildkit", "python", 12_345_678),
    'CMD ["python3"]',
]
APP: list[Made] = [
    "ENV MODE=fast",
    ("WORKDIR /srv", EMPTY, 32),
    ("COPY app /srv # buildkit", "app", 2_500),
    'ENTRYPOINT ["/srv/app"]',
]


def dockerfile(stored: Open, name: str = "acme/app", **options: object) -> Dockerfile:
    return dockerfile_of(stored(), read_image_name(name), **options)  # type: ignore[arg-type]


def test_what_was_built_from_nothing_begins_with_scratch(images: Images, stored: Open) -> None:
    images.put("debian:12", {AMD64: Build(steps=DEBIAN)})

    assert dockerfile_text(dockerfile(stored, "debian:12")) == (
        "# debian:12, linux/amd64: rebuilt from the build steps that are kept in the image\n"
        f"# {digest_text('debian:12 linux/amd64 None')}\n"
        "# file:... and dir:... stand for sources of which the builder kept a checksum alone\n"
        "# the base image is not known: if there is one, the first steps are its own\n"
        "FROM scratch\n"
        "\n"
        "# 29.1 MB\n"
        f"ADD file:{SUM} /\n"
        "\n"
        'CMD ["bash"]\n'
    )


def test_the_true_dockerfile_is_printed_where_it_is_attested(images: Images, stored: Open) -> None:
    text = "# syntax=docker/dockerfile:1\r\nFROM debian:12\r\nCOPY \x1b[2Japp /srv\r\n"
    images.put("acme/app", {AMD64: Build(steps=[*DEBIAN, *APP], dockerfile=text)})

    found = dockerfile(stored)

    assert dockerfile_text(found) == (
        "# syntax=docker/dockerfile:1\n"
        "# acme/app:latest, linux/amd64: the Dockerfile itself,"
        " as the provenance of its build has it\n"
        f"# {digest_text('acme/app linux/amd64 None')}\n"
        "FROM debian:12\n"
        "COPY  [2Japp /srv\n"
    )
    assert dockerfile_json(found)["source"] == "attestation"
    forced = dockerfile(stored, steps_only=True)
    assert "rebuilt from the build steps" in dockerfile_text(forced)
    assert dockerfile_json(forced)["source"] == "steps"


@pytest.mark.parametrize(
    ("platforms", "asked", "shown", "is_chosen"),
    [
        (["linux/arm64", AMD64], None, AMD64, True),
        ([AMD64], None, AMD64, False),
        (["linux/arm64/v8"], None, "linux/arm64", True),
        (["linux/s390x", "linux/arm/v7"], None, "linux/s390x", True),
        ([AMD64, "linux/arm64/v8"], "linux/arm64", "linux/arm64", False),
        ([AMD64, "linux/arm64"], "linux/arm64/v8", "linux/arm64", False),
        ([AMD64, "linux/arm/v6", "linux/arm/v7"], "linux/arm/v6", "linux/arm/v6", False),
        ([AMD64, "linux/arm/v6", "linux/arm/v7"], "linux/arm", "linux/arm/v6", True),
    ],
)
def test_a_platform_is_chosen(
    images: Images,
    stored: Open,
    platforms: list[str],
    asked: str | None,
    shown: str,
    is_chosen: bool,
) -> None:
    builds = {one: Build(steps=[("ADD x / # buildkit", one, 1)]) for one in platforms}
    images.put("acme/app", builds)

    found = dockerfile(stored, platform=asked)

    assert (found.platform, found.is_chosen) == (shown, is_chosen)
    assert found.steps[0].layer is not None


def test_windows_escapes_with_a_backtick(images: Images, stored: Open) -> None:
    steps: list[Made] = [
        ("Apply image 10.0.20348.2340", "windows", 2_000_000_000),
        "cmd /S /C #(nop) WORKDIR C:\\app\\",
        ("cmd /S /C mkdir C:\\app\\", "app", 1),
    ]
    build = Build(steps=steps, os_version="10.0.20348.2340")
    images.put("acme/app", {"windows/amd64": build})

    text = dockerfile_text(dockerfile(stored))

    assert text.startswith("# escape=`\n# acme/app:latest, windows/amd64 10.0.20348: rebuilt")
    assert read_dockerfile(text) == [
        ("FROM", "scratch"),
        ("WORKDIR", "C:\\app\\"),
        ("RUN", "mkdir C:\\app\\"),
    ]


ADVICE = "add --fetch, or run: scrapy crawl manifests"
MISSING = f"expected it in the database, it was not read or is gone; {ADVICE}"
UNREAD = f"expected its layers in the database, they were not read; {ADVICE}"
HOSTILE = "\x1b]0;x\x07 \u202e\x9b31m\r[red]\nRUN evil \\"


def test_nothing_hostile_reaches_a_terminal(images: Images, stored: Open) -> None:
    build = Build(
        steps=[(f"RUN /bin/sh -c echo {HOSTILE}", HOSTILE, 1), f"ENV A={HOSTILE}", f"x {HOSTILE}"],
        labels={BASE_NAME: f"debian:12{HOSTILE}", HOSTILE: HOSTILE},
        bases=[base(f"debian:{HOSTILE}")],
    )
    images.put("acme/app", {AMD64: build})

    found = dockerfile(stored)

    text = dockerfile_text(found)
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    assert [keyword for keyword, _ in read_dockerfile(text)] == ["FROM", "RUN", "ENV"]
    assert json.loads(json.dumps(dockerfile_json(found)))["dockerfile"] == text


def test_all_that_is_known_is_in_the_json(images: Images, stored: Open) -> None:
    images.put("debian:12", {AMD64: Build(steps=DEBIAN)})
    images.put("acme/app", {AMD64: Build(steps=[*DEBIAN, APP[2]])})

    found = dockerfile_json(dockerfile(stored))

    assert found.pop("dockerfile").endswith("COPY app /srv\n")
    assert found == {
        "image": "acme/app:latest",
        "platform": AMD64,
        "digest": digest_text("acme/app linux/amd64 None"),
        "source": "steps",
        "base": {
            "name": "debian:12",
            "digest": digest_text("debian:12 linux/amd64 None"),
            "evidence": "layers",
            "layer_count": 1,
            "step_count": 2,
        },
        "said_bases": [],
        "steps": [
            {
                "keyword": "COPY",
                "instruction": "COPY app /srv",
                "note": None,
                "layer": digest_text("layer app"),
                "size_bytes": 2500,
                "created": "2026-11-22T08:00:00.000000Z",
            }
        ],
    }


@pytest.mark.parametrize(
    ("name", "platform", "message"),
    [
        (
            "acme/other:1",
            None,
            f"acme/other:1: {MISSING} -a repo=acme/other:1",
        ),
        (
            "acme/app:1",
            "linux/s390x",
            "acme/app:1: expected the platform linux/s390x, it has linux/amd64, linux/arm64",
        ),
        (
            "acme/app:1",
            "linux/arm64",
            f"acme/app:1 linux/arm64: {UNREAD} -a repo=acme/app:1 -a platforms=linux/arm64",
        ),
        (
            f"acme/app@{digest_text('what')}",
            None,
            f"acme/app@{digest_text('what')}: {MISSING} -a repo=acme/app@{digest_text('what')}",
        ),
    ],
)
def test_what_is_missing_is_told_with_what_brings_it(
    images: Images, stored: Open, name: str, platform: str | None, message: str
) -> None:
    builds = {AMD64: Build(steps=DEBIAN), "linux/arm64": Build(steps=APP, is_read=False)}
    images.put("acme/app:1", builds)

    with pytest.raises(NotStored) as caught:
        dockerfile(stored, name, platform=platform)

    assert str(caught.value) == message


def test_an_image_is_found_by_its_digest(images: Images, stored: Open) -> None:
    images.put("acme/app", {AMD64: Build(steps=DEBIAN), "linux/arm64": Build(steps=APP)})

    whole = dockerfile(stored, f"acme/app@{digest_text('acme/app')}")
    one = dockerfile(stored, f"acme/app:gone@{digest_text('acme/app linux/arm64 None')}")

    assert (whole.platform, whole.others) == (AMD64, ("linux/arm64",))
    assert (one.platform, one.others, one.is_chosen) == ("linux/arm64", (), True)
