from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import PayloadError
from dockerhub.moments import microseconds
from dockerhub.payloads.usage import COLUMNS, LONGEST_LINE, MOST_PULLS, read_usage
from dockerhub.payloads.usage_machines import without_addresses
from dockerhub.usage_row import UsageRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DIGEST = "sha256:" + "ab" * 32
CELLS = {
    "datehour": "2026/11/22/08",
    "user_name": "ada",
    "repository": "acme/app",
    "access_token_name": "ci",
    "ips": "192.0.2.1",
    "repository_privacy": "public",
    "tag": "1.0",
    "digest": DIGEST,
    "version_checks": "3",
    "pulls": "2",
}
EIGHT = microseconds(datetime(2026, 11, 22, 8, tzinfo=UTC))
ROW = UsageRow(
    hour=EIGHT,
    user="ada",
    repository="acme/app",
    token="ci",
    machine="machine 1",
    addresses=None,
    is_private=False,
    tag="1.0",
    digest=bytes.fromhex("ab" * 32),
    version_checks=3,
    pulls=2,
)


def report(*changes: dict[str, str], columns: Sequence[str] = COLUMNS) -> list[bytes]:
    """Return the lines of a report, each line `CELLS` with some changes."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows([CELLS | change for change in changes])
    return text.getvalue().encode().splitlines(keepends=True)


def read(lines: Iterable[bytes], *, with_addresses: bool = False) -> list[UsageRow]:
    return list(read_usage(lines, "REPORT.csv", with_addresses=with_addresses))


def refusal(lines: Iterable[bytes]) -> str:
    with pytest.raises(PayloadError) as caught:
        read(lines)
    return str(caught.value)


def test_reads_a_line() -> None:
    assert read(report({})) == [ROW]


def test_missing_is_none() -> None:
    [row] = read(
        report({"user_name": "", "access_token_name": "", "ips": "", "tag": "", "digest": ""})
    )
    assert (row.user, row.token, row.machine, row.tag, row.digest) == (None,) * 5


@pytest.mark.parametrize(
    "hour",
    [
        "2026/11/22/08",
        "2026-11-22-08",
        "2026/11/22 08",
        "2026-11-22T08:00",
        "2026-11-22 08:00:00",
        "2026-11-22T08:00:00Z",
        "2026-11-22T08:00:00.000Z",
        "2026-11-22 08:00:00 UTC",
        "2026-11-22T08:00:00+00:00",
    ],
)
def test_reads_the_forms_of_an_hour(hour: str) -> None:
    assert read(report({"datehour": hour}))[0].hour == EIGHT


@pytest.mark.parametrize(
    "hour",
    ["", "2026/11/22", "2026/11/22/24", "2026/02/30/08", "2026-11/22/08", "2026-11-22T08:30",
     "2026-11-22T08:00+02:00", "22/11/2026/08", "٢٠٢٦/11/22/08", "1795334400"],
)  # fmt: skip
def test_another_form_of_an_hour_is_refused(hour: str) -> None:
    expected = 'REPORT.csv:2: column datehour: expected an hour such as 2026/11/22/08, got "'
    assert refusal(report({"datehour": hour})).startswith(expected)


@pytest.mark.parametrize(
    ("cell", "machines"),
    [
        ("192.0.2.1", "machine 1"),
        ("192.0.2.1,192.0.2.2", "machines 1, 2"),
        ("192.0.2.1; 192.0.2.2", "machines 1, 2"),
        ("192.0.2.1 192.0.2.2", "machines 1, 2"),
        ("192.0.2.1|192.0.2.2", "machines 1, 2"),
        ("[192.0.2.1, 192.0.2.2]", "machines 1, 2"),
        ('["192.0.2.1","192.0.2.1"]', "machine 1"),
        ("{192.0.2.1}", "machine 1"),
        ("::ffff:192.0.2.1,192.0.2.1/32", "machine 1"),
        ("2001:db8::1,2001:db8::ffff", "machine 1"),
        ("2001:db8::/64,2001:db8:0:1::1", "machines 1, 2"),
    ],
)
def test_numbers_the_machines_of_a_line(cell: str, machines: str) -> None:
    [row] = read(report({"ips": cell}))
    assert (row.machine, row.addresses) == (machines, None)


def test_numbers_machines_as_they_come_in_a_report() -> None:
    cells = ["198.51.100.9", "192.0.2.1", "198.51.100.9", "192.0.2.2,198.51.100.9"]
    rows = read(report(*({"ips": cell} for cell in cells)))
    assert [row.machine for row in rows] == ["machine 1", "machine 2", "machine 1", "machines 1, 3"]


def test_addresses_are_kept_where_that_is_asked_for() -> None:
    [row] = read(report({"ips": "192.0.2.9, 2001:db8::7"}), with_addresses=True)
    assert row.addresses == "192.0.2.9, 2001:db8::/64"


@pytest.mark.parametrize(
    "cell", ["localhost", "192.0.2.300", "192.0.2.1/24", "2001:db8::/48", "fe80::1%eth0", "1"]
)
def test_what_is_no_address_is_refused_and_not_shown(cell: str) -> None:
    said = refusal(report({"ips": cell}))
    expected = "expected addresses with commas between, got something else"
    assert said == f"REPORT.csv:2: column ips: {expected}"


def test_a_message_shows_no_address_that_slipped_into_another_column() -> None:
    for address in ("192.0.2.77", "2001:db8:1:2::77", "::ffff:192.0.2.77"):
        for column in ("pulls", "repository", "tag", "datehour", "digest", "repository_privacy"):
            said = refusal(report({}, {column: f"x {address} y"}))
            assert "77" not in said
            assert said.startswith(f"REPORT.csv:3: column {column}: expected ")
        said = refusal([f"{address},pulls\n".encode()])
        assert "77" not in said
    assert without_addresses("a 192.0.2.1 b") == "a (an address) b"


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("pulls", "x", 'a whole number, got "x"'),
        ("pulls", "", 'a whole number, got ""'),
        ("pulls", "-1", 'a whole number, got "-1"'),
        ("pulls", "1.0", 'a whole number, got "1.0"'),
        ("pulls", "٣", 'a whole number, got "\\u0663"'),
        ("version_checks", "9" * 19, f'at most {MOST_PULLS}, got "{"9" * 19}"'),
        ("version_checks", "1" + "0" * 12 + "1", f'at most {MOST_PULLS}, got "10000000000001"'),
        ("repository_privacy", "secret", 'public or private, got "secret"'),
        ("repository", "a/b/c", 'namespace/name, got "a/b/c"'),
        ("repository", "", 'namespace/name, got ""'),
        ("repository", "../etc", 'namespace/name, got "../etc"'),
        ("tag", "=cmd()", 'a tag or nothing, got "=cmd()"'),
        ("tag", "\x1b[31m", 'a tag or nothing, got "\\u001b[31m"'),
        ("digest", "sha256:AB", 'sha256: and 64 hex digits, or nothing, got "sha256:AB"'),
    ],
)
def test_names_line_and_column(column: str, cell: str, expected: str) -> None:
    said = refusal(report({}, {}, {column: cell}))
    assert said == f"REPORT.csv:4: column {column}: expected {expected}"


def test_the_most_pulls_are_read() -> None:
    assert read(report({"pulls": str(MOST_PULLS)}))[0].pulls == 10**12


@pytest.mark.parametrize(
    ("said", "name"),
    [("nginx", "library/nginx"), ("docker.io/a/b", "a/b"), ("library/nginx", "library/nginx")],
)
def test_reads_the_forms_of_a_repository(said: str, name: str) -> None:
    assert read(report({"repository": said}))[0].repository == name


def test_a_digest_need_not_have_its_prefix() -> None:
    assert read(report({"digest": "ab" * 32})) == [ROW]


def test_columns_stand_in_any_order_among_others() -> None:
    columns = ["country", *reversed(COLUMNS), "region"]
    assert read(report({"country": "x"}, columns=columns)) == [ROW]


def test_a_header_may_have_a_mark_in_front_capitals_and_carriage_returns() -> None:
    lines = report({})
    lines[0] = b"\xef\xbb\xbf" + lines[0].upper()
    assert read([line.replace(b"\n", b"\r\n") for line in lines] + [b"\r\n"]) == [ROW]


def test_a_missing_column_is_refused() -> None:
    columns = [name for name in COLUMNS if name != "pulls"]
    said = refusal(report({}, columns=columns))
    assert said == f'REPORT.csv:1: expected a column pulls, got "{", ".join(columns)}"'


def test_a_column_that_stands_there_twice_is_refused() -> None:
    said = refusal([b"pulls," + b",".join(name.encode() for name in COLUMNS) + b"\n"])
    assert said == 'REPORT.csv:1: expected a column pulls, got "two of them"'


def test_an_empty_report_is_refused() -> None:
    assert refusal([]) == "REPORT.csv:1: expected a header, got an empty file"
    assert refusal(report()) == "REPORT.csv: expected a line below its header, got none"


def test_too_few_or_many_cells_are_refused() -> None:
    assert refusal([*report({}), b"a,b\n"]) == "REPORT.csv:3: expected 10 cells, got 2"
    said = refusal([*report({}), report({})[1].replace(b"192.0.2.1", b"192.0.2.1,192.0.2.2")])
    assert said == "REPORT.csv:3: expected 10 cells, got 11"


def test_broken_quotes_are_refused_where_they_begin() -> None:
    line = report({})[1]
    unclosed = [*report({}), line.replace(b"ci", b'"ci'), line, line]
    words = "expected the end of a quoted cell, got the end of the line"
    assert refusal(unclosed) == f"REPORT.csv:3: {words}"
    broken = line.replace(b"ci", b'"c\ni"').splitlines(keepends=True)
    assert refusal([*report({}), *broken]) == f"REPORT.csv:3: {words}"
    said = refusal([*report({}), line.replace(b"ci", b'"c"i')])
    assert said.startswith("REPORT.csv:3: expected cells with commas between, ")


def test_a_quote_that_is_never_closed_does_not_read_the_whole_file() -> None:
    line = report({})[1]
    lines = iter([*report({}), line.replace(b"ci", b'"ci'), *[line] * 100_000])
    assert refusal(lines).startswith("REPORT.csv:3: expected the end of a quoted cell")
    assert len(list(lines)) > 98_000


def test_bytes_that_are_no_text_are_refused() -> None:
    line = report({})[1]
    said = refusal([*report({}), line.replace(b"ada", b"a\xffda")])
    assert said == "REPORT.csv:3: column user_name: expected UTF-8, got a byte 0xff"
    said = refusal([*report({}), line.replace(b"1.0", b"1\x00")])
    assert said == "REPORT.csv:3: column tag: expected text, got a NUL byte"
    said = refusal(["datehour,pulls".encode("utf-16")])
    assert said == "REPORT.csv:1: expected text, got a NUL byte"
    said = refusal([b"\x1f\x8b\x08"])
    assert said == "REPORT.csv:1: expected UTF-8, got a byte 0x8b"


def test_a_line_without_an_end_is_refused() -> None:
    said = refusal([*report({}), b"x" * (LONGEST_LINE + 1)])
    assert said == "REPORT.csv:3: expected a line of at most 65536 bytes, got more"


def test_hostile_names_of_tokens_are_read_as_they_are() -> None:
    hostile = '=cmd()\x1b[31m\u202e<script>,"'
    assert read(report({"access_token_name": hostile}))[0].token == hostile
