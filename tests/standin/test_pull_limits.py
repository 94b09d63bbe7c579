from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import Limit
from tests.standin.client import ask
from tests.standin.registry_client import ADA, get_blob, get_manifest, headers, token_answer

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

NGINX = "library/nginx"
PREVIEW = "ratelimitpreview/test"
NOW = 1_800_000_000.5


@pytest.fixture(autouse=True)
def still(hub: StandIn) -> None:
    hub.options.clock = lambda: NOW


def left(answer: object) -> str:
    found: str = answer.headers["x-ratelimit-remaining"]  # type: ignore[attr-defined]
    return found


def test_without_a_limit_nothing_is_said(hub: StandIn) -> None:
    answer = get_manifest(hub, NGINX, "latest", headers(hub, NGINX))
    assert answer.status == 200
    assert not [name for name in answer.headers if "ratelimit" in name]
    assert hub.journal.pull_windows() == []
    assert hub.journal.pulls() == [(NGINX, "latest")]


def test_only_manifests_that_are_got_are_charged(hub: StandIn) -> None:
    hub.options.pull_limit = Limit(100, 3600)
    sent = headers(hub, NGINX)
    image = hub.world.digests(NGINX)["latest"].images[0]
    assert left(get_manifest(hub, NGINX, "latest", sent, "HEAD")) == "100;w=3600"
    assert left(get_manifest(hub, NGINX, "none", sent)) == "100;w=3600"
    assert left(get_manifest(hub, NGINX, "latest", sent)) == "99;w=3600"
    manifest = get_manifest(hub, NGINX, image, sent)
    assert left(manifest) == "98;w=3600"
    assert get_blob(hub, NGINX, manifest.json["config"]["digest"], sent).status == 200
    assert "x-ratelimit-limit" not in ask(f"{hub.registry_url}/v2/", headers=sent).headers
    assert ask(f"{hub.registry_url}/v2/{NGINX}/tags/list", headers=sent).status == 200
    assert get_manifest(hub, "library/none", "latest", sent).status == 401
    assert left(get_manifest(hub, NGINX, "latest", sent, "HEAD")) == "98;w=3600"
    assert hub.journal.pulls() == [(NGINX, "latest"), (NGINX, image)]
    assert hub.journal.summary()["pulls"] == 2


def test_spent_pulls_are_refused_and_heads_are_not(hub: StandIn) -> None:
    hub.options.pull_limit = Limit(2, 3600)
    sent = headers(hub, NGINX)
    answers = [get_manifest(hub, NGINX, "latest", sent) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 429, 429]
    assert [left(answer) for answer in answers] == [f"{n};w=3600" for n in (1, 0, 0, 0)]
    assert answers[2].headers["x-ratelimit-limit"] == "2;w=3600"
    (error,) = answers[2].json["errors"]
    assert error["code"] == "TOOMANYREQUESTS"
    assert error["message"].startswith("You have reached your unauthenticated pull rate limit. ")
    assert get_manifest(hub, NGINX, "latest", sent, "HEAD").status == 200
    (window,) = hub.journal.pull_windows()
    assert (window.counted, window.limit, window.refused) == (2, 2, 2)
    assert len(hub.journal.pulls()) == 2


def test_a_window_ends(hub: StandIn) -> None:
    hub.options.pull_limit = Limit(1, 3600)
    hub.options.registry_token_seconds = 9000
    sent = headers(hub, NGINX)
    assert get_manifest(hub, NGINX, "latest", sent).status == 200
    hub.options.clock = lambda: NOW + 3599.9
    assert get_manifest(hub, NGINX, "latest", sent).status == 429
    hub.options.clock = lambda: NOW + 3600
    assert get_manifest(hub, NGINX, "latest", sent).status == 200
    assert [window.started_at for window in hub.journal.pull_windows()] == [NOW, NOW + 3600]
    hub.journal.clear()
    assert [window.started_at for window in hub.journal.pull_windows()] == [NOW + 3600]


def test_the_account_of_the_token_pays(hub: StandIn) -> None:
    hub.options.pull_limit, hub.options.account_pull_limit = Limit(1, 3600), Limit(2, 3600)
    hub.options.accounts = {"ada": "secret", "bob": "word"}
    nobody = headers(hub, NGINX)
    ada, bob = (headers(hub, NGINX, account=each) for each in (ADA, "bob:word"))
    assert [get_manifest(hub, NGINX, "latest", nobody).status for _ in range(2)] == [200, 429]
    answers = [get_manifest(hub, NGINX, "latest", ada) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].json["errors"][0]["message"].startswith("You have reached your pull rate")
    sources = [get_manifest(hub, NGINX, "latest", each, "HEAD").headers for each in (nobody, ada)]
    assert [each["docker-ratelimit-source"] for each in sources] == ["127.0.0.1", "ada"]
    assert left(get_manifest(hub, NGINX, "latest", bob)) == "1;w=3600"
    assert [window.source for window in hub.journal.pull_windows()] == [
        *("127.0.0.1", "account:ada", "account:bob")
    ]
    assert [each.account for each in hub.journal.of("manifest") if each.charged] == [
        *(None, "ada", "ada", "bob")
    ]


