from __future__ import annotations

import base64
import string
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dockerhub.errors import ArgumentError
from dockerhub.proxy import Proxy, given_proxies, read_proxies, read_proxy_file

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED = "expected http://[user:password@]host:port or direct, got "


def pair(proxy: Proxy | None, session: str = "") -> bytes | None:
    assert proxy is not None
    header = proxy.authorization(session)
    if header is None:
        return None
    assert header.startswith(b"Basic ")
    return base64.b64decode(header.removeprefix(b"Basic "), validate=True)


def one(text: str) -> Proxy:
    (proxy,) = read_proxies(text)
    assert proxy is not None
    return proxy


@pytest.mark.parametrize(
    ("text", "address", "credentials"),
    [
        pytest.param("10.0.0.7:3128", "http://10.0.0.7:3128", None, id="host and port"),
        pytest.param("http://10.0.0.7:3128", "http://10.0.0.7:3128", None, id="a URL"),
        pytest.param("HTTP://GW.Example:80/", "http://gw.example:80", None, id="in capitals"),
        pytest.param("http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080", None, id="IPv6"),
        pytest.param("http://a:b@gw:7000", "http://gw:7000", b"a:b", id="with a password"),
        pytest.param("a:b@gw:7000", "http://gw:7000", b"a:b", id="without a scheme"),
        pytest.param("http://a@gw:7000", "http://gw:7000", b"a:", id="without a password"),
        pytest.param("http://:b@gw:7000", "http://gw:7000", b":b", id="without a user"),
        pytest.param("http://a:b:c@gw:7000", "http://gw:7000", b"a:b:c", id="colon in a password"),
        pytest.param("http://a:p@ss@gw:7000", "http://gw:7000", b"a:p@ss", id="@ in a password"),
        pytest.param("http://a:p/#?@gw:7000", "http://gw:7000", b"a:p/#?", id="signs of a URL"),
        pytest.param("http://a:%40%2C%20@gw:7", "http://gw:7", b"a:@, ", id="percent-encoded"),
        pytest.param("http://a:\xe4@gw:7", "http://gw:7", b"a:\xc3\xa4", id="UTF-8"),
        pytest.param("http://a:%E4@gw:7", "http://gw:7", b"a:\xe4", id="other bytes"),
        pytest.param("http://a:%zz@gw:7", "http://gw:7", b"a:%zz", id="a stray percent sign"),
    ],
)
def test_reads_a_proxy(text: str, address: str, credentials: bytes | None) -> None:
    proxy = one(text)
    assert proxy.address == address
    assert pair(proxy) == credentials
    assert not proxy.is_sticky


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        pytest.param("gw.example", "no port", id="no port"),
        pytest.param("http://s3cret@gw.example", "no port", id="no port after a password"),
        pytest.param("[::1]", "no port", id="IPv6 without a port"),
        pytest.param("gw:0", "no port from 1 to 65535", id="port 0"),
        pytest.param("gw:65536", "no port from 1 to 65535", id="port too high"),
        pytest.param("gw:\u0663", "no port from 1 to 65535", id="port in other digits"),
        pytest.param("ada:s3cret", "no port from 1 to 65535", id="user and password alone"),
        pytest.param(
            "gw:7000:ada:s3cret", "more than a host and a port, without @", id="four parts"
        ),
        pytest.param(
            "http://ada:s3cret@::1:80", "more than a host and a port, without @", id="bare IPv6"
        ),
        pytest.param("[::zz]:80", "no name or address of a host", id="no IPv6"),
        pytest.param("b\xfccher:80", "no name or address of a host", id="no ASCII"),
        pytest.param(":80", "no name or address of a host", id="no host"),
        pytest.param("http://gw/s3cret:80", "no name or address of a host", id="a path"),
        pytest.param("gw:80/s3cret", "no port from 1 to 65535", id="a path after the port"),
        pytest.param("https://ada:s3cret@gw:80", "https://", id="https"),
        pytest.param("SOCKS5://ada:s3cret@gw:80", "socks5://", id="socks"),
        pytest.param("s3cret://gw:80", "another scheme", id="no known scheme"),
    ],
)
def test_a_wrong_entry_is_named_by_its_place_and_not_shown(entry: str, found: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_proxies(f"direct {entry}")
    assert str(caught.value) == f'setting DOCKERHUB_PROXIES, entry 2: {EXPECTED}"{found}"'


@pytest.mark.parametrize("text", ["a:1,b:2", "a:1 b:2", " a:1 ,\n b:2,", "a:1\tb:2 b:2 a:1"])
def test_entries_stand_between_commas_or_white_space(text: str) -> None:
    assert [p and p.host_and_port for p in read_proxies(text)] == ["a:1", "b:2"]


def test_direct_is_an_exit_too() -> None:
    assert [p and p.host_and_port for p in read_proxies("direct a:1 Direct")] == [None, "a:1"]


def test_the_same_proxy_twice_is_one_unless_the_credentials_differ() -> None:
    found = read_proxies("a:b@gw:1 http://A:b@gw:1 http://a:%62@GW:1/ gw:1 a:c@gw:1")
    assert [pair(proxy) for proxy in found] == [b"a:b", b"A:b", None, b"a:c"]


def test_each_sticky_entry_is_a_session_of_its_own() -> None:
    found = read_proxies("u-{session}:p@gw:1 u-%7Bsession%7D:p@gw:1")
    assert [pair(proxy, "ab12") for proxy in found] == [b"u-ab12:p"] * 2
    assert all(proxy is not None and proxy.is_sticky for proxy in found)


def test_only_a_user_name_makes_a_session() -> None:
    assert not one("u:{session}@gw:1").is_sticky
    assert not one("gw:1").is_sticky


def test_a_file_has_one_proxy_a_line(tmp_path: Path) -> None:
    path = tmp_path / "proxies.txt"
    path.write_bytes(
        b"\xef\xbb\xbf# ours\r\n\r\na:b,#c@gw:1\r\n  gw:2  # Frankfurt\r\n\tdirect\r\n\n"
    )
    found = read_proxy_file(str(path))
    assert [p and p.host_and_port for p in found] == ["gw:1", "gw:2", None]
    assert pair(found[0]) == b"a:b,#c"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"a:1\n\nb\n", f'file {{}}, line 3: {EXPECTED}"no port"', id="line 3"),
        pytest.param(b"a:1 b:2", f'file {{}}, line 1: {EXPECTED}"white space in it"', id="two"),
        pytest.param(b"# none\n", f'file {{}}: {EXPECTED}"no entry"', id="comments alone"),
        pytest.param(b"", f'file {{}}: {EXPECTED}"no entry"', id="empty"),
        pytest.param(
            b"\xff\xfe",
            'setting DOCKERHUB_PROXY_FILE: expected a file that can be read (no UTF-8), got "{}"',
            id="no text",
        ),
        pytest.param(
            None,
            "setting DOCKERHUB_PROXY_FILE: expected a file that can be read"
            ' (No such file or directory), got "{}"',
            id="no file",
        ),
    ],
)
def test_a_wrong_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "proxies.txt").write_bytes(content)
    with pytest.raises(ArgumentError) as caught:
        read_proxy_file("proxies.txt")
    assert str(caught.value) == message.format("proxies.txt")


