from __future__ import annotations

import pytest

from dockerhub.reports.quoting import as_list, quoted, read_go_list, read_pairs, written_pairs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param('["nginx" "-g" "daemon off;"]', ("nginx", "-g", "daemon off;"), id="go"),
        pytest.param('["nginx", "-g", "daemon off;"]', ("nginx", "-g", "daemon off;"), id="json"),
        pytest.param('["a","b"]', ("a", "b"), id="json without spaces"),
        pytest.param("[]", (), id="none"),
        pytest.param('&{["bash"]}', ("bash",), id="of Docker 1.10"),
        pytest.param(r'["say \"hi\""]', ('say "hi"',), id="quotes"),
        pytest.param(r'["a\\b" "tab\there"]', ("a\\b", "tab\there"), id="backslash and tab"),
        pytest.param(r'["\x41\u00e9\U0001f600\101"]', ("A\u00e9\U0001f600A",), id="numbers"),
        pytest.param(r'["\ud800\U00110000"]', ("\ufffd\ufffd",), id="numbers that are no sign"),
        pytest.param('["a" ["b"]]', None, id="a list in it"),
        pytest.param("[nginx -g]", None, id="without quotes"),
        pytest.param('["open]', None, id="an open quote"),
        pytest.param("nginx", None, id="no list"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_list_of_go_is_read(text: str, words: tuple[str, ...] | None) -> None:
    assert read_go_list(text) == words


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        pytest.param("A=1", [("A", "1")], id="one"),
        pytest.param("A=1 B=2", [("A", "1"), ("B", "2")], id="two"),
        pytest.param("A=", [("A", "")], id="an empty one"),
        pytest.param("A= B=2", [("A", ""), ("B", "2")], id="an empty one before another"),
        pytest.param("A=two words B=2", [("A", "two words"), ("B", "2")], id="two words"),
        pytest.param(
            "maintainer=Jo Doe <jo@example.com>",
            [("maintainer", "Jo Doe <jo@example.com>")],
            id="a label",
        ),
        pytest.param(
            "T=torch==2.8 vision==0.23", [("T", "torch==2.8 vision==0.23")], id="versions"
        ),
        pytest.param("URL=https://x/?a=b&c=d", [("URL", "https://x/?a=b&c=d")], id="a query"),
        pytest.param('A="b c" D=e', [("A", '"b c"'), ("D", "e")], id="left in quotes"),
        pytest.param("NAME some value", [("NAME", "some value")], id="the old form"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_pairs_without_quotes_are_told_apart(text: str, pairs: list[tuple[str, str]]) -> None:
    assert read_pairs(text) == pairs


def test_what_an_image_has_in_the_end_tells_where_a_value_ends() -> None:
    text = "REQUIRE=cuda>=12 brand=tesla driver=470 NEXT=1"

    assert read_pairs(text) == [
        ("REQUIRE", "cuda>=12"),
        ("brand", "tesla"),
        ("driver", "470"),
        ("NEXT", "1"),
    ]
    assert read_pairs(text, {"REQUIRE": "cuda>=12 brand=tesla driver=470"}) == [
        ("REQUIRE", "cuda>=12 brand=tesla driver=470"),
        ("NEXT", "1"),
    ]


def test_a_value_that_was_changed_later_is_read_by_itself() -> None:
    assert read_pairs("PATH=/bin NEXT=1", {"PATH": "/opt/bin:/bin"}) == [
        ("PATH", "/bin"),
        ("NEXT", "1"),
    ]


def test_only_declared_names_begin_a_pair_where_they_are_known() -> None:
    assert read_pairs("A=x y=z B=2", names={"A", "B"}) == [("A", "x y=z"), ("B", "2")]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("", "", id="nothing"),
        pytest.param("/a:/b,c=d;e&f|g<h>(i)[j]{k}", "/a:/b,c=d;e&f|g<h>(i)[j]{k}", id="signs"),
        pytest.param("two words", '"two words"', id="two words"),
        pytest.param('say "hi"', r'"say \"hi\""', id="quotes"),
        pytest.param("$HOME/x", r'"\$HOME/x"', id="a dollar"),
        pytest.param("a\\b", r'"a\\b"', id="a backslash"),
        pytest.param("it's", '"it\'s"', id="an apostrophe"),
        pytest.param("line\nRUN evil", '"line RUN evil"', id="a line break"),
        pytest.param("#no comment", '"#no comment"', id="what looks like a comment"),
        pytest.param('"b c"', '"b c"', id="already in quotes"),
    ],
)
def test_a_value_is_quoted_where_it_has_to_be(value: str, written: str) -> None:
    assert quoted(value, "\\") == written


def test_a_path_of_windows_needs_no_quotes_where_a_backtick_escapes() -> None:
    assert quoted(r"C:\app", "`") == r"C:\app"
    assert quoted(r'C:\my "app" `x', "`") == r'"C:\my `"app`" ``x"'


def test_pairs_are_written_one_by_one() -> None:
    assert written_pairs([("A", "1"), ("B", "two words")], "\\") == ["A=1", 'B="two words"']


def test_a_list_is_written_as_json() -> None:
    assert as_list(["sh", "-c", 'say "é"\n']) == '["sh", "-c", "say \\"é\\"\\n"]'
