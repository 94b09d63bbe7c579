"""`scrapy lineage` as a user runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dockerhub.media_types import BASE_DIGEST, BASE_NAME
from tests.crawling import environment, forked
from tests.reports.images import Build, items_of
from tests.reports.lineage_made import Drawn, text_of, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawling import Ended

DEBIAN = Drawn("debian:12", ("debian",))
PYTHON = Drawn("python:3.12", ("debian", "python"))
APP = Drawn("acme/app:1", ("debian", "python", "app"), by_hub=True)
HOSTILE = "evil\x1b[31m<script>\u202e=cmd()" + "x" * 25_000


@pytest.fixture
def database(tmp_path: Path) -> Path:
    made = tmp_path / "hub.db"
    write(f"sqlite:///{made}", DEBIAN, PYTHON, APP)
    return made


def run(database: Path, *words: str) -> Ended:
    env = environment("http://127.0.0.1:2", database)
    ended = forked("lineage", *words, env=env, cwd=database.parent)
    assert "Traceback" not in ended.err, ended.err
    return ended


def test_it_prints_the_bases_down_to_the_root(database: Path) -> None:
    ended = run(database, "acme/app:1")

    assert ended.status == 0
    assert ended.out == (
        "distance  base         behind   shared_layers  evidence  confidence\n"
        "       1  python:3.12  current              2  layers    told\n"
        "       2  debian:12    current              1  layers    told\n"
    )
    assert ended.lines == ["scrapy lineage: acme/app:1 linux/amd64: 3 layers, told by hub"]


def test_it_prints_json(database: Path) -> None:
    ended = run(database, "acme/app:1", "--json")

    (platform,) = json.loads(ended.out)["platforms"]
    assert list(platform) == [
        "platform",
        "digest",
        "told_by",
        "layer_count",
        "bases",
        "said",
    ]
    assert platform["bases"][1] == {
        "distance": 2,
        "confidence": "told",
        "shared_layers": 1,
        "is_mutual": False,
        "digests": [text_of("debian:12")],
        "said": [],
        "tag_count": 1,
        "is_at_least": False,
        "tags": [
            {
                "repo_name": "library/debian",
                "tag_name": "12",
                "shows_it_now": True,
                "is_said": False,
                "seen_from": "2026-11-22T08:00:00.000000Z",
                "seen_until": None,
                "gone_at": None,
                "behind": {"days": 0.0, "pushes": 0, "is_at_least": False},
            }
        ],
    }


def test_it_prints_who_is_built_on_it(database: Path) -> None:
    ended = run(database, "debian:12", "--dependents")

    assert ended.status == 0
    assert ended.out == (
        "repo_name       pull_count  tags  through      evidence  confidence\n"
        "acme/app                    1     python:3.12  layers    told\n"
        "library/python              3.12               layers    proven\n"
    )
    assert ended.lines == [
        (
            "scrapy lineage: debian:12 linux/amd64: 2 stored images stand on its layers;"
            " built on it: 2 tags of 2 repositories with 0 pulls, 2 shown"
        )
    ]
    found = json.loads(run(database, "debian:12", "--dependents", "--limit", "1", "--json").out)
    (platform,) = found["platforms"]
    assert (platform["repository_count"], len(platform["repositories"])) == (2, 1)
    assert platform["repositories"][0]["tags"] == [
        {
            "tag_name": "1",
            "platform": "linux/amd64",
            "digest": text_of("acme/app:1"),
            "evidence": ["layers"],
            "confidence": "told",
            "is_direct": False,
            "through": "library/python:3.12",
            "through_digest": text_of("python:3.12"),
        }
    ]


def test_it_finds_a_layer_and_a_digest(database: Path) -> None:
    rows = json.loads(run(database, "--layer", text_of("python"), "--json").out)["rows"]
    assert [(row["repo_name"], row["position"]) for row in rows] == [
        ("library/python", 1),
        ("acme/app", 1),
    ]
    ended = run(database, "--digest", text_of("index of acme/app:1"))
    assert ended.out == (
        "repo_name  tag_name  platform  kind   state  seen_from         seen_until  moved_at\n"
        "acme/app   1                   index  now    2026-11-22 08:00\n"
    )


def test_what_hostile_images_say_is_harmless(database: Path) -> None:
    said = {BASE_NAME: HOSTILE, BASE_DIGEST: text_of("elsewhere")}
    steps = [("RUN x", "x", 1)]
    items = items_of("acme/evil:1", {"linux/amd64": Build(steps=steps, labels=said)})
    write(f"sqlite:///{database}", *items)

    ended = run(database, "acme/evil:1")
    assert ended.status == 0
    text = ended.out + ended.err
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert len(text) < 2000
    assert "evil" in ended.out
    said_json = run(database, "acme/evil:1", "--json").out
    assert said_json.isascii()
    assert "\x1b" not in said_json
    assert json.loads(said_json)["platforms"][0]["said"][0]["crawl"] is None


def test_one_is_counted_as_one(database: Path) -> None:
    assert run(database, "python:3.12", "--dependents").lines == [
        (
            "scrapy lineage: python:3.12 linux/amd64: 1 stored image stands on its layers;"
            " built on it: 1 tag of 1 repository with 0 pulls, 1 shown"
        )
    ]


def test_digests_may_be_typed_in_upper_case(database: Path) -> None:
    shown = text_of("acme/app:1").upper()
    assert run(database, "--layer", text_of("python").upper()).status == 0
    assert "acme/app" in run(database, "--digest", f" {shown}").out
    assert run(database, f"acme/app@{shown}").out == run(database, "acme/app:1").out


def test_nothing_below_is_no_image(database: Path) -> None:
    steps = [("RUN x", "x", 1)]
    for name, said in {"acme/none:1": "scratch", "acme/lone:1": text_of("x")}.items():
        built = {"linux/amd64": Build(steps=steps, labels={BASE_NAME: said})}
        write(f"sqlite:///{database}", *items_of(name, built))

    none, lone = run(database, "acme/none:1"), run(database, "acme/lone:1")
    assert none.out.splitlines()[1].split() == ["scratch", "(no", "base)", "label", "said"]
    assert none.lines == ["scrapy lineage: acme/none:1 linux/amd64: 1 layer, told by registry"]
    assert f"an image@{text_of('x')}" in lone.out
    assert lone.lines == ["scrapy lineage: acme/lone:1 linux/amd64: 1 layer, told by registry"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["acme/other:2"],
            (
                "acme/other:2: expected it in the database, it was not read or is gone;"
                " run: scrapy crawl manifests -a repo=acme/other:2"
            ),
        ),
        (
            ["--layer", "sha256:" + "0" * 64],
            (
                f"layer sha256:{'0' * 64}: expected an image that holds it, none is stored;"
                " run: scrapy crawl tags -a repo=NAMESPACE/NAME -a depth=layers"
            ),
        ),
        (
            ["--digest", "sha256:" + "0" * 64],
            (
                f"sha256:{'0' * 64}: expected an image with this digest in the database,"
                " there is none; run: scrapy crawl tags -a repo=NAMESPACE/NAME"
            ),
        ),
    ],
    ids=["image", "layer", "digest"],
)
def test_without_an_answer_it_names_the_crawl(
    database: Path, words: list[str], message: str
) -> None:
    ended = run(database, *words)
    assert (ended.status, ended.out) == (1, "")
    assert ended.lines == [f"scrapy lineage: {message}"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], 'lineage: expected one image, or --layer, or --digest, got ""'),
        (["nginx", "--layer", "x"], 'or --digest, got "nginx and --layer"'),
        (["--layer", "sha256:1"], "--layer: expected sha256: and 64 hex digits, got"),
        (["quay.io/a/b"], 'expected an image on Docker Hub, got "quay.io/a/b"'),
        (["nginx", "--platform", "all of them"], "expected os/architecture[/variant]"),
        (["nginx", "--limit", "0"], "--limit: expected a whole number from 1 to 1000000, got"),
        (["nginx", "--count"], '--count: expected --dependents with it, got "nginx"'),
        (
            ["--digest", "x", "--dependents"],
            '--dependents: expected an image, such as nginx:1.27, got "--digest"',
        ),
        (["nginx", "--unknown"], "expected an option of this command, got --unknown"),
    ],
    ids=lambda each: " ".join(each)[:20] if isinstance(each, list) else "",
)
def test_wrong_arguments_are_refused_before_the_database_is_opened(
    tmp_path: Path, words: list[str], message: str
) -> None:
    ended = run(tmp_path / "none.db", *words)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert not (tmp_path / "none.db").exists()


def test_help_has_an_example(database: Path) -> None:
    ended = run(database, "--help")
    assert ended.status == 0
    assert "scrapy lineage bitnami/redis:7.4" in " ".join(ended.out.split())
