"""Functions that the pages' SQL has beside SQLite's own: names, moments and digests as typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockerhub.errors import NameRefused
from dockerhub.moments import iso, now, read_since
from dockerhub.names import digest_bytes, read_image_name
from dockerhub.redact import plain

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from dockerhub.pages.starts import Starts

_LATEST = "latest"
_WEEK = "7d"
_WORD = re.compile(r'"[^"]*"?|[^\s"]+')
_LINE = 80  # characters


def add_functions(connection: sqlite3.Connection, starts: Starts) -> None:
    """Let the statements on *connection* read what people type. What cannot be read is NULL.

    Nothing means what the pages start with. It is put in here and not asked for in a statement:
    SQLite looks through a whole view of several parts for what a question inside answers.
    """
    add: Callable[..., None] = connection.create_function

    def asked_org(text: object) -> str:
        return str(text or "").strip() or starts.org

    def asked_repo(text: object) -> str | None:
        return _repository(str(text or "").strip() or starts.repo)

    add("asked_org", 1, asked_org, deterministic=True)
    add("asked_repo", 1, asked_repo, deterministic=True)
    add("image_tag", 1, _tag, deterministic=True)
    add("digest_bytes", 1, _digest, deterministic=True)
    add("iso", 1, _iso, deterministic=True)
    add("since", 1, _since)
    add("search_words", 1, search_words, deterministic=True)
    add("plain", 1, _plain, deterministic=True)


def _repository(text: str) -> str | None:
    """Return the repository of `nginx`, `bitnami/redis:7`: `library/nginx`."""
    try:
        return str(read_image_name(text).repository)
    except NameRefused:
        return None


def _tag(text: object) -> str | None:
    """Return the tag of an image, `latest` if none is said."""
    try:
        return read_image_name(str(text)).tag or _LATEST
    except NameRefused:
        return None


def _digest(text: object) -> bytes | None:
    """Return the bytes of a `sha256:...` digest."""
    try:
        return digest_bytes(str(text).strip().lower())
    except NameRefused:
        return None


def _iso(moment: object) -> str | None:
    """Return microseconds as ISO text."""
    try:
        return iso(moment) if isinstance(moment, int) else None
    except (ValueError, OverflowError, OSError):  # outside of the years 1 to 9999
        return None


def _since(text: object) -> int | None:
    """Return the moment that `7d`, `24h` or a date means; nothing means a week."""
    try:
        return read_since(str(text or "").strip() or _WEEK, now())
    except (ValueError, OverflowError):
        return None


def search_words(text: object) -> str:
    """Return words as the full-text index wants them, each quoted: no sign in them means more.

    What stands in quotes stays together, else the last word may be the beginning of one.
    """
    found = _WORD.findall(str(text or "").replace("\0", " "))
    quoted = [f'"{inner}"' for word in found if (inner := word.strip('"').strip())]
    if not quoted:
        return '""'  # nothing, which nothing matches
    return " ".join(quoted) + ("" if found[-1].startswith('"') else "*")


def _plain(text: object) -> str | None:
    """Return a text as one short line."""
    return plain(text, _LINE) if isinstance(text, str) else None
