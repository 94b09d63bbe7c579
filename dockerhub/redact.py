"""What a log line, a message or a table may show."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_SHOWN_QUERY_KEYS = frozenset({"page", "page_size", "ordering", "name", "query", "n", "last"})
# C0 and C1 control characters, and the marks that turn the direction of a line: a terminal that is
# sent them shows something else than what was said.
_TURNING = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f"
_UNPRINTABLE = re.compile(f"[\x00-\x1f\u200b-\u200d{_TURNING}]+")
_HARMFUL = re.compile(f"[\x00-\x08\x0b-\x1f{_TURNING}]+")
# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Secret:
    """A text that must not be shown; `reveal()` is the only way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one request that it is made for."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        raise TypeError("a Secret is not to be pickled")


def shown_url(url: str) -> str:
    """Return *url* without user, password and every query value that is not on the allowed list.

    A text in which the password cannot be told from the rest is not shown at all.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "***"
    if "@" in parts.path:  # no scheme, or a password with a slash in it
        return "***"
    host = f"[{host}]" if ":" in host else host
    where = f"{host}:{port}" if port else host
    if parts.username or parts.password:
        where = "***@" + where
    query = urlencode(
        [
            (key, value if key in _SHOWN_QUERY_KEYS else "***")
            for key, value in parse_qsl(parts.query, keep_blank_values=True)
        ],
        safe="*",
    )
    return urlunsplit((parts.scheme, where, parts.path, query, ""))


def harmless(text: str) -> str:
    """Return *text* without what a terminal acts on; lines, tabs and joined signs are kept."""
    # Nothing harmful is printable to Python, which tells that several times faster.
    return text if text.isprintable() else _HARMFUL.sub(" ", text)


def not_run(text: str) -> str:
    """Return a cell that a spreadsheet shows and does not run, by an apostrophe before it."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def plain(text: str, limit: int = 200) -> str:
    """Return hostile *text* as one printable line of at most *limit* characters."""
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= limit else text[: limit - 3] + "..."
