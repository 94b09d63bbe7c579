from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dockerhub.standin import Drift, Limit, Options, StandIn, World
from dockerhub.standin.__main__ import main
from dockerhub.standin.arguments import build_world, parser, read_options
from tests.standin.client import ask, signed_in

COMMAND = [sys.executable, "-m", "dockerhub.standin"]
CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    arguments = ["--namespace", "bitnami=3x20", "--repository", "library/nginx=7", "--plain"]
    arguments += ["--account", "ada:se:cret", "--limit", "180/60", "--no-caps", "--cheap", "--warm"]
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        others = dict(process.stdout.readline().split() for _ in range(3))
        try:
            check_control(url)
            check_registry(others)
        finally:
            process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""


def check_control(url: str) -> None:
    headers = signed_in(url, "ada", "se:cret")
    path = f"{url}/v2/namespaces/bitnami/repositories"
    assert ask(path, headers=headers).json["count"] == 3
    assert ask(f"{url}/_standin/truth").json == {"namespaces": 2, "repositories": 4, "tags": 67}
    changes = ask(f"{url}/_standin/press", method="POST", body={"repositories": 1}).json
    assert {"push_tag", "delete_tag"} <= {change["kind"] for change in changes}
    assert ask(f"{url}/_standin/press", method="POST", body={"wrong": 1}).status == 400
    assert ask(f"{url}/_standin/expire-tokens", method="POST").status == 200
    assert ask(path, headers=headers).status == 401
    counts = ask(f"{url}/_standin/journal").json
    assert counts["kinds"] == {"sign_in": 1, "namespace_list": 2}
    assert (counts["requests"], counts["tokens_issued"]) == (3, 1)
    assert sum(window["counted"] for window in ask(f"{url}/_standin/windows").json) == 3
    ask(f"{url}/_standin/clear", method="POST")
    assert ask(f"{url}/_standin/journal").json["requests"] == 0


def check_registry(urls: dict[str, str]) -> None:
    assert list(urls) == ["registry", "auth", "cdn"]
    assert ask(f"{urls['registry']}/v2/").status == 401
    scope = "scope=repository:library/nginx:pull"
    answer = ask(f"{urls['auth']}/token?service=registry.docker.io&{scope}")
    headers = {"Authorization": f"Bearer {answer.json['token']}"}
    names = ask(f"{urls['registry']}/v2/library/nginx/tags/list", headers=headers).json["tags"]
    assert len(names) == 7
    assert ask(f"{urls['cdn']}/registry-v2/").status == 599


