"""What goes wrong on purpose, at the registry and what belongs to it."""

from __future__ import annotations

from http.client import HTTPException
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit
from dockerhub.standin.faults import drawn_fault
from tests.standin.client import Answer, ask
from tests.standin.registry_client import get_manifest, headers, token_answer

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

NGINX = "library/nginx"
HUB = "/v2/repositories/library/nginx/"


class Asked:
    """One request of each kind, with headers and an address that were good before."""

    def __init__(self, hub: StandIn) -> None:
        self.hub, self.sent = hub, headers(hub, NGINX)
        self.config = hub.world.digests(NGINX)["latest"].configs[0]
        self.blob = f"{hub.registry_url}/v2/{NGINX}/blobs/{self.config}"
        self.location = ask(self.blob, headers=self.sent).headers["location"]
        hub.journal.clear()

    def ask(self, kind: str) -> Answer:
        registry = self.hub.registry_url
        if kind == "registry_token":
            return token_answer(self.hub, f"repository:{NGINX}:pull")
        if kind == "cdn":
            return ask(self.location)
        url = {
            "registry_base": f"{registry}/v2/",
            "registry_catalog": f"{registry}/v2/_catalog",
            "manifest": f"{registry}/v2/{NGINX}/manifests/latest",
            "blob": self.blob,
            "tag_names": f"{registry}/v2/{NGINX}/tags/list",
        }[kind]
        return ask(url, headers=self.sent)


KINDS = ("registry_base", "registry_catalog", "manifest", "blob", "tag_names", "registry_token")


@pytest.fixture
def asked(hub: StandIn) -> Asked:
    return Asked(hub)


@pytest.mark.parametrize("kind", [*KINDS, "cdn"])
def test_faults_fall_on_every_kind(hub: StandIn, asked: Asked, kind: str) -> None:
    hub.options.faults, hub.options.fault_times = {"502": 1.0}, 1
    assert asked.ask(kind).status == 502
    assert asked.ask(kind).status in (200, 307, 401)
    first, second = hub.journal.exchanges
    assert (first.kind, first.fault, second.fault) == (kind, "502", None)


def test_faults_may_fall_on_some_kinds_alone(hub: StandIn, asked: Asked) -> None:
    hub.options.faults, hub.options.fault_kinds = {"503": 1.0}, frozenset({"manifest", "cdn"})
    statuses = {kind: asked.ask(kind).status for kind in (*KINDS, "cdn")}
    assert {kind for kind, status in statuses.items() if status == 503} == {"manifest", "cdn"}
    assert ask(hub.url + HUB).status == 200


@pytest.mark.parametrize("fault", ["garbage", "html_200", "empty_200", "html_403", "500"])
def test_a_spoilt_manifest_has_no_digest(hub: StandIn, asked: Asked, fault: str) -> None:
    hub.options.faults = {fault: 1.0}  # type: ignore[dict-item]
    answer = asked.ask("manifest")
    assert "docker-content-digest" not in answer.headers
    assert hub.journal.faults() == {fault: 1}


def test_faults_are_drawn_in_the_order_of_all_requests(hub: StandIn, asked: Asked) -> None:
    hub.options.faults = {"500": 0.5}
    for _ in range(10):
        ask(hub.url + HUB)
        asked.ask("manifest")
    drawn = [drawn_fault({"500": 0.5}, 1, place) for place in range(1, 21)]
    assert [exchange.fault for exchange in hub.journal.exchanges] == drawn
    assert {each.kind for each in hub.journal.exchanges} == {"repository", "manifest"}


