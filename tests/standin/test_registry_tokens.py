from __future__ import annotations

import base64
import json
import subprocess
import sys

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from dockerhub.standin import Limit, StandIn, World
from tests.standin.client import ask
from tests.standin.registry_client import (
    ADA,
    basic,
    claims,
    get_manifest,
    headers,
    token,
    token_answer,
)

NGINX = "library/nginx"
PULL = f"repository:{NGINX}:pull"
NOW = 1_800_000_000.25


def unpacked(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_answer_is_that_of_docker(hub: StandIn) -> None:
    hub.options.clock = lambda: NOW
    answer = token_answer(hub, PULL)
    assert answer.status == 200
    assert answer.json["token"] == answer.json["access_token"]
    assert answer.json["expires_in"] == 300
    assert answer.json["issued_at"] == "2027-01-15T08:00:00.250000Z"
    assert answer.headers["x-ratelimit-limit"] == "3000, 3000;w=60"
    assert answer.headers["x-ratelimit-remaining"] == "2999"
    assert answer.headers["x-ratelimit-reset"] == "60"


def test_claims_say_what_is_granted_to_whom(hub: StandIn) -> None:
    hub.options.clock = lambda: NOW
    said = claims(token(hub, NGINX, "bitnami/redis", account=ADA))
    assert (said["iss"], said["aud"], said["sub"]) == (
        "auth.docker.io",
        "registry.docker.io",
        "ada",
    )
    assert (said["iat"], said["exp"]) == (int(NOW), int(NOW) + 300)
    assert said["nbf"] <= said["iat"]
    assert said["access"] == [
        {"type": "repository", "name": name, "actions": ["pull"]}
        for name in (NGINX, "bitnami/redis")
    ]
    assert said["jti"] != claims(token(hub, NGINX))["jti"]


def test_the_signature_holds_and_the_header_carries_the_certificate(hub: StandIn) -> None:
    header, content, signature = token(hub, NGINX).split(".")
    said = json.loads(unpacked(header))
    assert (said["alg"], said["typ"]) == ("RS256", "JWT")
    certificate = x509.load_der_x509_certificate(base64.b64decode(said["x5c"][0]))
    assert certificate == x509.load_pem_x509_certificate(hub.token_certificate().encode())
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    assert key.key_size == 2048
    key.verify(unpacked(signature), f"{header}.{content}".encode(), PKCS1v15(), SHA256())


def test_a_token_of_another_stand_in_is_foreign(hub: StandIn) -> None:
    with StandIn(World(), accounts={"ada": "secret"}) as other:
        sent = {"Authorization": f"Bearer {token(other, NGINX)}"}
        assert other.token_certificate() == hub.token_certificate()
    assert ask(f"{hub.registry_url}/v2/", headers=sent).status == 401
    assert hub.journal.exchanges[-1].stray


def test_nothing_of_the_key_is_made_before_it_is_needed() -> None:
    code = (
        "import sys; from dockerhub.standin import StandIn, World\n"
        "with StandIn(World()) as hub: hub.journal\n"
        "print('cryptography' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("scopes", "granted"),
    [
        ([], []),
        ([PULL], [NGINX]),
        ([PULL, PULL], [NGINX]),
        ([f"{PULL} repository:bitnami/redis:pull"], [NGINX, "bitnami/redis"]),
        (["repository:library/none:pull"], []),
        (["repository:library/none:pull", PULL], [NGINX]),
        ([f"repository:{NGINX}:push"], []),
        ([f"repository:{NGINX}:pull,push"], [NGINX]),
        (["registry:catalog:*"], []),
        (["repository:nginx:pull"], []),
        (["nonsense", "::", ""], []),
        (["repository:ratelimitpreview/test:pull"], ["ratelimitpreview/test"]),
    ],
)
def test_a_token_is_given_whatever_is_asked_for(
    hub: StandIn, scopes: list[str], granted: list[str]
) -> None:
    answer = token_answer(hub, *scopes)
    assert answer.status == 200
    access = claims(answer.json["token"])["access"]
    assert [each["name"] for each in access] == granted
    assert all(each["actions"] == ["pull"] for each in access)


def test_hidden_repositories_are_granted_to_nobody(hub: StandIn) -> None:
    hub.options.hidden = frozenset({NGINX})
    assert claims(token(hub, NGINX, account=ADA))["access"] == []
    assert get_manifest(hub, NGINX, "latest", headers(hub, NGINX)).status == 401


def test_secrets_are_checked(hub: StandIn) -> None:
    for wrong in ("ada:wrong", "bob:secret", ":", "ada"):
        answer = ask(f"{hub.auth_url}/token?service=registry.docker.io", headers=basic(wrong))
        assert answer.status == 401
        assert answer.json == {"details": "incorrect username or password"}
    assert hub.journal.stray_tokens == []
    assert {exchange.token for exchange in hub.journal.exchanges} == {"foreign"}
    garbage = {"Authorization": "Basic \xff"}
    assert ask(f"{hub.auth_url}/token?service=x", headers=garbage).status == 401


@pytest.mark.parametrize("query", ["", "?service=", "?service=registry.example"])
def test_another_service_gets_nothing(hub: StandIn, query: str) -> None:
    assert ask(f"{hub.auth_url}/token{query}").status == 400


def test_untold_tokens_live_a_minute(hub: StandIn) -> None:
    hub.options.clock = lambda: NOW
    hub.options.registry_token_expiry_told = False
    answer = token_answer(hub, PULL)
    assert "expires_in" not in answer.json
    sent = {"Authorization": f"Bearer {answer.json['token']}"}
    url = f"{hub.registry_url}/v2/"
    hub.options.clock = lambda: NOW + 59
    assert ask(url, headers=sent).status == 200
    hub.options.clock = lambda: NOW + 60
    assert ask(url, headers=sent).status == 401


def test_tokens_live_as_long_as_they_say(hub: StandIn) -> None:
    hub.options.clock = lambda: NOW
    hub.options.registry_token_seconds = 7
    answer = token_answer(hub, PULL)
    assert answer.json["expires_in"] == 7
    sent = {"Authorization": f"Bearer {answer.json['token']}"}
    hub.options.clock = lambda: NOW + 6.9
    assert ask(f"{hub.registry_url}/v2/", headers=sent).status == 200
    hub.options.clock = lambda: NOW + 7
    assert ask(f"{hub.registry_url}/v2/", headers=sent).status == 401


def test_claims_tell_the_limit_of_pulls_in_texts(hub: StandIn) -> None:
    hub.options.pull_limit = Limit(100, 3600)
    hub.options.account_pull_limit = Limit(200, 3600)
    said = [claims(token(hub, NGINX, account=account))["access"][0] for account in (None, ADA)]
    assert [each["parameters"] for each in said] == [
        {"pull_limit": "100", "pull_limit_interval": "21600"},
        {"pull_limit": "200", "pull_limit_interval": "21600"},
    ]
    hub.options.account_pull_limit = None
    assert "parameters" not in claims(token(hub, NGINX, account=ADA))["access"][0]


def test_pushing_is_granted_to_accounts_if_it_is_switched_on(hub: StandIn) -> None:
    hub.options.grant_push = True
    hub.options.registry_service, hub.options.registry_issuer = "local", "me"
    scope = "repository:any/thing:pull,push"
    answers = [token_answer(hub, scope, account=a, service="local") for a in (None, ADA)]
    said = [claims(answer.json["token"]) for answer in answers]
    assert [each["access"][0]["actions"] for each in said] == [["pull"], ["pull", "push"]]
    assert {(each["iss"], each["aud"]) for each in said} == {("me", "local")}


def test_the_token_service_has_a_limit_of_its_own(hub: StandIn) -> None:
    hub.options.auth_limit, hub.options.clock = Limit(2, 60), lambda: NOW
    answers = [token_answer(hub, PULL) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    hub.options.clock = lambda: NOW + 20.5
    assert token_answer(hub, PULL).headers["x-ratelimit-reset"] == "40"
    hub.options.auth_limit = None
    answer = token_answer(hub, PULL)
    assert answer.status == 200
    assert "x-ratelimit-limit" not in answer.headers


def test_tokens_are_counted(hub: StandIn) -> None:
    for _ in range(3):
        token(hub, NGINX)
    assert hub.registry_tokens.issued_count == 3
    told = ask(f"{hub.url}/_standin/journal").json
    assert told["registry_tokens_issued"] == 3
    ask(f"{hub.url}/_standin/expire-tokens", method="POST")
