"""How many odd answers came in a row: what counts together, and what begins anew."""

from __future__ import annotations

import pytest

from dockerhub.kinds import Kind
from dockerhub.limits.breaker import Way
from dockerhub.limits.evidence import Evidence
from dockerhub.limits.no import Answer, Asked

DIRECT, PROXY, REGISTRY = Way("hub"), Way("hub", "proxy-1"), Way("registry")

NAMESPACES = "https://hub.example/v2/namespaces"
LIST = f"{NAMESPACES}/bitnami/repositories?page=1&page_size=100"
OLD_LIST = "https://hub.example/v2/repositories/bitnami?page=1&page_size=100"
REDIS = f"{NAMESPACES}/bitnami/repositories/redis"
NGINX = f"{NAMESPACES}/library/repositories/nginx"
TAGS = f"{REDIS}/tags?page=2"
TAG = f"{REDIS}/tags/7.2"
IMAGES = f"{TAG}/images"
NAMES = "https://registry.example/v2/bitnami/redis/tags/list?n=1000"
MANIFEST = "https://registry.example/v2/bitnami/redis/manifests/7.2"
BLOB = "https://registry.example/v2/bitnami/redis/blobs/7"
SEARCH = "https://hub.example/v2/search/repositories/?page=1&query=redis"

GUARD = Answer(403, {}, b"<html>no</html>")
EMPTY = Answer(200, {}, b"")
OTHER_EMPTY = Answer(200, {}, b'{"message":"gone"}')
SILENCE = Answer(429, {}, b"")
PAGE = Answer(200, {}, b'{"count":0,"results":[]}')
DETAIL = Answer(200, {}, b'{"name":"redis"}')
SLOW_DOWN = Answer(429, {"retry-after": "5"}, b"")
MISSING = Answer(404, {}, b"{}")


@pytest.fixture
def evidence() -> Evidence:
    return Evidence([NGINX])


def judged(
    evidence: Evidence, answer: Answer, url: str = LIST, way: Way = DIRECT, **more: bool
) -> Kind | None:
    return evidence.judge(answer, url, way, Asked(**more))


def kinds(evidence: Evidence, *answers: Answer, url: str = LIST) -> list[Kind | None]:
    return [judged(evidence, answer, url) for answer in answers]


BROKEN, SLOW = Kind.BROKEN, Kind.SLOW_DOWN


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(GUARD, [BROKEN, BROKEN, *[Kind.BOT_GUARD] * 14], id="guard"),
        pytest.param(EMPTY, [BROKEN, BROKEN, *[Kind.REMOVED] * 14], id="empty"),
        pytest.param(OTHER_EMPTY, [BROKEN, BROKEN, *[Kind.REMOVED] * 14], id="without results"),
        pytest.param(SILENCE, [SLOW, SLOW, *[Kind.ABUSE] * 14], id="silence"),
    ],
)
def test_sixteen_alike_are_an_accident_twice(
    evidence: Evidence, answer: Answer, expected: list[Kind]
) -> None:
    assert kinds(evidence, *[answer] * 16) == expected


@pytest.mark.parametrize(
    ("answer", "kind"), [(GUARD, Kind.BOT_GUARD), (SILENCE, Kind.ABUSE)], ids=["guard", "silence"]
)
def test_a_guard_and_a_silence_are_about_the_service(
    evidence: Evidence, answer: Answer, kind: Kind
) -> None:
    judged(evidence, answer, LIST)
    judged(evidence, answer, TAGS)
    assert judged(evidence, answer, SEARCH) is kind


@pytest.mark.parametrize("answer", [GUARD, SILENCE], ids=["guard", "silence"])
@pytest.mark.parametrize("other", [PROXY, REGISTRY], ids=str)
def test_each_way_counts_for_itself(evidence: Evidence, answer: Answer, other: Way) -> None:
    for _ in range(2):
        assert judged(evidence, answer, way=DIRECT) in {BROKEN, SLOW}
        assert judged(evidence, answer, way=other) in {BROKEN, SLOW}
    # What is good on one way says nothing of the other.
    assert judged(evidence, PAGE, way=other) is None
    assert judged(evidence, answer, way=DIRECT) in {Kind.BOT_GUARD, Kind.ABUSE}


