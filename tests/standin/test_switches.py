from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.standin import Drift, Limit
from tests.standin.client import Answer, ask

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

LIST = "/v2/namespaces/bitnami/repositories"


def switch(hub: StandIn, body: object) -> Answer:
    return ask(f"{hub.url}/_standin/options", method="POST", body=body)


@pytest.mark.parametrize(
    ("name", "sent", "value"),
    [
        ("faults", {"500": 0.5, "hang": 0}, {"500": 0.5, "hang": 0.0}),
        ("fault_kinds", ["tag_list"], frozenset({"tag_list"})),
        ("fault_kinds", None, None),
        ("fault_seed", 7, 7),
        ("fault_wait_seconds", 2, 2.0),
        ("abuse", {"requests": 5, "seconds": 1}, Limit(5, 1.0)),
        ("account_limit", "same", "same"),
        ("account_limit", {"seconds": 5}, Limit(180, 5.0)),
        ("block", "404", "404"),
        ("blocked_addresses", ["10.0.0.1"], frozenset({"10.0.0.1"})),
        ("guarded_addresses", ["10.0.0.1"], frozenset({"10.0.0.1"})),
        ("gone", {"repositories/tag": "empty"}, {"repositories/tag": "empty"}),
        ("drift", {"every": 2, "namespace": "a"}, Drift(every=2, namespace="a")),
        ("retry_after", "far", "far"),
        ("pull_limit", {"requests": 100, "seconds": 3600}, Limit(100, 3600.0)),
        ("account_pull_limit", "same", "same"),
        ("pull_headers", "both", "both"),
        ("hidden", ["bitnami/nginx"], frozenset({"bitnami/nginx"})),
        ("blocked_services", ["registry", "cdn"], frozenset({"registry", "cdn"})),
        ("guarded_services", None, None),
        ("announced_pull_seconds", 21600, 21600),
        ("lying_images", 1, 1.0),
        ("fault_kinds", ["manifest", "cdn"], frozenset({"manifest", "cdn"})),
        ("cheap", True, True),
        ("accounts", {"bob": "word"}, {"bob": "word"}),
    ],
)
def test_switches_are_set_while_it_runs(hub: StandIn, name: str, sent: Any, value: Any) -> None:
    answer = switch(hub, {name: sent})
    assert (answer.status, answer.json) == (200, {})
    assert getattr(hub.options, name) == value


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"colour": 1}, "colour: no such switch"),
        ({"clock": 1}, "clock: no such switch"),
        ({"cheap": 1}, "cheap: expected true or false, got 1"),
        ({"fault_seed": "x"}, 'fault_seed: expected a whole number, got "x"'),
        ({"fault_seed": True}, "fault_seed: expected a whole number, got true"),
        ({"block": "403"}, 'block: expected one of 404 500 or null, got "403"'),
        ({"fault_times": 1.5}, "fault_times: expected a whole number or null, got 1.5"),
        ({"abuse": 5}, "abuse: expected an object of requests seconds or null, got 5"),
        (
            {"abuse": {"hours": 1}},
            'abuse: expected an object of requests seconds or null, got {"ho',
        ),
        ({"abuse": {"requests": 0}}, "limit: expected positive numbers"),
        ({"drift": {}}, "drift: expected an object of every repository"),
        ({"drift": {"every": 0}}, "drift: every: expected 1 or more, got 0"),
        ({"fault_kinds": "tag"}, "fault_kinds: expected a list of texts or null"),
        ({"fault_kinds": ["tags"]}, "fault_kinds: expected an endpoint"),
        ({"blocked_services": ["web"]}, "blocked_services: expected a list of texts or null"),
        ({"drop_digests": -1}, "drop_digests: expected 0 or more, got -1.0"),
        ({"faults": {"501": 0.1}}, "faults: expected an object with a number for each name"),
        ({"faults": {"500": 2}}, "faults: 500: expected a share of 0 to 1, got 2.0"),
        ({"gone": {"tags": "410"}}, "gone: expected an endpoint"),
        ([1], "expected an object of switches and values, got [1]"),
        (b"{", "Expecting property name"),
    ],
)
def test_wrong_switches_get_one_line(hub: StandIn, sent: object, message: str) -> None:
    answer = switch(hub, sent)
    assert answer.status == 400
    assert answer.json["message"].startswith(message)
    assert "\n" not in answer.json["message"]


def test_all_are_set_or_none(hub: StandIn) -> None:
    assert switch(hub, {"fault_seed": 9, "block_after": -1}).status == 400
    assert hub.options.fault_seed == 1
    assert switch(hub, {"fault_seed": 9, "block_after": 1}).status == 200
    assert (hub.options.fault_seed, hub.options.block_after) == (9, 1)


def test_a_switch_acts_at_once_and_the_control_endpoints_tell(hub: StandIn) -> None:
    switch(hub, {"faults": {"503": 1}, "fault_times": 2, "drift": {"every": 2}})
    assert [ask(hub.url + LIST).status for _ in range(3)] == [503, 503, 200]
    told = ask(f"{hub.url}/_standin/journal").json
    assert told["faults"] == {"503": 2}
    assert told["statuses"] == {"503": 2, "200": 1}
    (change,) = ask(f"{hub.url}/_standin/drifted").json
    assert change["kind"] == "push_tag"
    assert hub.journal.summary()["faults"] == dict(hub.journal.faults())
    assert json.dumps(hub.journal.summary())


def test_the_control_endpoints_are_never_spoilt(hub: StandIn) -> None:
    switch(hub, {"faults": {"500": 1}, "block": "404", "bot_guard_after": 0})
    switch(hub, {"abuse": {"requests": 1}})
    assert switch(hub, {}).status == 200
    assert ask(f"{hub.url}/_standin/truth").status == 200
    assert hub.journal.exchanges == []
