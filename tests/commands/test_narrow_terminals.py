"""What every command's tables look like on a terminal of 80 columns, and in a pipe."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from dockerhub.items import RepositoryPage, TagPage
from dockerhub.names import RepositoryName
from dockerhub.reports.printing import put_table
from dockerhub.reports.quota import Quota, quota_table
from dockerhub.store.writer import Writer
from tests.commands.in_process import Screen, run_here
from tests.commands.test_help import ANSWERS
from tests.pages.world import END, fill
from tests.reports.usages import write
from tests.store.made import DAY, digest, digest_text, image, row, tag
from tests.store.test_usage import row as usage_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.reports.tables import Table

WIDTH = 80
LONG = RepositoryName("acme", f"{'a-long-name.of_a-repository-' * 4}end")
LONG_TAG = f"1.0.0-{'with-many-words-behind-it-' * 4}end"
TOKEN = f"token-{'of-somebody-' * 6}end"
_SAMPLES = ("trends", "--limit", "100")

ANSWERED: list[tuple[str, ...]] = [
    ("changes", "--since", "40d"),
    *(_SAMPLES, (*_SAMPLES, "--by", "pulls"), (*_SAMPLES, "--by", "growth")),
    *(("report", name) for name in ("sizes", "platforms", "popular", "shared")),
    ("report", "sizes", "--repo", str(LONG)),
    ("report", "sizes", "--repo", "acme/app", "--tag", "latest"),
    ("report", "stale", "--tags"),
    ("lineage", f"{LONG}:{LONG_TAG}"),
    ("lineage", f"{LONG}:{LONG_TAG}", "--platform", "all"),
    ("lineage", "debian:12", "--dependents"),
    ("lineage", "--digest", digest_text("app 1.1 amd64")),
    ("lineage", "--layer", digest_text("debian rootfs amd64")),
    ("usage",),
    *(("usage", "--by", kind) for kind in ("token", "machine", "repository", "hour")),
    ("plan", "repos", "-a", f"repos={LONG},acme/app", "--offline"),
    ("export", "--list"),
    ("store", "check"),
]
"""at least one for each command that prints tables of what is stored"""
FINDINGS = [("store", "check")]
"""those that find something wrong with what is made up here"""
_NAMES = {"repo_name", "repository", "tag_name", "tag", "base", "base_image", "token", "image"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('narrow') / 'hub.db'}"
    fill_all(url)
    return url


def fill_all(url: str) -> None:
    """Write a month of crawls, a repository and a tag with long names, and a report of pulls."""
    fill(url)
    with contextlib.closing(Writer(url)) as writer:
        for ago, shows in ((2, "web 1"), (1, "app 1.1"), (0, "app 1.1")):
            seen = END - ago * DAY
            one = row(pull_count=9000 - 1000 * ago)._replace(repository=LONG)
            images = tuple(
                image(f"linux/{each}", digest=digest(f"{shows} {each}"))
                for each in ("amd64", "arm64")
            )
            shown = tag(LONG_TAG, shows, updated=END - 200 * DAY, images=images)
            pages = (
                RepositoryPage(seen=seen, rows=(one,)),
                TagPage(seen=seen, repository=LONG, rows=(shown,)),
            )
            writer.write(pages)
    pulled = {"repository": str(LONG), "tag": LONG_TAG, "token": TOKEN}
    write(
        url,
        *[usage_row(hour, pulls=30, digest=digest("web 1"), **pulled) for hour in range(8)],
        usage_row(1, pulls=7, machine="machines 1, 2"),
    )


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("TERM", "xterm")


def test_every_command_that_answers_is_looked_at() -> None:
    elsewhere = {
        "quota",  # below
        *("compare", "dockerfile"),  # lines of their own, and no tables
        "serve",
        "jobs",  # of a server alone: tests/jobs
    }
    assert {words[0] for words in ANSWERED} == set(ANSWERS) - elsewhere


@pytest.mark.parametrize("words", ANSWERED, ids=" ".join)
def test_a_table_fits_and_loses_no_name(url: str, words: tuple[str, ...]) -> None:
    said = run_here(url, *words, is_terminal=True)
    assert (said.status == 0) is (words not in FINDINGS), said.err
    assert too_long(said.out) == []
    lost = {name for name in names_in(url, *words) if name not in unfolded(said.out)}
    assert lost == set()


@pytest.mark.parametrize("words", ANSWERED, ids=" ".join)
def test_a_pipe_gets_each_row_in_one_line(url: str, words: tuple[str, ...]) -> None:
    said = run_here(url, *words)
    assert (said.status == 0) is (words not in FINDINGS), said.err
    assert not set("│┃━") & set(said.out)
    lines = said.out.splitlines()
    lost = {name for name in names_in(url, *words) if not any(name in line for line in lines)}
    assert lost == set()


def test_what_has_a_file_to_name_fits_too(url: str, tmp_path: Path) -> None:
    file = tmp_path / f"{'a-long-name-of-a-file-' * 5}end.csv"
    database = shutil.copy(url.removeprefix("sqlite:///"), tmp_path / "hub.db")
    here = f"sqlite:///{database}"
    for words in (
        ("export", "tags", "--output", str(file)),
        ("store", "backup", f"{file}.db"),
        ("store", "prune", "--keep-days", "3650"),
        ("store", "vacuum"),
    ):
        said = run_here(here, *words, is_terminal=True)
        assert said.status == 0, said.err
        assert too_long(said.out) == [], words
        if str(file) in words or f"{file}.db" in words:
            assert str(file) in unfolded(said.out)


@pytest.mark.parametrize("name", ["direct", "http://a-proxy-with-a-long-name.example.com:31280"])
def test_a_quota_fits(capsys: pytest.CaptureFixture[str], name: str) -> None:
    seen = Quota("pulls", 100, 100, 3600, None, "203.0.x.x", exit=name, reserve=20)
    table = quota_table([seen], signed_in=False)
    shown = on_terminal(table)
    assert too_long(shown) == []
    assert name == "direct" or name in unfolded(shown)
    put_table(table)
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("words", ANSWERED, ids=" ".join)
def test_hostile_text_turns_and_colours_nothing(url: str, words: tuple[str, ...]) -> None:
    shown = run_here(url, *words, is_terminal=True)
    assert not {"\x1b", "\u202e", "\x9b"} & set(without_style(shown.out) + shown.err)


def on_terminal(table: Table) -> str:
    """Return what a terminal shows of a table."""
    out = Screen(is_terminal=True)
    with contextlib.redirect_stdout(out):
        put_table(table)
    return out.getvalue()


def without_style(shown: str) -> str:
    """Return what a terminal shows without what makes it bold or dim."""
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)


def too_long(shown: str) -> list[str]:
    """Return the lines that are wider than the terminal.

    A sentence stays one line, with which the terminal itself goes on in the next: so a command in
    it can be copied.
    """
    lines = without_style(shown).splitlines()
    long = [line for line in lines if cell_len(line) > WIDTH]
    return [line for line in long if not line.startswith("(") and ": expected " not in line]


def unfolded(shown: str) -> str:
    """Return all columns of tables, then all records, without the places where they go on."""
    lines = without_style(shown).splitlines()
    tables: list[list[list[str]]] = []
    for line in lines:
        if line.startswith("┏"):
            tables.append([])
        if line.startswith("│"):
            tables[-1].append([cell.strip() for cell in line.split("│")[1:-1]])
    columns = ["".join(cells) for rows in tables for cells in zip(*rows, strict=True)]
    names = re.compile(r"^[a-z_]+ {2,}")
    values = "".join(names.sub("\n", line).strip(" ") for line in lines)
    return "\n".join([*columns, values])


def names_in(url: str, *words: str) -> set[str]:
    """Return the names that the same answer has as JSON, where its table shows them all."""
    if words[0] == "lineage":
        return {str(LONG)} if words[1].startswith("-") or "--dependents" in words else {"debian:12"}
    if words[0] in {"trends", "plan", "store"}:
        return {str(LONG)} if words == _SAMPLES else set()
    return set(_names(json.loads(run_here(url, *words, "--json").out)))


def _names(found: Any) -> Iterator[str]:
    if isinstance(found, list):
        for one in found:
            yield from _names(one)
    elif isinstance(found, dict):
        for key, value in found.items():
            if key in _NAMES and isinstance(value, str):
                yield value
            else:
                yield from _names(value)
