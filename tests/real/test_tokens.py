"""The real registry lets in who has a token of the stand-in's, and no further than it says."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.real.crawling import token_auth
from tests.real.images import digest_of
from tests.real.programs import Registry, ask
from tests.real.shelf import APP, WORKER
from tests.real.skopeo import Skopeo

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import StandIn
    from tests.real.shelf import Shelf

BASIC = {"Authorization": "Basic " + base64.b64encode(b"ada:secret").decode()}


def token(hub: StandIn, *, signed_in: bool = False) -> str:
    asked = {"service": hub.options.registry_service, "scope": f"repository:{APP}:pull"}
    url = f"{hub.auth_url}/token?{urlencode(asked)}"
    answer = ask(url, headers=BASIC if signed_in else {})
    assert answer.status == 200, answer.body
    given: str = json.loads(answer.body)["token"]
    return given


def status(registry: Registry, repository: str, given: str) -> int:
    headers = {"Authorization": f"Bearer {given}"}
    return ask(f"{registry.url}/v2/{repository}/tags/list", headers=headers).status


def test_the_challenge_names_the_service_and_the_scope(hub: StandIn, guarded: Registry) -> None:
    who = f'Bearer realm="{hub.auth_url}/token",service="{hub.options.registry_service}"'
    base = ask(f"{guarded.url}/v2/")
    assert (base.status, base.headers["www-authenticate"]) == (401, who)
    tags = ask(f"{guarded.url}/v2/{APP}/tags/list")
    assert tags.status == 401
    assert tags.headers["www-authenticate"] == f'{who},scope="repository:{APP}:pull"'


def test_a_token_opens_what_it_names(hub: StandIn, guarded: Registry) -> None:
    given = token(hub)
    assert status(guarded, APP, given) == 200
    assert status(guarded, WORKER, given) == 401
    assert status(guarded, APP, given[:-4] + "AAAA") == 401


def test_an_account_has_a_token_too(hub: StandIn, guarded: Registry) -> None:
    assert status(guarded, APP, token(hub, signed_in=True)) == 200


def test_the_registry_believes_its_own_issuer_alone(
    hub: StandIn, storage: Path, tmp_path: Path
) -> None:
    other = token_auth(hub)._replace(issuer="auth.example")
    with Registry(storage, tmp_path / "registry", other) as registry:
        assert status(registry, APP, token(hub)) == 401


def test_skopeo_signs_in_to_push(hub: StandIn, shelf: Shelf, tmp_path: Path) -> None:
    with Registry(tmp_path / "storage", tmp_path / "registry", token_auth(hub)) as registry:
        skopeo = Skopeo(registry.host, tmp_path, "ada:secret")
        push = shelf.pushes[0]
        skopeo.push(shelf.layout.folder, push)
        raw = skopeo.raw(push.repository, push.tag)
    assert digest_of(raw) == shelf.named(push.layout_tag)["digest"]
