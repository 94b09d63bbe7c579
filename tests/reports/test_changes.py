"""What changed, newest first."""

from __future__ import annotations

from typing import Any

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.reports.answers import Answer, NotAnswered, answer_json, answer_table
from dockerhub.reports.changes import SQL, ChangesAsked, changes_answer, read_asked
from dockerhub.reports.tables import plain_lines
from dockerhub.store.questions import Questions
from tests.store.made import DAY, NOW, digest, digest_text
from tests.webhooks.made_events import HOUR, Events


@pytest.fixture
def events(url: str) -> Events:
    return Events(url)


def asked(**options: Any) -> ChangesAsked:
    given: dict[str, Any] = {"repo": None, "kind": None, "since": "7d", "limit": None}
    return read_asked(**given | options, present=NOW + 6 * DAY)


def answer(events: Events, **options: Any) -> Answer:
    with Questions(events.url, SQL) as questions:
        return changes_answer(questions, asked(**options))


def subjects(events: Events, **options: Any) -> list[str]:
    rows = answer_json(answer(events, **options))["rows"]
    return [f"{row['kind']} {row['repo_name']}:{row['tag_name']}" for row in rows]


def test_all_that_is_said_of_an_event(events: Events) -> None:
    events.add("tag_moved", "library/nginx:1.27", hub=NOW - HOUR, old="a", new="b")

    found = answer(events)

    assert answer_json(found)["rows"] == [
        {
            "event": 1,
            "id": answer_json(found)["rows"][0]["id"],
            "seen_at": "2026-11-22T08:00:00.000000Z",
            "hub_at": "2026-11-22T07:00:00.000000Z",
            "kind": "tag_moved",
            "repo_name": "library/nginx",
            "tag_name": "1.27",
            "old_digest": digest_text("a"),
            "new_digest": digest_text("b"),
            "base_image": None,
            "url": "https://hub.docker.com/_/nginx/tags?name=1.27",
        }
    ]
    header, line = plain_lines(answer_table(found))
    assert header == (
        "seen_at           hub_at            kind       repo_name      tag_name"
        "  old_digest    new_digest    base_image"
    )
    old, new = (digest(one).hex()[:12] for one in "ab")
    assert line == (
        f"2026-11-22 08:00  2026-11-22 07:00  tag_moved  library/nginx  1.27      {old}  {new}"
    )


def test_an_outdated_base_is_named(events: Events) -> None:
    events.add("base_outdated", "acme/app:1", old="a", new="b", base="library/debian:12-slim")

    (row,) = answer_json(answer(events))["rows"]
    assert row["base_image"] == "library/debian:12-slim"


def test_newest_first_and_as_it_was_noticed_within_a_moment(events: Events) -> None:
    events.add("tag_created", "a/b:1", NOW)
    events.add("tag_created", "a/b:2", NOW + 2)
    events.add("tag_created", "a/b:3", NOW)
    events.add("repository_gone", "a/b", NOW + 1)

    expected = [
        *("tag_created a/b:2", "repository_gone a/b:None"),
        *("tag_created a/b:3", "tag_created a/b:1"),
    ]
    assert subjects(events) == expected
    assert subjects(events, repo="a/b") == expected


@pytest.fixture
def many(events: Events) -> Events:
    for image in ("library/nginx:1", "library/mysql:1", "bitnami/nginx:1", "bitnamilegacy/nginx:1"):
        events.add("tag_created", image)
        events.add("tag_moved", image)
    return events


@pytest.mark.parametrize(
    ("repo", "names"),
    [
        ("nginx", "library/nginx"),
        ("*", "bitnamilegacy/nginx bitnami/nginx library/mysql library/nginx"),
        ("bitnami/*", "bitnami/nginx"),
        ("bitnami*/*", "bitnamilegacy/nginx bitnami/nginx"),
        ("*/nginx", "bitnamilegacy/nginx bitnami/nginx library/nginx"),
        ("?y*", "library/mysql"),
        ("m*,nginx,*sql", "library/mysql library/nginx"),
        ("[!l]*/nginx,bitnami/*", "bitnamilegacy/nginx bitnami/nginx"),
    ],
)
def test_repositories(many: Events, repo: str, names: str) -> None:
    expected = [f"tag_moved {name}:1" for name in names.split()]
    assert subjects(many, repo=repo, kind="tag_moved") == expected


def test_kinds(many: Events) -> None:
    many.add("repository_gone", "library/nginx")

    assert len(subjects(many)) == 9
    assert len(subjects(many, kind="tag_created,repository_gone")) == 5
    assert subjects(many, kind="repository_gone") == ["repository_gone library/nginx:None"]


