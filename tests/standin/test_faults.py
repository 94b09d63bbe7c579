from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, get_args

import pytest

from dockerhub.standin import Fault, Limit, Options, StandIn
from dockerhub.standin.faults import Faults, drawn_fault
from tests.standin.client import ask, signed_in, walk

if TYPE_CHECKING:
    from dockerhub.standin import World

BASE = "/v2/namespaces/bitnami/repositories"
TAGS = f"{BASE}/nginx/tags?page_size=7"
DRAWS = 2000
# Those that come as a whole answer; the others are in test_broken_answers.
ANSWERED: dict[Fault, tuple[int, str]] = {
    "500": (500, "text/html; charset=UTF-8"),
    "502": (502, "text/html; charset=UTF-8"),
    "503": (503, "text/plain; charset=utf-8"),
    "garbage": (200, "application/json"),
    "html_403": (403, "text/html; charset=UTF-8"),
    "html_200": (200, "text/html; charset=UTF-8"),
    "empty_200": (200, "application/json"),
}


def draws(rates: dict[Fault, float], seed: int = 1, count: int = DRAWS) -> list[Fault | None]:
    faults = Faults(Options(faults=rates, fault_seed=seed))
    return [faults.draw("tag_list") for _ in range(count)]


def test_nothing_is_drawn_by_default() -> None:
    assert set(draws({})) == {None}


def test_the_same_seed_draws_the_same_and_another_one_others() -> None:
    rates: dict[Fault, float] = {"500": 0.1, "hang": 0.2}
    assert draws(rates) == draws(rates)
    assert draws(rates) != draws(rates, seed=2)
    assert draws(rates, count=5) == [drawn_fault(rates, 1, place) for place in range(1, 6)]


def test_the_order_in_which_rates_are_given_is_nothing() -> None:
    assert draws({"500": 0.3, "reset": 0.3}) == draws({"reset": 0.3, "500": 0.3})


@pytest.mark.parametrize("fault", get_args(Fault))
def test_a_rate_is_a_share_of_all_requests(fault: Fault) -> None:
    counts = Counter(draws({fault: 0.1}))
    assert set(counts) == {fault, None}
    assert 0.08 * DRAWS < counts[fault] < 0.12 * DRAWS


def test_rates_add_up() -> None:
    counts = Counter(draws(dict.fromkeys(get_args(Fault), 1 / 11)))
    assert counts[None] == 0
    assert all(0.06 * DRAWS < counts[fault] < 0.12 * DRAWS for fault in get_args(Fault))


def test_another_seed_starts_anew_while_it_runs() -> None:
    options = Options(faults={"500": 0.5})
    faults = Faults(options)
    first = [faults.draw("tag") for _ in range(20)]
    options.fault_seed = 2
    second = [faults.draw("tag") for _ in range(20)]
    options.fault_seed = 1
    assert [faults.draw("tag") for _ in range(20)] == first != second


def test_requests_without_faults_are_not_counted() -> None:
    options = Options(faults={"500": 0.5}, fault_kinds=frozenset({"tag"}))
    faults = Faults(options)
    kinds = ("tag", "search", "unknown") * 30
    drawn = [faults.draw(kind) for kind in kinds]
    assert drawn[::3] == draws({"500": 0.5}, count=30)
    assert {*drawn[1::3], *drawn[2::3]} == {None}


@pytest.mark.parametrize("fault", ANSWERED)
def test_every_fault_has_its_status_and_type(hub: StandIn, fault: Fault) -> None:
    hub.options.faults = {fault: 1.0}
    answer = ask(hub.url + TAGS)
    assert (answer.status, answer.headers["content-type"]) == ANSWERED[fault]
    assert answer.headers["content-length"] == str(len(answer.body))
    (exchange,) = hub.journal.exchanges
    assert (exchange.status, exchange.fault) == (answer.status, fault)
    assert not exchange.scripted


def test_garbage_starts_like_the_true_answer(hub: StandIn) -> None:
    true = ask(hub.url + TAGS).body
    hub.options.faults = {"garbage": 1.0}
    garbage = ask(hub.url + TAGS).body
    start = len(true) * 2 // 3
    assert garbage[:start] == true[:start]
    with pytest.raises(ValueError, match="utf-8"):
        json.loads(garbage)
    packed = ask(hub.url + TAGS, headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.body) == ("gzip", garbage)


def test_pages_are_pages_and_empty_is_empty(hub: StandIn) -> None:
    bodies = {}
    for fault in ANSWERED:
        hub.options.faults = {fault: 1.0}
        bodies[fault] = ask(hub.url + TAGS).body
    assert bodies["empty_200"] == b""
    pages = ("500", "502", "html_403", "html_200")
    assert all(b"</html>" in bodies[page] for page in pages)
    assert len({bodies[page] for page in pages}) == 4


