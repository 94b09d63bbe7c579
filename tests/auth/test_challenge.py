from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.auth.challenge import (
    Challenge,
    pull_scope,
    read_challenge,
    realm_refusal,
    token_url,
)
from dockerhub.names import RepositoryName

REALM = "https://auth.docker.io/token"
AUTH = "https://auth.docker.io"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(
            'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
            Challenge(REALM, "registry.docker.io"),
            id="of the base",
        ),
        pytest.param(
            'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
            'scope="repository:library/x:pull",error="insufficient_scope"',
            Challenge(
                REALM, "registry.docker.io", "repository:library/x:pull", "insufficient_scope"
            ),
            id="of a repository that is not granted",
        ),
        pytest.param(
            'Bearer realm="https://auth.docker.io/token",scope="repository:a/b:pull,push"',
            Challenge(REALM, None, "repository:a/b:pull,push"),
            id="a comma in quotes",
        ),
        pytest.param(
            'bEARER  Realm = "https://auth.docker.io/token" , , service=registry.docker.io ',
            Challenge(REALM, "registry.docker.io"),
            id="spaces, an empty element, any case, no quotes",
        ),
        pytest.param(
            r'Bearer realm="https://auth.docker.io/token",service="a\"b\\c"',
            Challenge(REALM, 'a"b\\c'),
            id="escapes",
        ),
        pytest.param(
            'Bearer realm="https://auth.docker.io/token",service="",unknown="x"',
            Challenge(REALM),
            id="an empty service, and what nobody knows",
        ),
        pytest.param(
            'Bearer realm="https://auth.docker.io/token", Basic realm="x"',
            Challenge(REALM),
            id="another challenge behind it",
        ),
        pytest.param('Basic realm="Registry"', None, id="Basic"),
        pytest.param('BearerX realm="x"', None, id="another scheme"),
        pytest.param('Bearer service="x"', None, id="no realm"),
        pytest.param('Bearer realm=""', None, id="an empty realm"),
        pytest.param('Bearer realm="x', None, id="a quote without end"),
        pytest.param('Bearer realm="a",realm="b"', None, id="two realms"),
        pytest.param('Bearer realm="a\r\nX: b"', None, id="a header in it"),
        pytest.param("Bearer", None, id="nothing behind it"),
        pytest.param("Bearer a.b.c", None, id="a token"),
        pytest.param("", None, id="empty"),
        pytest.param(f'Bearer realm="{"x" * 5000}"', None, id="endless"),
    ],
)
def test_a_challenge_is_read(header: str, expected: Challenge | None) -> None:
    assert read_challenge(header) == expected


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(st.sampled_from('realmBesvico ="\\,:/\x00\u00e9'), max_size=60))
def test_no_header_breaks_the_reader(text: str) -> None:
    for header in (text, f"Bearer {text}", f'Bearer realm="{text}'):
        challenge = read_challenge(header)
        assert challenge is None or (challenge.realm and challenge.realm.isprintable())


@pytest.mark.parametrize(
    ("realm", "origin"),
    [
        (REALM, AUTH),
        ("https://auth.docker.io", AUTH),
        ("https://AUTH.docker.io:443/token", AUTH),
        ("https://auth.docker.io:/token?account=x", AUTH),
        ("https://auth.docker.io/token", f"{AUTH}:443"),
        ("http://127.0.0.1:8080/token", "http://127.0.0.1:8080"),
        ("http://localhost/token", "http://localhost:80"),
        ("http://[::1]:8080/token", "http://[::1]:8080"),
    ],
)
def test_a_realm_on_the_configured_host_is_asked(realm: str, origin: str) -> None:
    assert realm_refusal(realm, origin) is None


@pytest.mark.parametrize(
    ("realm", "found"),
    [
        pytest.param("https://evil.example/token", "https://evil.example/token", id="host"),
        pytest.param("http://auth.docker.io/token", "http://auth.docker.io/token", id="no TLS"),
        pytest.param(
            "https://auth.docker.io:8443/token", "https://auth.docker.io:8443/token", id="port"
        ),
        pytest.param("https://auth.docker.io:0/", "https://auth.docker.io/", id="port 0"),
        pytest.param(
            "https://auth.docker.io.evil.example/", "https://auth.docker.io.evil.example/", id="end"
        ),
        pytest.param("https://auth.docker.io./", "https://auth.docker.io./", id="a dot behind"),
        pytest.param(
            "https://auth.docker.io@evil.example/", "https://***@evil.example/", id="user is host"
        ),
        pytest.param("https://ada:pw@auth.docker.io/", "https://***@auth.docker.io/", id="user"),
        pytest.param("https://@auth.docker.io/", "https://auth.docker.io/", id="an empty user"),
        pytest.param("https://auth.docker.io/#x", "https://auth.docker.io/", id="fragment"),
        pytest.param("https://auth.docker.io/#", "https://auth.docker.io/", id="empty fragment"),
        pytest.param(
            "https://evil.example\\@auth.docker.io/", "https://***@auth.docker.io/", id="backslash"
        ),
        pytest.param("https://auth.docker.io/a b", "https://auth.docker.io/a b", id="space"),
        pytest.param(
            "https://auth.docker.io\t.evil/", "https://auth.docker.io.evil/", id="what is dropped"
        ),
        pytest.param("https://auth.docker.io:x/", "***", id="no port"),
        pytest.param("https://[::1/", "***", id="no host"),
        pytest.param("//auth.docker.io/token", "//auth.docker.io/token", id="no scheme"),
        pytest.param("/token", "/token", id="a path"),
        pytest.param("file:///etc/passwd", "file:///etc/passwd", id="a file"),
        pytest.param(
            "https://\uff41uth.docker.io/", "https://\\uff41uth.docker.io/", id="letters alike"
        ),
    ],
)
def test_any_other_realm_is_refused(realm: str, found: str) -> None:
    assert realm_refusal(realm, AUTH) == (
        f'realm of the registry\'s challenge: expected a URL at {AUTH}, got "{found}"'
    )


@pytest.mark.parametrize(
    ("challenge", "scopes", "url"),
    [
        pytest.param(
            Challenge(REALM, "registry.docker.io"),
            ["repository:library/alpine:pull"],
            f"{REALM}?service=registry.docker.io&scope=repository:library/alpine:pull",
            id="one",
        ),
        pytest.param(
            Challenge(REALM, "registry.docker.io"),
            ["repository:a/b:pull", "repository:c/d:pull"],
            f"{REALM}?service=registry.docker.io"
            "&scope=repository:a/b:pull&scope=repository:c/d:pull",
            id="several",
        ),
        pytest.param(
            Challenge(f"{REALM}?account=ada%20l", "r"),
            ["repository:a/b:pull"],
            f"{REALM}?account=ada%20l&service=r&scope=repository:a/b:pull",
            id="the realm asks itself",
        ),
        pytest.param(
            Challenge(REALM, "a b&c=d#é"), [], f"{REALM}?service=a%20b%26c%3Dd%23%C3%A9", id="coded"
        ),
        pytest.param(Challenge(f"{AUTH}"), ["x"], f"{AUTH}?scope=x", id="no service, no path"),
        pytest.param(Challenge(f"{REALM}#here"), [], REALM, id="a fragment is never sent"),
    ],
)
def test_several_scopes_share_one_request(
    challenge: Challenge, scopes: list[str], url: str
) -> None:
    assert token_url(challenge, scopes) == url


def test_a_repository_is_asked_for_by_its_full_name() -> None:
    assert pull_scope(RepositoryName("library", "alpine")) == "repository:library/alpine:pull"
