"""Where a webhook is: its URL, of which nothing but the origin may be shown."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import dockerhub
from dockerhub.errors import ArgumentError
from dockerhub.redact import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE = "--webhook"
_ENVIRONMENT = "env:"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_URL = re.compile(r"[!#-;=?-\[\]^_a-z|~%$&]{1,4096}", re.ASCII)  # no blanks, quotes, backslashes
_HOST = re.compile(r"[a-z0-9._:-]{1,253}", re.ASCII)
_ROUNDS = 200_000  # a guessed password in a URL is no cheaper to prove than elsewhere


class Target(NamedTuple):
    """A receiver of events."""

    url: Secret
    origin: str
    """scheme, host and port: `https://hooks.example.com`"""
    is_private_allowed: bool
    """whether it may be on this machine or in a private network"""

    def fingerprint(self, filter_key: str) -> bytes:
        """Return 32 bytes for this URL and a filter, from which neither can be told."""
        text = f"{self.url.reveal()}\n{filter_key}".encode()
        return hashlib.pbkdf2_hmac("sha256", text, b"dockerhub webhook", _ROUNDS)


def read_target(text: str, environment: Mapping[str, str], *, allow_private: bool) -> Target:
    """Return the receiver that `--webhook` names: a URL, or `env:NAME` for that variable's.

    :raises ArgumentError: if it is none; the message shows nothing of a URL but its scheme
    """
    place, url = PLACE, text.strip()
    if url.startswith(_ENVIRONMENT):
        name = url.removeprefix(_ENVIRONMENT)
        if not _NAME.fullmatch(name):
            raise ArgumentError(PLACE, "env: and the name of a variable", "another name")
        place, url = f"{PLACE} {url}", environment.get(name, "").strip()
        if not url:
            raise ArgumentError(place, "a URL in that environment variable", "nothing")
    return Target(Secret(url), _origin(place, url, allow_private=allow_private), allow_private)


def user_agent(contact: str) -> str:
    """Return who we say that we are, as to Docker Hub."""
    name = f"dockerhub/{dockerhub.__version__}"
    return f"{name} (+{contact})" if contact else f"{name} (Scrapy)"


def _origin(place: str, url: str, *, allow_private: bool) -> str:
    expected = "an https:// URL, or env:NAME of a variable that holds one"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ArgumentError(place, expected, "no URL") from None
    if parts.scheme == "http" and not allow_private:
        raise ArgumentError(place, f"{expected} (http needs --allow-private)", "http")
    if parts.scheme not in ("https", "http") or not _URL.fullmatch(url):
        raise ArgumentError(place, expected, "no such URL")
    if not _HOST.fullmatch(host) or parts.fragment:
        raise ArgumentError(place, expected, "a URL with no host in plain signs, or with a #")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")
