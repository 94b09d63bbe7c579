"""Signing in, seen by the stand-in: crawls in a process of their own."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import StandIn, World
from tests.crawling import ACCOUNT, Ended, environment, forked
from tests.truth import assert_tags, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "dckr_pat_hunter2hunter2"
NAMESPACE = "/v2/namespaces/bitnami/repositories"


@pytest.fixture
def hub_world() -> World:
    world = World(seed=5)
    world.add_namespace("bitnami", repositories=8, tags=250)
    return world


@pytest.fixture
def hub(hub_world: World) -> Iterator[StandIn]:
    with StandIn(hub_world, accounts={**ACCOUNT, "eve": PASSWORD}) as running:
        yield running


def crawl(
    hub: StandIn, folder: Path, *options: str, username: str = "ada", password: str = "secret",
    **more: str,
) -> Ended:  # fmt: skip
    given = {"DOCKERHUB_USERNAME": username, "DOCKERHUB_PASSWORD": password, **more}
    env = environment(hub.url, folder / "hub.db", {key: given[key] for key in given if given[key]})
    ended = forked("crawl", "org", "-a", "org=bitnami", *options, env=env, cwd=folder)
    assert hub.journal.unknown == hub.journal.stray_tokens == []
    assert "Traceback" not in ended.err, ended.err
    return ended


def assert_whole(hub: StandIn, folder: Path) -> None:
    """Assert that no request was lost: every tag is stored, and every walk came to its end."""
    for repository in hub.world.repositories("bitnami"):
        assert_tags(folder / "hub.db", hub.world, repository.full_name)
    ends = rows(folder / "hub.db", "SELECT stop_reason, COUNT(*) FROM walks GROUP BY 1")
    assert ends == [("complete", 9)]


def test_one_sign_in_serves_a_whole_crawl(hub: StandIn, tmp_path: Path) -> None:
    ended = crawl(hub, tmp_path)
    assert ended.status == 0, ended.err
    assert [each.path for each in hub.journal.of("sign_in")] == ["/v2/auth/token"]
    asked = [each for each in hub.journal.exchanges if each.kind != "sign_in"]
    assert len(asked) == 1 + 8 + 8 * 3
    assert {(each.account, each.token) for each in asked} == {("ada", "good")}
    assert rows(tmp_path / "hub.db", "SELECT signed_in FROM crawls") == [(1,)]
    assert_whole(hub, tmp_path)


def test_tokens_that_end_in_mid_crawl_are_renewed_once_for_all(
    hub: StandIn, tmp_path: Path
) -> None:
    def expire() -> None:
        ends_at = time.monotonic() + 30
        while len(hub.journal.of("tag_list")) < 3 and time.monotonic() < ends_at:
            time.sleep(0.002)
        hub.expire_tokens()

    expiring = threading.Thread(target=expire)
    expiring.start()
    ended = crawl(hub, tmp_path)
    expiring.join()
    assert ended.status == 0, ended.err
    refused = [each for each in hub.journal.exchanges if each.token == "expired"]
    assert 1 <= len(refused) <= 16
    assert len(hub.journal.of("sign_in")) == 2
    # What was refused was asked for again, once, and nothing else twice.
    assert len(hub.journal.exchanges) - 2 - len(refused) == 1 + 8 + 8 * 3
    assert_whole(hub, tmp_path)


def test_tokens_are_renewed_before_they_end(hub: StandIn, tmp_path: Path) -> None:
    hub.options.token_seconds = 2
    ended = crawl(hub, tmp_path, "-s", "DOCKERHUB_HUB_RATE=800")
    assert ended.status == 0, ended.err
    assert [each for each in hub.journal.exchanges if each.token == "expired"] == []
    lasted = hub.journal.exchanges[-1].at - hub.journal.exchanges[0].at
    # Longer than a token does; each is renewed after four fifths of its life, and no sooner.
    assert lasted > 2.2
    assert 2 <= len(hub.journal.of("sign_in")) <= 1 + lasted / 0.8
    assert_whole(hub, tmp_path)


def test_a_wrong_password_is_tried_once(hub: StandIn, tmp_path: Path) -> None:
    ended = crawl(hub, tmp_path, password="wrong")
    message = (
        f"sign-in as ada: expected a token from {hub.url}/v2/auth/token, got HTTP 401"
        " (Incorrect authentication credentials)"
    )
    assert ended.status == 1
    assert [line.partition(" ERROR: ")[2] for line in ended.lines] == [message]
    assert [each.kind for each in hub.journal.exchanges] == ["sign_in"]


def test_a_password_that_stops_working_ends_the_crawl(hub: StandIn, tmp_path: Path) -> None:
    hub.script("/v2/auth/token", body={"access_token": "one"})
    hub.script("/v2/auth/token", status=401, body={"detail": "no"}, times=None)
    hub.script(NAMESPACE, status=401, body={}, times=None)
    env = environment(hub.url, tmp_path / "hub.db", {"DOCKERHUB_USERNAME": "ada"})
    env["DOCKERHUB_PASSWORD"] = "secret"
    ended = forked("crawl", "org", "-a", "org=bitnami", env=env, cwd=tmp_path)
    assert ended.status == 1
    assert f"sign-in as ada: expected a token from {hub.url}/v2/auth/token" in ended.err
    assert [each.kind for each in hub.journal.exchanges] == [
        "sign_in",
        "namespace_list",
        "sign_in",
    ]
    assert "Traceback" not in ended.err


def test_without_the_token_endpoint_the_old_one_is_used(hub: StandIn, tmp_path: Path) -> None:
    hub.options.token_endpoint_status = 410
    ended = crawl(hub, tmp_path, "-a", "depth=repositories")
    assert ended.status == 0, ended.err
    paths = [each.path for each in hub.journal.of("sign_in")]
    assert paths == ["/v2/auth/token", "/v2/users/login"]
    assert {each.account for each in hub.journal.of("namespace_list")} == {"ada"}


@pytest.mark.parametrize(
    ("username", "password", "missing"),
    [("ada", "", "DOCKERHUB_PASSWORD"), ("", "secret", "DOCKERHUB_USERNAME")],
    ids=["no password", "no username"],
)
def test_half_a_credential_is_refused_before_any_request(
    hub: StandIn, tmp_path: Path, username: str, password: str, missing: str
) -> None:
    ended = crawl(hub, tmp_path, username=username, password=password)
    message = f"environment: expected DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD, {missing} is unset"
    assert ended.status == 1
    assert [line.partition(" ERROR: ")[2] for line in ended.lines] == [message]
    assert hub.journal.exchanges == []


def test_without_credentials_there_is_no_sign_in(hub: StandIn, tmp_path: Path) -> None:
    ended = crawl(hub, tmp_path, "-a", "depth=repositories", username="", password="")
    assert ended.status == 0, ended.err
    assert {each.token for each in hub.journal.exchanges} == {None}
    assert hub.journal.of("sign_in") == []


def test_a_password_is_nowhere_to_be_found(hub: StandIn, tmp_path: Path) -> None:
    hub.script(f"{NAMESPACE}/", status=500, body="no")
    hub.script(f"{NAMESPACE}/", status=401, body="no")
    more = ("-a", "max_tags=100", "-L", "DEBUG", "-O", "feed.jsonl", "-s", "STATS_DUMP=1")
    settings = {"SCRAPY_SETTINGS_MODULE": "tests.middlewares.hasty"}
    ended = crawl(hub, tmp_path, *more, username="eve", password=PASSWORD, **settings)
    assert ended.status == 0, ended.err
    assert " DEBUG: " in ended.err
    assert "HTTP 500" in ended.err
    tokens = [token.encode() for token in hub.accounts._tokens]
    # The second was made in mid crawl.
    assert len(tokens) == 2
    kept = {file.name: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert {"hub.db", "feed.jsonl"} <= set(kept)
    kept |= {"log": ended.err.encode(), "output": ended.out.encode()}
    for name, content in kept.items():
        for secret in (PASSWORD.encode(), *tokens, *[t.rsplit(b".", 1)[1] for t in tokens]):
            assert secret not in content, name


def test_a_password_that_the_server_repeats_is_not_shown(hub: StandIn, tmp_path: Path) -> None:
    body = {"detail": f"no {PASSWORD}", "secret": PASSWORD}
    hub.script("/v2/auth/token", status=401, body=body)
    ended = crawl(hub, tmp_path, "-L", "DEBUG", username="eve", password=PASSWORD)
    said = f"sign-in as eve: expected a token from {hub.url}/v2/auth/token, got HTTP 401\n"
    assert ended.status == 1
    assert said in ended.err
    assert PASSWORD not in ended.err + ended.out
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()


def test_docker_s_own_login_is_used(hub: StandIn, tmp_path: Path) -> None:
    folder = tmp_path / ".docker"
    folder.mkdir()
    login = {"auths": {"https://index.docker.io/v1/": {"auth": "YWRhOnNlY3JldA=="}}}
    (folder / "config.json").write_text(json.dumps(login))
    ended = crawl(hub, tmp_path, "-a", "depth=repositories", username="", password="")
    assert ended.status == 0, ended.err
    assert {each.account for each in hub.journal.of("namespace_list")} == {"ada"}
