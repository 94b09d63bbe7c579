from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from dockerhub.standin import Limit, Options
from dockerhub.standin.guard import Guard
from tests.standin.client import ask, signed_in

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

LIST = "/v2/namespaces/bitnami/repositories"
NOW = 1_800_000_000.0
HERE, THERE = "127.0.0.1", "127.0.0.2"


@pytest.fixture
def now(hub: StandIn) -> list[float]:
    moment = [NOW]
    hub.options.clock = lambda: moment[0]
    return moment


def statuses(hub: StandIn, count: int, path: str = LIST) -> list[int]:
    return [ask(hub.url + path).status for _ in range(count)]


def status_from(hub: StandIn, address: str) -> int:
    """Ask from another address of this machine."""
    connection = http.client.HTTPConnection(
        urlsplit(hub.url).netloc, timeout=10, source_address=(address, 0)
    )
    connection.request("GET", LIST)
    status = connection.getresponse().status
    connection.close()
    return status


def test_abuse_is_a_bare_429(hub: StandIn) -> None:
    hub.options.abuse, hub.options.limit = Limit(1, 60), Limit(180, 60)
    fine, abusive = (ask(hub.url + LIST) for _ in range(2))
    assert fine.headers["x-ratelimit-remaining"] == "179"
    assert (abusive.status, abusive.body) == (429, b"429 Too Many Requests\n")
    assert not [name for name in abusive.headers if "ratelimit" in name or "retry" in name]
    assert [each.fault for each in hub.journal.exchanges] == [None, "abuse"]


def test_abuse_is_over_with_its_window(hub: StandIn, now: list[float]) -> None:
    hub.options.abuse = Limit(2, 60)
    assert statuses(hub, 3) == [200, 200, 429]
    now[0] += 59.9
    assert statuses(hub, 1) == [429]
    now[0] += 0.1
    assert statuses(hub, 3) == [200, 200, 429]
    assert hub.journal.windows() == []


def test_abuse_is_counted_over_everything(hub: StandIn) -> None:
    hub.options.abuse = Limit(3, 60)
    headers = signed_in(hub.url)
    ask(hub.url + LIST, headers=headers)
    ask(f"{hub.url}/v2/categories")
    assert ask(hub.url + LIST, headers=headers).status == 429
    hub.options.abuse = None
    assert ask(hub.url + LIST).status == 200


def test_the_windows_429_goes_before_abuse(hub: StandIn) -> None:
    hub.options.abuse, hub.options.limit = Limit(2, 60), Limit(1, 60)
    answers = [ask(hub.url + LIST) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 429, 429]
    assert "retry-after" in answers[2].headers
    assert hub.journal.faults() == {}


def test_the_bot_guard_shuts_and_opens_again(hub: StandIn, now: list[float]) -> None:
    hub.options.bot_guard_after, hub.options.bot_guard_seconds = 2, 300.0
    assert statuses(hub, 4) == [200, 200, 403, 403]
    now[0] += 299.9
    assert statuses(hub, 1) == [403]
    now[0] += 0.1
    assert statuses(hub, 3) == [200, 200, 403]
    assert hub.journal.faults() == {"bot_guard": 4}


def test_the_bot_guard_answers_html_to_everything(hub: StandIn) -> None:
    hub.options.bot_guard_after = 0
    for path, method in ((LIST, "GET"), ("/v2/auth/token", "POST"), ("/v2/categories", "GET")):
        answer = ask(hub.url + path, method=method, body={} if method == "POST" else None)
        assert answer.status == 403
        assert answer.headers["content-type"] == "text/html; charset=UTF-8"
        assert b"</html>" in answer.body
    hub.options.bot_guard_after = None
    assert statuses(hub, 1) == [200]


def test_addresses_are_guarded_one_by_one() -> None:
    options = Options(bot_guard_after=1, abuse=Limit(2, 60), clock=lambda: NOW)
    guard = Guard(options)
    here = [guard.arrived("hub", HERE) for _ in range(3)]
    there = guard.arrived("hub", THERE)
    assert [each.suspected for each in here] == [False, True, True]
    assert [each.abusive for each in here] == [False, False, True]
    assert not there.suspected
    assert not there.abusive


