"""What Docker's own configuration file says of Docker Hub."""

from __future__ import annotations

import base64
import json
from typing import Any, NamedTuple

from dockerhub.redact import Secret

HUB_SERVER = "https://index.docker.io/v1/"
"""The name under which Docker keeps Docker Hub, here and in credential stores."""

# The key under which `docker login` keeps Docker Hub, and those that people write: docker/cli,
# cli/config/configfile (read 2026-11-22).
_HUB_KEYS = (HUB_SERVER, "index.docker.io", "docker.io", "registry-1.docker.io")


class HubEntry(NamedTuple):
    """What the file says of Docker Hub; it is all empty where there is nothing."""

    username: str = ""
    password: Secret = Secret("")
    has_identity_token: bool = False
    helper: str = ""
    """the program that has the credentials is called `docker-credential-` and this"""
    is_named: bool = False
    """whether there is an entry for Docker Hub, were it an empty one, as a store leaves it"""


def read_docker_config(text: str) -> HubEntry:
    """Return what a `config.json` says of Docker Hub.

    A helper of its own comes before the store for all: `credHelpers` before `credsStore`.

    :raises ValueError, TypeError, AttributeError, RecursionError: if it is none
    Source: https://docs.docker.com/reference/cli/docker/login/ (read 2026-11-22)
    """
    config = json.loads(text)
    auths, helpers = (_table(config.get(key) or {}) for key in ("auths", "credHelpers"))
    entries = [auths[key] for key in _HUB_KEYS if key in auths]
    logins = [_login(entry) for entry in entries]
    username, password = next((one for one in logins if all(one)), ("", ""))
    # An empty name says that the file itself is to be used, whatever the store for all is.
    own = [helpers[key] for key in _HUB_KEYS if key in helpers]
    helper = own[0] if own else config.get("credsStore") or ""
    return HubEntry(
        username=username,
        password=Secret(password),
        has_identity_token=any(entry.get("identitytoken") for entry in entries),
        helper=_text(helper),
        is_named=bool(entries or own),
    )


def _login(entry: dict[str, Any]) -> tuple[str, str]:
    """Return user name and password: coded as one text, or each in a field of its own."""
    coded = _text(entry.get("auth") or "")
    username, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
    if username and password:
        return username, password
    return _text(entry.get("username") or ""), _text(entry.get("password") or "")


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("expected an object")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("expected a text")
    return value
