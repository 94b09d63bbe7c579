from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.auth.registry_claims import PullClaim, read_pull_claim, whole_number

RECORDED = Path(__file__).parents[3] / "shared/recorded"
TOKEN = RECORDED / "registry-token-response-2024-09-04.elided.json"


def jwt(claims: object) -> str:
    text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    coded = base64.urlsafe_b64encode(text).decode().rstrip("=")
    return f"e30.{coded}.c2ln"


def grant(name: object, limit: object = None, interval: object = None) -> dict[str, object]:
    parameters = {"pull_limit": limit, "pull_limit_interval": interval}
    return {"type": "repository", "name": name, "actions": ["pull"], "parameters": parameters}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param(
            {"access": [grant("library/alpine", "100", "21600")]},
            PullClaim(100, 21600),
            id="as recorded, in texts",
        ),
        pytest.param(
            {"access": [grant("a/b", 200, 3600)]},
            PullClaim(200, 3600),
            id="in numbers",
        ),
        pytest.param(
            {"access": [grant("a/b", 200, 3600), grant("c/d", 100, 3600)]},
            PullClaim(100, 3600),
            id="several: the lowest limit",
        ),
        pytest.param(
            {"access": [{"type": "repository", "name": "a/b", "actions": ["*"]}]},
            None,
            id="no limit, all actions",
        ),
        pytest.param({"access": []}, None, id="nothing is granted"),
        pytest.param({"access": None}, None, id="nothing, as Go may write it"),
        pytest.param(
            {"access": [{"type": "repository", "name": "a/b", "actions": ["push"]}]},
            None,
            id="no reading",
        ),
        pytest.param(
            {"access": [{"type": "registry", "name": "catalog", "actions": ["*"]}]},
            None,
            id="no repository",
        ),
        pytest.param(
            {"access": [5, None, "x", grant(5), {"type": "repository", "name": "a/b"}, []]},
            None,
            id="entries that are none",
        ),
        pytest.param({"access": [grant("a/b", "-1", "3600")]}, None, id="<0"),
        pytest.param({"access": [grant("a/b", 2**70, 9)]}, None, id="huge"),
        pytest.param({"access": [grant("a/b", True, 9)]}, None, id="true"),
        pytest.param({"access": [grant("a/b", "100")]}, None, id="no window"),
        pytest.param({"access": 5}, None, id="access is a number"),
        pytest.param({}, None, id="no access"),
        pytest.param([], None, id="a list"),
        pytest.param(b"\xff", None, id="no JSON"),
        pytest.param(b"[" * 30_000, None, id="nested without end"),
    ],
)
def test_claims_tell_the_limit_of_a_token(claims: object, expected: PullClaim | None) -> None:
    assert read_pull_claim(jwt(claims)) == expected


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.b.c.d", "a.!!.c", "a.\u00e9.c", "..."])
def test_of_other_tokens_nothing_is_known(token: str) -> None:
    assert read_pull_claim(token) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        (5.9, 5),
        ("5", 5),
        (" 5 ", 5),
        (0, None),
        (11, None),
        ("x", None),
        ("", None),
        (None, None),
        (False, None),
        (float("nan"), None),
        ("inf", None),
        (10**400, None),
        ("9" * 5000, None),
        ([5], None),
    ],
)
def test_a_number_out_of_bounds_is_none(value: object, expected: int | None) -> None:
    assert whole_number(value, 1, 10) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["access", "type", "name", "actions", "parameters", "pull_limit"]),
            inner | st.just("repository") | st.just(["pull"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(JSON)
def test_no_claims_break_the_reader(claims: object) -> None:
    for shape in (claims, {"access": claims}, {"access": [claims]}):
        found = read_pull_claim(jwt(shape))
        assert found is None or isinstance(found, PullClaim)


@pytest.mark.skipif(not TOKEN.is_file(), reason="the folder shared is absent")
def test_a_recorded_token_tells_its_limit() -> None:
    token = json.loads(TOKEN.read_bytes())["token"]
    assert read_pull_claim(token) == PullClaim(100, 21600)
