"""Whose account a crawl uses; a credential helper of Docker's is a program of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from scrapy import signals
from scrapy.exceptions import CloseSpider, NotConfigured
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from dockerhub.errors import CredentialsError
from dockerhub.middlewares import account
from dockerhub.middlewares.account import account_of, run_helper
from dockerhub.middlewares.registry_tokens import RegistryTokensMiddleware
from dockerhub.middlewares.sign_in import SignInMiddleware
from dockerhub.outcome import FAILURES
from tests.middlewares.exchanges import HUB
from tests.middlewares.registry import AUTH, REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scrapy.crawler import Crawler

SERVER = "https://index.docker.io/v1/"
ANSWER = json.dumps({"ServerURL": SERVER, "Username": "ada", "Secret": "s3cret"})
ORIGINS = {
    "DOCKERHUB_HUB_URL": HUB,
    "DOCKERHUB_REGISTRY_URL": REGISTRY,
    "DOCKERHUB_AUTH_URL": AUTH,
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without an account, whose programs are in a folder of their own."""
    for name in ("DOCKERHUB_USERNAME", "DOCKERHUB_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


@pytest.fixture
def helper(home: Path) -> Callable[[str], Path]:
    """Install a credential helper that does what is said."""

    def install(script: str) -> Path:
        program = home / "docker-credential-test"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        (home / "config.json").write_text('{"credsStore":"test","auths":{"docker.io":{}}}')
        return home / "asked"

    return install


def crawler_of(**more: str) -> Crawler:
    return get_crawler(settings_dict=ORIGINS | more)


def test_a_helper_is_asked_for_a_server_and_its_words_are_handed_on(
    helper: Callable[[str], Path],
) -> None:
    asked = helper('echo "$@" > "${0%/*}/asked"; cat >> "${0%/*}/asked"; echo talk >&2; echo hello')
    assert run_helper("test", SERVER) == (0, b"hello\n")
    assert asked.read_text() == f"get\n{SERVER}"


def test_a_helper_that_has_nothing_says_so_by_its_status(helper: Callable[[str], Path]) -> None:
    helper("echo credentials not found in native keychain; exit 1")
    assert run_helper("test", SERVER) == (1, b"credentials not found in native keychain\n")
    assert account_of(crawler_of()) is None


def test_a_helper_that_is_not_there_cannot_be_run() -> None:
    with pytest.raises(FileNotFoundError):
        run_helper("none", SERVER)


def test_a_helper_that_does_not_end_is_ended(
    helper: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    helper("exec sleep 30")
    monkeypatch.setattr(account, "_HELPER_SECONDS", 0.2)
    with pytest.raises(OSError, match=r"^no answer after 0\.2 s$"):
        run_helper("test", SERVER)


def test_the_account_is_looked_up_once_a_crawl(helper: Callable[[str], Path]) -> None:
    asked = helper(f"echo x >> \"${{0%/*}}/asked\"; echo '{ANSWER}'")
    crawler, other = crawler_of(), crawler_of()
    found = account_of(crawler)
    assert found is not None
    assert (found.username, found.password.reveal()) == ("ada", "s3cret")
    assert "s3cret" not in repr(found)
    assert account_of(crawler) is found
    assert asked.read_text() == "x\n"
    assert account_of(other) is not None
    assert asked.read_text() == "x\nx\n"


def test_without_an_account_the_registry_is_asked_anonymously() -> None:
    crawler = crawler_of()
    assert account_of(crawler) is None
    assert account_of(crawler) is None
    with pytest.raises(NotConfigured):
        SignInMiddleware.from_crawler(crawler)
    assert RegistryTokensMiddleware.from_crawler(crawler) is not None


BROKEN = [
    pytest.param("echo '{}'", "expected Username and Secret, its answer has none", id="no words"),
    pytest.param("exit 3", "expected credentials, got exit status 3", id="a failure"),
]


@pytest.mark.parametrize(("script", "why"), BROKEN)
def test_an_account_that_cannot_be_had_ends_the_crawl_before_a_request(
    helper: Callable[[str], Path], home: Path, script: str, why: str
) -> None:
    helper(script)
    crawler = crawler_of()
    with pytest.raises(NotConfigured):
        SignInMiddleware.from_crawler(crawler)
    with pytest.raises(NotConfigured):
        RegistryTokensMiddleware.from_crawler(crawler)
    [failure] = crawler.stats.get_value(FAILURES)
    assert failure == (
        f"{home}/config.json: docker-credential-test: {why};"
        " set DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD (a personal access token)"
    )
    heard = crawler.signals.send_catch_log(signals.spider_opened)
    failed = [said.value for _, said in heard if isinstance(said, Failure)]
    stops = [error.reason for error in failed if isinstance(error, CloseSpider)]
    assert stops == ["sign_in_failed"]


def test_half_an_account_is_refused_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKERHUB_USERNAME", "ada")
    with pytest.raises(CredentialsError) as caught:
        account_of(crawler_of())
    assert str(caught.value) == (
        "environment: expected DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD,"
        " DOCKERHUB_PASSWORD is unset"
    )