@pytest.mark.parametrize("path", ["http://ada:s3cret@gw:1", "gw:1:ada:s3cret", "s3cret:\0"])
def test_what_is_no_path_is_not_shown(path: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_proxy_file(path)
    assert str(caught.value).endswith('got "***"')
    assert "s3cret" not in str(caught.value)


def test_there_is_no_exit_but_direct_unless_one_is_given(tmp_path: Path) -> None:
    path = tmp_path / "proxies.txt"
    path.write_text("b:2")
    assert given_proxies("", "") == given_proxies(None, None) == []
    assert [p and p.host for p in given_proxies("a:1", "")] == ["a"]
    assert [p and p.host for p in given_proxies("", str(path))] == ["b"]


def test_a_list_and_a_file_are_not_both_given() -> None:
    with pytest.raises(ArgumentError) as caught:
        given_proxies("http://ada:s3cret@gw:1", "proxies.txt")
    assert str(caught.value) == (
        'setting DOCKERHUB_PROXY_FILE: expected nothing beside DOCKERHUB_PROXIES, got "both"'
    )


SECRETS = st.text(st.characters(codec="utf-8"), min_size=1).map(lambda text: f"5eCr{text}7")


@settings(derandomize=True, deadline=None)
@given(username=SECRETS, password=SECRETS)
def test_what_is_percent_encoded_comes_out_as_it_was(username: str, password: str) -> None:
    proxy = one(f"http://{quote(username, safe='')}:{quote(password, safe='')}@gw:1")
    expected = f"{username.replace('{session}', '')}:{password}"
    assert pair(proxy) == expected.encode()
    assert repr(proxy) == str(proxy) == "Proxy(host='gw', port=1)"
    assert password not in f"{proxy.password!r} {proxy.password}"


@settings(derandomize=True, deadline=None)
@given(
    before=st.sampled_from(["", "http://", "https://", "socks5://", "x", "[", "direct"]),
    password=st.text(min_size=1),
    after=st.sampled_from(["", "@", "@gw", "@gw:1", "@[::1]:1", ":1", "/", "@gw:1/x", "@gw:x"]),
    is_user_first=st.booleans(),
)
@example(before="", password="5eCr37", after="", is_user_first=True)
@example(before="http://", password="p@5eCr37", after=":x", is_user_first=True)
def test_no_error_and_no_repr_shows_any_of_it(
    before: str, password: str, after: str, is_user_first: bool
) -> None:
    user = "5eCr37u:" if is_user_first else ""
    try:
        found = read_proxies(f"{before}{user}5eCr37{password}{after}")
    except ArgumentError as error:
        place, _, message = str(error).partition(": ")
        assert place.rstrip(string.digits) == "setting DOCKERHUB_PROXIES, entry "
        assert "5eCr37" not in message
        assert "\n" not in message
    else:
        # What is written as a host is one: only that may be shown.
        shown = repr(found).replace(" ", "")
        hosts = [proxy.host for proxy in found if proxy is not None]
        assert "5eCr37" not in shown or any("5ecr37" in host for host in hosts)
