"""The proxies that a user names: read from a setting or a file before a crawler exists.

No error shows a part of what was given: where a proxy is written wrongly, its password cannot be
told from the rest.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from dockerhub.errors import ArgumentError
from dockerhub.redact import Secret

SESSION = "{session}"
"""What stands in a user name for the part that makes a sticky session of its gateway."""

_DIRECT = "direct"
_LIST, _FILE = "setting DOCKERHUB_PROXIES", "setting DOCKERHUB_PROXY_FILE"
_EXPECTED = "http://[user:password@]host:port or direct"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.ASCII | re.IGNORECASE)
# Those of them that an error names; anything else before the slashes may be part of a password.
_OTHER_SCHEMES = frozenset({"https", "socks", "socks4", "socks4a", "socks5", "socks5h", "ftp"})
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,252})", re.ASCII)
_COMMENT = re.compile(r"(?:^|\s)#")
_SHOWN_PATH = re.compile(r"[^@:]*")
_BYTES = "surrogateescape"  # what is no UTF-8 once decoded goes out as the bytes that were given


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Proxy:
    """One proxy, spoken to by plain HTTP; its credentials are shown by nothing."""

    host: str
    """lower-case name or address, an IPv6 one without brackets"""
    port: int
    username: str | None = field(default=None, repr=False)
    """percent-decoded; None where no credentials are given"""
    password: Secret | None = field(default=None, repr=False)
    """percent-decoded; None where there is none"""

    @property
    def is_sticky(self) -> bool:
        """Whether its user name makes a session, which keeps its address while it lasts."""
        return self.username is not None and SESSION in self.username

    @property
    def host_and_port(self) -> str:
        """What messages call it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def address(self) -> str:
        """Its URL without credentials, as Scrapy wants it in a request's `meta`."""
        return f"http://{self.host_and_port}"

    def authorization(self, session: str = "") -> bytes | None:
        """Return the value of `Proxy-Authorization`, None if it has no credentials.

        *session* goes where the user name says so. The bytes are UTF-8 (RFC 7617), or those that
        were given percent-encoded.
        """
        if self.username is None:
            return None
        username = self.username.replace(SESSION, session)
        password = self.password.reveal() if self.password is not None else ""
        return b"Basic " + base64.b64encode(f"{username}:{password}".encode("utf-8", _BYTES))

    def is_same(self, other: Proxy) -> bool:
        """Tell whether *other* is the same proxy with the same credentials."""
        return (self.host, self.port) == (other.host, other.port) and (
            self.authorization(SESSION) == other.authorization(SESSION)
        )


def given_proxies(listed: object, file: object) -> list[Proxy | None]:
    """Return the exits that the settings name, none if they are empty; None stands for `direct`.

    *listed* is DOCKERHUB_PROXIES, *file* is DOCKERHUB_PROXY_FILE.

    :raises ArgumentError: if both are given, one cannot be read, or holds no or a wrong entry
    """
    text, path = str(listed or ""), str(file or "")
    if text and path:
        raise ArgumentError(_FILE, "nothing beside DOCKERHUB_PROXIES", "both")
    if path:
        return read_proxy_file(path)
    return read_proxies(text) if text else []


def read_proxies(text: str, place: str = _LIST) -> list[Proxy | None]:
    """Return the entries of *text*, which has commas or white space between them.

    :raises ArgumentError: naming the first entry that is none by its number, or *place* if empty
    """
    entries = [entry for entry in re.split(r"[,\s]+", text) if entry]
    return _read({f"{place}, entry {number}": e for number, e in enumerate(entries, 1)}, place)


def read_proxy_file(path: str) -> list[Proxy | None]:
    """Return the entries of a file, one a line; empty lines and comments (`#`) are skipped.

    :raises ArgumentError: if the file cannot be read, naming the first line that is no proxy, or
        the file if it has none
    """
    # Who puts a proxy where a file's name belongs has not meant it to be shown.
    shown_path = path if _SHOWN_PATH.fullmatch(path) else "***"
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no UTF-8"
        raise ArgumentError(_FILE, f"a file that can be read ({why})", shown_path) from None
    place = f"file {shown_path}"
    lines = {
        f"{place}, line {number}": _COMMENT.split(line)[0].strip()
        for number, line in enumerate(text.split("\n"), 1)
    }
    return _read({where: line for where, line in lines.items() if line}, place)


def _read(entries: dict[str, str], place: str) -> list[Proxy | None]:
    """Return *entries*, whose keys are their places; what comes twice is one."""
    if not entries:
        raise ArgumentError(place, _EXPECTED, "no entry")
    found: list[Proxy | None] = []
    for where, entry in entries.items():
        proxy = _read_entry(entry, where)
        if not any(_is_twice(proxy, other) for other in found):
            found.append(proxy)
    return found


def _is_twice(one: Proxy | None, other: Proxy | None) -> bool:
    if one is None or other is None:
        return one is other
    # Each sticky entry is a session of its own.
    return not one.is_sticky and one.is_same(other)


def _read_entry(entry: str, place: str) -> Proxy | None:
    if entry.lower() == _DIRECT:
        return None
    scheme = _SCHEME.match(entry)
    if scheme and scheme[1].lower() != "http":
        known = scheme[1].lower()
        found = f"{known}://" if known in _OTHER_SCHEMES else "another scheme"
        raise ArgumentError(place, _EXPECTED, found)
    rest = entry[scheme.end() :] if scheme else entry
    # A host has no @: whatever stands before the last one is user and password.
    credentials, at, where = rest.rpartition("@")
    fault = "white space in it" if re.search(r"\s", entry) else _fault(where.removesuffix("/"))
    if fault:
        raise ArgumentError(place, _EXPECTED, fault)
    host, _, port = where.removesuffix("/").rpartition(":")
    username, colon, password = credentials.partition(":")
    return Proxy(
        host=host.strip("[]").lower(),
        port=int(port),
        username=_decoded(username) if at else None,
        password=Secret(_decoded(password)) if colon else None,
    )


def _fault(where: str) -> str:
    """Return what is wrong with *where*, which should be host and port; empty if nothing is."""
    host, colon, port = where.rpartition(":")
    if host.startswith("["):
        is_host = host.endswith("]") and _is_ipv6(host[1:-1])
    else:
        is_host = bool(_HOST.fullmatch(host.lower()))
    if not colon or where.endswith("]"):
        return "no port"
    if ":" in host and not host.startswith("["):
        return "more than a host and a port, without @"
    if not is_host:
        return "no name or address of a host"
    if not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        return "no port from 1 to 65535"
    return ""


def _is_ipv6(text: str) -> bool:
    try:
        return "%" not in text and ipaddress.IPv6Address(text) is not None
    except ValueError:
        return False


def _decoded(text: str) -> str:
    return unquote(text, errors=_BYTES)
