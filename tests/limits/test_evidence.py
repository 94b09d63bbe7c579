"""What earlier answers tell about a "no": whether it is doubted, and what is asked to find out."""

from __future__ import annotations

import pytest

from dockerhub.endpoints import Endpoint, Form, Kept
from dockerhub.kinds import Kind
from dockerhub.limits.breaker import Way
from dockerhub.limits.evidence import Evidence
from dockerhub.limits.no import Answer, Asked

HUB = Way("hub")

BASE = "https://hub.example/v2/namespaces"
OLD = "https://hub.example/v2/repositories"
ALPINE = f"{BASE}/library/repositories/alpine"
OLD_ALPINE = f"{OLD}/library/alpine"
BUSYBOX = f"{BASE}/library/repositories/busybox"
LIST = f"{BASE}/bitnami/repositories?page=1"
REDIS = f"{BASE}/bitnami/repositories/redis"
REDIS_TAGS = f"{REDIS}/tags?page=2&page_size=100"
REDIS_TAG = f"{REDIS}/tags/7.2"
NGINX = f"{BASE}/bitnami/repositories/nginx"
KAFKA_TAGS = f"{BASE}/bitnami/repositories/kafka/tags?page=1&page_size=100"
SEARCH = "https://hub.example/v2/search/repositories/?query=x"
MISSING = Answer(404, {}, b"{}")


@pytest.fixture
def evidence() -> Evidence:
    return Evidence([ALPINE, BUSYBOX])


def judged(
    evidence: Evidence,
    answer: Answer = MISSING,
    *,
    is_known: bool = True,
    signed_in: bool = False,
) -> Kind | None:
    return evidence.judge(answer, REDIS, HUB, Asked(is_known=is_known, signed_in=signed_in))


def test_a_404_of_what_is_known_is_doubted(evidence: Evidence) -> None:
    assert judged(evidence) is Kind.DOUBTED
    assert judged(evidence, is_known=False) is Kind.NOT_THERE


def test_a_404_is_doubted_whatever_was_answered_before(evidence: Evidence) -> None:
    for url in (REDIS, NGINX, LIST):
        evidence.take_good(url)
        assert judged(evidence) is Kind.DOUBTED
    for status in (200, 401, 403, 404, 410, 429, 500):
        judged(evidence, Answer(status, {}, b'{"name":"redis"}'))
    assert judged(evidence) is Kind.DOUBTED


@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "signed in"])
def test_a_401_that_comes_so_far_is_no_matter_of_tokens(
    evidence: Evidence, signed_in: bool
) -> None:
    answer = Answer(401, {}, b"{}")
    assert judged(evidence, answer, signed_in=signed_in) is Kind.FORBIDDEN


@pytest.mark.parametrize(
    ("good", "doubted", "probes"),
    [
        pytest.param([], REDIS, [ALPINE], id="nothing good: an official image"),
        pytest.param([], ALPINE, [BUSYBOX], id="nothing good, of the official image: another"),
        pytest.param([], f"{ALPINE}/tags?page=1", [BUSYBOX], id="its tags: another"),
        pytest.param([], f"{OLD}/library/alpine", [BUSYBOX], id="its old form: another"),
        pytest.param([], BUSYBOX, [ALPINE], id="of the other official image: the first"),
        pytest.param([], LIST, [ALPINE], id="a list of repositories"),
        pytest.param([LIST, SEARCH], REDIS, [ALPINE], id="lists are about no repository"),
        pytest.param([NGINX], REDIS, [ALPINE, NGINX], id="what was good"),
        pytest.param([NGINX], LIST, [ALPINE, NGINX], id="what was good, of a list"),
        pytest.param([NGINX], ALPINE, [BUSYBOX, NGINX], id="what was good, of the official image"),
        pytest.param([NGINX, KAFKA_TAGS], REDIS, [ALPINE, KAFKA_TAGS], id="what was good last"),
        pytest.param([KAFKA_TAGS, NGINX], REDIS, [ALPINE, NGINX], id="what was good last, turned"),
        pytest.param([NGINX, REDIS], REDIS_TAGS, [ALPINE, NGINX], id="never the very repository"),
        pytest.param([REDIS, REDIS_TAGS, REDIS_TAG], REDIS, [ALPINE], id="nor its tags"),
        pytest.param(
            [NGINX, REDIS, REDIS_TAG], REDIS, [ALPINE, NGINX], id="two repositories are kept"
        ),
        pytest.param([NGINX, REDIS, NGINX], KAFKA_TAGS, [ALPINE, NGINX], id="good again"),
        pytest.param(
            [REDIS, REDIS_TAGS], KAFKA_TAGS, [ALPINE, REDIS_TAGS], id="its latest address"
        ),
        pytest.param([ALPINE], ALPINE, [BUSYBOX], id="a probe that was good is doubted now"),
        pytest.param(
            [f"{OLD}/bitnami/redis"], REDIS, [ALPINE], id="the old form is the same repository"
        ),
    ],
)
def test_something_else_that_is_there_is_asked_for(
    evidence: Evidence, good: list[str], doubted: str, probes: list[str]
) -> None:
    for url in good:
        evidence.take_good(url)
    assert evidence.probe_urls(doubted) == probes


