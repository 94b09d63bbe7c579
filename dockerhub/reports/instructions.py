"""Build steps as instructions of a Dockerfile: what each builder makes of a line is turned back.

The classic builder notes `/bin/sh -c #(nop)  CMD ["nginx"]` and `/bin/sh -c make`, BuildKit
`CMD ["nginx"]` and `RUN /bin/sh -c make # buildkit`; Docker Hub leaves out the `#(nop)`. Pure.
Source: https://github.com/moby/moby (`builder/dockerfile`) and https://github.com/moby/buildkit
(`frontend/dockerfile/dockerfile2llb`), whose histories were looked at (read 2026-11-22)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.redact import harmless
from dockerhub.reports.forms import FORMS, command_form
from dockerhub.reports.layout import command_lines, heredoc_words
from dockerhub.reports.quoting import as_list, quoted, read_pairs, written_pairs
from dockerhub.reports.shells import (
    LINUX_SHELL,
    WINDOWS_SHELL,
    command_start,
    read_command,
    read_nop,
    read_shell,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dockerhub.reports.shells import Shell

_KEYWORDS = (
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL"),
    *("MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)
_INSTRUCTION = re.compile(rf"({'|'.join(_KEYWORDS)})(?:\s+(.*))?", re.DOTALL)
_BUILDKIT = "# buildkit"
_BUILD_ARGUMENTS = re.compile(r"\|(\d{1,4}) (.*)", re.DOTALL)
_UNKNOWN_BODY = "# what it held is not kept in the image"
_OPAQUE = re.compile(r"(?:file|dir|multi):[0-9a-f]{8,}|[0-9a-f]{64} |tarsum")


class Known(NamedTuple):
    """What an image runs in the end: it tells what builders wrote without quotes."""

    env: Mapping[str, str] = {}
    labels: Mapping[str, str] = {}
    cmd: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()


class Instruction(NamedTuple):
    """One instruction, or, without a keyword, a step that is none."""

    keyword: str
    """`RUN`, `COPY` ...; empty for what no Dockerfile says"""
    words: tuple[str, ...]
    """what stands behind it: of ENV, LABEL and ARG each pair, else one text"""
    note: str | None = None
    """what has to be said of it: build arguments that were given"""

    @property
    def text(self) -> str:
        """The instruction as one text, with line breaks only in what stood in a heredoc."""
        return " ".join([self.keyword, *self.words] if self.keyword else self.words)

    @property
    def is_opaque(self) -> bool:
        """Whether the builder kept a checksum in the place of a source's name."""
        return self.keyword in ("ADD", "COPY") and bool(_OPAQUE.search(self.text))

    def lines(self, escape: str = "\\") -> list[str]:
        """Return the lines of a Dockerfile; *escape* is its sign of continuation."""
        if not self.keyword:
            return [f"# {line}".rstrip() for line in self.text.split("\n")]
        if self.keyword == "RUN":
            first, *rest = command_lines(self.words[0], escape)
            return [f"RUN {first}", *rest]
        one = " ".join(self.text.split("\n")).rstrip(f"{escape} \t")
        if len(self.words) > 1:
            *others, last = self.words
            start = [f"{self.keyword} {others[0]} {escape}"]
            return [*start, *[f"    {word} {escape}" for word in others[1:]], f"    {last}"]
        return [one, *_bodies(one)] if self.keyword in ("ADD", "COPY") else [one]


def read_instructions(
    texts: Iterable[str | None], *, is_windows: bool = False, known: Known | None = None
) -> list[Instruction]:
    """Return the instruction of each build step, first one first.

    *texts* are the steps from the very first one of the base image on: the shell that a step ran
    in, and the build arguments, were said by one before it.
    """
    reader = _Reader(WINDOWS_SHELL if is_windows else LINUX_SHELL, known or Known())
    return [reader.read(text) for text in texts]


