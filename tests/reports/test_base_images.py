from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.media_types import BASE_DIGEST, BASE_NAME
from dockerhub.names import read_image_name
from dockerhub.reports.dockerfile import Dockerfile, dockerfile_of
from dockerhub.reports.dockerfile_text import dockerfile_text
from tests.reports.images import EMPTY, Build
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


def test_the_base_is_cut_off_that_has_most_of_its_layers(images: Images, stored: Open) -> None:
    images.put("debian:12", {AMD64: Build(steps=DEBIAN)})
    images.put("python:3.12", {AMD64: Build(steps=PYTHON)})
    images.put("other/app:1", {AMD64: Build(steps=[*PYTHON, ("RUN x", "other", 5)])})
    images.put("acme/app", {AMD64: Build(steps=[*PYTHON, *APP])})

    assert dockerfile_text(dockerfile(stored)) == (
        "# acme/app:latest, linux/amd64: rebuilt from the build steps that are kept in the image\n"
        f"# {digest_text('acme/app linux/amd64 None')}\n"
        "# the base image: the lowest layers are its own; 2 layers,"
        f" {digest_text('python:3.12 linux/amd64 None')}\n"
        "FROM python:3.12\n"
        "\n"
        "ENV MODE=fast\n"
        "WORKDIR /srv\n"
        "\n"
        "# 2.5 kB\n"
        "COPY app /srv\n"
        "\n"
        'ENTRYPOINT ["/srv/app"]\n'
    )


def test_a_base_has_the_name_that_says_most(images: Images, stored: Open) -> None:
    for name in ("zeta/debian:12", "debian:latest", "debian:12.5", "debian:12"):
        images.put(name, {AMD64: Build(steps=DEBIAN)})
    images.put("acme/app", {AMD64: Build(steps=[*DEBIAN, *APP])})

    found = dockerfile(stored).base

    assert found is not None
    assert (found.name, found.layer_count, found.step_count) == ("debian:12", 1, 2)


def test_an_image_is_not_its_own_base(images: Images, stored: Open) -> None:
    images.put("acme/app:1", {AMD64: Build(steps=[*DEBIAN, *APP])})
    images.put("acme/app:2", {AMD64: Build(steps=[*DEBIAN, *APP])})

    assert dockerfile(stored, "acme/app:1").base is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"annotations": {BASE_NAME: "docker.io/library/debian:12"}}, "an annotation names it"),
        ({"labels": {BASE_NAME: "debian:12"}}, "a label names it"),
        ({"bases": [base("docker.io/library/debian:12")]}, "the provenance names it"),
    ],
)
def test_a_base_that_is_named_is_preferred(
    images: Images, stored: Open, said: dict[str, object], why: str
) -> None:
    # By its layers alone it would be the longer one.
    images.put("debian:12", {AMD64: Build(steps=DEBIAN)})
    images.put("python:3.12", {AMD64: Build(steps=PYTHON)})
    images.put("acme/app", {AMD64: Build(steps=[*PYTHON, *APP], **said)})  # type: ignore[arg-type]

    text = dockerfile_text(dockerfile(stored))

    assert f"# the base image: {why}; 1 layer, " in text
    assert "FROM debian:12\n" in text


@pytest.mark.parametrize("written", [str, str.upper], ids=["as it is", "in capitals"])
def test_a_base_is_found_by_its_digest_where_its_tag_has_moved(
    images: Images, stored: Open, written: Callable[[str], str]
) -> None:
    said = {BASE_NAME: "debian:12", BASE_DIGEST: written(digest_text("debian:12-old"))}
    images.put("debian:12-old", {AMD64: Build(steps=DEBIAN)})
    images.put("debian:12", {AMD64: Build(steps=[("ADD new / # buildkit", "new", 7)])})
    images.put("acme/app", {AMD64: Build(steps=[*DEBIAN, *APP], annotations=said)})

    found = dockerfile(stored).base

    assert found is not None
    assert (found.name, found.evidence) == ("debian:12", "annotation")


def test_a_base_that_is_named_and_not_stored_is_told(images: Images, stored: Open) -> None:
    said = {BASE_NAME: "docker.io/library/debian:12", BASE_DIGEST: digest_text("elsewhere")}
    both = Build(steps=[*DEBIAN, *APP], annotations=said, labels={BASE_NAME: "debian:11"})
    images.put("acme/app", {AMD64: both})

    found = dockerfile(stored)

    assert (
        f"# built on debian:12@{digest_text('elsewhere')} (annotation), debian:11 (label)\n"
        "# whose layers are not known here: the first steps are those of that image\n"
        "FROM scratch\n"
    ) in dockerfile_text(found)
    assert found.fetch is None, "two are named"


def test_what_brings_the_base_is_known(images: Images, stored: Open) -> None:
    said = {BASE_NAME: "docker.io/library/debian:12", BASE_DIGEST: digest_text("elsewhere")}
    images.put("acme/app", {AMD64: Build(steps=[*DEBIAN, *APP], annotations=said)})

    assert dockerfile(stored).fetch == {
        "repo": f"debian@{digest_text('elsewhere')}",
        "platforms": AMD64,
    }


def test_what_is_said_is_told_beside_what_the_layers_prove(images: Images, stored: Open) -> None:
    images.put("debian:12", {AMD64: Build(steps=DEBIAN)})
    said = {BASE_NAME: "quay.io/acme/base:1"}
    images.put("acme/app", {AMD64: Build(steps=[*DEBIAN, *APP], labels=said)})

    text = dockerfile_text(dockerfile(stored))

    assert (
        "# it is said to be quay.io/acme/base:1 (label), of which the layers are not known here\n"
        "FROM debian:12\n"
    ) in text


def test_tools_of_a_build_are_not_its_base(images: Images, stored: Open) -> None:
    tools = [base("docker.io/docker/dockerfile:1"), base("docker.io/tonistiigi/xx:1")]
    images.put("debian:12", {AMD64: Build(steps=DEBIAN)})
    images.put("acme/app", {AMD64: Build(steps=[*DEBIAN, *APP], bases=[*tools, base("debian:12")])})

    assert [one.name for one in dockerfile(stored).said] == ["debian:12"]


def test_steps_that_hub_tells_are_enough(images: Images, stored: Open) -> None:
    # Hub leaves out what the classic builder puts before each step: the base is found all the same.
    hub = [(f"ADD file:{SUM} in / ", "rootfs", 29_100_000), ' CMD ["bash"]']
    images.put("debian:12", {AMD64: Build(steps=hub)})
    images.put("acme/app", {AMD64: Build(steps=[*DEBIAN, *APP])})

    found = dockerfile(stored).base

    assert found is not None
    assert found.step_count == 2


def test_a_base_whose_steps_are_not_known_ends_with_its_layers(
    images: Images, stored: Open
) -> None:
    images.put("debian:12", {AMD64: Build(steps=DEBIAN, has_config=False)})
    images.put("acme/app", {AMD64: Build(steps=[*DEBIAN, *APP])})

    found = dockerfile(stored)

    assert found.base is not None
    assert [one.instruction.text for one in found.steps][:2] == ['CMD ["bash"]', "ENV MODE=fast"]


def test_steps_that_do_not_fit_their_layers_are_all_shown(images: Images, stored: Open) -> None:
    images.put("debian:12", {AMD64: Build(steps=DEBIAN)})
    flat = Build(steps=[*DEBIAN, *APP], has_config=False)
    images.put("acme/app", {AMD64: flat})

    found = dockerfile(stored)

    assert found.base is None
    assert found.steps == ()
