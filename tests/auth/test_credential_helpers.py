"""Docker's credential helpers: programs that keep what `docker login` was told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.auth.credentials import Credentials, find_credentials, read_helper_answer
from dockerhub.errors import CredentialsError
from tests.auth.test_credentials import KEY, coded, docker_config, told

if TYPE_CHECKING:
    from pathlib import Path

NOT_FOUND = b"credentials not found in native keychain\n"
REMEDY = "set DOCKERHUB_USERNAME and DOCKERHUB_PASSWORD (a personal access token)"


def answer(username: object = "ada", secret: object = "pw") -> bytes:
    return json.dumps({"ServerURL": KEY, "Username": username, "Secret": secret}).encode()


class Helper:
    """Stands for the programs, and remembers how they were run."""

    def __init__(self, status: int = 0, stdout: bytes = b"", error: OSError | None = None) -> None:
        self.status, self.stdout, self.error = status, stdout, error
        self.runs: list[tuple[str, str]] = []

    def __call__(self, name: str, server: str) -> tuple[int, bytes]:
        self.runs.append((name, server))
        if self.error is not None:
            raise self.error
        return self.status, self.stdout


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param({"auths": {KEY: {}}, "credsStore": "desktop"}, "desktop", id="as Docker does"),
        pytest.param({"credsStore": "desktop.exe"}, "desktop.exe", id="no entry"),
        pytest.param({"credHelpers": {KEY: "pass"}}, "pass", id="of its own"),
        pytest.param({"credHelpers": {"docker.io": "pass"}}, "pass", id="by the bare host"),
        pytest.param(
            {"credHelpers": {KEY: "pass"}, "credsStore": "desktop"}, "pass", id="its own first"
        ),
        pytest.param(
            {"credHelpers": {"ghcr.io": "pass"}, "credsStore": "desktop"},
            "desktop",
            id="another registry's",
        ),
        pytest.param(
            {"auths": {KEY: {"auth": coded("bob:old")}}, "credsStore": "pass"},
            "pass",
            id="before the file, as Docker does",
        ),
    ],
)
def test_the_helper_that_the_file_names_is_asked_for_docker_hub(
    tmp_path: Path, content: Any, name: str
) -> None:
    helper = Helper(stdout=answer())
    assert told(find_credentials(docker_config(tmp_path, content), helper)) == ("ada", "pw")
    assert helper.runs == [(name, "https://index.docker.io/v1/")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param({"auths": {KEY: {"auth": coded("ada:pw")}}}, ("ada", "pw"), id="none named"),
        pytest.param(
            {
                "auths": {KEY: {"auth": coded("ada:pw")}},
                "credHelpers": {KEY: ""},
                "credsStore": "pass",
            },
            ("ada", "pw"),
            id="none for Docker Hub",
        ),
        pytest.param({"credHelpers": {"ghcr.io": "pass"}}, None, id="another registry's"),
        pytest.param({"credsStore": "", "credHelpers": None}, None, id="empty"),
    ],
)
def test_without_a_helper_the_file_itself_is_read(
    tmp_path: Path, content: Any, expected: tuple[str, str] | None
) -> None:
    helper = Helper(error=OSError("never run"))
    assert told(find_credentials(docker_config(tmp_path, content), helper)) == expected
    assert helper.runs == []


def test_the_environment_comes_before_any_helper(tmp_path: Path) -> None:
    helper = Helper(stdout=answer("bob", "other"))
    environment = docker_config(tmp_path, {"credsStore": "pass"})
    environment |= {"DOCKERHUB_USERNAME": "ada", "DOCKERHUB_PASSWORD": "pw"}
    assert told(find_credentials(environment, helper)) == ("ada", "pw")
    assert helper.runs == []


BROKEN = [
    pytest.param(
        Helper(error=FileNotFoundError(2, "No such file or directory")),
        "docker-credential-pass: expected credentials, it cannot be run: No such file or directory",
        id="not installed",
    ),
    pytest.param(
        Helper(error=OSError("no answer after 60 s")),
        "docker-credential-pass: expected credentials, it cannot be run: no answer after 60 s",
        id="it does not end",
    ),
    pytest.param(
        Helper(status=1, stdout=b"locked, s3cret"),
        "docker-credential-pass: expected credentials, got exit status 1",
        id="it fails",
    ),
    pytest.param(
        Helper(stdout=b"s3cret"),
        "docker-credential-pass: expected Username and Secret, its answer has none",
        id="no JSON",
    ),
    pytest.param(
        Helper(stdout=answer("<token>", "s3cret")),
        "docker-credential-pass: expected a password, got an identity token",
        id="identity token",
    ),
]


@pytest.mark.parametrize("content", [{"auths": {KEY: {}}, "credsStore": "pass"}])
@pytest.mark.parametrize(("helper", "why"), BROKEN)
def test_who_is_signed_in_is_told_that_the_helper_is_of_no_use(
    tmp_path: Path, content: Any, helper: Helper, why: str
) -> None:
    with pytest.raises(CredentialsError) as caught:
        find_credentials(docker_config(tmp_path, content), helper)
    assert str(caught.value) == f"{tmp_path}/config.json: {why}; {REMEDY}"


@pytest.mark.parametrize(("helper", "why"), BROKEN)
def test_a_store_that_was_never_told_of_docker_hub_may_be_broken(
    tmp_path: Path, helper: Helper, why: str
) -> None:
    content = {"auths": {"ghcr.io": {}}, "credsStore": "pass"}
    assert find_credentials(docker_config(tmp_path, content), helper) is None


@pytest.mark.parametrize(("helper", "why"), BROKEN)
def test_what_the_file_holds_is_used_where_the_helper_is_broken(
    tmp_path: Path, helper: Helper, why: str
) -> None:
    content = {"auths": {KEY: {"auth": coded("ada:pw")}}, "credsStore": "pass"}
    assert told(find_credentials(docker_config(tmp_path, content), helper)) == ("ada", "pw")


@pytest.mark.parametrize("stdout", [NOT_FOUND, b"Credentials Not Found"])
def test_a_helper_without_credentials_leaves_it_to_the_file(tmp_path: Path, stdout: bytes) -> None:
    helper = Helper(status=1, stdout=stdout)
    content: dict[str, Any] = {"auths": {KEY: {}}, "credsStore": "pass"}
    assert find_credentials(docker_config(tmp_path, content), helper) is None
    content["auths"][KEY] = {"auth": coded("ada:pw")}
    assert told(find_credentials(docker_config(tmp_path, content), helper)) == ("ada", "pw")


@pytest.mark.parametrize("name", ["../x", "a b", "a;b", "x\n", "-x/y", "\u0430"])
def test_a_name_that_is_no_helpers_is_never_run(tmp_path: Path, name: str) -> None:
    helper = Helper(stdout=answer())
    with pytest.raises(CredentialsError) as caught:
        find_credentials(docker_config(tmp_path, {"credsStore": name}), helper)
    assert str(caught.value) == (
        f"{tmp_path}/config.json: expected the name of a credential helper, got {json.dumps(name)}"
    )
    assert helper.runs == []


@pytest.mark.parametrize(
    ("stdout", "expected"),
    [
        (answer(), ("ada", "pw")),
        (answer("", "pw"), None),
        (answer("ada", ""), None),
    ],
    ids=["both", "no name", "no secret"],
)
def test_an_answer_is_read(stdout: bytes, expected: tuple[str, str] | None) -> None:
    assert told(read_helper_answer(0, stdout, "pass")) == expected


@pytest.mark.parametrize(
    "stdout",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        answer(5, "s3cret"),
        answer("ada", None),
        answer("ada", ["s3cret"]),
    ],
    ids=["nothing", "list", "null", "empty", "no text", "deep", "number", "no secret", "a list"],
)
def test_any_other_answer_is_refused_and_not_shown(stdout: bytes) -> None:
    with pytest.raises(CredentialsError) as caught:
        read_helper_answer(0, stdout, "pass")
    assert str(caught.value) == (
        "docker-credential-pass: expected Username and Secret, its answer has none"
    )


def test_a_helpers_credentials_do_not_show_their_password() -> None:
    found = read_helper_answer(0, answer("ada", "s3cret"), "pass")
    assert isinstance(found, Credentials)
    assert repr(found) == "Credentials(username='ada', password=Secret(***))"
