"""Who we are: from the environment, else from Docker's own configuration file."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.errors import CredentialsError
from dockerhub.redact import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

USERNAME = "DOCKERHUB_USERNAME"
PASSWORD = "DOCKERHUB_PASSWORD"  # noqa: S105  (the name of a variable, not a password)

# The key under which `docker login` keeps Docker Hub: cli/config/configfile, read 2026-11-22.
_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name (or organisation) and its password, PAT or OAT."""

    username: str
    password: Secret


def find_credentials(environment: Mapping[str, str]) -> Credentials | None:
    """Return the credentials of *environment*, else of Docker's `config.json`, else None.

    :raises CredentialsError: if only one half is set, or the file cannot be understood
    """
    username, password = environment.get(USERNAME, ""), environment.get(PASSWORD, "")
    if bool(username) != bool(password):
        missing = PASSWORD if username else USERNAME
        raise CredentialsError(
            f"environment: expected {USERNAME} and {PASSWORD}, {missing} is unset"
        )
    if username:
        return Credentials(username, Secret(password))
    return _from_docker(_config_path(environment))


def _config_path(environment: Mapping[str, str]) -> Path:
    home = environment.get("DOCKER_CONFIG") or str(Path(environment.get("HOME", "~")) / ".docker")
    return Path(home) / "config.json"


def _from_docker(path: Path) -> Credentials | None:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return None
    try:
        entries = json.loads(text).get("auths") or {}
        coded = next(
            (entries[key]["auth"] for key in _HUB_KEYS if "auth" in entries.get(key, {})), ""
        )
        username, colon, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except (ValueError, AttributeError, TypeError, binascii.Error, UnicodeDecodeError):
        # The text itself may hold a password, so the message shows none of it.
        raise CredentialsError(
            f"{path}: expected Docker's config.json, it cannot be read"
        ) from None
    return Credentials(username, Secret(password)) if colon and username and password else None