def test_empty_answers_are_about_the_endpoint(evidence: Evidence) -> None:
    for url in (LIST, OLD_LIST, REDIS, TAGS, TAG, SEARCH):
        assert [judged(evidence, EMPTY, url) for _ in range(2)] == [BROKEN, BROKEN]
    # By whatever way they come, and about whatever they are.
    assert judged(evidence, EMPTY, LIST.replace("bitnami", "grafana"), PROXY) is Kind.REMOVED
    assert judged(evidence, EMPTY, NGINX) is Kind.REMOVED


def test_all_sorts_of_empty_answers_count_together(evidence: Evidence) -> None:
    assert kinds(evidence, EMPTY, OTHER_EMPTY, Answer(200, {}, b"[]")) == [
        BROKEN,
        BROKEN,
        Kind.REMOVED,
    ]


ANYTHING_ELSE = [
    pytest.param(PAGE, id="data"),
    pytest.param(MISSING, id="404"),
    pytest.param(Answer(401, {}, b"{}"), id="401"),
    pytest.param(Answer(403, {}, b'{"message":"forbidden"}'), id="403 JSON"),
    pytest.param(Answer(410, {}, b""), id="410"),
    pytest.param(SLOW_DOWN, id="429 that says how long"),
    pytest.param(Answer(500, {}, b""), id="500"),
    pytest.param(Answer(200, {}, b"<html>"), id="200 HTML"),
    pytest.param(EMPTY, id="200 empty"),
]


@pytest.mark.parametrize("between", [*ANYTHING_ELSE, pytest.param(SILENCE, id="429 bare")])
def test_any_other_answer_ends_a_row_of_guards(evidence: Evidence, between: Answer) -> None:
    found = kinds(evidence, *[GUARD, GUARD, between] * 5)
    assert Kind.BOT_GUARD not in found
    assert kinds(evidence, GUARD, GUARD, GUARD) == [BROKEN, BROKEN, Kind.BOT_GUARD]


@pytest.mark.parametrize("between", [*ANYTHING_ELSE, pytest.param(GUARD, id="403 HTML")])
def test_any_other_answer_ends_a_row_of_silences(evidence: Evidence, between: Answer) -> None:
    found = kinds(evidence, *[SILENCE, SILENCE, between] * 5)
    assert Kind.ABUSE not in found
    assert kinds(evidence, SILENCE, SILENCE, SILENCE) == [SLOW, SLOW, Kind.ABUSE]


def test_an_answer_of_any_endpoint_ends_a_row_of_guards(evidence: Evidence) -> None:
    for url in (SEARCH, TAGS, REDIS):
        assert kinds(evidence, GUARD, GUARD) == [BROKEN, BROKEN]
        judged(evidence, MISSING, url)
    assert kinds(evidence, GUARD, GUARD, GUARD)[-1] is Kind.BOT_GUARD


NO_DATA = [case for case in ANYTHING_ELSE if case.id not in {"data", "200 empty"}]
GUARD_OR_SILENCE = [pytest.param(GUARD, id="403 HTML"), pytest.param(SILENCE, id="429 bare")]


@pytest.mark.parametrize("between", [*NO_DATA, *GUARD_OR_SILENCE])
def test_only_data_shows_that_an_endpoint_is_there(evidence: Evidence, between: Answer) -> None:
    assert kinds(evidence, EMPTY, EMPTY) == [BROKEN, BROKEN]
    judged(evidence, between)
    assert judged(evidence, EMPTY) is Kind.REMOVED