def test_since_is_the_first_moment_that_counts(events: Events) -> None:
    events.add("tag_created", "a/b:1", NOW - DAY - 1)
    events.add("tag_created", "a/b:2", NOW - DAY)

    assert subjects(events, since="7d") == ["tag_created a/b:2"]
    assert len(subjects(events, since=None)) == 2


def test_a_limit_says_that_there_are_more(many: Events) -> None:
    found = answer(many, limit="3")
    assert (len(found.rows), len(found.notes)) == (3, 1)
    assert found.notes == ["the newest 3 are shown, there are more; --limit shows them"]

    assert answer(many, limit="8").notes == []


def test_a_thousand_by_default(events: Events) -> None:
    events.add("tag_created", "a/b:1")
    events.repeat(1000, apart=1)

    found = answer(events)
    assert len(found.rows) == 1000
    assert found.rows[0][0] == 1001
    assert found.notes == ["the newest 1000 are shown, there are more; --limit shows them"]


def test_no_change_is_an_answer_once_there_was_a_second_look(events: Events) -> None:
    events.crawl(NOW)
    events.repository("acme/app")
    events.crawl(NOW + HOUR)

    found = answer(events, kind="tag_moved", repo="acme/*")
    assert found.rows == []
    assert found.notes == ["no changes since 2026-11-21 08:00 (acme/*, tag_moved)"]
    assert answer(events, since=None).notes == ["no changes"]


@pytest.mark.parametrize(
    ("repo", "crawl"),
    [
        (None, "scrapy crawl org -a org=acme"),
        ("nginx", "scrapy crawl tags -a repo=library/nginx"),
        ("acme/app", "scrapy crawl tags -a repo=acme/app"),
        ("acme/a*,nginx", "scrapy crawl org -a org=acme"),
        ("ac*/app", "scrapy crawl org -a org=acme"),
    ],
)
def test_after_one_look_the_crawl_that_looks_again_is_named(
    events: Events, repo: str | None, crawl: str
) -> None:
    events.crawl(NOW)
    for name in ("acme/app", "library/nginx"):
        events.repository(name, again=False)

    with pytest.raises(NotAnswered) as lacking:
        answer(events, repo=repo)

    assert lacking.value.crawl == crawl
    assert str(lacking.value).endswith(
        f": expected what two crawls saw, no crawl has come back to it yet; run: {crawl}"
    )


def test_a_second_crawl_that_did_not_come_to_its_end_was_no_second_look(events: Events) -> None:
    events.crawl(NOW)
    events.repository("acme/app")
    events.crawl(NOW + HOUR)
    events.run("UPDATE crawl SET finish_reason = 'shutdown' WHERE id = 2")

    with pytest.raises(NotAnswered, match="^database: expected what two crawls saw"):
        answer(events)


def test_another_repository_s_second_look_says_nothing_of_this_one(events: Events) -> None:
    events.crawl(NOW)
    events.repository("acme/app")
    events.repository("acme/new", again=False)
    events.crawl(NOW + HOUR)

    assert answer(events, repo="acme/app").rows == []
    with pytest.raises(NotAnswered, match="^acme/new: .*; run: scrapy crawl tags -a repo=acme/new"):
        answer(events, repo="acme/new")
    with pytest.raises(NotAnswered, match="^grafana/[*]: .* -a org=grafana"):
        answer(events, repo="grafana/*")


def test_the_arguments_of_a_crawl_are_quoted_for_the_shell(events: Events) -> None:
    events.crawl(NOW, "search", '{"query": "a b; rm -rf /"}')

    with pytest.raises(NotAnswered) as lacking:
        answer(events)
    assert lacking.value.crawl == "scrapy crawl search -a 'query=a b; rm -rf /'"


def test_an_empty_database_names_the_first_crawl(events: Events) -> None:
    with pytest.raises(NotAnswered) as lacking:
        answer(events)
    assert lacking.value.crawl == "scrapy crawl org -a org=bitnami"


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("since", "7", "--since: expected a past time such as 7d, 24h or 2026-11-01"),
        ("since", "", "--since: expected a past time"),
        ("since", "2999-01-01", "--since: expected a past time"),
        ("limit", "0", "--limit: expected a whole number from 1 to 999999999"),
        ("limit", "1000000000", "--limit: expected a whole number"),
        ("limit", "-1", "--limit: expected a whole number"),
        ("limit", "\u0661", "--limit: expected a whole number"),
        ("limit", "", "--limit: expected a whole number"),
    ],
)
def test_a_wrong_option_is_named(option: str, text: str, message: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        asked(**{option: text})
    assert str(refused.value).startswith(message)