def test_scripted_answers_go_before_all_services(hub: StandIn, asked: Asked) -> None:
    hub.script("/token", status=500, body={"details": "busy"})
    hub.script(r"/v2/.*/manifests/", status=502)
    hub.script(f"/v2/{NGINX}/tags/list", body={"name": NGINX, "tags": None})
    hub.script("/registry-v2/", status=410)
    assert token_answer(hub).json == {"details": "busy"}
    assert asked.ask("manifest").status == 502
    assert asked.ask("tag_names").json["tags"] is None
    assert asked.ask("cdn").status == 410
    assert [exchange.scripted for exchange in hub.journal.exchanges] == [True] * 4
    assert [asked.ask(kind).status for kind in ("manifest", "cdn")] == [200, 200]


def test_a_block_hides_everything_but_tokens(hub: StandIn, asked: Asked) -> None:
    hub.options.block = "404"
    codes = {
        kind: asked.ask(kind).json["errors"][0]["code"]
        for kind in ("manifest", "blob", "tag_names")
    }
    assert codes == {
        "manifest": "MANIFEST_UNKNOWN",
        "blob": "BLOB_UNKNOWN",
        "tag_names": "NAME_UNKNOWN",
    }
    assert asked.ask("cdn").status == ask(hub.url + HUB).status == 404
    assert asked.ask("registry_token").status == 200
    hub.options.block = "500"
    assert b"</html>" in asked.ask("manifest").body


def test_a_block_may_hit_some_services_alone(hub: StandIn, asked: Asked) -> None:
    hub.options.block, hub.options.blocked_services = "404", frozenset({"registry"})
    assert asked.ask("manifest").status == 404
    assert asked.ask("cdn").status == ask(hub.url + HUB).status == 200


def test_the_bot_guard_counts_each_service_on_its_own(hub: StandIn, asked: Asked) -> None:
    hub.options.bot_guard_after = 2
    assert [asked.ask("manifest").status for _ in range(3)] == [200, 200, 403]
    assert [ask(hub.url + HUB).status for _ in range(3)] == [200, 200, 403]
    assert asked.ask("cdn").status == 200


def test_the_bot_guard_may_stand_before_some_services_alone(hub: StandIn, asked: Asked) -> None:
    hub.options.bot_guard_after, hub.options.guarded_services = 0, frozenset({"hub"})
    assert asked.ask("manifest").status == 200
    assert ask(hub.url + HUB).status == 403


def test_the_abuse_limit_counts_all_services_together(hub: StandIn, asked: Asked) -> None:
    hub.options.abuse = Limit(3, 60)
    statuses = [asked.ask("manifest").status, ask(hub.url + HUB).status, asked.ask("cdn").status]
    assert statuses == [200, 200, 200]
    answer = asked.ask("manifest")
    assert (answer.status, answer.body) == (429, b"429 Too Many Requests\n")
    assert not [name for name in answer.headers if "ratelimit" in name]


def test_endpoints_of_the_registry_may_be_gone(hub: StandIn, asked: Asked) -> None:
    hub.options.gone = {"tag_names": "410", "manifest": "empty"}
    assert asked.ask("tag_names").status == 410
    assert (asked.ask("manifest").status, asked.ask("manifest").body) == (200, b"")
    assert hub.journal.pulls() == []


@pytest.mark.parametrize("fault", ["reset", "hang", "truncated"])
def test_broken_connections(hub: StandIn, asked: Asked, fault: str) -> None:
    hub.options.hang_seconds = 0.1
    hub.options.faults, hub.options.fault_times = {fault: 1.0}, 1  # type: ignore[dict-item]
    with pytest.raises((ConnectionError, HTTPException)):
        asked.ask("manifest")
    assert get_manifest(hub, NGINX, "latest", asked.sent).status == 200
    assert hub.journal.faults() == {fault: 1}


def test_all_services_stop_together(hub: StandIn) -> None:
    urls = [hub.url, hub.registry_url, hub.auth_url, hub.cdn_url]
    assert len(set(urls)) == 4
    for url in urls:
        ask(url)
    hub.stop()
    for url in urls:
        with pytest.raises(ConnectionError):
            ask(url)
    assert len(hub.journal.unknown) == 4
