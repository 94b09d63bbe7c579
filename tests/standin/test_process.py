from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dockerhub.standin import StandIn, World
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
        try:
            check_control(url)
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
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_wrong_arguments_get_one_line_and_status_2(arguments: list[str], finding: str) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert finding in done.stderr
    assert done.stderr.count("\n") == 1


def test_taken_port_gets_one_line_and_status_1() -> None:
    with StandIn(World()) as hub:
        port = hub.url.rpartition(":")[2]
        command = [*COMMAND, "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert done.returncode == 1
    assert f"cannot listen on {hub.url}" in done.stderr
    assert done.stderr.count("\n") == 1
