"""Who we are to the registry: credentials from everywhere, told to nobody else."""

from __future__ import annotations

import base64
import json
import os
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.standin import Limit, World
from tests.crawl.contents import assert_contents, truth
from tests.crawl.hostile import errors
from tests.crawl.hostile_registry import TOOL, read
from tests.crawl.spiders import assert_no_secret
from tests.crawling import SIGNED_IN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawling import Crawls


MANY = ("-s", "CONCURRENT_REQUESTS=32", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=32")
BASIC = base64.b64encode(b"ada:secret").decode()


@pytest.fixture
def hub_world() -> World:
    world = World(seed=29)
    world.add_repository(TOOL, tags=14, names_per_digest=1, platforms=3, windows=False)
    world.add_namespace("acme", repositories=5, tags=4, never_pushed=0)
    return world


def test_wrong_credentials_are_told_in_a_line_and_never_tried_twice(
    crawls: Crawls, hub_world: World
) -> None:
    crawls.settings = {"DOCKERHUB_PASSWORD": "wr0ng-word"}

    ended = read(crawls)

    assert ended.status == 1
    [line] = errors(ended)
    where = crawls.hub.auth_url
    assert f"registry token as ada: expected one from {where}, got HTTP 401" in line
    assert "wr0ng-word" not in ended.err
    assert crawls.requests() == {"registry_base": 1, "registry_token": 1}


def test_credentials_that_become_wrong_are_not_tried_again(
    crawls: Crawls, hub_world: World
) -> None:
    """What is under way is ended; what was had before is kept."""

    def change() -> None:
        crawls.hub.options.accounts["ada"] = "another"
        crawls.hub.registry_tokens.expire_all()

    crawls.when_asked("manifest", 30, change)

    ended = read(crawls)

    assert ended.status == 1
    [line] = errors(ended)
    assert "registry token as ada: expected one from " in line
    asked = crawls.hub.journal.of("registry_token")
    assert [each.status for each in asked].count(401) == 1
    crawls.hub.options.accounts["ada"] = "secret"
    assert read(crawls, strict="1").status == 0
    assert_contents(crawls.database, [truth(hub_world, TOOL)])


def test_pulls_are_charged_to_the_account_and_its_password_goes_to_the_token_service_alone(
    crawls: Crawls, hub_world: World
) -> None:
    options = crawls.hub.options
    options.pull_limit, options.account_pull_limit = Limit(10, 3600), Limit(1000, 3600)

    ended = read(crawls, strict="1")

    assert ended.status == 0
    journal = crawls.hub.journal
    [window] = [each for each in journal.pull_windows() if each.counted]
    assert (window.source, window.counted) == ("account:ada", len(journal.pulls()))
    assert {each.account for each in journal.of("registry_token")} == {"ada"}
    assert {each.account for each in journal.of("manifest")} == {"ada"}
    assert {(each.account, each.token) for each in journal.of("cdn")} == {(None, None)}
    assert {each.token for each in journal.of("registry_base")} == {None}


def config(crawls: Crawls, content: Any, folder: str = ".docker") -> None:
    place = crawls.folder / folder
    place.mkdir()
    (place / "config.json").write_text(json.dumps(content), encoding="utf-8")


def helper(crawls: Crawls, answer: str, status: int = 0) -> Path:
    """Put a credential helper on the PATH; it notes what it was asked."""
    folder = crawls.folder / "bin"
    folder.mkdir()
    program = folder / "docker-credential-fake"
    asked = crawls.folder / "asked"
    program.write_text(
        f"#!/bin/sh\n(echo \"$@\"; cat) >> '{asked}'\nprintf %s '{answer}'\nexit {status}\n"
    )
    program.chmod(0o755)
    crawls.settings["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return asked


def accounts(crawls: Crawls) -> set[str | None]:
    return {each.account for each in crawls.hub.journal.of("manifest")}


KEY = "https://index.docker.io/v1/"


@pytest.mark.parametrize("folder", [".docker", "elsewhere"])
def test_credentials_come_from_docker_s_own_file(crawls: Crawls, folder: str) -> None:
    config(crawls, {"auths": {KEY: {"auth": BASIC}}}, folder)
    if folder != ".docker":
        crawls.settings = {"DOCKER_CONFIG": str(crawls.folder / folder)}

    ended = crawls.run("manifests", repo=TOOL, tags="latest", signed_in=False)

    assert ended.status == 0
    assert accounts(crawls) == {"ada"}
    assert_no_secret(crawls, ended)
    assert BASIC not in ended.err


@pytest.mark.parametrize("said", [{"credsStore": "fake"}, {"credHelpers": {KEY: "fake"}}])
def test_credentials_come_from_a_helper(crawls: Crawls, said: dict[str, Any]) -> None:
    answer = {"ServerURL": KEY, "Username": "ada", "Secret": "secret"}
    asked = helper(crawls, json.dumps(answer))
    config(crawls, {"auths": {KEY: {}}, **said})

    ended = crawls.run("manifests", repo=TOOL, tags="latest", signed_in=False)

    assert ended.status == 0, ended.err
    assert accounts(crawls) == {"ada"}
    assert_no_secret(crawls, ended)
    assert asked.read_text().split() == ["get", KEY]


def test_a_helper_that_knows_nobody_leaves_the_crawl_anonymous(crawls: Crawls) -> None:
    helper(crawls, "credentials not found in native keychain", status=1)
    config(crawls, {"credsStore": "fake"})

    assert crawls.run("manifests", repo=TOOL, tags="latest", signed_in=False).status == 0
    assert accounts(crawls) == {None}


def test_a_helper_that_fails_is_told_and_nothing_is_asked(crawls: Crawls) -> None:
    helper(crawls, "s3cret: the keyring is locked", status=2)
    config(crawls, {"auths": {KEY: {}}, "credsStore": "fake"})

    ended = crawls.run("manifests", repo=TOOL, signed_in=False)

    assert ended.status == 1
    [line] = errors(ended)
    assert "docker-credential-fake: expected credentials, got exit status 2" in line
    assert "s3cret" not in ended.err
    assert crawls.requests() == {}


def test_no_secret_is_told_or_kept_whatever_goes_wrong(crawls: Crawls, hub_world: World) -> None:
    tokens: list[str] = []
    issue = crawls.hub.registry_tokens.issue

    def issued(*arguments: Any) -> Any:
        made = issue(*arguments)
        tokens.append(made.token)
        return made

    crawls.hub.registry_tokens.issue = issued  # type: ignore[method-assign]
    options = crawls.hub.options
    options.fault_kinds = frozenset({"cdn", "blob", "manifest", "registry_token"})
    options.faults = dict.fromkeys(("500", "truncated", "reset", "garbage", "hang"), 0.05)
    options.fault_times = 12
    crawls.when_asked("manifest", 30, crawls.hub.expire_tokens)
    feeds = ("-O", "rows.jsonl", "-O", "rows.csv", "-L", "DEBUG", "-s", "DOWNLOAD_TIMEOUT=2")

    ended = crawls.run("org", *MANY, *feeds, org="acme", depth="configs")

    assert ended.status == 0
    assert tokens
    signed = {each.query["verify"] for each in crawls.hub.journal.of("cdn")}
    assert signed
    secrets = {SIGNED_IN["DOCKERHUB_PASSWORD"], BASIC, *tokens, *signed}
    # Half a token is enough to recognise it by, and a signature stands behind its time.
    secrets |= {part for token in tokens for part in token.split(".")[1:]}
    secrets |= {sign.partition("-")[2] for sign in signed}
    told = {"err": ended.err, "out": ended.out}
    with closing(sqlite3.connect(crawls.database)) as connection:
        told["database"] = "\n".join(connection.iterdump())
    for path in crawls.folder.rglob("*"):
        if path.is_file() and path.suffix in (".jsonl", ".csv"):
            told[path.name] = path.read_text(encoding="utf-8")
    assert {"rows.jsonl", "rows.csv"} < told.keys()
    leaks = {place: [s for s in secrets if s in text] for place, text in told.items()}
    assert not any(leaks.values()), {place: found[:3] for place, found in leaks.items()}
    assert not re.search(r"(Basic|Bearer) [\w-]{8}", "".join(told.values()))
    assert "verify=***" in ended.err