@pytest.mark.parametrize(
    ("arguments", "finding"),
    [
        (["--namespace", "bitnami"], "expected name=24x40"),
        (["--namespace", "a/b=1x1"], "expected name=24x40"),
        (["--repository", "nginx=4"], "expected namespace/name=40"),
        (["--repository", "a/b=4", "--repository", "a/b=4"], "repository a/b exists"),
        (["--limit", "fast"], "expected 180/60"),
        (["--limit", "0/60"], "expected 180/60"),
        (["--account", "ada"], "expected name:secret"),
        (["--platforms", "9"], "platforms: expected 1 to 7, got 9"),
        (["--port", "x"], "invalid int value"),
        (["--registry-port", "x"], "invalid int value"),
        (["--pull-limit", "100"], "expected 180/60"),
        (["--pull-headers", "y"], "invalid choice: 'y'"),
        (["--lying-images", "-1"], "lying_images: expected 0 or more, got -1"),
        (["--fault", "500"], "expected fault=share (503=0.05), got '500'"),
        (["--fault", "501=0.1"], "expected one of 500 502 503"),
        (["--fault", "500=1.5"], "expected a share of 0 to 1, got 1.5"),
        (["--fault", "500=0.6", "--fault", "502=0.6"], "faults: expected at most 1 in all"),
        (["--fault-seed", "x"], "invalid int value"),
        (["--abuse", "many"], "expected 180/60"),
        (["--block", "403"], "invalid choice: '403'"),
        (["--block-after", "-1"], "block_after: expected 0 or more, got -1"),
        (["--bot-guard-after", "-1"], "bot_guard_after: expected 0 or more, got -1"),
        (["--gone", "tag_list"], "expected endpoint=form (tag_list=410), got 'tag_list'"),
        (["--gone", "tags=410"], "gone: expected an endpoint"),
        (["--gone", "tag_list=404"], "gone: tag_list: expected one of 410 empty"),
        (["--drift", "pushed=1"], "expected every=3 (answers of lists), got 'pushed=1'"),
        (["--drift", "every=3,colour=1"], "expected one of every repository"),
        (["--drift", "every=x"], "expected every=3, got 'x'"),
        (["--drift", "every=0"], "drift: every: expected 1 or more, got 0"),
        (["--drift", "every=1,repository=a/b"], "drift: repository: there is no a/b"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_wrong_arguments_get_one_line_and_status_2(
    arguments: list[str],
    finding: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["standin", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert finding in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("option", ["--port", "--registry-port", "--auth-port", "--cdn-port"])
def test_taken_port_gets_one_line_and_status_1(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with StandIn(World()) as hub:
        monkeypatch.setattr(sys, "argv", ["standin", option, hub.url.rpartition(":")[2]])
        assert main() == 1
    said = capsys.readouterr()
    assert f"cannot listen on {hub.url}" in said.err
    assert said.err.count("\n") == 1


def test_what_goes_wrong_is_said_on_the_command_line() -> None:
    line = "--fault 503=0.25 --fault hang=.5 --fault-seed 4 --abuse 3000/60 --block 404"
    line += " --block-after 7 --bot-guard-after 9 --gone tag_list=410 --gone repositories/tag=empty"
    line += " --drift every=3,repository=bitnami/nginx,pushed=2,times=5 --retry-after far"
    line += " --blocked-service registry --blocked-service cdn --guarded-service hub"
    given = parser().parse_args(line.split())
    build_world(given)
    options = Options(**read_options(given))
    assert options.faults == {"503": 0.25, "hang": 0.5}
    assert (options.fault_seed, options.abuse) == (4, Limit(3000, 60))
    assert (options.block, options.block_after, options.bot_guard_after) == ("404", 7, 9)
    assert options.gone == {"tag_list": "410", "repositories/tag": "empty"}
    assert options.drift == Drift(every=3, repository="bitnami/nginx", pushed=2, times=5)
    assert options.retry_after == "far"
    assert options.blocked_services == {"registry", "cdn"}
    assert options.guarded_services == {"hub"}


def test_the_registry_is_set_up_on_the_command_line() -> None:
    line = "--pull-limit 100/3600 --account-pull-limit 200/3600 --pull-headers both --no-redirect"
    line += " --pull-header-space --announced-pull-seconds 21600 --auth-limit none --hidden a/b"
    line += " --registry-token-seconds 5 --registry-token-expiry-untold --registry-service local"
    line += " --registry-issuer me --grant-push --cdn-seconds 7 --lying-images .5 --drop-digests 1"
    assert Options(**read_options(parser().parse_args(line.split()))) == Options(
        pull_limit=Limit(100, 3600),
        account_pull_limit=Limit(200, 3600),
        pull_headers="both",
        pull_header_space=True,
        announced_pull_seconds=21600,
        auth_limit=None,
        hidden=frozenset({"a/b"}),
        registry_token_seconds=5,
        registry_token_expiry_told=False,
        registry_service="local",
        registry_issuer="me",
        grant_push=True,
        redirect_blobs=False,
        cdn_seconds=7,
        lying_images=0.5,
        drop_digests=1,
    )


def test_nothing_goes_wrong_unless_it_is_said() -> None:
    assert Options(**read_options(parser().parse_args(["--no-caps"]))) == Options(
        list_cap=None, search_cap=None, tag_cap=None
    )
    assert "what goes wrong" in parser().format_help()
