from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.standin.client import ask, signed_in

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

BASE = "/v2/namespaces/library/repositories"


def test_every_kind_is_counted(hub: StandIn) -> None:
    headers = signed_in(hub.url)
    for path in (
        BASE,
        "/v2/repositories/library/",
        f"{BASE}/nginx",
        f"{BASE}/nginx/tags",
        f"{BASE}/nginx/tags/latest",
        f"{BASE}/nginx/tags/latest/images",
        "/v2/search/repositories/?query=nginx",
        "/v2/users/library",
        "/v2/categories/",
    ):
        ask(hub.url + path, headers=headers)
    assert hub.journal.counts() == {
        "namespace_list": 2,
        "repository": 1,
        "tag_list": 1,
        "tag": 1,
        "tag_images": 1,
        "search": 1,
        "user": 1,
        "categories": 1,
        "sign_in": 1,
    }


def test_exchange_tells_what_was_asked(hub: StandIn) -> None:
    ask(f"{hub.url}{BASE}?page_size=5&name=n%2Fx", headers={"User-Agent": "tests/1"})
    (exchange,) = hub.journal.exchanges
    assert (exchange.method, exchange.path, exchange.status) == ("GET", BASE, 200)
    assert exchange.query == {"page_size": "5", "name": "n/x"}
    assert (exchange.user_agent, exchange.remote) == ("tests/1", "127.0.0.1")
    assert not exchange.signed_in
    assert exchange.token is None


def test_what_nobody_answers_is_599_and_unknown(hub: StandIn) -> None:
    for method, path in (("GET", "/"), ("GET", "/v2/other"), ("PUT", BASE), ("GET", "//v2")):
        assert ask(hub.url + path, method=method).status == 599
    assert len(hub.journal.unknown) == 4
    hub.journal.clear()
    assert hub.journal.exchanges == []


def test_script_answers_instead_and_is_used_up(hub: StandIn) -> None:
    scripted = hub.script(
        f"{BASE}/nginx/tags", status=503, headers={"Retry-After": "1"}, body="busy", times=2
    )
    url = f"{hub.url}{BASE}/nginx/tags?page=1"
    answers = [ask(url) for _ in range(3)]
    assert [answer.status for answer in answers] == [503, 503, 200]
    assert (answers[0].body, answers[0].headers["retry-after"]) == (b"busy", "1")
    assert scripted.used == 2
    assert [exchange.scripted for exchange in hub.journal.exchanges] == [True, True, False]


def test_script_takes_patterns_json_and_always(hub: StandIn) -> None:
    hub.script(r"/v2/.*/tags\?.*page=2", status=200, body={"results": None}, times=None)
    url = f"{hub.url}{BASE}/nginx/tags?page_size=5&page="
    assert [ask(f"{url}2").json for _ in range(3)] == [{"results": None}] * 3
    assert len(ask(f"{url}1").json["results"]) == 5
    hub.clear_script()
    assert len(ask(f"{url}2").json["results"]) == 5


def test_big_answers_are_compressed_when_asked_for(hub: StandIn) -> None:
    url = f"{hub.url}{BASE}/nginx/tags?page_size=30"
    plain, packed = ask(url), ask(url, headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.body) / 3
    assert packed.body == plain.body
    hub.options.cheap = True
    cheap = ask(url, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in cheap.headers
    assert cheap.body == plain.body


def test_kept_pages_follow_changes(hub: StandIn) -> None:
    hub.options.cheap = True
    hub.warm()
    url = f"{hub.url}{BASE}/nginx/tags?page_size=100&ordering=last_updated"
    assert len(ask(url).json["results"]) == 30
    hub.world.push_tag("library/nginx", "new")
    assert ask(url).json["results"][0]["name"] == "new"
    hub.world.delete_tag("library/nginx", "new")
    assert len(ask(url).json["results"]) == 30


def test_answers_many_at_once_while_the_world_changes(hub: StandIn) -> None:
    statuses: list[int] = []

    def read() -> None:
        url = f"{hub.url}{BASE}/nginx/tags?page_size=3&page="
        statuses.extend(ask(f"{url}{page}").status for page in range(1, 9))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(20):
        hub.world.press()
    for reader in readers:
        reader.join()
    assert statuses == [200] * 32


def test_journal_stays_readable_after_the_end(hub: StandIn) -> None:
    ask(hub.url + BASE)
    hub.stop()
    hub.stop()
    assert hub.journal.counts()["namespace_list"] == 1