@pytest.mark.parametrize(
    ("form", "name", "value"),
    [
        ("seconds", "retry-after", "3"),
        ("epoch", "retry-after", "1800000003"),
        ("date", "retry-after", "Fri, 15 Jan 2027 08:00:03 GMT"),
        ("x-epoch", "x-retry-after", "1800000003"),
        ("none", "retry-after", None),
        ("zero", "retry-after", "0"),
        ("past", "retry-after", "Fri, 15 Jan 2027 07:00:00 GMT"),
        ("x-seconds", "x-retry-after", "3"),
        ("garbage", "retry-after", "soon"),
        ("far", "retry-after", "864000"),
    ],
)
def test_a_503_says_when_to_come_back(
    hub: StandIn, form: str, name: str, value: str | None
) -> None:
    hub.options.clock = lambda: 1_800_000_000.0
    hub.options.faults, hub.options.fault_wait_seconds = {"503": 1.0}, 2.5
    hub.options.retry_after = form  # type: ignore[assignment]
    answer = ask(hub.url + TAGS)
    assert (answer.status, answer.headers.get(name)) == (503, value)


def test_times_count_down_and_can_be_set_again(hub: StandIn) -> None:
    hub.options.faults, hub.options.fault_times = {"500": 1.0}, 2
    assert [ask(hub.url + TAGS).status for _ in range(4)] == [500, 500, 200, 200]
    hub.options.fault_times = 1
    assert [ask(hub.url + TAGS).status for _ in range(2)] == [500, 200]
    assert hub.journal.faults() == {"500": 3}


def test_faults_fall_on_the_kinds_that_are_named(hub: StandIn) -> None:
    hub.options.faults = {"502": 1.0}
    hub.options.fault_kinds = frozenset({"repository", "sign_in"})
    paths = (TAGS, f"{BASE}/nginx", "/v2/repositories/bitnami/nginx/", BASE)
    assert [ask(hub.url + path).status for path in paths] == [200, 502, 502, 200]
    assert ask(f"{hub.url}/v2/auth/token", method="POST", body={}).status == 502


def test_what_nobody_answers_is_never_spoilt(hub: StandIn) -> None:
    hub.options.faults = {"500": 1.0}
    assert ask(f"{hub.url}/v2/nothing").status == 599
    assert hub.journal.faults() == {}


def test_limits_count_a_fault_and_a_429_is_none(hub: StandIn) -> None:
    hub.options.limit, hub.options.faults = Limit(2, 60), {"html_403": 1.0}
    answers = [ask(hub.url + TAGS) for _ in range(3)]
    assert [answer.status for answer in answers] == [403, 403, 429]
    told = [answer.headers["x-ratelimit-remaining"] for answer in answers]
    assert told == ["1", "0", "0"]
    assert [exchange.fault for exchange in hub.journal.exchanges] == ["html_403"] * 2 + [None]
    (window,) = hub.journal.windows()
    assert (window.counted, window.refused) == (2, 1)


def test_a_scripted_answer_is_no_fault(hub: StandIn) -> None:
    hub.options.faults = {"500": 1.0}
    hub.script(BASE, status=418)
    assert [ask(hub.url + BASE).status for _ in range(2)] == [418, 500]
    assert hub.journal.faults() == {"500": 1}


def test_a_spoilt_sign_in_signed_in_all_the_same(hub: StandIn) -> None:
    hub.options.faults, hub.options.fault_times = {"502": 1.0}, 1
    credentials = {"identifier": "ada", "secret": "secret"}
    assert ask(f"{hub.url}/v2/auth/token", method="POST", body=credentials).status == 502
    signed_in(hub.url)
    assert hub.accounts.issued_count == 2


def test_the_truth_is_untouched(hub: StandIn, world: World) -> None:
    before = [world.tags(each.full_name) for each in world.repositories("library")]
    version = world.version
    hub.options.faults = dict.fromkeys(ANSWERED, 1 / 8)
    for number in range(60):
        ask(f"{hub.url}/v2/namespaces/library/repositories?page_size={number + 1}")
    assert 40 < sum(hub.journal.faults().values()) < 60
    hub.options.faults = {}
    rows = walk(f"{hub.url}/v2/namespaces/library/repositories?page_size=100")
    assert [row["name"] for row in rows] == [each.name for each in world.repositories("library")]
    assert [world.tags(each.full_name) for each in world.repositories("library")] == before
    assert world.version == version


def test_two_runs_spoil_the_same_answers(world: World) -> None:
    stories = []
    for _ in range(2):
        with StandIn(world, faults={"500": 0.3, "empty_200": 0.3}, fault_seed=5) as hub:
            statuses = [ask(hub.url + TAGS).status for _ in range(20)]
            stories.append([*statuses, *(each.fault for each in hub.journal.exchanges)])
    assert stories[0] == stories[1]
    assert {500, "empty_200", None} <= set(stories[0])


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"faults": {"501": 0.1}}, "faults: expected one of 500 502 503 reset .*, got '501'"),
        ({"faults": {"500": 1.5}}, "faults: 500: expected a share of 0 to 1, got 1.5"),
        ({"faults": {"500": float("nan")}}, "expected a share of 0 to 1, got nan"),
        ({"faults": {"500": 0.6, "hang": 0.6}}, "faults: expected at most 1 in all, got 1.2"),
        ({"fault_kinds": frozenset({"tags"})}, "fault_kinds: expected an endpoint .*, got 'tags'"),
        ({"fault_times": -1}, "fault_times: expected 0 or more, got -1"),
        ({"hang_seconds": -0.5}, "hang_seconds: expected 0 or more, got -0.5"),
    ],
)
def test_refuses_impossible_faults(options: dict[str, object], finding: str) -> None:
    with pytest.raises(ValueError, match=finding):
        Options(**options)  # type: ignore[arg-type]