@pytest.mark.parametrize(
    ("good", "doubted", "probes"),
    [
        pytest.param([ALPINE], REDIS, [ALPINE], id="a probe that was good"),
        pytest.param([NGINX, ALPINE], REDIS, [ALPINE, NGINX], id="and another before it"),
        pytest.param([BUSYBOX], ALPINE, [BUSYBOX], id="the other official image"),
    ],
)
def test_no_address_is_asked_for_twice(
    evidence: Evidence, good: list[str], doubted: str, probes: list[str]
) -> None:
    for url in good:
        evidence.take_good(url)
    assert evidence.probe_urls(doubted) == probes


def test_of_a_long_crawl_no_more_than_two_addresses_are_kept(evidence: Evidence) -> None:
    for number in range(1000):
        evidence.take_good(f"{BASE}/a/repositories/r{number}")
    before = f"{BASE}/a/repositories/r998"
    assert evidence.probe_urls(f"{BASE}/a/repositories/r999") == [ALPINE, before]
    assert len(evidence._good_urls) == 2


def test_a_removed_endpoint_is_news_once(evidence: Evidence) -> None:
    assert not evidence.is_removed(REDIS_TAGS)
    assert evidence.remove(REDIS_TAGS) == Endpoint(Kept.TAGS)
    assert evidence.remove(KAFKA_TAGS) is None
    assert [evidence.is_removed(url) for url in (REDIS_TAGS, KAFKA_TAGS)] == [True, True]


def test_only_the_endpoint_that_was_removed_is_struck(evidence: Evidence) -> None:
    evidence.remove(REDIS_TAGS)
    others = (LIST, REDIS, REDIS_TAG, SEARCH, f"{OLD}/bitnami/redis/tags?page=2")
    assert [evidence.is_removed(url) for url in others] == [False] * 5
    assert evidence.remove(f"{OLD}/bitnami/redis/tags") == Endpoint(Kept.TAGS, Form.REPOSITORIES)


@pytest.mark.parametrize(
    ("removed", "good", "probes"),
    [
        pytest.param([REDIS], [], [OLD_ALPINE], id="official image"),
        pytest.param([REDIS], [NGINX], [OLD_ALPINE, f"{OLD}/bitnami/nginx"], id="what was good"),
        pytest.param([REDIS], [KAFKA_TAGS], [OLD_ALPINE, KAFKA_TAGS], id="another endpoint"),
        pytest.param(
            [REDIS_TAGS],
            [KAFKA_TAGS],
            [ALPINE, f"{OLD}/bitnami/kafka/tags?page=1&page_size=100"],
            id="a page of tags",
        ),
        pytest.param(
            [REDIS, f"{OLD}/a/b"],
            [f"{OLD}/bitnami/nginx"],
            [OLD_ALPINE, f"{OLD}/bitnami/nginx"],
            id="both forms",
        ),
    ],
)
def test_a_probe_goes_to_no_endpoint_that_was_removed(
    evidence: Evidence, removed: list[str], good: list[str], probes: list[str]
) -> None:
    for url in good:
        evidence.take_good(url)
    for url in removed:
        evidence.remove(url)
    assert evidence.probe_urls(f"{BASE}/grafana/repositories/loki") == probes


def test_each_host_is_heard_for_itself(evidence: Evidence) -> None:
    assert not evidence.has_heard(REDIS)
    evidence.hear(f"{OLD}/bitnami/redis")
    assert evidence.has_heard(REDIS)
    others = (
        "https://registry.example/v2/",
        "https://hub.example:8443/v2/",
        "https://hub.example.x/",
    )
    assert [evidence.has_heard(url) for url in others] == [False] * 3


def test_the_endpoints_of_the_registry_are_struck_one_by_one(evidence: Evidence) -> None:
    manifest = "https://registry.example/v2/bitnami/redis/manifests/7"
    assert evidence.remove(manifest) == Endpoint(Kept.MANIFEST)
    assert not evidence.is_removed("https://registry.example/v2/bitnami/redis/blobs/7")


def test_a_410_among_good_answers_is_odd_until_three_came_in_a_row(evidence: Evidence) -> None:
    gone, data = Answer(410, {}, b"{}"), Answer(200, {}, b'{"name": "redis"}')
    assert judged(evidence, data) is None
    assert [judged(evidence, gone) for _ in range(2)] == [Kind.BROKEN] * 2
    assert judged(evidence, data) is None
    kinds = [judged(evidence, gone) for _ in range(3)]
    assert kinds == [Kind.BROKEN, Kind.BROKEN, Kind.REMOVED]


def test_a_410_where_nothing_was_ever_had_is_believed(evidence: Evidence) -> None:
    assert judged(evidence, Answer(410, {}, b"{}")) is Kind.REMOVED
