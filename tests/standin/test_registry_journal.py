"""What the journal tells of the registry, and of headers that came where they should not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dockerhub.standin import Limit
from tests.standin.client import ask, signed_in
from tests.standin.registry_client import ACCEPT, ADA, basic, get_blob, get_manifest, headers, token

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

NGINX = "library/nginx"


def test_the_journal_tells_all_kinds(hub: StandIn) -> None:
    sent = headers(hub, NGINX)
    ask(f"{hub.registry_url}/v2/", headers=sent)
    manifest = get_manifest(hub, NGINX, hub.world.digests(NGINX)["latest"].images[0], sent)
    get_blob(hub, NGINX, manifest.json["config"]["digest"], sent)
    ask(f"{hub.registry_url}/v2/{NGINX}/tags/list?n=3", headers=sent)
    assert hub.journal.counts() == {
        "registry_token": 1,
        "registry_base": 1,
        "manifest": 1,
        "blob": 1,
        "cdn": 1,
        "tag_names": 1,
    }
    exchange = hub.journal.of("manifest")[0]
    digest = manifest.headers["docker-content-digest"]
    assert (exchange.repository, exchange.reference, exchange.charged) == (NGINX, digest, True)
    assert (exchange.token, exchange.stray, exchange.account) == ("good", False, None)
    assert hub.journal.of("tag_names")[0].query == {"n": "3"}
    assert hub.journal.stray_tokens == []


def test_every_wrong_header_is_stray(hub: StandIn) -> None:
    mine, registry = signed_in(hub.url), {"Authorization": f"Bearer {token(hub, NGINX)}"}
    manifest = f"{hub.registry_url}/v2/{NGINX}/manifests/latest"
    address = f"{hub.auth_url}/token?service=registry.docker.io"
    hub.journal.clear()
    for url, sent, status in (
        (manifest, mine, 401),
        (manifest, basic(ADA), 401),
        (f"{hub.url}/v2/repositories/library/nginx/", registry, 401),
        (f"{hub.url}/v2/repositories/library/nginx/", basic(ADA), 401),
        (address, mine, 401),
        (address, registry, 401),
        (f"{hub.cdn_url}/registry-v2/docker/registry/v2/blobs/sha256/0/0/data", registry, 400),
    ):
        assert ask(url, headers=sent).status == status
    assert len(hub.journal.stray_tokens) == 7
    assert ask(manifest, headers=registry | {"Accept": ACCEPT}).status == 200
    assert ask(address, headers=basic(ADA)).status == 200
    assert len(hub.journal.stray_tokens) == 7


def test_hubs_limit_does_not_count_the_registry(hub: StandIn) -> None:
    hub.options.limit = Limit(2, 60)
    sent = headers(hub, NGINX)
    answers = [get_manifest(hub, NGINX, "latest", sent) for _ in range(4)]
    assert [answer.status for answer in answers] == [200] * 4
    assert "x-ratelimit-limit" not in answers[0].headers
    assert hub.journal.windows() == []
    assert json.dumps(hub.journal.summary())