class _Reader:
    """Reads steps one by one, and remembers what they say of those that follow."""

    def __init__(self, shell: Shell, known: Known) -> None:
        self._shell = shell
        self._known = known
        self._escape = "\\" if shell == LINUX_SHELL else "`"
        self._arguments: dict[str, str] = {}
        self._told: dict[str, str] = {}

    def read(self, text: str | None) -> Instruction:
        text = harmless((text or "").replace("\r\n", "\n")).strip()
        if not text:
            return Instruction("", ("a step of which nothing is said",))
        is_buildkit = text.endswith(_BUILDKIT)
        text = text.removesuffix(_BUILDKIT).rstrip()
        nop = read_nop(text, self._shell)
        if nop is not None and _INSTRUCTION.fullmatch(nop.command):
            # It tells the shell of that moment, whoever said so.
            self._shell = nop.shell or self._shell
            text = nop.command
        found = _INSTRUCTION.fullmatch(text)
        keyword, rest = (found[1], (found[2] or "").strip()) if found else ("", "")
        if not rest:
            return self._classic_run(text)
        if keyword == "RUN":
            return self._run(rest, is_buildkit=is_buildkit)
        return self._other(keyword, rest)

    def _other(self, keyword: str, rest: str) -> Instruction:
        if keyword in ("ENV", "LABEL", "ARG"):
            return Instruction(keyword, tuple(self._pairs(keyword, rest)))
        if keyword == "SHELL":
            self._shell = read_shell(rest)
            return Instruction(keyword, (as_list(self._shell),))
        if keyword in ("CMD", "ENTRYPOINT"):
            known = self._known.cmd if keyword == "CMD" else self._known.entrypoint
            return Instruction(keyword, (command_form(rest, self._shell, known),))
        form = FORMS.get(keyword)
        written = form(rest) if form else rest
        if written is None:
            return Instruction("", (f"{keyword} {rest}",))
        return Instruction(keyword, (written,))

    def _pairs(self, keyword: str, rest: str) -> list[str]:
        if keyword == "ARG":
            return self._declared(rest)
        known = self._known.env if keyword == "ENV" else self._known.labels
        return written_pairs(read_pairs(rest, known), self._escape)

    def _declared(self, rest: str) -> list[str]:
        """Return what an ARG declares: names, some of them with a value."""
        bare = []
        while rest and "=" not in rest.split(maxsplit=1)[0]:
            name, _, rest = rest.partition(" ")
            bare.append(name)
        pairs = read_pairs(rest.strip())
        self._arguments |= dict.fromkeys(bare, "") | dict(pairs)
        return [quoted(name, self._escape) for name in bare] + written_pairs(pairs, self._escape)

    def _classic_run(self, text: str) -> Instruction:
        given = _BUILD_ARGUMENTS.fullmatch(text)
        note = None
        if given is not None:
            text, note = self._without_arguments(int(given[1]), given[2])
        ran = read_command(text, self._shell)
        if ran.shell is None:
            return Instruction("", (given[0] if given else text,))
        return Instruction("RUN", (self._command(ran.shell, ran.command),), note)

    def _run(self, rest: str, *, is_buildkit: bool) -> Instruction:
        given = _BUILD_ARGUMENTS.fullmatch(rest)
        note = None
        if given is not None:
            rest, note = self._without_arguments(int(given[1]), given[2])
        ran = read_command(rest, self._shell)
        if ran.shell is not None:
            return Instruction("RUN", (self._command(ran.shell, ran.command),), note)
        if not ran.command:
            return Instruction("", (f"RUN {given[0] if given else ''}",))
        # Without a shell it was a list; who is not BuildKit keeps the line as it was.
        written = as_list(ran.command.split()) if is_buildkit else ran.command
        return Instruction("RUN", (written,), note)

    def _command(self, shell: Shell, command: str) -> str:
        """Return the command of a RUN; one for another shell than the usual one was a list."""
        is_usual = shell == self._shell and not command.startswith(("[", "--"))
        return command if is_usual else as_list([*shell, command])

    def _without_arguments(self, count: int, text: str) -> tuple[str, str | None]:
        """Return a command without its build arguments, and what has to be said of them."""
        start = command_start(f" {text}", self._shell) - 1
        if start < 0:
            # Run by itself: what is said of it ends with the last argument's first word.
            words = text.split(" ")
            return " ".join(words[count:]), self._note(read_pairs(" ".join(words[:count])))
        pairs = read_pairs(text[:start].strip(), names=self._arguments)
        return text[start:], self._note(pairs)

    def _note(self, pairs: Iterable[tuple[str, str]]) -> str | None:
        """Return what has to be said of build arguments: those that were not said before."""
        news = {
            name: value
            for name, value in pairs
            if value not in (self._arguments.get(name), self._told.get(name))
        }
        self._told |= news
        if not news:
            return None
        return "build arguments: " + ", ".join(written_pairs(news.items(), self._escape))


def _bodies(line: str) -> list[str]:
    """Return the heredocs that a COPY begins; what they held is not in the history."""
    bodies = ([_UNKNOWN_BODY, word] for word in heredoc_words(line))
    return [part for body in bodies for part in body]
