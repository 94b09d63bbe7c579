from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dockerhub.media_types import BASE_NAME
from tests.reports.images import Build, Images
from tests.reports.reading import read_dockerfile

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.commands.running import Commands

NOWHERE = "http://127.0.0.1:9"
HOSTILE = "\x1b]0;x\x07\x9b31m\u202e\r[red]"


def summaries(err: str) -> list[str]:
    """Return how each crawl began its summary."""
    return [line.partition(":")[0] for line in err.splitlines() if ": done in " in line]


def test_what_is_missing_is_fetched_and_the_dockerfile_printed(commands: Commands) -> None:
    ended = commands.run("dockerfile", "nginx", "--fetch", "--steps")

    assert ended.status == 0
    read = read_dockerfile(ended.out)
    assert read[0] == ("FROM", "scratch")
    assert [keyword for keyword, _ in read[-6:-1]] == [
        "COPY",
        "WORKDIR",
        "RUN",
        "EXPOSE",
        "ENTRYPOINT",
    ]
    assert read[-1] == ("CMD", '["--arch=amd64"]')
    said = "scrapy dockerfile: nginx:latest: this is linux/amd64; there is linux/arm64, linux/arm"
    assert said in ended.lines
    # The index, and the manifest of one platform.
    assert commands.pulls() == 2

    again = commands.run("dockerfile", "docker.io/library/nginx:latest", "--steps")
    assert (again.status, again.out) == (0, ended.out)
    assert again.lines[0] == said
    assert again.lines[1].startswith("scrapy dockerfile: the base image ")
    assert again.lines[1].endswith(" is not stored; --fetch brings it")
    assert commands.requests() == {}


def test_what_is_fetched_twice_costs_no_pull(commands: Commands) -> None:
    commands.run("dockerfile", "acme/single", "--fetch")
    spent = commands.pulls()

    ended = commands.run("dockerfile", "acme/single", "--fetch")

    assert ended.status == 0
    assert commands.pulls() == spent


def test_a_platform_may_be_asked_for(commands: Commands) -> None:
    ended = commands.run("dockerfile", "nginx", "--platform", "linux/arm64", "--fetch")

    assert ended.status == 0
    assert '\nCMD ["--arch=arm64"]\n' in ended.out
    assert ", linux/arm64: " in ended.out.splitlines()[0]
    assert "this is" not in ended.err
    assert commands.pulls() == 2


def test_an_attested_dockerfile_is_printed_instead(commands: Commands, world: World) -> None:
    ended = commands.run("dockerfile", "acme/app0", "--fetch")
    steps = commands.run("dockerfile", "acme/app0", "--steps")

    assert ended.status == steps.status == 0
    assert "the Dockerfile itself, as the provenance of its build has it" in ended.out
    assert 'CMD ["--arch=$TARGETARCH"]' in ended.out
    assert "rebuilt from the build steps" in steps.out
    assert 'CMD ["--arch=amd64"]' in steps.out


def test_a_base_that_is_fetched_is_cut_off(commands: Commands) -> None:
    steps: Any = [("ADD rootfs / # buildkit", "rootfs", 1_000), 'CMD ["sh"]']
    made = Images(f"sqlite:///{commands.database}")
    made.put("debian:12", {"linux/amd64": Build(steps=steps)})
    app = Build(steps=[*steps, ("COPY a / # buildkit", "a", 5)], labels={BASE_NAME: "debian:12"})
    made.put("acme/app", {"linux/amd64": app})

    ended = commands.run("dockerfile", "acme/app")

    assert ended.status == 0
    assert read_dockerfile(ended.out) == [("FROM", "debian:12"), ("COPY", "a /")]
    assert "# the base image: a label names it; 1 layer, sha256:" in ended.out


def test_a_base_that_is_not_to_be_had_is_no_failure(commands: Commands) -> None:
    # The stand-in names base images that it does not have.
    ended = commands.run("dockerfile", "nginx", "--fetch", "--steps")

    assert ended.status == 0
    assert "# built on " in ended.out
    assert len(summaries(ended.err)) <= 2


def test_the_json_is_whole(commands: Commands) -> None:
    ended = commands.run("dockerfile", "nginx", "--fetch", "--json")

    assert ended.status == 0
    found = json.loads(ended.out)
    assert (found["image"], found["platform"]) == ("nginx:latest", "linux/amd64")
    assert found["steps"][-1]["instruction"] == 'CMD ["--arch=amd64"]'
    assert found["dockerfile"].endswith('CMD ["--arch=amd64"]\n')