@pytest.mark.parametrize(
    "path",
    [
        f"{LIST}/nginx",
        f"{LIST}/nginx/tags",
        "/v2/repositories/bitnami/nginx/tags/latest",
        "/v2/repositories/bitnami/nginx/tags/latest/images",
        LIST,
        "/v2/orgs/bitnami",
    ],
)
def test_a_block_looks_like_a_true_404(hub: StandIn, path: str) -> None:
    true = ask(hub.url + path.replace("bitnami", "no-such"))
    assert true.status == 404
    hub.options.block = "404"
    blocked = ask(hub.url + path)
    assert (blocked.status, blocked.headers["content-type"]) == (404, true.headers["content-type"])
    assert blocked.body == true.body.replace(b"no-such", b"bitnami")
    assert hub.journal.faults() == {"block": 1}


def test_a_block_lets_sign_in(hub: StandIn) -> None:
    hub.options.block = "404"
    headers = signed_in(hub.url)
    assert ask(hub.url + LIST, headers=headers).status == 404
    assert statuses(hub, 1, "/v2/search/repositories?query=nginx") == [404]
    assert statuses(hub, 1, "/nothing") == [599]


def test_a_block_may_be_an_html_500(hub: StandIn) -> None:
    hub.options.block, hub.options.limit = "500", Limit(180, 60)
    answer = ask(hub.url + LIST)
    assert (answer.status, answer.headers["content-type"]) == (500, "text/html; charset=UTF-8")
    assert answer.headers["x-ratelimit-remaining"] == "179"


def test_a_block_hits_some_addresses(hub: StandIn) -> None:
    hub.options.block, hub.options.blocked_addresses = "404", frozenset({THERE})
    assert [status_from(hub, address) for address in (HERE, THERE)] == [200, 404]
    hub.options.blocked_addresses = frozenset({THERE, HERE})
    assert [status_from(hub, address) for address in (HERE, THERE)] == [404, 404]


def test_the_bot_guard_takes_some_addresses_for_robots(hub: StandIn) -> None:
    hub.options.bot_guard_after, hub.options.guarded_addresses = 1, frozenset({THERE})
    assert [status_from(hub, HERE) for _ in range(3)] == [200, 200, 200]
    assert [status_from(hub, THERE) for _ in range(3)] == [200, 403, 403]


def test_a_block_begins_after_so_many_requests(hub: StandIn) -> None:
    assert statuses(hub, 3) == [200] * 3
    hub.options.block, hub.options.block_after = "404", 2
    signed_in(hub.url)
    assert statuses(hub, 3) == [200, 404, 404]
    hub.options.block = None
    assert statuses(hub, 1) == [200]
    hub.options.block = "404"
    assert statuses(hub, 3) == [200, 200, 404]


def test_the_first_of_several_answers(hub: StandIn) -> None:
    hub.options.gone, hub.options.faults = {"namespace_list": "410"}, {"502": 1.0}
    hub.options.block, hub.options.bot_guard_after = "500", 0
    hub.script(LIST, status=418)
    seen = statuses(hub, 2)
    hub.options.bot_guard_after = None
    seen += statuses(hub, 1)
    hub.options.block = None
    seen += statuses(hub, 1)
    hub.options.gone = {}
    seen += statuses(hub, 1)
    assert seen == [418, 403, 500, 410, 502]
    hub.options.abuse = Limit(1, 60)
    hub.script(LIST, status=418, times=2)
    assert statuses(hub, 2) == [418, 429]


@pytest.mark.parametrize("name", ["block_after", "bot_guard_after", "bot_guard_seconds"])
def test_refuses_what_is_below_zero(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: expected 0 or more, got -1"):
        Options(**{name: -1})  # type: ignore[arg-type]
