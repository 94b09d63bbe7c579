"""Docker's own pull usage report, a CSV file: its lines, read strictly. Pure.

Documented: the columns and `yyyy/mm/dd/hh` (https://docs.docker.com/docker-hub/usage/pulls/, read
2026-11-22). No report was seen. Not known: the zone of the hour (UTC is assumed), how several
addresses stand in one cell (every usual separator is read), whether official images have their
`library/` (it is added).
"""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from dockerhub.errors import NameRefused, PayloadError, shown
from dockerhub.moments import microseconds
from dockerhub.names import digest_bytes, hub_search_name, is_tag
from dockerhub.payloads.usage_machines import Machines, without_addresses
from dockerhub.usage_row import UsageRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COLUMNS = (
    *("datehour", "user_name", "repository", "access_token_name", "ips"),
    *("repository_privacy", "tag", "digest", "version_checks", "pulls"),
)
LONGEST_LINE = 64 * 1024
"""bytes of a line; whoever reads the file need not read more of one"""
# No hour has as many, and sums of some millions of them are still whole numbers of 64 bits.
MOST_PULLS = 10**12

_HOUR = re.compile(
    r"(\d{4})([/-])(\d\d)\2(\d\d)(?:[/ T-])(\d\d)(?::00){0,2}(?:\.0+)?(?:Z| ?UTC|\+00:?00)?",
    re.ASCII,
)
_NUMBER = re.compile(r"\d+", re.ASCII)
_MOST_DIGITS = 13
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HOSTS = ("docker.io/", "index.docker.io/", "registry-1.docker.io/")
_UNCLOSED = "expected the end of a quoted cell, got the end of the line"
_PRIVACY = {"public": False, "private": True}


class _Refused(Exception):
    """Raised when a cell cannot be read; *found* is None where it is not to be shown."""

    def __init__(self, column: str, expected: str, found: str | None) -> None:
        super().__init__(expected)
        shown_cell = "something else" if found is None else shown(without_addresses(found))
        self.column, self.words = column, f"expected {expected}, got {shown_cell}"


def read_usage(lines: Iterable[bytes], name: str, *, with_addresses: bool) -> Iterator[UsageRow]:
    """Yield what each line of a report says. *name* is the report's, for messages.

    A line is whole, or a part of one above `LONGEST_LINE` bytes, which is refused.

    :raises PayloadError: with line and column, if it is no such report
    """
    report = _Lines(lines, name)
    places = _places(report)
    machines = Machines(with_addresses=with_addresses)
    is_empty = True
    for cells in report.rows():
        is_empty = False
        if len(cells) != report.width:
            raise report.refusal(f"expected {report.width} cells, got {len(cells)}")
        yield _row([cells[place] for place in places], machines, report)
    if is_empty:
        raise PayloadError(f"{name}: expected a line below its header, got none")


class _Lines:
    """The cells of each line; knows which line it is at."""

    def __init__(self, lines: Iterable[bytes], name: str) -> None:
        self._name = name
        self._number = 0
        self.width = 0
        self.header: Sequence[str] = ()
        self._reader = csv.reader(self._decoded(lines), strict=True)

    def rows(self) -> Iterator[list[str]]:
        """Yield the cells of each line that is not blank."""
        while True:
            first = self._number + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                is_open, self._number = (
                    self._number > first or "unexpected end" in str(error),
                    first,
                )
                words = _UNCLOSED if is_open else f"expected cells with commas between, {error}"
                raise self.refusal(words) from None
            if self._number > first:
                self._number = first
                raise self.refusal(_UNCLOSED)
            if cells:
                yield cells

    def refusal(self, words: str, column: str = "") -> PayloadError:
        """Return the refusal of the present line."""
        column = f" column {column}:" if column else ""
        return PayloadError(f"{self._name}:{self._number or 1}:{column} {words}")

    def _decoded(self, lines: Iterable[bytes]) -> Iterator[str]:
        for line in lines:
            self._number += 1
            if len(line) > LONGEST_LINE:
                raise self.refusal(f"expected a line of at most {LONGEST_LINE} bytes, got more")
            if b"\0" in line:
                column = self._column(line, line.index(b"\0"))
                raise self.refusal("expected text, got a NUL byte", column)
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                found = f"expected UTF-8, got a byte {line[error.start]:#04x}"
                raise self.refusal(found, self._column(line, error.start)) from None
            yield text.removeprefix("\ufeff") if self._number == 1 else text

    def _column(self, line: bytes, at: int) -> str:
        """Return the column in which the place *at* of a line is, empty if nobody can tell."""
        text = line[:at].decode("utf-8", "replace") + "x"
        try:
            place = len(next(csv.reader([text]))) - 1
        except (csv.Error, StopIteration):
            return ""
        return self.header[place] if place < len(self.header) else ""