def test_a_doubted_404_shows_no_endpoint_either(evidence: Evidence) -> None:
    kinds(evidence, EMPTY, EMPTY, url=REDIS)
    assert judged(evidence, MISSING, REDIS, is_known=True) is Kind.DOUBTED
    assert judged(evidence, EMPTY, REDIS) is Kind.REMOVED


def test_only_data_of_the_very_endpoint_shows_that_it_is_there(evidence: Evidence) -> None:
    kinds(evidence, EMPTY, EMPTY)
    for url, answer in ((OLD_LIST, PAGE), (TAGS, PAGE), (SEARCH, PAGE), (REDIS, DETAIL)):
        assert judged(evidence, answer, url) is None
    assert judged(evidence, EMPTY) is Kind.REMOVED


def test_data_of_an_endpoint_begins_its_count_anew(evidence: Evidence) -> None:
    assert Kind.REMOVED not in kinds(evidence, *[EMPTY, EMPTY, PAGE] * 5)
    # Another page, by another way.
    kinds(evidence, EMPTY, EMPTY)
    assert judged(evidence, PAGE, LIST.replace("page=1", "page=7"), PROXY) is None
    assert kinds(evidence, EMPTY, EMPTY, EMPTY) == [BROKEN, BROKEN, Kind.REMOVED]


def test_guards_and_silences_in_turn_are_no_row_of_either(evidence: Evidence) -> None:
    assert kinds(evidence, *[GUARD, SILENCE] * 8) == [BROKEN, SLOW] * 8


@pytest.mark.parametrize(
    ("url", "good"),
    [
        pytest.param(LIST, b'{"results":[]}', id="list of repositories"),
        pytest.param(OLD_LIST, b'{"results":[]}', id="list of repositories, old form"),
        pytest.param(TAGS, b'{"results":[]}', id="list of tags"),
        pytest.param(SEARCH, b'{"results":[]}', id="search"),
        pytest.param(REDIS, b'{"name":"redis"}', id="repository"),
        pytest.param(TAG, b'{"name":"7.2"}', id="tag"),
        pytest.param(IMAGES, b'[{"layers":[]}]', id="build steps"),
        pytest.param(NAMES, b'{"name":"bitnami/redis","tags":[]}', id="names of tags"),
    ],
)
def test_every_endpoint_must_show_what_it_is_for(evidence: Evidence, url: str, good: bytes) -> None:
    other = b'{"name":"x"}' if b"results" in good else b'{"results":[]}'
    assert judged(evidence, Answer(200, {}, good), url) is None
    assert judged(evidence, Answer(200, {}, other), url) is BROKEN
    assert judged(evidence, Answer(200, {}, b'{"detail":"gone"}'), url) is BROKEN


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://hub.example/v2/x", id="other"),
        pytest.param(MANIFEST, id="manifest"),
        pytest.param(BLOB, id="blob"),
    ],
)
def test_of_other_addresses_any_json_is_taken(evidence: Evidence, url: str) -> None:
    assert judged(evidence, Answer(200, {}, b"{}"), url) is None


def test_heads_that_are_answered_are_good(evidence: Evidence) -> None:
    for _ in range(4):
        assert judged(evidence, EMPTY, MANIFEST, REGISTRY, is_head=True) is None
    # So is what the storage refuses: nothing about it is odd, however often.
    for _ in range(4):
        assert judged(evidence, GUARD, BLOB, Way("cdn"), is_redirected=True) is BROKEN


@pytest.mark.parametrize("code", [b"TOOMANYREQUESTS", b"toomanyrequests"])
def test_pulls_that_are_spent_are_no_silence(evidence: Evidence, code: bytes) -> None:
    spent = Answer(429, {}, b'{"errors":[{"code":"%s"}]}' % code)
    way = Way("pulls")
    assert [judged(evidence, spent, MANIFEST, way, is_pull=True) for _ in range(4)] == [
        Kind.PULLS_SPENT
    ] * 4
