from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit, Options
from tests.standin.client import ask

if TYPE_CHECKING:
    from dockerhub.standin import Gone, StandIn

NEW = "/v2/namespaces/bitnami/repositories"
OLD = "/v2/repositories/bitnami"
TAGS = f"{NEW}/nginx/tags"


def test_410_says_why(hub: StandIn) -> None:
    hub.options.gone = {"tag_list": "410"}
    answer = ask(hub.url + TAGS)
    assert (answer.status, answer.headers["content-type"]) == (410, "application/json")
    assert answer.json == {"message": "this endpoint has been removed", "errinfo": {}}
    (exchange,) = hub.journal.exchanges
    assert (exchange.status, exchange.fault, exchange.scripted) == (410, "gone", False)


def test_empty_is_no_byte_with_200(hub: StandIn) -> None:
    hub.options.gone = {"tag_list": "empty"}
    answer = ask(hub.url + TAGS)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == "0"


def test_an_object_without_results(hub: StandIn) -> None:
    hub.options.gone = {"tag_list": "no_results"}
    answer = ask(hub.url + TAGS)
    assert answer.status == 200
    assert set(answer.json) == {"message"}


def test_a_list_without_rows(hub: StandIn) -> None:
    hub.options.gone = {"tag_list": "empty_list"}
    answer = ask(hub.url + TAGS)
    assert answer.status == 200
    assert answer.body == b'{"count":0,"next":null,"previous":null,"results":[]}'


def test_a_kind_alone_is_gone_in_both_forms(hub: StandIn) -> None:
    hub.options.gone = {"repository": "410"}
    paths = (f"{NEW}/nginx", f"{OLD}/nginx", f"{OLD}/nginx/", TAGS, NEW)
    assert [ask(hub.url + path).status for path in paths] == [410, 410, 410, 200, 200]
    assert hub.journal.faults() == {"gone": 3}


@pytest.mark.parametrize(
    ("endpoint", "statuses"),
    [("namespaces/tag_list", [410, 200]), ("repositories/tag_list", [200, 410])],
)
def test_one_form_may_be_gone(hub: StandIn, endpoint: str, statuses: list[int]) -> None:
    hub.options.gone = {endpoint: "410"}
    paths = (TAGS, f"{OLD}/nginx/tags")
    assert [ask(hub.url + path).status for path in paths] == statuses


def test_kind_and_form_go_before_the_kind(hub: StandIn) -> None:
    hub.options.gone = {"tag_list": "empty", "namespaces/tag_list": "410"}
    paths = (TAGS, f"{OLD}/nginx/tags")
    assert [ask(hub.url + path).status for path in paths] == [410, 200]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("search", "/v2/search/repositories/?query=nginx"),
        ("user", "/v2/orgs/bitnami"),
        ("categories", "/v2/categories"),
        ("tag", f"{TAGS}/latest"),
        ("tag_images", f"{TAGS}/latest/images"),
        ("namespace_list", f"{OLD}/"),
    ],
)
def test_every_endpoint_can_be_removed_and_comes_back(hub: StandIn, kind: str, path: str) -> None:
    hub.options.gone = {kind: "410"}
    assert ask(hub.url + path).status == 410
    hub.options.gone = {}
    assert ask(hub.url + path).status == 200


def test_signing_in_can_be_removed(hub: StandIn) -> None:
    hub.options.gone = {"sign_in": "410"}
    credentials = {"identifier": "ada", "secret": "secret"}
    assert ask(f"{hub.url}/v2/auth/token", method="POST", body=credentials).status == 410
    assert hub.accounts.issued_count == 0


def test_what_is_gone_is_not_spoilt_but_limited_and_scripted(hub: StandIn) -> None:
    hub.options.gone, hub.options.faults = {"tag_list": "410"}, {"500": 1.0}
    hub.options.limit = Limit(2, 60)
    hub.script(TAGS, status=418)
    answers = [ask(hub.url + TAGS) for _ in range(3)]
    assert [answer.status for answer in answers] == [418, 410, 429]
    assert answers[1].headers["x-ratelimit-remaining"] == "0"
    assert hub.journal.faults() == {"gone": 1}


@pytest.mark.parametrize(
    ("gone", "finding"),
    [
        ({"tags": "410"}, "gone: expected an endpoint .*, got 'tags'"),
        ({"repositories/search": "410"}, "got 'repositories/search'"),
        ({"tag_list": "404"}, "gone: tag_list: expected one of 410 empty .*, got '404'"),
    ],
)
def test_refuses_what_cannot_be_gone(gone: dict[str, Gone], finding: str) -> None:
    with pytest.raises(ValueError, match=finding):
        Options(gone=gone)
