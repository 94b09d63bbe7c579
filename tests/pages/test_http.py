"""The pages as a program asks for them: what cannot be done, and what does not break."""

from __future__ import annotations

import html
import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from dockerhub.pages.canned import CANNED
from dockerhub.store.dictionary import data_dictionary
from dockerhub.store.writer import Writer
from tests.pages.world import DEBIAN, PULLS, at_day
from tests.store.made import page, row

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = [name for name, entry in data_dictionary().items() if entry.is_view]


def get(url: str, **parameters: object) -> tuple[int, str]:
    address = f"{url}?{urlencode(parameters)}" if parameters else url
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def ask(served: str, sql: str, **parameters: object) -> dict[str, Any]:
    _, body = get(f"{served}/dockerhub.json", sql=sql, _shape="objects", **parameters)
    told: dict[str, Any] = json.loads(body)
    return told


def test_views_can_be_asked_in_ones_own_words(served: str) -> None:
    told = ask(served, "SELECT pull_count FROM repositories WHERE name = :name", name="debian")
    assert told["rows"] == [{"pull_count": PULLS[DEBIAN][0]}]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM tag",
        "INSERT INTO crawl (id) VALUES (1)",
        "SELECT 1; DELETE FROM tag",
        "WITH x AS (SELECT 1) DELETE FROM tag",
        "WITH x AS (SELECT 1) INSERT INTO repository_search (repository_search) VALUES ('rebuild')",
        "ATTACH 'other.db' AS other",
        "VACUUM INTO 'other.db'",
        "PRAGMA journal_mode = DELETE",
        "SELECT * FROM pragma_journal_mode('DELETE')",
        "SELECT load_extension('libm.so.6')",
        "SELECT readfile('/etc/hostname')",
        "SELECT writefile('other.db', 'x')",
        "SELECT fts3_tokenizer('simple', x'00')",
        "WITH x AS (SELECT 1) UPDATE sqlite_master SET sql = ''",
        "CREATE TEMP TABLE mine (x)",
        "EXPLAIN DELETE FROM tag",
    ],
)
def test_nothing_but_reading_can_be_asked(served: str, database: Path, sql: str) -> None:
    status, body = get(f"{served}/dockerhub.json", sql=sql)
    assert status == 400, body
    assert json.loads(body)["ok"] is False
    assert not (database.parent / "other.db").exists()


NUMBERS = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 1000) SELECT "


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT length(randomblob(500000000))", "string or blob too big"),
        ("SELECT length(hex(zeroblob(3000000)))", "string or blob too big"),
        ("SELECT length(printf('%.*c', 900000000, 'x'))", "not authorized to use function: printf"),
        (
            NUMBERS + "randomblob(100000) FROM n",
            "expected rows of at most 32,000,000 bytes together, there is more",
        ),
        (
            f"SELECT {', '.join(['randomblob(3900000)'] * 150)}",
            "expected rows of at most 32,000,000 bytes together, there is more",
        ),
    ],
    ids=["a value", "made of another", "counted out", "many rows", "one row"],
)
def test_no_question_takes_the_memory(served: str, sql: str, message: str) -> None:
    status, body = get(f"{served}/dockerhub.json", sql=sql)
    assert (status, json.loads(body)["error"]) == (400, message)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "changes?since=gestern",
            (
                "since: expected 7d, 24h, 30m, 2w or a date that is past, such as 2026-01-31,"
                ' got "gestern"'
            ),
        ),
        ("stale?days=abc", 'days: expected a number from 1 to 36500, got "abc"'),
        ("growing?days=-5", 'days: expected a number from 1 to 36500, got "-5"'),
        (
            "popular?org=nobody",
            (
                'org: expected an organisation that a crawl has seen, got "nobody"; run:'
                " scrapy crawl org -a org=nobody"
            ),
        ),
        (
            "tags_of?repo=nobody",
            (
                'repo: expected a repository that a crawl has seen, got "library/nobody"; run:'
                " scrapy crawl tags -a repo=library/nobody"
            ),
        ),
        (
            "layers_of?image=debian:99",
            (
                'image: expected a tag of library/debian that a crawl has seen, got "99"; run:'
                " scrapy crawl tags -a repo=library/debian"
            ),
        ),
    ],
)
def test_a_wrong_word_is_no_other_question(served: str, asked: str, message: str) -> None:
    path, _, words = asked.partition("?")
    status, body = get(f"{served}/dockerhub/{path}.json?{words}")
    assert (status, json.loads(body)["error"]) == (400, message)
    status, body = get(f"{served}/dockerhub/{asked}")
    assert (status, html.unescape(message) in html.unescape(body)) == (400, True)
    status, body = get(f"{served}/dockerhub/{path}.csv?{words}")
    assert (status, message in html.unescape(body)) == (400, True)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/dockerhub.csv", "Expected a question as ?sql=..., got none."),
        ("/dockerhub/tags?_next=x", "Expected numbers as Datasette makes them, got _next=x."),
        ("/dockerhub/tags.csv?_next=x", "Expected numbers as Datasette makes them, got _next=x."),
        ("/dockerhub?sql=select+1&_timelimit=x", "Expected numbers as Datasette makes them"),
        ("/dockerhub/tags?_sort=nope", "Cannot sort table by nope"),
    ],
)
def test_an_address_that_means_nothing_is_refused(served: str, path: str, message: str) -> None:
    status, body = get(served + path)
    assert (status, message in body) == (400, True)


