from __future__ import annotations

import http.client
import json
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from dockerhub.standin import Limit
from tests.standin.client import ask

if TYPE_CHECKING:
    from dockerhub.standin import Fault, StandIn

TAGS = "/v2/namespaces/bitnami/repositories/nginx/tags?page_size=7"
MIB = 1024 * 1024


def connected(
    hub: StandIn, *, path: str = TAGS, method: str = "GET", more: str = ""
) -> socket.socket:
    """Return a connection on which a request has been sent."""
    parts = urlsplit(hub.url)
    assert parts.hostname is not None
    assert parts.port is not None
    connection = socket.create_connection((parts.hostname, parts.port), timeout=10)
    connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{more}\r\n".encode())
    return connection


def everything(connection: socket.socket) -> bytes:
    """Return what comes until the other side closes."""
    with connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


def only_exchange(hub: StandIn) -> tuple[int, str | None]:
    (exchange,) = hub.journal.exchanges
    return exchange.status, exchange.fault


def wait_until_asked(hub: StandIn) -> None:
    end = time.monotonic() + 5
    while not hub.journal.exchanges and time.monotonic() < end:
        time.sleep(0.01)


def test_a_reset_comes_before_any_byte(hub: StandIn) -> None:
    hub.options.faults = {"reset": 1.0}
    with connected(hub) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert only_exchange(hub) == (0, "reset")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_truncated_answer_promises_the_whole(hub: StandIn, packed: bool) -> None:
    more = {"Accept-Encoding": "gzip"} if packed else {}
    true = ask(hub.url + TAGS, headers=more)
    hub.journal.clear()
    hub.options.faults, hub.options.limit = {"truncated": 1.0}, Limit(180, 60)
    connection = http.client.HTTPConnection(urlsplit(hub.url).netloc, timeout=10)
    connection.request("GET", TAGS, headers=more)
    response = connection.getresponse()
    assert (response.status, response.getheader("Content-Type")) == (200, "application/json")
    length = int(response.getheader("Content-Length", ""))
    assert length == int(true.headers["content-length"])
    assert response.getheader("X-RateLimit-Remaining") == "179"
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    connection.close()
    assert len(caught.value.partial) == length // 2
    if not packed:
        assert true.body.startswith(caught.value.partial)
    assert only_exchange(hub) == (200, "truncated")


def test_a_truncated_answer_keeps_its_true_status(hub: StandIn) -> None:
    hub.options.faults = {"truncated": 1.0}
    received = everything(connected(hub, path="/v2/repositories/bitnami/none"))
    assert received.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert received.rpartition(b"\r\n\r\n")[2].startswith(b'{"message":"httperror 404')
    assert only_exchange(hub) == (404, "truncated")


@pytest.mark.parametrize("fault", ["truncated", "oversized", "garbage", "empty_200"])
def test_head_gets_headers_alone(hub: StandIn, fault: Fault) -> None:
    hub.options.faults = {fault: 1.0}
    received = everything(connected(hub, method="HEAD", more="Connection: close\r\n"))
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert received.endswith(b"\r\n\r\n")


def test_hanging_ends_after_its_time(hub: StandIn) -> None:
    hub.options.faults, hub.options.hang_seconds = {"hang": 1.0}, 0.3
    started = time.monotonic()
    assert everything(connected(hub)) == b""
    assert 0.25 < time.monotonic() - started < 5
    assert only_exchange(hub) == (0, "hang")


def test_hanging_is_recorded_before_and_ends_with_the_client(hub: StandIn) -> None:
    hub.options.faults, hub.options.fault_times = {"hang": 1.0}, 1
    with connected(hub) as connection:
        wait_until_asked(hub)
        assert only_exchange(hub) == (0, "hang")
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        # Others are answered meanwhile.
        assert ask(hub.url + TAGS).status == 200
    started = time.monotonic()
    hub.stop()
    assert time.monotonic() - started < 5


def test_a_hanging_client_does_not_hold_up_the_end(hub: StandIn) -> None:
    hub.options.faults = {"hang": 1.0}
    with connected(hub):
        wait_until_asked(hub)
        started = time.monotonic()
        hub.stop()
        assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (TAGS, dict),
        ("/v2/repositories/library/nginx/tags/latest/images", list),
        ("/v2/repositories/none/none", dict),
    ],
)
def test_an_oversized_answer_is_the_true_one_with_padding(
    hub: StandIn, path: str, kind: type
) -> None:
    true = ask(hub.url + path).body
    hub.options.faults = {"oversized": 1.0}
    answer = ask(hub.url + path, headers={"Accept-Encoding": "gzip"})
    assert (answer.status, len(answer.body)) == (200, 17 * MIB)
    assert "content-length" not in answer.headers
    assert answer.headers["content-type"] == "application/json"
    assert answer.body.startswith(true[:-1])
    assert isinstance(json.loads(answer.body), kind)


def test_an_oversized_answer_may_be_left_in_the_middle(hub: StandIn) -> None:
    hub.options.faults, hub.options.fault_times = {"oversized": 1.0}, 1
    hub.options.oversized_bytes = 64 * MIB
    with connected(hub) as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
    assert ask(hub.url + TAGS).status == 200
    assert [each.fault for each in hub.journal.exchanges] == ["oversized", None]


def test_broken_answers_leave_no_word_in_the_log(
    hub: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    hub.options.hang_seconds = 0.01
    faults: list[Fault] = ["reset", "truncated", "hang"]
    for fault in faults:
        hub.options.faults = {fault: 1.0}
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            ask(hub.url + TAGS)
    hub.stop()
    assert hub.journal.faults() == dict.fromkeys(faults, 1)
    assert caplog.records == []
