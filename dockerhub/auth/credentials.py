"""Who we are: from the environment, else as Docker's own configuration file has it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.auth.docker_config import HUB_SERVER, HubEntry, read_docker_config
from dockerhub.errors import CredentialsError, shown
from dockerhub.redact import Secret, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

USERNAME = "DOCKERHUB_USERNAME"
PASSWORD = "DOCKERHUB_PASSWORD"  # noqa: S105  (the name of a variable, not a password)

HelperRunner = Callable[[str, str], tuple[int, bytes]]
"""Runs `docker-credential-<name> get` with a server's name as its input, and returns its exit
status and what it said. It raises `OSError` if there is no such program."""

_HELPER = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_NOT_FOUND = b"credentials not found"
# What stands for the user's name beside an identity token, which only registries take.
_IDENTITY_TOKEN = "<token>"  # noqa: S105  (a name, not a token)
_REMEDY = f"set {USERNAME} and {PASSWORD} (a personal access token)"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name (or organisation) and its password, PAT or OAT."""

    username: str
    password: Secret


def basic_header(credentials: Credentials) -> str:
    """Return the value of `Authorization` for the registry's token service."""
    pair = f"{credentials.username}:{credentials.password.reveal()}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def find_credentials(
    environment: Mapping[str, str], run_helper: HelperRunner | None = None
) -> Credentials | None:
    """Return the credentials of *environment*, else those that Docker would use, else None.

    Docker asks the credential helper that its `config.json` names, if any, before it looks for
    them in that file. Without *run_helper* it is as if none were named.

    :raises CredentialsError: if only one half is set, the file cannot be understood, or what it
        says is there cannot be had or used
    """
    username, password = environment.get(USERNAME, ""), environment.get(PASSWORD, "")
    if bool(username) != bool(password):
        missing = PASSWORD if username else USERNAME
        raise CredentialsError(
            f"environment: expected {USERNAME} and {PASSWORD}, {missing} is unset"
        )
    if username:
        return Credentials(username, Secret(password))
    return _from_docker(_config_path(environment), run_helper)


def read_helper_answer(status: int, stdout: bytes, name: str) -> Credentials | None:
    """Return what the credential helper *name* said, None if it has no credentials.

    :raises CredentialsError: if it failed, or its answer is of no use
    Source: https://github.com/docker/docker-credential-helpers (read 2026-11-22)
    """
    place = f"docker-credential-{name}"
    if status != 0:
        if _NOT_FOUND in stdout.lower():
            return None
        raise CredentialsError(f"{place}: expected credentials, got exit status {status}")
    try:
        answer = json.loads(stdout)
        username, secret = answer["Username"], answer["Secret"]
    except (ValueError, KeyError, TypeError, RecursionError):
        username = secret = None
    if not isinstance(username, str) or not isinstance(secret, str):
        # What it said may hold a password, so the message shows none of it.
        raise CredentialsError(f"{place}: expected Username and Secret, its answer has none")
    if username == _IDENTITY_TOKEN:
        raise CredentialsError(f"{place}: expected a password, got an identity token")
    return Credentials(username, Secret(secret)) if username and secret else None


def _config_path(environment: Mapping[str, str]) -> Path:
    home = environment.get("DOCKER_CONFIG") or str(Path(environment.get("HOME", "~")) / ".docker")
    return Path(home) / "config.json"


def _from_docker(path: Path, run_helper: HelperRunner | None) -> Credentials | None:
    try:
        entry = read_docker_config(path.read_text(encoding="utf-8"))
    except OSError:
        return None
    except (ValueError, AttributeError, TypeError, RecursionError):
        # The text itself may hold a password, so the message shows none of it.
        raise CredentialsError(
            f"{path}: expected Docker's config.json, it cannot be read"
        ) from None
    if run_helper is not None and entry.helper:
        found = _from_helper(path, entry, run_helper)
        if found is not None:
            return found
    if entry.username:
        return Credentials(entry.username, entry.password)
    if entry.has_identity_token:
        raise CredentialsError(f"{path}: expected a password, got an identity token; {_REMEDY}")
    return None


def _from_helper(path: Path, entry: HubEntry, run_helper: HelperRunner) -> Credentials | None:
    name = entry.helper
    if not _HELPER.fullmatch(name):
        raise CredentialsError(
            f"{path}: expected the name of a credential helper, got {shown(name)}"
        )
    try:
        return read_helper_answer(*run_helper(name, HUB_SERVER), name)
    except CredentialsError as error:
        why = str(error)
    except OSError as error:
        said = plain(error.strerror or str(error), 100)
        why = f"docker-credential-{name}: expected credentials, it cannot be run: {said}"
    # Many have a store that was never told of Docker Hub: they are anonymous, not in trouble.
    if entry.is_named and not entry.username:
        raise CredentialsError(f"{path}: {why}; {_REMEDY}")
    return None