def test_a_moment_outside_of_time_is_nothing(served: str) -> None:
    told = ask(served, "SELECT iso(9223372036854775807) AS a, iso(0) AS b")
    assert told["rows"] == [{"a": None, "b": "1970-01-01T00:00:00.000000Z"}]


def test_a_question_without_end_is_stopped(served: str) -> None:
    numbers = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) "
    endless = numbers + "SELECT MAX(n) FROM n"
    started = time.monotonic()
    status, body = get(f"{served}/dockerhub.json", sql=endless)
    assert status == 400
    assert json.loads(body)["error"].startswith("Expected an answer within 2 seconds.")
    assert 1.5 < time.monotonic() - started < 6


def test_rows_are_counted_out(served: str) -> None:
    many = (
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 5000)"
        " SELECT n FROM n"
    )
    told = ask(served, many)
    assert (len(told["rows"]), told["truncated"]) == (1000, True)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_its_page_with_its_columns(served: str, view: str) -> None:
    status, body = get(f"{served}/dockerhub/{view}")
    assert status == 200
    entry = data_dictionary()[view]
    assert all(f"<dt>{column}</dt>" in body for column in entry.columns)


@pytest.mark.parametrize("name", CANNED)
def test_every_question_answers_with_nothing_filled_in(served: str, name: str) -> None:
    status, body = get(f"{served}/dockerhub/{name}")
    assert (status, "message-error" in body) == (200, False)


@pytest.mark.parametrize("name", CANNED)
def test_every_question_bears_hostile_words(served: str, name: str) -> None:
    hostile = "<script>alert(1)</script>' OR 1=1 -- \x00\x1b[31m\u202e \"*("
    status, body = get(
        f"{served}/dockerhub/{name}", **dict.fromkeys(CANNED[name].parameters, hostile)
    )
    assert status in {200, 400}
    assert "<script>alert" not in body


@pytest.mark.parametrize("words", ['"', "(", "a AND", "*", "-", "col:x", "\0", "NEAR(", "' OR 1"])
@pytest.mark.parametrize("place", ["search", "repositories"])
def test_no_word_is_an_error(served: str, place: str, words: str) -> None:
    key = "q" if place == "search" else "_search"
    status, body = get(f"{served}/dockerhub/{place}", **{key: words})
    assert (status, "message-error" in body) == (200, False)


def test_a_search_finds_in_both_places(served: str) -> None:
    for place, key in (("search", "q"), ("repositories", "_search")):
        rows = json.loads(get(f"{served}/dockerhub/{place}.json", **{key: "walr"})[1])
        assert len(rows["rows"]) == 1
        assert "acme/funny" in rows["rows"][0]


def test_what_a_crawl_writes_meanwhile_is_seen(served: str, database: Path) -> None:
    count = "SELECT COUNT(*) AS n FROM repositories"
    before = ask(served, count)["rows"][0]["n"]
    writer = Writer(f"sqlite:///{database}")
    new = f"new{before}"
    writer.write([page(at_day(30), row(new))])
    try:
        assert ask(served, count)["rows"] == [{"n": before + 1}]
    finally:
        writer.close()


def test_csv_holds_no_formula(served: str) -> None:
    _, body = get(f"{served}/dockerhub.csv", sql="SELECT '=cmd()' AS a, -5 AS b, '@x' AS c")
    assert body == "a,b,c\r\n'=cmd(),-5,'@x\r\n"


def test_pages_come_from_other_names_for_nobody(served: str) -> None:
    request = urllib.request.Request(served, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="421") as caught:
        urllib.request.urlopen(request, timeout=20)
    caught.value.close()


def test_base_tables_stand_behind_the_views(served: str) -> None:
    told = json.loads(get(f"{served}/dockerhub.json")[1])
    assert [table["name"] for table in told["tables"] if not table["hidden"]] == []
    assert {view["name"] for view in told["views"]} == set(VIEWS)
    assert {query["name"] for query in told["queries"]} == set(CANNED)


def test_a_page_that_is_not_there_says_so(served: str) -> None:
    status, body = get(f"{served}/dockerhub/%3Cscript%3E")
    assert status == 404
    assert "<script>" not in body.replace('<script nonce="', "")