def _places(report: _Lines) -> list[int]:
    """Read the header, and return where in a line each of `COLUMNS` is."""
    found = next(report.rows(), None)
    if found is None:
        raise report.refusal("expected a header, got an empty file")
    names = [cell.strip().lower() for cell in found]
    for name in COLUMNS:
        if names.count(name) != 1:
            got = "two of them" if name in names else without_addresses(", ".join(names))
            raise report.refusal(f"expected a column {name}, got {shown(got, 200)}")
    report.width, report.header = len(names), [n if n in COLUMNS else "" for n in names]
    return [names.index(name) for name in COLUMNS]


def _row(cells: list[str], machines: Machines, report: _Lines) -> UsageRow:
    hour, user, repository, token, ips, privacy, tag, digest, checks, pulls = cells
    try:
        machine, addresses = _machine(machines, ips)
        return UsageRow(
            hour=_hour(hour),
            user=user or None,
            repository=_repository(repository),
            token=token or None,
            machine=machine,
            addresses=addresses,
            is_private=_is_private(privacy),
            tag=_tag(tag),
            digest=_digest(digest),
            version_checks=_number("version_checks", checks),
            pulls=_number("pulls", pulls),
        )
    except _Refused as error:
        raise report.refusal(error.words, error.column) from None


@lru_cache(1024)
def _hour(cell: str) -> int:
    match = _HOUR.fullmatch(cell)
    try:
        if match:
            year, _, month, day, hour = match.groups()
            return microseconds(datetime(int(year), int(month), int(day), int(hour), tzinfo=UTC))
    except ValueError:
        pass
    raise _Refused("datehour", "an hour such as 2026/11/22/08", cell)


@lru_cache(1024)
def _repository(cell: str) -> str:
    name = cell
    for host in _HOSTS:
        name = name.removeprefix(host)
    try:
        return str(hub_search_name(name))
    except NameRefused:
        raise _Refused("repository", "namespace/name", cell) from None


def _machine(machines: Machines, cell: str) -> tuple[str | None, str | None]:
    try:
        return machines.of(cell)
    except ValueError:
        raise _Refused("ips", "addresses with commas between", None) from None


def _is_private(cell: str) -> bool:
    found = _PRIVACY.get(cell.lower())
    if found is None:
        raise _Refused("repository_privacy", "public or private", cell)
    return found


@lru_cache(1024)
def _tag(cell: str) -> str | None:
    if cell and not is_tag(cell):
        raise _Refused("tag", "a tag or nothing", cell)
    return cell or None


@lru_cache(1024)
def _digest(cell: str) -> bytes | None:
    try:
        return digest_bytes(f"sha256:{cell}" if _HEX.fullmatch(cell) else cell) if cell else None
    except NameRefused:
        raise _Refused("digest", "sha256: and 64 hex digits, or nothing", cell) from None


def _number(column: str, cell: str) -> int:
    if not _NUMBER.fullmatch(cell):
        raise _Refused(column, "a whole number", cell)
    if len(cell) > _MOST_DIGITS or int(cell) > MOST_PULLS:
        raise _Refused(column, f"at most {MOST_PULLS}", cell)
    return int(cell)
