from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from tests.standin.client import Answer, ask
from tests.standin.registry_client import headers

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

NGINX = "library/nginx"
NOW = 1_800_000_000.5
ADDRESS = re.compile(
    r"/registry-v2/docker/registry/v2/blobs/sha256/([0-9a-f]{2})/([0-9a-f]{64})/data"
    r"\?verify=(\d+)-([A-Za-z0-9%]+)"
)


def config_digest(hub: StandIn) -> str:
    return hub.world.digests(NGINX)["latest"].configs[0]


def redirect(hub: StandIn, method: str = "GET") -> Answer:
    url = f"{hub.registry_url}/v2/{NGINX}/blobs/{config_digest(hub)}"
    return ask(url, method=method, headers=headers(hub, NGINX))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_registry_sends_for_blobs_elsewhere(hub: StandIn, method: str) -> None:
    hub.options.clock = lambda: NOW
    answer = redirect(hub, method)
    assert (answer.status, answer.body) == (307, b"")
    location = answer.headers["location"]
    assert location.startswith(f"{hub.cdn_url}/")
    found = ADDRESS.fullmatch(location.removeprefix(hub.cdn_url))
    assert found is not None
    assert f"sha256:{found[2]}" == config_digest(hub)
    assert (found[1], int(found[3])) == (found[2][:2], int(NOW) + 3000)


def test_the_blob_comes_without_any_token(hub: StandIn) -> None:
    location = redirect(hub).headers["location"]
    answer = ask(location)
    assert answer.status == 200
    assert f"sha256:{sha256(answer.body).hexdigest()}" == config_digest(hub)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "public, max-age=14400"
    assert "content-encoding" not in ask(location, headers={"Accept-Encoding": "gzip"}).headers
    head = ask(location, method="HEAD")
    assert head.headers["content-length"] == str(len(answer.body))
    assert hub.journal.counts()["cdn"] == 3


@pytest.mark.parametrize("sent", ["Bearer x", "Basic YTpi", "JWT y"])
def test_authorization_is_refused_and_noted(hub: StandIn, sent: str) -> None:
    answer = ask(redirect(hub).headers["location"], headers={"Authorization": sent})
    assert answer.status == 400
    assert b"Only one auth mechanism" in answer.body
    (exchange,) = hub.journal.stray_tokens
    assert (exchange.kind, exchange.status) == ("cdn", 400)


def test_a_wrong_signature_gets_nothing(hub: StandIn) -> None:
    location = redirect(hub).headers["location"]
    path, _, verify = location.partition("?verify=")
    end, _, signature = verify.partition("-")
    for wrong in (
        path,
        f"{path}?verify=",
        f"{path}?verify=x-y",
        f"{path}?verify={int(end) + 1}-{signature}",
        f"{path}?verify={end}-A{signature}",
        location.replace("/data", "0/data"),
    ):
        assert ask(wrong).status == 403, wrong
    assert ask(location).status == 200


def test_an_address_is_good_for_a_while(hub: StandIn) -> None:
    hub.options.clock, hub.options.cdn_seconds = (lambda: NOW), 10
    location = redirect(hub).headers["location"]
    hub.options.clock = lambda: NOW + 9
    assert ask(location).status == 200
    hub.options.clock = lambda: NOW + 10
    assert ask(location).status == 403


def test_what_was_never_offered_is_not_there(hub: StandIn) -> None:
    path = f"/registry-v2/docker/registry/v2/blobs/sha256/00/{'0' * 64}/data"
    assert ask(f"{hub.cdn_url}{path}?verify=99999999999-x").status == 403
    assert ask(f"{hub.cdn_url}/other").status == 599


def test_a_repository_that_went_has_no_blobs(hub: StandIn) -> None:
    location = redirect(hub).headers["location"]
    hub.world.delete_repository(NGINX)
    assert ask(location).status == 404


def test_blobs_may_come_from_the_registry_itself(hub: StandIn) -> None:
    hub.options.redirect_blobs = False
    answer = redirect(hub)
    assert answer.status == 200
    assert answer.headers["docker-content-digest"] == config_digest(hub)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert f"sha256:{sha256(answer.body).hexdigest()}" == config_digest(hub)
    assert hub.journal.counts()["cdn"] == 0