def test_an_account_may_be_unlimited(hub: StandIn) -> None:
    hub.options.pull_limit, hub.options.account_pull_limit = Limit(1, 3600), None
    answers = [get_manifest(hub, NGINX, "latest", headers(hub, NGINX, account=ADA)) for _ in "123"]
    assert [answer.status for answer in answers] == [200] * 3
    assert "x-ratelimit-limit" not in answers[0].headers


@pytest.mark.parametrize(
    ("form", "space", "expected"),
    [
        ("x", False, {"x-ratelimit-limit": "5;w=60", "x-ratelimit-remaining": "4;w=60"}),
        ("plain", True, {"ratelimit-limit": "5; w=60", "ratelimit-remaining": "4; w=60"}),
    ],
)
def test_headers_have_their_forms(
    hub: StandIn, form: str, space: bool, expected: dict[str, str]
) -> None:
    hub.options.pull_limit = Limit(5, 60)
    hub.options.pull_headers = form  # type: ignore[assignment]
    hub.options.pull_header_space = space
    answer = get_manifest(hub, NGINX, "latest", headers(hub, NGINX))
    told = {name: text for name, text in answer.headers.items() if "ratelimit-" in name}
    assert told.pop("docker-ratelimit-source") == "127.0.0.1"
    assert told == expected


def test_headers_may_come_in_both_forms_and_lie_about_the_window(hub: StandIn) -> None:
    hub.options.pull_limit, hub.options.pull_headers = Limit(5, 60), "both"
    hub.options.announced_pull_seconds = 21600
    told = get_manifest(hub, NGINX, "latest", headers(hub, NGINX)).headers
    assert told["ratelimit-limit"] == told["x-ratelimit-limit"] == "5;w=21600"
    assert told["ratelimit-remaining"] == told["x-ratelimit-remaining"] == "4;w=21600"
    assert hub.journal.pull_windows()[0].seconds == 60


def test_the_limit_can_be_looked_at_for_nothing(hub: StandIn) -> None:
    hub.options.pull_limit = Limit(100, 3600)
    sent = headers(hub, PREVIEW)
    answer = get_manifest(hub, PREVIEW, "latest", sent, "HEAD")
    assert (answer.status, left(answer)) == (200, "100;w=3600")
    assert left(get_manifest(hub, PREVIEW, "latest", sent)) == "99;w=3600"
    assert ask(f"{hub.url}/v2/repositories/{PREVIEW}/").status == 404


def test_a_spoilt_manifest_is_charged_all_the_same(hub: StandIn) -> None:
    hub.options.pull_limit = Limit(5, 60)
    sent = headers(hub, NGINX)
    hub.options.faults, hub.options.fault_times = {"502": 1.0}, 1
    answer = get_manifest(hub, NGINX, "latest", sent)
    assert (answer.status, left(answer)) == (502, "4;w=60")
    assert hub.journal.pulls() == [(NGINX, "latest")]


def test_a_scripted_manifest_is_not_charged(hub: StandIn) -> None:
    hub.options.pull_limit = Limit(5, 60)
    sent = headers(hub, NGINX)
    hub.script(f"/v2/{NGINX}/manifests/", status=418)
    assert get_manifest(hub, NGINX, "latest", sent).status == 418
    assert hub.journal.pulls() == []
    assert hub.journal.of("manifest")[0].scripted


def test_the_control_endpoints_tell_windows_and_pulls(hub: StandIn) -> None:
    hub.options.pull_limit = Limit(5, 60)
    get_manifest(hub, NGINX, "latest", headers(hub, NGINX))
    (window,) = ask(f"{hub.url}/_standin/pull-windows").json
    assert (window["source"], window["counted"]) == ("127.0.0.1", 1)
    assert ask(f"{hub.url}/_standin/pulls").json == [[NGINX, "latest"]]
    assert ask(f"{hub.url}/_standin/journal").json["pulls"] == 1


def test_tokens_are_free(hub: StandIn) -> None:
    hub.options.pull_limit = Limit(1, 60)
    for _ in range(3):
        assert token_answer(hub, f"repository:{NGINX}:pull").status == 200
    assert hub.journal.pull_windows() == []
