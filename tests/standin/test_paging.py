from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.standin.client import ask, signed_in, walk

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

LIST = "/v2/namespaces/bitnami/repositories"
TAGS = f"{LIST}/long/tags"


def test_links_are_absolute_and_repeat_what_was_asked(hub: StandIn) -> None:
    page = ask(f"{hub.url}{TAGS}?page=2&page_size=5&repo=a%2Fb").json
    assert page["next"] == f"{hub.url}{TAGS}?page=3&page_size=5&repo=a%2Fb"
    assert page["previous"] == f"{hub.url}{TAGS}?page=1&page_size=5&repo=a%2Fb"


def test_links_stay_on_the_host_that_was_asked(hub: StandIn) -> None:
    page = ask(f"{hub.url}{TAGS}", headers={"Host": "localhost:99"}).json
    assert page["next"] == f"http://localhost:99{TAGS}?page=2"


def test_list_names_its_default_page_size_in_links(hub: StandIn) -> None:
    page = ask(f"{hub.url}{LIST}").json
    assert len(page["results"]) == 10
    assert page["next"] == f"{hub.url}{LIST}?page=2&page_size=10"
    assert page["previous"] is None


def test_ampersands_are_escaped_in_lists_and_raw_in_search(hub: StandIn) -> None:
    assert b"page=2\\u0026page_size=3" in ask(f"{hub.url}{TAGS}?page_size=3").body
    assert b"page=2\\u0026page_size=3" in ask(f"{hub.url}{LIST}?page_size=3").body
    search = ask(f"{hub.url}/v2/search/repositories/?query=built&page_size=3")
    assert b"page=2&page_size=3&query=built" in search.body


def test_page_size_is_cut_at_100(hub: StandIn) -> None:
    page = ask(f"{hub.url}{TAGS}?page_size=1000").json
    assert len(page["results"]) == 100
    assert page["next"].endswith("?page=2&page_size=100")


@pytest.mark.parametrize("path", [LIST, TAGS, "/v2/search/repositories/"])
def test_page_past_the_end_is_404(hub: StandIn, path: str) -> None:
    url = f"{hub.url}{path}?query=redis&page_size=100&page=14"
    assert ask(url, headers=signed_in(hub.url)).status == 404


@pytest.mark.parametrize("path", [LIST, TAGS])
def test_wrong_ordering_is_400(hub: StandIn, path: str) -> None:
    answer = ask(f"{hub.url}{path}?ordering=size")
    assert (answer.status, answer.json["text"]) == (400, "Invalid ordering value")
    assert answer.json["fields"]["ordering"][0].startswith("Invalid ordering value. Must be one")


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "٣"])
def test_wrong_page_is_400(hub: StandIn, value: str) -> None:
    assert ask(f"{hub.url}{LIST}?page={quote(value)}").status == 400


@pytest.mark.parametrize(
    ("size", "last_page"),
    [pytest.param(100, 10, id="offset-1000"), pytest.param(99, 11, id="offset-990")],
)
def test_anonymous_tags_are_cut_by_row_offset(hub: StandIn, size: int, last_page: int) -> None:
    url = f"{hub.url}{TAGS}?page_size={size}&page="
    assert ask(f"{url}{last_page}").status == 200
    answer = ask(f"{url}{last_page + 1}")
    assert answer.status == 403
    assert answer.json == {
        "message": "pagination offset too large for anonymous requests; sign in to page further",
        "errinfo": {},
    }


def test_anonymous_lists_and_search_are_cut_at_100(hub: StandIn) -> None:
    hub.world.add_namespace("wide", 280, 1)
    url = f"{hub.url}/v2/namespaces/wide/repositories?page_size="
    assert ask(f"{url}100&page=2").status == 403
    assert len(ask(f"{url}99&page=2").json["results"]) == 99
    assert ask(f"{hub.url}/v2/search/repositories/?query=wide&page_size=100&page=2").status == 403


def test_signing_in_lifts_the_caps(hub: StandIn) -> None:
    assert len(walk(f"{hub.url}{TAGS}?page_size=100", signed_in(hub.url))) == 1250


def test_caps_can_be_set_and_taken_away(hub: StandIn) -> None:
    hub.options.tag_cap = 20
    assert ask(f"{hub.url}{TAGS}?page=3").status == 403
    hub.options.tag_cap = None
    assert len(walk(f"{hub.url}{TAGS}?page_size=100")) == 1250
