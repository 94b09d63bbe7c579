"""Values as builders wrote them into a history, and as a Dockerfile wants them. Pure.

A builder notes what it did after quotes were taken off and variables were put in, so what stands
there cannot simply be copied: `ENV NAME=two words` was `ENV NAME="two words"`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_STRING = r'"((?:[^"\\]|\\.)*)"'
_GO_STRING = re.compile(_STRING, re.DOTALL)
_GO_LIST = re.compile(rf"\[\s*(?:{_STRING}[\s,]*)*\]", re.DOTALL)
_GO_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL
)
_NAMED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LAST_SIGN = 0x10FFFF
# A name and its sign of equality; `==` is what stands between a package and its version.
_PAIR = re.compile(r"(?:^|(?<= ))([A-Za-z_][A-Za-z0-9_.:/@-]*)=(?!=)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def read_go_list(text: str) -> tuple[str, ...] | None:
    """Return the texts of a list such as `["nginx" "-g" "daemon off;"]`, None if it is none.

    Go's `%q` writes it so, and JSON with commas.
    """
    text = text.strip()
    if text.startswith("&{") and text.endswith("}"):
        text = text[2:-1].strip()
    if not _GO_LIST.fullmatch(text):
        return None
    return tuple(unescaped(found) for found in _GO_STRING.findall(text))


def unescaped(text: str) -> str:
    """Return what stands between the quotes of a Go string without its escapes."""
    return _GO_ESCAPE.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    *hexadecimal, octal, named = found.groups()
    digits = next((one for one in hexadecimal if one is not None), None)
    if digits is not None or octal is not None:
        number = int(digits, 16) if digits is not None else int(octal, 8)
        is_sign = number <= _LAST_SIGN and not 0xD800 <= number < 0xE000
        return chr(number) if is_sign else "\ufffd"
    return _NAMED.get(named, named)


def as_list(words: Sequence[str]) -> str:
    """Return *words* as the JSON list that a Dockerfile takes for a command."""
    return json.dumps(list(words), ensure_ascii=False)


def read_pairs(
    text: str, known: Mapping[str, str] | None = None, names: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Return the pairs of `A=1 B=two words`, where values have lost their quotes.

    *known* are pairs that the image has in the end: a value that is one of them is taken whole,
    even where it looks like several pairs. If *names* are given, others begin no pair. What
    begins with no pair is one in the old form, `NAME value`.
    """
    found: list[tuple[str, str]] = []
    while text:
        start = _PAIR.match(text)
        if start is None:
            name, _, value = text.partition(" ")
            return [*found, (name, value.strip())]
        name, rest = start[1], text[start.end() :]
        value = _value(rest, (known or {}).get(name), names)
        found.append((name, value))
        text = rest[len(value) :].lstrip(" ")
    return found


def _value(rest: str, known: str | None, names: Collection[str]) -> str:
    if known is not None and (rest == known or rest.startswith(f"{known} ")):
        behind = rest[len(known) :].lstrip(" ")
        if not behind or _PAIR.match(behind):
            return known
    quoted = _QUOTED.match(rest)
    if quoted is not None and (quoted.end() == len(rest) or rest[quoted.end()] == " "):
        return quoted[0]
    for following in _PAIR.finditer(rest):
        if following.start() and (not names or following[1] in names):
            return rest[: following.start()].rstrip(" ")
    return rest


def quoted(value: str, escape: str) -> str:
    """Return *value* as it has to stand behind a `NAME=`; *escape* is the file's sign for that.

    A value in quotes is taken to be one that its builder left as it found it.
    """
    value = value.replace("\n", " ")
    # A line that begins with # is no part of what it continues.
    has_special = re.search(rf"[\s\"'$]|^#|{re.escape(escape)}", value)
    if _QUOTED.fullmatch(value) or not has_special:
        return value
    special = "".join(dict.fromkeys(f'{escape}"$'))
    return '"' + re.sub(f"([{re.escape(special)}])", lambda sign: escape + sign[1], value) + '"'


def written_pairs(pairs: Iterable[tuple[str, str]], escape: str) -> list[str]:
    """Return pairs as a Dockerfile wants them."""
    return [f"{quoted(name, escape)}={quoted(value, escape)}" for name, value in pairs]
