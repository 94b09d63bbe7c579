"""Which kind of "no" an answer of the registry, or of its storage, is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.kinds import Kind
from dockerhub.limits.no import Answer, Asked, Oddity, kind_of_no, oddity_of

JSON = {"content-type": "application/json"}
HTML = b"<html><body>no</body></html>"
XML = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"
REALM = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"'
NO_SCOPE = {"www-authenticate": f'{REALM},scope="repository:a/b:pull",error="insufficient_scope"'}
OVER = {"www-authenticate": f'{REALM},scope="repository:a/b:pull",error="invalid_token"'}

FRESH = Asked(signed_in=True, has_fresh_token=True)
MANIFEST = FRESH._replace(is_pull=True)
HEAD = FRESH._replace(is_head=True)
NAMES = FRESH._replace(must_hold=b'"tags"')
STORAGE = FRESH._replace(is_redirected=True)


def errors(code: str, message: str = "no") -> bytes:
    return json.dumps({"errors": [{"code": code, "message": message}]}).encode()


SPENT = errors("TOOMANYREQUESTS", "You have reached your unauthenticated pull rate limit.")
CODES = [
    pytest.param(SPENT, id="as recorded"),
    pytest.param(errors("toomanyrequests"), id="in lower case"),
    pytest.param(errors("TooManyRequests"), id="in both cases"),
    pytest.param(b"toomanyrequests: You have reached your pull rate limit.", id="as text"),
]


@pytest.mark.parametrize("body", CODES)
@pytest.mark.parametrize("headers", [{}, {"retry-after": "60"}], ids=["silent", "with seconds"])
@pytest.mark.parametrize("in_a_row", [1, 3, 99])
def test_a_429_of_a_pull_that_says_so_is_no_matter_of_haste(
    body: bytes, headers: dict[str, str], in_a_row: int
) -> None:
    answer = Answer(429, headers, body)
    assert oddity_of(answer, MANIFEST) is None
    assert kind_of_no(answer, MANIFEST, in_a_row) is Kind.PULLS_SPENT


@pytest.mark.parametrize("body", CODES)
@pytest.mark.parametrize(
    "asked", [FRESH, HEAD, NAMES, Asked()], ids=["blob", "HEAD", "names", "hub"]
)
def test_what_costs_no_pull_is_asked_to_slow_down(body: bytes, asked: Asked) -> None:
    answer = Answer(429, {"retry-after": "60"}, body)
    assert kind_of_no(answer, asked) is Kind.SLOW_DOWN
    assert oddity_of(answer._replace(headers={}), asked) is Oddity.SILENCE


@pytest.mark.parametrize("status", [200, 403, 500])
def test_only_a_429_says_that_pulls_are_spent(status: int) -> None:
    assert kind_of_no(Answer(status, JSON, SPENT), MANIFEST) is not Kind.PULLS_SPENT


REGISTRY = [
    pytest.param(200, {}, b'{"schemaVersion":2}', MANIFEST, None, id="manifest"),
    pytest.param(200, {}, b'{"architecture":"amd64"}', FRESH, None, id="config without redirect"),
    pytest.param(200, {}, b'{"name":"a/b","tags":null}', NAMES, None, id="names of none"),
    pytest.param(200, {}, b"\x1f\x8b\x08", FRESH, Kind.BROKEN, id="no JSON"),
    pytest.param(200, {}, b"", MANIFEST, Kind.BROKEN, id="nothing"),
    pytest.param(200, {}, b'{"name":"a/b"}', NAMES, Kind.BROKEN, id="no names"),
    pytest.param(401, NO_SCOPE, errors("UNAUTHORIZED"), MANIFEST, Kind.NOT_THERE, id="no access"),
    pytest.param(
        401, NO_SCOPE, errors("UNAUTHORIZED"), Asked(), Kind.NOT_THERE, id="no access, no token"
    ),
    pytest.param(401, NO_SCOPE, b"", HEAD, Kind.NOT_THERE, id="no access, HEAD"),
    pytest.param(401, OVER, errors("UNAUTHORIZED"), MANIFEST, Kind.FORBIDDEN, id="token not taken"),
    pytest.param(
        401,
        OVER,
        errors("UNAUTHORIZED"),
        MANIFEST._replace(has_fresh_token=False),
        Kind.TOKEN_OVER,
        id="token over",
    ),
    pytest.param(401, {}, b"", MANIFEST, Kind.FORBIDDEN, id="no challenge"),
    pytest.param(403, JSON, errors("DENIED"), MANIFEST, Kind.FORBIDDEN, id="denied"),
    pytest.param(403, {}, HTML, MANIFEST, Kind.BROKEN, id="a guard's page"),
    pytest.param(
        404, JSON, errors("MANIFEST_UNKNOWN"), MANIFEST, Kind.NOT_THERE, id="no such manifest"
    ),
    pytest.param(404, JSON, errors("BLOB_UNKNOWN"), FRESH, Kind.NOT_THERE, id="no such blob"),
    pytest.param(400, JSON, errors("DIGEST_INVALID"), FRESH, Kind.REFUSED, id="no digest"),
    pytest.param(405, JSON, errors("UNSUPPORTED"), MANIFEST, Kind.REFUSED, id="unsupported"),
    pytest.param(500, {}, b"", MANIFEST, Kind.BROKEN, id="500"),
    pytest.param(503, {"retry-after": "5"}, SPENT, MANIFEST, Kind.BROKEN, id="503"),
]


@pytest.mark.parametrize(("status", "headers", "body", "asked", "kind"), REGISTRY)
def test_every_answer_of_the_registry_has_a_kind(
    status: int, headers: dict[str, str], body: bytes, asked: Asked, kind: Kind | None
) -> None:
    assert kind_of_no(Answer(status, headers, body), asked) is kind


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        pytest.param(200, {}, None, id="200"),
        pytest.param(401, {}, Kind.FORBIDDEN, id="401"),
        pytest.param(403, JSON, Kind.FORBIDDEN, id="403 that would be JSON"),
        pytest.param(403, {"content-type": "text/html"}, Kind.BROKEN, id="403 that would be HTML"),
        pytest.param(404, {}, Kind.NOT_THERE, id="404"),
        pytest.param(429, {"retry-after": "9"}, Kind.SLOW_DOWN, id="429"),
        pytest.param(500, {}, Kind.BROKEN, id="500"),
    ],
)
def test_the_answer_to_a_head_has_no_body(
    status: int, headers: dict[str, str], kind: Kind | None
) -> None:
    assert kind_of_no(Answer(status, headers, b""), HEAD) is kind


def test_a_head_that_is_answered_without_a_body_is_not_odd() -> None:
    assert oddity_of(Answer(200, {}, b""), HEAD) is None
    assert oddity_of(Answer(200, {}, b""), HEAD._replace(must_hold=b'"tags"')) is None
    assert oddity_of(Answer(200, {}, b""), FRESH) is Oddity.EMPTY


STORED = [
    pytest.param(200, b'{"architecture":"amd64"}', None, id="200"),
    pytest.param(200, b" \n[]", None, id="200 after a line break"),
    pytest.param(200, b"", Kind.BROKEN, id="200 empty"),
    pytest.param(200, HTML, Kind.BROKEN, id="200 HTML"),
    pytest.param(206, b"{}", Kind.BROKEN, id="206"),
    pytest.param(304, b"", Kind.BROKEN, id="304"),
    pytest.param(400, XML, Kind.BROKEN, id="400"),
    pytest.param(401, b"{}", Kind.BROKEN, id="401"),
    pytest.param(403, XML, Kind.BROKEN, id="403 of an address that is over"),
    pytest.param(403, b'{"message":"pagination offset"}', Kind.BROKEN, id="403 JSON"),
    pytest.param(404, XML, Kind.BROKEN, id="404"),
    pytest.param(410, b"", Kind.BROKEN, id="410"),
    pytest.param(429, SPENT, Kind.BROKEN, id="429"),
    pytest.param(500, b"", Kind.BROKEN, id="500"),
]


@pytest.mark.parametrize(("status", "body", "kind"), STORED)
@pytest.mark.parametrize("in_a_row", [1, 3, 99])
@pytest.mark.parametrize("headers", [{}, NO_SCOPE], ids=["plain", "with a challenge"])
def test_whatever_the_storage_says_the_registry_is_asked_again(
    status: int, body: bytes, kind: Kind | None, in_a_row: int, headers: dict[str, str]
) -> None:
    """The address lives for a while only, and its host is not the registry."""
    answer = Answer(status, headers, body)
    asked = STORAGE._replace(is_known=True, has_answered=True)
    assert oddity_of(answer, asked) is None
    assert kind_of_no(answer, asked, in_a_row) is kind


BODIES = st.one_of(st.binary(max_size=40), st.sampled_from([SPENT, SPENT.lower(), HTML, b"{}"]))


@settings(derandomize=True, deadline=None)
@given(st.integers(100, 999), BODIES, st.integers(0, 20))
def test_the_storage_is_never_more_than_broken(status: int, body: bytes, in_a_row: int) -> None:
    assert kind_of_no(Answer(status, {}, body), STORAGE, in_a_row) in {None, Kind.BROKEN}
