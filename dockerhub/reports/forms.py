"""The instructions that builders note in another form than a Dockerfile has, each turned back.

Each function takes what stands behind the keyword, and returns what a Dockerfile says; None if that
cannot be told. Pure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockerhub.reports.layout import has_heredoc, heredoc_words
from dockerhub.reports.quoting import as_list, read_go_list, unescaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dockerhub.reports.shells import Shell

    Form = Callable[[str], str | None]

# `[80/tcp 443/udp]`, `map[80/tcp:{} 443/udp:{}]`, `80/tcp`.
_PORT = re.compile(r"(\d+(?:-\d+)?)(?:/(tcp|udp|sctp))?(?::\{\})?")
_CHECKSUM = re.compile(
    r"(?P<flags>(?:--\S+ )*)"
    r"(?P<source>(?:(?:file|dir|multi|tarsum\S*):)?[0-9a-f]{8,}|https?://\S+) in (?P<target>.*)",
    re.DOTALL,
)
_HEALTH = re.compile(
    r'&?\{(?P<test>\[.*\]) (?P<times>(?:"[0-9a-zµ.]*" ){3,4})\'(?P<retries>.*)\'\}', re.DOTALL
)
_TIMES = ("interval", "timeout", "start-period", "start-interval")


def command_form(rest: str, shell: Shell, known: tuple[str, ...]) -> str:
    """Return CMD or ENTRYPOINT turned back: a list, or a line for the shell.

    For a builder that is a list too. *known* is what the image runs in the end.
    """
    words = read_go_list(rest)
    if words is None:
        bare = _in_brackets(rest)
        if bare is None:
            return rest
        # Docker's first years wrote it without quotes.
        words = known if known and bare == " ".join(known) else _split(bare, shell)
    *before, line = words or ("",)
    is_line = tuple(before) == shell and line.isprintable() and line.strip() == line != ""
    return line if is_line and not line.startswith("[") else as_list(words)


def _split(text: str, shell: Shell) -> tuple[str, ...]:
    start = " ".join(shell) + " "
    return (*shell, text[len(start) :]) if text.startswith(start) else tuple(text.split())


def _ports(rest: str) -> str | None:
    inner = _in_brackets(rest.removeprefix("map"))
    words = (rest if inner is None else inner).replace('"', "").replace(",", " ").split()
    found = [_PORT.fullmatch(word) for word in words]
    ports = [
        one[1] + (f"/{one[2]}" if one[2] and one[2] != "tcp" else "")
        for one in found
        if one is not None
    ]
    return " ".join(ports) if len(ports) == len(words) else rest


def _volumes(rest: str) -> str | None:
    words, bare = read_go_list(rest), _in_brackets(rest)
    if words is None and bare is None:
        return rest
    return as_list(words if words is not None else (bare or "").split())


def _signal(rest: str) -> str | None:
    return rest.removeprefix("[").removesuffix("]")


def _source(rest: str) -> str | None:
    """ADD and COPY: the classic builder kept a checksum of what was copied, and not its name."""
    if has_heredoc(rest) and not heredoc_words(rest):
        return None
    found = _CHECKSUM.fullmatch(rest)
    if found is None:
        return rest
    return f"{found['flags']}{found['source']} {found['target'].strip()}"


def _health(rest: str) -> str | None:
    if not rest.startswith(("&{", "{")):
        return rest
    found = _HEALTH.fullmatch(rest)
    test = read_go_list(found["test"]) if found else None
    if found is None or not test:
        return None
    kind, *words = test
    if kind == "NONE":
        return kind
    times = zip(_TIMES, found["times"].replace('"', "").split(), strict=False)
    options = [f"--{name}={_short(time)}" for name, time in times if _short(time) != "0s"]
    retries = unescaped(found["retries"])
    options += [f"--retries={ord(retries)}"] if len(retries) == 1 and ord(retries) else []
    is_line = kind == "CMD-SHELL" and len(words) == 1 and words[0].isprintable()
    command = words[0].strip() if is_line else as_list(words)
    return " ".join([*options, "CMD", command])


def _short(time: str) -> str:
    """Return `1m` for Go's `1m0s`."""
    return re.sub(r"(?<=[hm])0[ms]", "", re.sub(r"(?<=m)0s", "", time))


def _later(rest: str) -> str | None:
    """ONBUILD: kept as it was; one that begins a heredoc would swallow what follows."""
    return None if has_heredoc(rest) else _in_brackets(rest) or rest


def _in_brackets(text: str) -> str | None:
    is_list = text.startswith("[") and text.endswith("]")
    return text[1:-1].strip() if is_list else None


FORMS: Mapping[str, Form] = {
    "ADD": _source,
    "COPY": _source,
    "EXPOSE": _ports,
    "VOLUME": _volumes,
    "STOPSIGNAL": _signal,
    "HEALTHCHECK": _health,
    "ONBUILD": _later,
}
"""Keyword -> what turns its arguments back."""
