"""Posts to real servers on this machine: what is tried again, and where none ever goes."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.webhooks.connecting import checked_connector, connector
from dockerhub.webhooks.sender import Sender, WebhookError
from dockerhub.webhooks.target import read_target
from tests.real.certificate import Certificate
from tests.webhooks.receiver import Receiver, cut_off, endless, hang_up, never, status

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import TCPConnector

    from dockerhub.webhooks.addresses import Address

BODY = b'{"version": 1}'


class Posting:
    """Posts one event and notes how long it would have waited."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def __call__(
        self,
        url: str,
        *,
        allow_private: bool = True,
        connections: Any = None,
        try_seconds: float = 5.0,
        times: int = 1,
    ) -> None:
        async def post() -> None:
            target = read_target(url, {}, allow_private=allow_private)
            made: TCPConnector | None = connections() if connections else None
            async with Sender(
                target,
                "dockerhub/test",
                connections=made,
                sleep=self._sleep,
                chance=lambda: 0.0,
                try_seconds=try_seconds,
            ) as sender:
                for _ in range(times):
                    await sender.post("urn:uuid:1", BODY)

        asyncio.run(post())

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
def post() -> Posting:
    return Posting()


def refused(post: Posting, url: str, **how: Any) -> str:
    with pytest.raises(WebhookError) as error:
        post(url, **how)
    assert error.value.__cause__ is None
    assert "s3cret" not in str(error.value)
    assert "t0ken" not in str(error.value)
    return str(error.value)


def test_a_post_says_what_it_is(post: Posting) -> None:
    with Receiver() as receiver:
        post(receiver.url)

    (came,) = receiver.posts
    assert came.body == {"version": 1}
    assert came.path == "/hook/s3cret?token=t0ken"
    kept = {name: came.headers[name] for name in came.headers if name not in {"Host", "Accept"}}
    assert kept == {
        "Dockerhub-Event-Id": "urn:uuid:1",
        "Content-Type": "application/json",
        "Content-Length": "14",
        "User-Agent": "dockerhub/test",
        "Accept-Encoding": "identity",
    }
    assert post.waits == []


def test_a_password_in_the_url_is_sent_as_one(post: Posting) -> None:
    with Receiver() as receiver:
        post(receiver.url.replace("http://", "http://ada:s3cret@"))

    assert receiver.posts[0].headers["Authorization"] == "Basic YWRhOnMzY3JldA=="


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        ([status(503), status(500)], [0.5, 1.0]),
        ([status(502)] * 4, [0.5, 1.0, 2.0, 4.0]),
        ([status(429, Retry_After="3")], [3.0]),
        ([status(503, Retry_After="2"), status(503)], [2.0, 1.0]),
        ([status(429)], [0.5]),
        ([hang_up], [0.5]),
        ([cut_off], [0.5]),
    ],
    ids=["5xx", "four times", "429", "503 says when", "429 without a word", "hung up", "cut off"],
)
def test_what_breaks_is_tried_again(post: Posting, answers: list[Any], waits: list[float]) -> None:
    with Receiver(*answers) as receiver:
        post(receiver.url)

    assert receiver.ids == ["urn:uuid:1"] * (len(answers) + 1)
    assert post.waits == waits


def test_what_does_not_answer_is_tried_again(post: Posting) -> None:
    with Receiver(never) as receiver:
        post(receiver.url, try_seconds=0.2)

    assert len(receiver.posts) == 2


def test_five_tries_are_the_end(post: Posting) -> None:
    with Receiver(*[status(500)] * 9) as receiver:
        message = refused(post, receiver.url)

    assert len(receiver.posts) == 5
    expected = f"webhook {receiver.origin}: expected a receiver that confirms"
    assert message == f"{expected}, got status 500 (5 tries)"


def test_who_wants_us_to_wait_for_an_hour_is_left_to_the_next_run(post: Posting) -> None:
    with Receiver(status(429, Retry_After="3600")) as receiver:
        message = refused(post, receiver.url)

    assert len(receiver.posts) == 1
    assert message.endswith("got status 429; the next try would be too late")
    assert post.waits == []


@pytest.mark.parametrize("code", [400, 401, 403, 404, 408, 410, 422])
def test_a_4xx_is_final(post: Posting, code: int) -> None:
    with Receiver(status(code)) as receiver:
        message = refused(post, receiver.url)

    assert len(receiver.posts) == 1
    assert message.endswith(f"got status {code}")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(post: Posting, code: int) -> None:
    with Receiver() as private, Receiver(status(code, Location=private.url)) as receiver:
        message = refused(post, receiver.url)

    assert private.posts == []
    assert len(receiver.posts) == 1
    assert message.endswith(f"got status {code}: redirects are not followed")


