from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.auth.credentials import Credentials, basic_header, find_credentials
from dockerhub.errors import CredentialsError
from dockerhub.redact import Secret

if TYPE_CHECKING:
    from pathlib import Path

KEY = "https://index.docker.io/v1/"


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def told(credentials: Credentials | None) -> tuple[str, str] | None:
    return (credentials.username, credentials.password.reveal()) if credentials else None


def docker_config(folder: Path, content: Any) -> dict[str, str]:
    """Write Docker's file and return the environment that leads to it."""
    (folder / "config.json").write_text(
        content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
    )
    return {"DOCKER_CONFIG": str(folder)}


def test_the_environment_comes_before_dockers_file(tmp_path: Path) -> None:
    environment = docker_config(tmp_path, {"auths": {KEY: {"auth": coded("bob:other")}}})
    assert told(find_credentials(environment)) == ("bob", "other")
    environment |= {"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_PASSWORD": "dckr_pat_x"}
    assert told(find_credentials(environment)) == ("ada", "dckr_pat_x")


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({"DOCKERHUB_USERNAME": "ada"}, "DOCKERHUB_PASSWORD"),
        ({"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_PASSWORD": ""}, "DOCKERHUB_PASSWORD"),
        ({"DOCKERHUB_PASSWORD": "s3cret"}, "DOCKERHUB_USERNAME"),
    ],
    ids=["no password", "empty password", "no user name"],
)
def test_half_of_the_credentials_is_refused(environment: dict[str, str], missing: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        find_credentials(environment)
    assert str(caught.value) == (
        f"environment: expected DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD, {missing} is unset"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param({"auths": {KEY: {"auth": coded("ada:p:w")}}}, ("ada", "p:w"), id="login"),
        pytest.param(
            {"auths": {"docker.io": {"auth": coded("ada:pw")}}}, ("ada", "pw"), id="bare host"
        ),
        pytest.param(
            {"auths": {"docker.io": {"auth": coded("b:2")}, KEY: {"auth": coded("a:1")}}},
            ("a", "1"),
            id="Docker's own key first",
        ),
        pytest.param({"auths": {"ghcr.io": {"auth": coded("ada:pw")}}}, None, id="other registry"),
        pytest.param({"auths": {KEY: {}}, "credsStore": "desktop"}, None, id="credential store"),
        pytest.param({"auths": {KEY: {"auth": coded("ada:")}}}, None, id="identity token"),
        pytest.param({"auths": {KEY: {"auth": ""}}}, None, id="signed out"),
        pytest.param(
            {"auths": {KEY: {"username": "ada", "password": "p:w"}}},
            ("ada", "p:w"),
            id="fields of their own",
        ),
        pytest.param({"auths": {KEY: {"username": "ada"}}}, None, id="a name alone"),
        pytest.param(
            {"auths": {KEY: {}, "docker.io": {"auth": coded("ada:pw")}}},
            ("ada", "pw"),
            id="the first that holds something",
        ),
        pytest.param(
            {"auths": {KEY: {"identitytoken": "t", "auth": coded("ada:pw")}}},
            ("ada", "pw"),
            id="a password beside an identity token",
        ),
        pytest.param({"credHelpers": {KEY: "../x"}}, None, id="helpers are not run"),
        pytest.param({"auths": None}, None, id="null"),
        pytest.param({}, None, id="empty"),
    ],
)
def test_dockers_file_is_understood(
    tmp_path: Path, content: object, expected: tuple[str, str] | None
) -> None:
    assert told(find_credentials(docker_config(tmp_path, content))) == expected


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('{"auths": s3cret', id="no JSON"),
        pytest.param(["s3cret"], id="a list"),
        pytest.param({"auths": ["s3cret"]}, id="auths are a list"),
        pytest.param({"auths": {KEY: None}}, id="entry is null"),
        pytest.param({"auths": {KEY: {"auth": "s3cret!"}}}, id="no base64"),
        pytest.param({"auths": {KEY: {"auth": 5}}}, id="a number"),
        pytest.param({"auths": {KEY: {"auth": "/w=="}}}, id="no UTF-8"),
        pytest.param({"auths": {KEY: {"username": "ada", "password": 5}}}, id="number as password"),
        pytest.param({"credHelpers": ["s3cret"]}, id="helpers are a list"),
        pytest.param({"credsStore": {"s3cret": 1}}, id="a store is an object"),
        pytest.param("[" * 100_000, id="nested without end"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named_and_not_shown(
    tmp_path: Path, content: object
) -> None:
    with pytest.raises(CredentialsError) as caught:
        find_credentials(docker_config(tmp_path, content))
    assert str(caught.value) == (
        f"{tmp_path}/config.json: expected Docker's config.json, it cannot be read"
    )
    assert caught.value.__suppress_context__


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b'{"auths": "\xff"}')
    with pytest.raises(CredentialsError, match="it cannot be read"):
        find_credentials({"DOCKER_CONFIG": str(tmp_path)})


def test_the_file_is_looked_for_at_home(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    docker_config(tmp_path / ".docker", {"auths": {KEY: {"auth": coded("ada:pw")}}})
    assert told(find_credentials({"HOME": str(tmp_path)})) == ("ada", "pw")
    elsewhere = {"HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path)}
    assert find_credentials(elsewhere) is None


def test_without_anything_the_crawl_is_anonymous(tmp_path: Path) -> None:
    assert find_credentials({"HOME": str(tmp_path)}) is None


def test_credentials_do_not_show_their_password() -> None:
    found = find_credentials({"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_PASSWORD": "s3cret"})
    assert repr(found) == "Credentials(username='ada', password=Secret(***))"


def test_an_identity_token_is_of_no_use_and_the_message_says_what_is(tmp_path: Path) -> None:
    content = {"auths": {KEY: {"auth": coded("ada:"), "identitytoken": "s3cret"}}}
    with pytest.raises(CredentialsError) as caught:
        find_credentials(docker_config(tmp_path, content))
    assert str(caught.value) == (
        f"{tmp_path}/config.json: expected a password, got an identity token;"
        " set DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD (a personal access token)"
    )


@pytest.mark.parametrize("password", ["pw", "p:w", "p\u00e9"])
def test_the_token_service_is_told_who_we_are(password: str) -> None:
    credentials = Credentials("ada", Secret(password))
    assert basic_header(credentials) == "Basic " + coded(f"ada:{password}")
