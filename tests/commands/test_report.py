"""`scrapy report` as a user runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.reports.images import Build, Images
from tests.reports.reporting import Reporting, repositories, repository, sized, tags_of

if TYPE_CHECKING:
    from tests.commands.running import Commands
    from tests.crawling import Ended

HOSTILE = "\x1b]0;x\x07\x9b31m\u202e\r[red]<script>alert(1)</script>"
QUESTIONS = ("sizes", "stale", "platforms", "popular", "shared")


@pytest.fixture
def reporting(commands: Commands) -> Reporting:
    return Reporting(f"sqlite:///{commands.database}")


def fill(commands: Commands, reporting: Reporting) -> None:
    """Write what every report has something to say of."""
    images = Images(reporting.url)
    base = ("ADD rootfs.tar /", "base", 1000)
    images.put("debian:12", {"linux/amd64": Build(steps=[base])})
    for name, size in (("acme/app:1", 10), ("acme/app:2", 30)):
        own = (f"RUN {HOSTILE} # buildkit", name, size)
        images.put(name, {"linux/amd64": Build(steps=[base, own])})
    reporting.write(repositories(repository("acme/app", pull_count=7, star_count=2)))


def report(commands: Commands, *words: str) -> Ended:
    ended = commands.run("report", *words)
    assert commands.requests() == {}
    return ended


def test_sizes(commands: Commands, reporting: Reporting) -> None:
    reporting.write(
        tags_of("acme/a", sized("1.0", 9, linux_amd64=5_000_000)),
        tags_of("acme/a", sized("1.1", 2, linux_amd64=7_500_000)),
    )

    ended = report(commands, "sizes", "--repo", "acme/a")

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "repository  tag  pushed            platform       size  difference  before",
        "acme/a      1.1  2026-11-20 08:00  linux/amd64  7.5 MB      2.5 MB  1.0",
        "acme/a      1.0  2026-11-13 08:00  linux/amd64  5.0 MB",
    ]


def test_shared(commands: Commands, reporting: Reporting) -> None:
    fill(commands, reporting)

    ended = report(commands, "shared", "--org", "acme")

    assert (ended.status, ended.err) == (0, "")
    layers, together = ended.out.split("\n\n")
    assert layers.splitlines()[1].split()[1:] == [
        *("1.0", "kB", "2", "1", "1.0", "kB", "debian:12", "ADD", "rootfs.tar", "/"),
    ]
    assert together.splitlines()[1].split() == [
        *("2", "3", "2.0", "kB", "1.0", "kB", "1.0", "kB", "49.0%", "1.0", "kB", "0", "B"),
    ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_json(commands: Commands, reporting: Reporting, question: str) -> None:
    fill(commands, reporting)

    ended = report(commands, question, "--org", "acme", "--json")

    found: dict[str, Any] = json.loads(ended.out)
    assert (ended.status, ended.err) == (0, "")
    assert list(found) == ["rows", "notes", "totals"]
    assert bool(found["rows"]) is (question != "stale")
    if question == "stale":
        assert found["totals"] is None
    else:
        assert list(found["totals"]) == ["rows", "notes"]


def test_what_others_wrote_is_harmless(commands: Commands, reporting: Reporting) -> None:
    images = Images(reporting.url)
    step = (f"RUN {HOSTILE}{'x' * 25_000} # buildkit", "l", 10)
    for name in ("acme/app:1", "acme/app:2"):
        images.put(name, {"linux/amd64": Build(steps=[step])})

    shown = report(commands, "shared")
    told = report(commands, "shared", "--json")

    for sign in ("\x1b", "\x07", "\x9b", "\u202e", "\r"):
        assert sign not in shown.out
        assert sign not in told.out
    assert max(map(len, shown.out.splitlines())) < 600
    assert "[red]<script>" in shown.out
    assert len(json.loads(told.out)["rows"][0]["instruction"]) > 25_000


def test_nothing_stale_is_an_answer(commands: Commands, reporting: Reporting) -> None:
    fill(commands, reporting)

    ended = report(commands, "stale", "--org", "acme")

    assert ended.status == 0
    assert ended.out.split() == [
        *("repository", "last_pushed", "days_since_push", "last_pulled"),
        *("pulls_gained", "gained_in_days", "pull_count"),
    ]
    assert ended.lines == [
        "scrapy report: nothing was not pushed for 180 days and still pulled within 30 days"
    ]


REFUSED = [
    (["sizes", "--org", "none"], "expected tags of none, none are in it; run: scrapy crawl org"),
    (["popular", "--repo", "redis"], "expected library/redis, none are in it; run: scrapy crawl"),
    (["shared", "--org", "bare"], "run: scrapy crawl org -a org=bare -a depth=layers"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_no_answer_is_one_line(
    commands: Commands, reporting: Reporting, words: list[str], message: str
) -> None:
    reporting.write(tags_of("bare/a", sized("1", 1, linux_amd64=1)))

    ended = report(commands, *words)

    assert (ended.status, ended.out, len(ended.lines)) == (1, "", 1)
    assert ended.lines[0].startswith("scrapy report: database: ")
    assert message in ended.lines[0]


def test_without_a_database(commands: Commands) -> None:
    ended = report(commands, "sizes")

    assert (ended.status, ended.out, len(ended.lines)) == (1, "", 1)
    assert "crawl first" in ended.lines[0]
    assert not commands.database.exists()


WRONG = [
    ([], "expected one of sizes, stale, platforms, popular, shared, coverage; got none"),
    (
        ["sise"],
        'report: expected one of sizes, stale, platforms, popular, shared, coverage, got "sise"',
    ),
    (
        ["sizes", "shared"],
        "expected one of sizes, stale, platforms, popular, shared, coverage; got",
    ),
    (["stale", "--days", "0"], '--days: expected a whole number from 1 to 36500, got "0"'),
    (
        ["stale", "--org", "A/b"],
        '--org: expected a user or an organisation, such as bitnami, got "A/b"',
    ),
    (["shared", "--days", "3"], "--days: expected one of the reports sizes, stale, popular, got"),
    (["popular", "--by", "size"], "--by"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_wrong_arguments(commands: Commands, words: list[str], message: str) -> None:
    ended = report(commands, *words)

    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert not commands.database.exists()


def test_help_has_an_example(commands: Commands) -> None:
    ended = report(commands, "--help")

    assert ended.status == 0
    assert "scrapy report sizes --org bitnami" in " ".join(ended.out.split())


@pytest.mark.parametrize("question", QUESTIONS)
def test_after_the_crawl_that_is_advised_there_is_an_answer(
    commands: Commands, question: str
) -> None:
    ended = commands.run("crawl", "org", "-a", "org=acme", "-a", "depth=layers")
    assert ended.status == 0, ended.err

    ended = report(commands, question, "--org", "acme")

    assert ended.status == 0, ended.err