def test_an_endless_answer_is_left(post: Posting) -> None:
    with Receiver(endless) as receiver:
        post(receiver.url, times=2)

    assert len(receiver.posts) == 2
    assert post.waits == []


def test_nobody_there(post: Posting) -> None:
    message = refused(post, "http://127.0.0.1:1/s3cret")

    expected = "webhook http://127.0.0.1:1: expected a receiver that confirms"
    assert message == f"{expected}, got no connection (5 tries)"


def test_a_certificate_that_nobody_trusts(post: Posting, tmp_path: Path) -> None:
    with Receiver(certificate=Certificate(tmp_path / "tls")) as receiver:
        message = refused(post, receiver.url)

    assert receiver.posts == []
    assert message.endswith("got a certificate of another (5 tries)")


def test_no_tls(post: Posting) -> None:
    with Receiver() as receiver:
        message = refused(post, receiver.url.replace("http:", "https:"))

    assert receiver.posts == []
    assert message.endswith("got no TLS (5 tries)")


def test_the_environment_s_proxy_is_not_asked(
    post: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver() as proxy, Receiver() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        post(receiver.url)

    assert (len(proxy.posts), len(receiver.posts)) == (0, 1)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"],
)
def test_this_machine_is_no_receiver(post: Posting, host: str) -> None:
    with Receiver() as receiver:
        message = refused(post, f"https://{host}:{receiver.port}/s3cret", allow_private=False)

    assert receiver.posts == []
    assert post.waits == []
    assert "expected a public address, got an address that is not public (" in message
    assert message.endswith("; --allow-private allows it")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"])
def test_numbers_that_mean_this_machine_are_none_either(post: Posting, host: str) -> None:
    with Receiver() as receiver:
        refused(post, f"https://{host}:{receiver.port}/s3cret", allow_private=False)

    assert receiver.posts == []
    assert post.waits == []


def test_a_name_without_an_address(post: Posting) -> None:
    async def look_up(host: str, port: int) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    message = refused(
        post,
        "https://hooks.example/s3cret",
        connections=lambda: connector(allow_private=True, look_up=look_up),
    )

    assert message.endswith("got a host that has no address (5 tries)")


def test_a_host_that_is_no_name(post: Posting) -> None:
    message = refused(post, f"https://{'a' * 70}.example/s3cret")

    assert message.endswith("got a host that can be none")


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[fd00:ec2::254]", "[fe80::1]"])
def test_private_networks_are_none_either(post: Posting, host: str) -> None:
    message = refused(post, f"https://{host}/s3cret", allow_private=False)

    assert f"({host.strip('[]')})" in message


def looked_up(*answers: list[str]) -> Any:
    """Return a look-up that answers with the next of *answers*, and how often it was asked."""
    asked: list[str] = []

    async def look_up(host: str, port: int) -> list[Any]:
        addresses = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    return look_up, asked


def test_a_name_with_one_private_address_is_refused(post: Posting) -> None:
    look_up, asked = looked_up(["93.184.216.34", "10.0.0.1"])

    message = refused(
        post,
        "https://hooks.example/s3cret",
        allow_private=False,
        connections=lambda: connector(allow_private=False, look_up=look_up),
    )

    assert asked == ["hooks.example"]
    assert "(10.0.0.1)" in message


def test_a_name_that_turns_private_is_refused_at_its_next_connection(post: Posting) -> None:
    """127.0.0.2 stands for a public address; then the name says 127.0.0.1."""

    def is_allowed(address: Address) -> bool:
        return str(address) == "127.0.0.2"

    look_up, asked = looked_up(["127.0.0.2"], ["127.0.0.1"])
    with Receiver() as private, Receiver(hang_up, host="127.0.0.2") as public:
        private.answers = [status(204)]
        message = refused(
            post,
            f"http://hooks.example:{public.port}/s3cret",
            connections=lambda: checked_connector(is_allowed, look_up),
        )

    assert (len(public.posts), len(private.posts)) == (1, 0)
    assert asked == ["hooks.example"] * 2
    assert "(127.0.0.1)" in message


def test_one_connection_is_one_look_up(post: Posting) -> None:
    """What is connected to is what was checked: the second answer is never asked for."""
    look_up, asked = looked_up(["127.0.0.2"], ["127.0.0.1"])
    with Receiver(host="127.0.0.2") as public:
        post(
            f"http://hooks.example:{public.port}/s3cret",
            connections=lambda: checked_connector(lambda a: str(a) == "127.0.0.2", look_up),
            times=2,
        )

    assert len(public.posts) == 2
    assert asked == ["hooks.example"]
