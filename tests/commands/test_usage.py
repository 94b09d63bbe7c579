from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.commands.usage import Command
from tests.crawling import environment, forked
from tests.payloads.test_usage import DIGEST, report

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands.running import Commands
    from tests.crawling import Ended

ADDRESS = "192.0.2.177"
NIGHT = [{"datehour": f"2026/11/22/{hour:02}", "ips": ADDRESS} for hour in range(8)]


class Usage:
    """The command, with a database and reports of its own; nobody is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "hub.db"

    def report(self, name: str, *changes: dict[str, str], add: bytes = b"") -> str:
        (self.folder / name).write_bytes(b"".join(report(*changes)) + add)
        return name

    def run(self, *words: str) -> Ended:
        env = environment("http://127.0.0.1:2", self.database)
        ended = forked("usage", *words, env=env, cwd=self.folder)
        assert "Traceback" not in ended.err, ended.err
        return ended

    def json(self, *words: str) -> dict[str, Any]:
        ended = self.run(*words, "--json")
        assert ended.status == 0, ended.err
        found: dict[str, Any] = json.loads(ended.out)
        return found

    def count(self) -> int:
        with closing(sqlite3.connect(self.database)) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM pull_usage").fetchone()[0])


@pytest.fixture
def usage(tmp_path: Path) -> Usage:
    return Usage(tmp_path)


def test_reads_a_report_and_sums_it_up(usage: Usage) -> None:
    ended = usage.run(usage.report("REPORT.csv", *NIGHT))
    assert (ended.status, ended.err) == (
        0,
        "scrapy usage: REPORT.csv: 8 rows of 2026-11-22T00 to 2026-11-22T07 UTC\n",
    )
    assert "user  token  pulls   share  version_checks  hours  most_in_hour  most_in_day\n" in (
        ended.out
    )
    assert "ada   ci        16  100.0%              24      8             2           16\n" in (
        ended.out
    )
    assert "(200 pulls in 1 h of each user: never reached)\n" in ended.out
    assert "run: scrapy crawl repos -a repos=acme/app)\n" in ended.out


def test_answers_again_without_a_report(usage: Usage) -> None:
    usage.run(usage.report("REPORT.csv", *NIGHT))
    said = usage.json()
    assert list(said) == [
        *("total", "token", "machine", "repository", "user", "hour", "day"),
        *("limit", "pins", "watchers"),
    ]
    assert said["total"]["rows"][0]["pulls"] == 16
    assert len(said["hour"]["rows"]) == 8
    assert usage.json("--by", "token", "--since", "2026-11-22T06:00")["rows"] == [
        {"user": "ada", "token": "ci", "pulls": 4, "share": 1.0, "version_checks": 6, "hours": 2,
         "most_in_hour": 2, "most_in_day": 4}
    ]  # fmt: skip


def test_the_same_report_again_counts_nothing_twice(usage: Usage) -> None:
    name = usage.report("REPORT.csv", *NIGHT)
    usage.run(name, name)
    ended = usage.run(name)
    assert ended.err.endswith("; 8 hours of earlier reports replaced\n")
    assert usage.json()["total"]["rows"][0]["pulls"] == 16


def test_a_limit_is_held_against_the_hours(usage: Usage) -> None:
    name = usage.report("REPORT.csv", *[change | {"pulls": "40"} for change in NIGHT])
    [found] = usage.json(name, "--per", "6h")["limit"]["rows"]
    assert (found["user"], found["pulls"], found["limit"], found["over"]) == ("ada", 240, 200, 40)
    assert usage.json("--pulls", "41")["limit"]["rows"] == []
    said = usage.json("--plan", "business")["limit"]
    assert said == {"rows": [], "notes": ["this plan has no limit of pulls"]}


def test_a_malformed_report_leaves_the_database_as_it_was(usage: Usage) -> None:
    usage.run(usage.report("one.csv", *NIGHT))
    good = usage.report("two.csv", {"datehour": "2026/11/23/08"})
    bad = usage.report("three.csv", {}, {}, {"pulls": "x"})
    ended = usage.run(good, bad)
    assert (ended.status, ended.out) == (1, "")
    words = 'three.csv:4: column pulls: expected a whole number, got "x"'
    assert ended.err == f"scrapy usage: {words}\n"
    assert usage.count() == 8


def test_no_address_is_kept_or_shown(usage: Usage) -> None:
    broken = usage.report("broken.csv", *NIGHT, {"pulls": ADDRESS}, {"ips": f"{ADDRESS}x"})
    usage.report("hub.csv", *NIGHT)
    said = [usage.run("hub.csv", *more) for more in ((), ("--json",), ("-L", "DEBUG"))]
    said += [usage.run(broken), usage.run("--by", "machine")]
    assert {each.status for each in said} == {0, 1}
    assert [each for each in said if ADDRESS in each.out + each.err] == []
    left = b"".join(file.read_bytes() for file in usage.folder.iterdir() if file.suffix != ".csv")
    assert ADDRESS.encode() not in left
    assert "machine 1 " in said[-1].out


def test_addresses_are_kept_where_that_is_asked_for(usage: Usage) -> None:
    ended = usage.run(usage.report("hub.csv", *NIGHT), "--keep-addresses", "--by", "machine")
    assert ADDRESS in ended.out
    usage.run("hub.csv")
    left = b"".join(file.read_bytes() for file in usage.folder.iterdir() if file.suffix != ".csv")
    assert ADDRESS.encode() not in left


def test_without_any_report_it_says_where_to_get_one(usage: Usage) -> None:
    ended = usage.run()
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == (
        "scrapy usage: usage: expected a pull usage report, none was read yet; Docker Hub sends it"
        " by mail: hub.docker.com/usage/pulls, Send report to email; run: scrapy usage REPORT.csv\n"
    )
    assert not usage.database.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--by", "tag"], "--by: expected one of token, machine, repository, user, hour, day"),
        (["--plan", "free"], "--plan: expected one of anonymous, personal, pro, team, business"),
        (["--per", "2h"], '--per: expected one of 1h, 6h, 24h, got "2h"'),
        (["--pulls", "0"], '--pulls: expected a whole number from 1 to 999999999, got "0"'),
        (["--limit", ""], '--limit: expected a whole number from 1 to 999999999, got ""'),
        (["--since", "x"], '--since: expected a past time such as 7d, 24h or 2026-11-01, got "x"'),
        (["no.csv"], "REPORT: expected a file that can be read (No such file or directory), got"),
        (["."], "REPORT: expected a file, got"),
        (["--what"], "expected an option of this command, got --what"),
    ],
)  # fmt: skip
def test_wrong_arguments_end_with_2(usage: Usage, words: list[str], said: str) -> None:
    ended = usage.run(*words)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert not usage.database.exists()


def test_a_named_pipe_is_refused_and_not_waited_for(usage: Usage) -> None:
    os.mkfifo(usage.folder / "REPORT.csv")
    ended = usage.run("REPORT.csv")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.splitlines()[-1].endswith('REPORT: expected a file, got "REPORT.csv"')
    # Nor is a good one before it read.
    ended = usage.run(usage.report("good.csv", *NIGHT), "REPORT.csv")
    assert (ended.status, ended.out) == (2, "")
    assert not usage.database.exists()


def test_a_link_to_a_report_is_followed(usage: Usage) -> None:
    (usage.folder / "link.csv").symlink_to(usage.report("REPORT.csv", *NIGHT))
    assert usage.json("link.csv")["total"]["rows"][0]["pulls"] == 16


def test_hostile_cells_are_harmless(usage: Usage) -> None:
    hostile = "=cmd()\x1b[31m\u202e\x9b\n"[:-1]
    rows = [change | {"user_name": hostile, "access_token_name": hostile} for change in NIGHT]
    name = usage.report("\x1b[31mREPORT.csv", *rows)
    ended = usage.run(name)
    assert ended.status == 0
    assert not {"\x1b", "\u202e", "\x9b"} & set(ended.out + ended.err)
    assert usage.json()["token"]["rows"][0]["token"] == hostile


def test_what_was_pulled_is_held_against_what_was_crawled(commands: Commands) -> None:
    crawl = forked(
        "crawl", "tags", "-a", "repo=nginx", env=commands.environment(), cwd=commands.folder
    )
    assert crawl.status == 0, crawl.err
    with closing(sqlite3.connect(commands.database)) as connection:
        [(tag, digest)] = connection.execute(
            "SELECT tag_name, digest FROM tags WHERE digest IS NOT NULL LIMIT 1"
        ).fetchall()
    nginx = {"repository": "nginx", "tag": tag, "datehour": "2020/01/01/00"}
    lines = report(nginx | {"digest": digest}, nginx | {"digest": DIGEST, "pulls": "7"})
    (commands.folder / "REPORT.csv").write_bytes(b"".join(lines))
    ended = commands.run("usage", "REPORT.csv", "--json")
    assert ended.status == 0, ended.err
    [pin] = json.loads(ended.out)["pins"]["rows"]
    assert (pin["state"], pin["repository"], pin["tag"], pin["digest"], pin["pulls"]) == (
        "moved on",
        "library/nginx",
        tag,
        DIGEST,
        7,
    )
    assert pin["shows_now"] == digest
    assert commands.requests() == {}


def test_help_has_an_example() -> None:
    assert Command.EXAMPLE in Command().long_desc()
