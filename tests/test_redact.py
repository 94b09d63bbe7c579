from __future__ import annotations

import copy
import pickle

import pytest

from dockerhub.redact import Secret, harmless, not_run, plain, shown_url


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("dckr_pat_x")
    assert secret.reveal() == "dckr_pat_x"
    assert [str(secret), repr(secret), f"{secret}", f"{[secret]}"] == [
        "Secret(***)",
        "Secret(***)",
        "Secret(***)",
        "[Secret(***)]",
    ]


def test_a_secret_is_never_written_to_disk() -> None:
    with pytest.raises(TypeError, match="^a Secret is not to be pickled$"):
        pickle.dumps(Secret("x"))
    with pytest.raises(TypeError, match="^a Secret is not to be pickled$"):
        copy.copy(Secret("x"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h.example/v2/a?page=2&page_size=9", "https://h.example/v2/a?page=2&page_size=9"),
        ("https://h.example/a?query=b+c&name=d", "https://h.example/a?query=b+c&name=d"),
        ("https://h.example/a?token=s3cret&page=1", "https://h.example/a?token=***&page=1"),
        ("https://h.example/a?verify=", "https://h.example/a?verify=***"),
        ("https://ada:s3cret@h.example:8443/a", "https://***@h.example:8443/a"),
        ("https://ada@h.example/a#part", "https://***@h.example/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("sqlite:x.db", "sqlite:x.db"),
        ("postgresql://ada:s3cret@db.example/hub", "postgresql://***@db.example/hub"),
    ],
)
def test_addresses_are_shown_without_their_secrets(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://ada:s3/cret@db.example/hub", id="slash in the password"),
        pytest.param("postgresql://ada:12/34@db.example/hub", id="a port before the slash"),
        pytest.param("ada:s3cret@db.example/hub", id="no scheme"),
        pytest.param("https://ada:s3cret@[h", id="half an address"),
    ],
)
def test_an_address_that_may_hide_a_password_anywhere_is_not_shown(url: str) -> None:
    assert shown_url(url) == "***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("  plain ", "plain", id="spaces around"),
        pytest.param("a\r\n\tb", "a b", id="line break"),
        pytest.param("a\x1b[2Jb", "a [2Jb", id="escape sequence"),
        pytest.param("a\x9b2Jb", "a 2Jb", id="C1 control"),
        pytest.param("a\u202eb", "a b", id="direction mark"),
        pytest.param("a\u061cb", "a b", id="Arabic letter mark"),
        pytest.param("a\u2028\u2029b", "a b", id="line and paragraph separators"),
        pytest.param("a\u200b\u200db", "a b", id="no width"),
        pytest.param("a\U000e0041b", "a b", id="tag character"),
        pytest.param("\ufeffa\u00e9\u4e2d", "a\u00e9\u4e2d", id="letters stay"),
        pytest.param("x" * 20, "x" * 20, id="at the limit"),
        pytest.param("x" * 21, "x" * 17 + "...", id="over the limit"),
    ],
)
def test_hostile_text_becomes_one_printable_line(text: str, shown: str) -> None:
    assert plain(text, 20) == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(" a\n\tb \n", " a\n\tb \n", id="lines, tabs and spaces stay"),
        pytest.param("a\r\nb", "a \nb", id="carriage return"),
        pytest.param("a\x00\x08\x0b\x1fb", "a b", id="a run of C0 controls"),
        pytest.param("a\x1b[2Jb", "a [2Jb", id="escape sequence"),
        pytest.param("a\x7fb\x9b2J", "a b 2J", id="delete and C1 control"),
        pytest.param("a\u061cb\u200ec\u200fd", "a b c d", id="letter marks"),
        pytest.param("a\u202eb\u2066c\u2069d", "a b c d", id="direction marks"),
        pytest.param("a\u2028b\u2029c", "a b c", id="line and paragraph separators"),
        pytest.param("\ufeffa\U000e0041b", " a b", id="byte order mark and tag character"),
        pytest.param(
            "\U0001f469\u200d\U0001f4bb \u0645\u06cc\u200c\u062e",
            "\U0001f469\u200d\U0001f4bb \u0645\u06cc\u200c\u062e",
            id="joined signs stay",
        ),
        pytest.param("x" * 9999, "x" * 9999, id="no limit"),
    ],
)
def test_hostile_text_of_many_lines_loses_what_a_terminal_acts_on(text: str, said: str) -> None:
    assert harmless(text) == said


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"], ids=repr)
def test_a_spreadsheet_shows_a_formula_and_does_not_run_it(start: str) -> None:
    assert not_run(f"{start}1+cmd") == f"'{start}1+cmd"


@pytest.mark.parametrize("text", ["", "nginx", "1+1", " =1", "'=1"], ids=repr)
def test_what_is_no_formula_stays(text: str) -> None:
    assert not_run(text) == text
