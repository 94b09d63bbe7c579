"""The proxies of the tests do what real ones do: each has an address, some refuse, some die."""

from __future__ import annotations

import http.client
import ssl
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.real.certificate import Certificate
from tests.real.nginx import Nginx
from tests.real.tinyproxy import Proxied, Tinyproxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dockerhub.standin import StandIn

ADDRESS, OTHER = "127.0.0.31", "127.0.0.32"
LIST = "/v2/namespaces/library/repositories"
TINYPROXY = "tinyproxy/"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Tinyproxy]:
    with Tinyproxy(ADDRESS, tmp_path / "proxy") as running:
        yield running


@pytest.fixture
def front(standin_hub: StandIn, tmp_path: Path) -> Iterator[Nginx]:
    """The Hub API by https."""
    certificate = Certificate(tmp_path / "certificate")
    with Nginx(standin_hub.url, tmp_path / "front", certificate=certificate) as running:
        yield running


def through(
    proxy: Tinyproxy, url: str, folder: Path, user: str = "", password: str = ""
) -> tuple[int, http.client.HTTPMessage]:
    """Return the status and the headers of what comes through *proxy*, its own answers too."""
    known = b64encode(f"{user}:{password}".encode()).decode()
    headers = {"Proxy-Authorization": f"Basic {known}"} if user else {}
    parts = urlsplit(url)
    if parts.scheme == "http":
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
        connection.request("GET", url, headers=headers)
    else:
        trusted = ssl.create_default_context(cafile=str(folder / "certificate/certificate.pem"))
        connection = http.client.HTTPSConnection(
            "127.0.0.1", proxy.port, timeout=10, context=trusted
        )
        connection.set_tunnel("127.0.0.1", parts.port, headers)
        connection.request("GET", parts.path)
    try:
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    finally:
        connection.close()


def test_who_is_asked_sees_the_address_of_the_proxy(
    proxy: Tinyproxy, standin_hub: StandIn, front: Nginx, tmp_path: Path
) -> None:
    status, headers = through(proxy, standin_hub.url + LIST, tmp_path)
    assert (status, "(tinyproxy/" in headers["Via"]) == (200, True)
    status, headers = through(proxy, front.url + LIST, tmp_path)
    assert (status, headers["Via"]) == (200, None)

    # Also behind an nginx.
    assert [each.remote for each in standin_hub.journal.exchanges] == [ADDRESS] * 2
    assert [each.address for each in front.passed()] == [ADDRESS]
    asked = [Proxied("GET", standin_hub.url + LIST), Proxied("CONNECT", front.url[8:])]
    assert proxy.asked() == asked
    assert proxy.wait_for(lambda: proxy.passed() == asked or None)


def test_it_wants_one_of_its_users(tmp_path: Path, standin_hub: StandIn, front: Nginx) -> None:
    users = {"anna": "one", "bert": "two"}
    with Tinyproxy(ADDRESS, tmp_path / "guarded", users=users) as proxy:
        for known in users.items():
            assert through(proxy, standin_hub.url + LIST, tmp_path, *known)[0] == 200
            assert through(proxy, front.url + LIST, tmp_path, *known)[0] == 200
        passed = [*proxy.asked()]

        status, headers = through(proxy, standin_hub.url + LIST, tmp_path)
        assert (status, headers["Server"][:10]) == (407, TINYPROXY)
        # A wrong password is a 401 to it: only its name tells that this is not Docker's.
        status, headers = through(proxy, standin_hub.url + LIST, tmp_path, "anna", "two")
        assert (status, headers["Server"][:10]) == (401, TINYPROXY)
        with pytest.raises(OSError, match="407 Proxy Authentication Required"):
            through(proxy, front.url + LIST, tmp_path)
        with pytest.raises(OSError, match="401 Unauthorized"):
            through(proxy, front.url + LIST, tmp_path, "anna", "two")
        assert len(proxy.asked()) == 8
        assert proxy.wait_for(lambda: proxy.passed() == passed or None)
    assert len(standin_hub.journal.exchanges) == 4


def test_one_that_forbids_lets_nothing_through(
    tmp_path: Path, standin_hub: StandIn, front: Nginx
) -> None:
    with Tinyproxy(ADDRESS, tmp_path / "forbids", forbids=True) as proxy:
        status, headers = through(proxy, standin_hub.url + LIST, tmp_path)
        assert (status, headers["Server"][:10]) == (403, TINYPROXY)
        with pytest.raises(OSError, match="403 Filtered"):
            through(proxy, front.url + LIST, tmp_path)
        assert len(proxy.asked()) == 2
        assert proxy.passed() == []
    assert standin_hub.journal.exchanges == []


def test_a_service_that_is_away_is_a_500_of_the_proxy(proxy: Tinyproxy, tmp_path: Path) -> None:
    status, headers = through(proxy, "http://127.0.0.1:1/v2/", tmp_path)
    assert (status, headers["Server"][:10]) == (500, TINYPROXY)
    Certificate(tmp_path / "certificate")
    with pytest.raises(OSError, match="500 Unable to connect"):
        through(proxy, "https://127.0.0.1:1/v2/", tmp_path)


def test_it_dies_at_once_and_comes_back_where_it_was(
    proxy: Tinyproxy, standin_hub: StandIn, tmp_path: Path
) -> None:
    for _ in range(2):
        assert through(proxy, standin_hub.url + LIST, tmp_path)[0] == 200
        proxy.kill()
        with pytest.raises(ConnectionRefusedError):
            through(proxy, standin_hub.url + LIST, tmp_path)
        proxy.restart()
    assert through(proxy, standin_hub.url + LIST, tmp_path)[0] == 200
    assert len(proxy.asked()) == 3


def test_each_has_the_limit_of_its_address(
    standin_hub: StandIn, proxy: Tinyproxy, tmp_path: Path
) -> None:
    with (
        Nginx(standin_hub.url, tmp_path / "slow", rate="1r/m", burst=1) as nginx,
        Tinyproxy(OTHER, tmp_path / "other") as other,
        Tinyproxy(ADDRESS, tmp_path / "same") as same,
    ):
        statuses = [
            [through(each, nginx.url + LIST, tmp_path)[0] for _ in range(3)]
            for each in (proxy, other, same)
        ]
    assert statuses == [[200, 200, 429], [200, 200, 429], [429, 429, 429]]
    assert [each.remote for each in standin_hub.journal.exchanges] == [ADDRESS] * 2 + [OTHER] * 2
