from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.standin import Drift, Limit, StandIn, World
from tests.standin.client import ask, walk

if TYPE_CHECKING:
    from dockerhub.standin import Change, Exchange

LIST = "/v2/namespaces/bitnami/repositories?page_size=5"
NGINX = "/v2/namespaces/bitnami/repositories/nginx"
TAGS = f"{NGINX}/tags?page_size=10&ordering=last_updated"


def kinds(changes: list[Change]) -> Counter[str]:
    return Counter(change.kind for change in changes)


def tag_names(world: World, repository: str = "bitnami/nginx") -> list[str]:
    return [tag.name for tag in world.tags(repository)]


def test_a_walk_meets_its_last_row_again(hub: StandIn) -> None:
    hub.options.drift = Drift(every=1, repository="bitnami/nginx", times=1)
    before = tag_names(hub.world)
    rows = [row["name"] for row in walk(hub.url + TAGS)]
    # The change came after the first page was made: its last row moved to the second page.
    assert rows == [*before[:10], *before[9:]]
    (change,) = hub.drifted
    assert (change.kind, change.repository) == ("push_tag", "bitnami/nginx")
    assert tag_names(hub.world) == [change.tag, *before]


def test_a_change_comes_every_so_many_lists(hub: StandIn) -> None:
    hub.options.drift = Drift(every=3, repository="bitnami/redis")
    version, versions = hub.world.version, []
    for path in (LIST, TAGS, "/v2/search/repositories?query=redis", *[LIST] * 4):
        ask(hub.url + path)
        versions.append(hub.world.version - version)
    assert versions == [0, 0, 1, 1, 1, 2, 2]


def test_other_answers_and_refusals_are_not_counted(hub: StandIn) -> None:
    hub.options.drift = Drift(every=1)
    hub.options.limit = Limit(5, 60)
    hub.script(LIST, status=200, body={})
    deep, unknown = f"{LIST}&page=90", "/v2/repositories/none"
    for path in (LIST, NGINX, "/v2/categories", deep, unknown, TAGS):
        ask(hub.url + path)
    assert hub.journal.statuses() == {200: 3, 403: 1, 404: 1, 429: 1}
    assert hub.drifted == []


def test_a_spoilt_answer_is_counted_like_a_true_one(hub: StandIn) -> None:
    hub.options.drift, hub.options.faults = Drift(every=1), {"500": 1.0}
    ask(hub.url + LIST)
    assert len(hub.drifted) == 1


def test_times_end_it_and_another_drift_starts_anew(hub: StandIn) -> None:
    hub.options.drift = Drift(every=1, times=2)
    for _ in range(4):
        ask(hub.url + LIST)
    assert len(hub.drifted) == 2
    hub.options.drift = Drift(every=2, times=1)
    for _ in range(4):
        ask(hub.url + LIST)
    assert len(hub.drifted) == 3
    hub.options.drift = None
    ask(hub.url + LIST)
    assert len(hub.drifted) == 3


def test_the_newest_tags_stay(hub: StandIn) -> None:
    before = tag_names(hub.world)
    hub.options.drift = Drift(every=1, repository="bitnami/nginx", pushed=0, moved=3, deleted=5)
    ask(hub.url + LIST)
    changed = [str(change.tag) for change in hub.drifted]
    assert kinds(hub.drifted) == {"delete_tag": 5, "move_tag": 3}
    assert [change.kind for change in hub.drifted[:5]] == ["delete_tag"] * 5
    assert before[0] not in changed
    after = tag_names(hub.world)
    assert len(after) == len(before) - 5
    assert after[:3] == changed[:-4:-1]
    assert after[3] == before[0]


def test_the_last_tag_is_never_deleted(hub: StandIn) -> None:
    hub.world.create_repository("bitnami/small", tags=3)
    hub.options.drift = Drift(every=1, repository="bitnami/small", pushed=0, deleted=9)
    for _ in range(2):
        ask(hub.url + LIST)
    assert tag_names(hub.world, "bitnami/small") == ["latest"]
    assert kinds(hub.drifted) == {"delete_tag": 2}


def test_repositories_come_and_go(hub: StandIn) -> None:
    before = {each.full_name for each in hub.world.repositories()}
    hub.options.drift = Drift(every=1, namespace="bitnami", pushed=0, created=2, removed=3, times=1)
    ask(hub.url + LIST)
    after = {each.full_name for each in hub.world.repositories()}
    gone = {c.repository for c in hub.drifted if c.kind == "delete_repository"}
    come = {c.repository for c in hub.drifted if c.kind == "create_repository"}
    assert (before - after, after - before) == (gone, come)
    assert (len(gone), len(come)) == (3, 2)
    assert all(str(name).startswith("bitnami/") for name in gone | come)


def test_the_repository_of_a_drift_stays_and_names_the_namespace(hub: StandIn) -> None:
    hub.options.drift = Drift(every=1, repository="library/nginx", removed=99, created=1)
    ask(hub.url + TAGS)
    left = {each.full_name for each in hub.world.repositories("library")}
    assert "library/nginx" in left
    assert len(left) == 2
    assert len(list(hub.world.repositories("bitnami"))) == 25


def test_the_repository_is_chosen_in_the_namespace(hub: StandIn) -> None:
    hub.options.drift = Drift(every=1, namespace="library")
    for _ in range(8):
        ask(hub.url + LIST)
    homes = {str(change.repository) for change in hub.drifted}
    assert all(name.startswith("library/") for name in homes)
    assert len(homes) > 1


def story() -> tuple[list[Any], list[Change]]:
    world = World(seed=9)
    world.add_namespace("bitnami", repositories=14, tags=30)
    drift = Drift(every=2, moved=1, deleted=2, created=1, removed=1)
    with StandIn(world, drift=drift) as hub:
        rows = [ask(hub.url + path).json for path in (LIST, LIST, f"{LIST}&page=2", LIST) * 3]
        return rows, hub.drifted


def test_the_same_requests_see_the_same_story() -> None:
    first, second = ([str(page["results"]) for page in rows] for rows, _ in (story(), story()))
    assert first == second
    assert len(set(first)) > 4
    assert story()[1] == story()[1]


def test_the_change_is_there_when_the_exchange_is_recorded(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.options.drift = Drift(every=1, repository="bitnami/nginx")
    seen: list[int] = []

    def recorded(exchange: Exchange) -> None:
        seen.append(len(hub.drifted))

    monkeypatch.setattr(hub.journal, "record", recorded)
    count = ask(hub.url + TAGS).json["count"]
    assert (seen, count) == ([1], 40)
    assert len(hub.world.tags("bitnami/nginx")) == 41


def test_an_unknown_repository_is_a_loud_failure(
    hub: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    hub.options.drift = Drift(every=1, repository="bitnami/none")
    assert ask(hub.url + LIST).status == 500
    assert "bitnami/none" in caplog.text


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"every": 0}, "drift: every: expected 1 or more, got 0"),
        ({"every": 1, "moved": -1}, "drift: moved: expected 0 or more, got -1"),
        ({"every": 1, "repository": "nginx"}, "expected namespace/name, got 'nginx'"),
    ],
)
def test_refuses_impossible_drifts(options: dict[str, Any], finding: str) -> None:
    with pytest.raises(ValueError, match=finding):
        Drift(**options)
