from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.commands.plan import Command
from dockerhub.standin import Limit, StandIn, World
from tests.crawling import ACCOUNT, SIGNED_IN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands.running import Commands

# What a plan calls by what name of the stand-in's journal.
KINDS = {
    "pages of repositories": "namespace_list",
    "pages of hits": "search",
    "repositories": "repository",
    "pages of tags": "tag_list",
    "single tags": "tag",
    "build steps of tags": "tag_images",
    "manifests": "pull",
    "configs and statements": "blob",
    "their bytes, after a redirect": "cdn",
    "sign-in": "sign_in",
    "tokens": "registry_token",
}


@pytest.fixture
def world() -> World:
    world = World(seed=3)
    lengths = (0, 1, 99, 100, 101, 230)
    world.add_namespace("bitnami", repositories=12, tags=lambda place: lengths[place % 6])
    world.add_repository("library/nginx", tags=230)
    return world


@pytest.fixture
def hub(world: World) -> Iterator[StandIn]:
    with StandIn(world, accounts=ACCOUNT, pull_limit=Limit(10_000, 3600)) as running:
        yield running


class Planned:
    """The command, and the crawls that it speaks of."""

    def __init__(self, commands: Commands) -> None:
        self.commands = commands
        self.env = SIGNED_IN

    def plan(self, spider: str, *options: str, **arguments: str) -> dict[str, dict[str, Any]]:
        """Return the figures by kind."""
        given = [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
        ended = self.commands.run("plan", spider, *given, *options, "--json", **self.env)
        assert ended.status == 0, ended.err
        self.notes = json.loads(ended.out)["notes"]
        return {row["requests"]: row for row in json.loads(ended.out)["rows"]}

    def asked(self) -> int:
        """Return how many requests the last plan made, the sign-in left out."""
        requests = self.commands.requests()
        requests.pop("sign_in", None)
        return sum(requests.values())

    def crawl(self, spider: str, **arguments: str) -> dict[str, int]:
        """Crawl, and return how many requests of each kind that took."""
        given = [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
        ended = self.commands.run("crawl", spider, *given, **self.env)
        assert ended.status == 0, ended.err
        requests = self.commands.requests()
        requests["pull"] = sum(each.charged for each in self.commands.hub.journal.exchanges)
        return requests

    def check(self, figures: dict[str, dict[str, Any]], requests: dict[str, int]) -> None:
        """Hold a plan against the crawl that followed."""
        for title, kind in KINDS.items():
            row = figures.get(title, {"low": 0, "likely": 0, "high": 0, "is_known": True})
            count = requests.get(kind, 0)
            assert row["low"] <= count <= row["high"], (title, row, count)
            if row["is_known"]:
                assert row["low"] == count == row["high"], (title, row, count)
        requests.pop("pull", None)
        everything = sum(requests.values())
        assert figures["all"]["low"] <= everything <= figures["all"]["high"], requests


@pytest.fixture
def planned(commands: Commands) -> Planned:
    return Planned(commands)


def of(figures: dict[str, dict[str, Any]], title: str) -> tuple[int, int, int, bool]:
    row = figures[title]
    return row["low"], row["likely"], row["high"], row["is_known"]


def test_a_first_crawl_of_an_organisation(planned: Planned) -> None:
    figures = planned.plan("org", org="bitnami")
    assert planned.asked() == 3
    assert of(figures, "pages of repositories") == (1, 1, 1, True)
    assert of(figures, "repositories") == (12, 12, 12, True)
    assert not figures["pages of tags"]["is_known"]
    planned.check(figures, planned.crawl("org", org="bitnami"))


def test_again_when_nothing_has_changed(planned: Planned) -> None:
    planned.crawl("org", org="bitnami")
    figures = planned.plan("org", org="bitnami")
    assert planned.asked() == 1
    # The sign-in, and one page.
    assert of(figures, "all") == (2, 2, 2, True)
    planned.check(figures, planned.crawl("org", org="bitnami"))


def test_again_when_some_have_changed(planned: Planned, world: World) -> None:
    planned.crawl("org", org="bitnami")
    names = [r.full_name for r in world.repositories("bitnami") if r.tag_count == 230]
    for name in names:
        world.push_tag(name, "fresh")
    figures = planned.plan("org", org="bitnami")
    assert of(figures, "repositories") == (2, 2, 2, True)
    assert of(figures, "pages of tags")[:2] == (2, 2)
    requests = planned.crawl("org", org="bitnami")
    assert requests["tag_list"] == 2
    planned.check(figures, requests)


def test_a_walk_in_full_is_as_long_as_the_lists_that_are_stored(planned: Planned) -> None:
    planned.crawl("org", org="bitnami")
    figures = planned.plan("org", org="bitnami", fresh="1")
    requests = planned.crawl("org", org="bitnami", fresh="1")
    assert figures["pages of tags"]["likely"] == requests["tag_list"]
    planned.check(figures, requests)


def test_lists_alone(planned: Planned) -> None:
    figures = planned.plan("org", org="bitnami", depth="repositories")
    assert of(figures, "all") == (2, 2, 2, True)
    planned.check(figures, planned.crawl("org", org="bitnami", depth="repositories"))


def test_the_tags_of_one_repository_are_counted(planned: Planned) -> None:
    figures = planned.plan("tags", repo="nginx")
    assert planned.asked() == 2
    assert of(figures, "pages of tags") == (3, 3, 3, True)
    assert of(figures, "all") == (5, 5, 5, True)
    planned.check(figures, planned.crawl("tags", repo="nginx"))
    figures = planned.plan("tags", repo="nginx")
    assert of(figures, "all") == (2, 2, 2, True)


@pytest.mark.parametrize(
    ("arguments", "pages"),
    [({"max_tags": "120"}, 2), ({"max_tags": "5"}, 1), ({"tags": "1.0,2.0"}, 2)],
)
def test_only_some_tags(planned: Planned, arguments: dict[str, str], pages: int) -> None:
    figures = planned.plan("tags", repo="nginx", **arguments)
    assert figures["pages of tags"]["likely"] == pages
    if "tags" not in arguments:
        planned.check(figures, planned.crawl("tags", repo="nginx", **arguments))


def test_a_watch_list_and_a_search(planned: Planned) -> None:
    figures = planned.plan("repos", repos="nginx,bitnami/x", org="bitnami")
    assert of(figures, "repositories")[0] == 13
    figures = planned.plan("search", query="bitnami")
    assert planned.asked() <= 3
    planned.check(figures, planned.crawl("search", query="bitnami"))


def test_layers_from_the_hub(planned: Planned) -> None:
    planned.crawl("tags", repo="nginx")
    figures = planned.plan("tags", repo="nginx", depth="layers")
    assert planned.asked() <= 3
    requests = planned.crawl("tags", repo="nginx", depth="layers")
    assert of(figures, "build steps of tags") == (requests["tag_images"],) * 3 + (True,)
    assert figures.get("manifests", {}).get("are_pulls", True)
    planned.check(figures, requests)


@pytest.mark.parametrize("lately", [False, True])
def test_what_hubs_lists_leave_out_is_within_the_plan(
    planned: Planned, world: World, *, lately: bool
) -> None:
    """A tag that moved after the last crawl: Hub's list does not have what is stored of it."""
    for place in range(12):
        world.create_repository(f"acme/r{place}", tags=20)
    planned.crawl("org", org="acme")
    world.press(4, namespace="acme", pushed=2, moved=1, deleted=1, created=1)
    if lately:
        planned.crawl("org", org="acme")
    figures = planned.plan("org", org="acme", depth="layers")
    assert not figures["manifests"]["is_known"]
    assert any(note.startswith("pulls at most: ") for note in planned.notes)
    planned.check(figures, planned.crawl("org", org="acme", depth="layers"))


def test_the_hub_alone_asks_for_no_manifest(planned: Planned) -> None:
    planned.env = {**SIGNED_IN, "DOCKERHUB_LAYERS_FROM": "hub"}
    planned.crawl("tags", repo="nginx", max_tags="8")
    figures = planned.plan("tags", repo="nginx", depth="layers", max_tags="8")
    assert "manifests" not in figures
    planned.check(figures, planned.crawl("tags", repo="nginx", depth="layers", max_tags="8"))


def test_manifests_of_all_repositories(planned: Planned, world: World) -> None:
    for place in range(5):
        world.create_repository(f"acme/r{place}", tags=2)
    planned.crawl("org", org="acme")
    figures = planned.plan("manifests")
    # One for each of the five, and one to look how many pulls are left.
    assert (figures["tokens"]["likely"], figures["tokens"]["high"] >= 12) == (6, True)
    planned.check(figures, planned.crawl("manifests"))


@pytest.mark.parametrize("depth", ["layers", "configs"])
def test_a_first_crawl_that_goes_deep(planned: Planned, depth: str) -> None:
    figures = planned.plan("tags", repo="nginx", depth=depth, max_tags="10")
    planned.check(figures, planned.crawl("tags", repo="nginx", depth=depth, max_tags="10"))


def test_what_is_lacking_in_the_registry(planned: Planned) -> None:
    planned.crawl("tags", repo="nginx", max_tags="8")
    before = planned.commands.pulls()
    figures = planned.plan("manifests", repo="nginx")
    assert planned.asked() == 3
    assert planned.commands.pulls() == before
    assert figures["manifests"]["are_pulls"]
    planned.check(figures, planned.crawl("manifests", repo="nginx"))
    figures = planned.plan("manifests", repo="nginx")
    assert of(figures, "all") == (0, 0, 0, True)


def test_anonymous_lists_are_cut(planned: Planned, world: World) -> None:
    planned.env = {}
    world.add_repository("acme/long", tags=1500)
    world.add_namespace("huge", repositories=500, tags=1, never_pushed=0)
    figures = planned.plan("tags", repo="acme/long")
    requests = planned.crawl("tags", repo="acme/long")
    assert requests["tag_list"] == figures["pages of tags"]["likely"] == 17
    planned.check(figures, requests)
    figures = planned.plan("org", org="huge", depth="repositories")
    assert of(figures, "all") == (7, 15, 15, False)
    requests = planned.crawl("org", org="huge", depth="repositories")
    assert requests["namespace_list"] == 15


def test_from_the_database_alone(planned: Planned) -> None:
    figures = planned.plan("org", "--offline", org="bitnami")
    assert planned.asked() == 0
    assert not figures["all"]["is_known"]
    words = "bitnami: nothing is known of it; assumed are 50 repositories, 1 to 2000"
    assert words in planned.notes
    assert not planned.commands.database.exists()
    planned.crawl("org", org="bitnami")
    figures = planned.plan("org", "--offline", org="bitnami")
    assert figures["pages of repositories"]["likely"] == 1
    assert figures["all"]["high"] < 30
    assert planned.notes[0] == "nobody was asked; as signed in"
    planned.check(figures, planned.crawl("org", org="bitnami"))


def test_a_table_for_people(commands: Commands) -> None:
    ended = commands.run("plan", "tags", "-a", "repo=nginx", **SIGNED_IN, DOCKERHUB_HUB_RATE="2")
    assert ended.status == 0
    assert ended.out.splitlines() == [
        "service        requests       low  likely  high  is_known  minutes",
        "token service  sign-in          1       1     1  yes",
        "Hub API        repositories     1       1     1  yes           0.5",
        "Hub API        pages of tags    3       3     3  yes           1.5",
        "               all              5       5     5  yes           2.0",
    ]
    assert ended.err == "scrapy plan: 2 requests made for this plan; signed in\n"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (
            ["nobody"],
            2,
            "spider: expected one of catalog, manifests, org, repos, search, tags, got",
        ),
        ([], 2, "expected one spider, such as: org -a org=bitnami; got none"),
        (["org"], 2, "spider argument org: expected a namespace such as bitnami, got"),
        (["org", "-a", "orgs=x"], 2, "(did you mean org?)"),
        (["org", "-a", "org=bitnami", "-a", "depth=x"], 2, "spider argument depth: expected"),
        (["org", "-a", "org"], 2, "-a: expected NAME=VALUE"),
        (["org", "-a", "org=nobody"], 1, "org=nobody: expected a list, got HTTP 404"),
        (["tags", "-a", "repo=no/thing"], 1, "no/thing: expected a repository that is visible"),
    ],
)
def test_what_cannot_be_planned(
    commands: Commands, words: list[str], status: int, said: str
) -> None:
    ended = commands.run("plan", *words)
    assert (ended.status, ended.out) == (status, "")
    assert said in ended.err


def test_an_unreachable_hub_is_told(commands: Commands) -> None:
    ended = commands.run("plan", "org", "-a", "org=bitnami", DOCKERHUB_HUB_URL="http://127.0.0.1:2")
    assert (ended.status, ended.out) == (1, "")
    assert "http://127.0.0.1:2: expected an answer, it cannot be reached" in ended.err


def test_help_has_an_example() -> None:
    assert Command.EXAMPLE in Command().long_desc()


def test_it_stores_nothing(commands: Commands, tmp_path: Path) -> None:
    commands.run("plan", "org", "-a", "org=bitnami")
    assert not commands.database.exists()


def test_a_page_that_cannot_be_read_is_told(commands: Commands) -> None:
    commands.hub.script("/v2/namespaces/bitnami/repositories", status=200, body=b"{}")
    ended = commands.run("plan", "org", "-a", "org=bitnami")
    assert (ended.status, ended.out) == (1, "")
    assert "$" in ended.err
