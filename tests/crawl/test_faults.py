"""Whatever goes wrong with an answer: it is asked for again, and what stays wrong is told."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import StandIn, World
from tests.crawl.spiders import (
    GONE,
    NAMED,
    NAMES,
    ORG,
    REPOS,
    SEARCH,
    SPIDERS,
    TAGS,
    TOOL,
    assert_within_truth,
    fill,
    lay,
    noes,
)
from tests.crawling import ACCOUNT, Crawls
from tests.truth import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dockerhub.standin import Fault
    from dockerhub.standin.retry_after import RetryAfter
    from tests.crawl.spiders import Spider

HANGS_SHORT = ("-s", "DOWNLOAD_TIMEOUT=1")
AT_ONCE = ("-s", "RETRY_TIMES=0")
# All that passes; a body that is too large would be so again.
PASSING: tuple[Fault, ...] = (
    *("500", "502", "503", "reset", "truncated"),
    *("garbage", "html_403", "html_200", "empty_200", "hang"),
)
ENDS = "SELECT kind, subject, detail FROM walks WHERE stop_reason = 'error' ORDER BY kind, subject"


@pytest.fixture
def hub_world() -> World:
    world = World(seed=5)
    fill(world)
    return world


def planned(*kinds: str) -> list[tuple[str, Fault]]:
    """Return every fault that passes on each of *kinds*."""
    return [(kind, fault) for fault in PASSING for kind in kinds]


@pytest.mark.parametrize(
    ("spider", "plan", "apart"),
    [
        pytest.param(ORG, planned("repository", "tag_list"), False, id="org"),
        pytest.param(SEARCH, [("search", "truncated"), *planned("repository")], False, id="search"),
        pytest.param(
            REPOS, [("namespace_list", "garbage"), *planned("repository")], False, id="repos"
        ),
        pytest.param(
            TAGS,
            [("repository", "502"), ("tag_list", "garbage"), ("tag_list", "hang")],
            True,
            id="tags",
        ),
        pytest.param(
            NAMED,
            [("tag", "empty_200"), ("tag", "reset"), ("tag", "html_403")],
            True,
            id="tags by name",
        ),
    ],
)
def test_what_passes_costs_a_repetition_and_nothing_else(
    crawls: Crawls, hub_world: World, spider: Spider, plan: list[tuple[str, Fault]], apart: bool
) -> None:
    lay(crawls.hub, plan, apart=apart)

    ended = spider.crawl(crawls, *HANGS_SHORT, strict="1")

    assert ended.status == 0, ended.err
    assert "ERROR" not in ended.err
    assert "WARNING" not in ended.err
    assert crawls.hub.journal.faults() == Counter(fault for _, fault in plan)
    heard = noes(crawls.database)
    # Twisted itself repeats what was reset on a connection that had been used before.
    unheard = sum(fault == "reset" for _, fault in plan)
    assert len(plan) - unheard <= heard["broken"] + heard.get("unreadable", 0) <= len(plan)
    # A missing tag is a true 404, doubted at first.
    assert heard.keys() <= {"broken", "unreadable", "doubted", "not there"}
    spider.assert_agrees(crawls.database, hub_world)
    assert rows(crawls.database, GONE) == [(0, 0)]
    assert {reason for (reason,) in rows(crawls.database, "SELECT stop_reason FROM walks")} == {
        "complete"
    }


def test_lists_of_many_namespaces_are_spoilt_in_every_way(crawls: Crawls, hub_world: World) -> None:
    names = [f"org{place}" for place in range(len(PASSING))]
    for name in names:
        hub_world.add_namespace(name, repositories=2, tags=1)
    lay(crawls.hub, planned("namespace_list"))

    ended = crawls.run("repos", *HANGS_SHORT, org=",".join(names), depth="repositories", strict="1")

    assert ended.status == 0, ended.err
    assert crawls.hub.journal.faults() == Counter(PASSING)
    assert crawls.requests() == {"namespace_list": 2 * len(names)}
    assert rows(crawls.database, "SELECT COUNT(*) FROM repositories") == [(2 * len(names),)]


FORMS: dict[RetryAfter, bool] = {
    "seconds": True,
    "epoch": True,
    "date": True,
    "x-epoch": True,
    "x-seconds": True,
    "none": False,
    "zero": False,
    "past": False,
    "garbage": False,
}


def test_a_503_that_says_when_to_come_back_is_taken_at_its_word(
    crawls: Crawls, hub_world: World
) -> None:
    options = crawls.hub.options
    options.fault_wait_seconds = 4.0
    asked: dict[str, RetryAfter] = {}
    left, record = list(FORMS), crawls.hub.journal.record
    options.retry_after = left[0]
    options.fault_times = len(left)
    options.fault_kinds, options.faults = frozenset({"repository"}), {"503": 1.0}

    def recorded(exchange) -> None:  # noqa: ANN001
        record(exchange)
        if exchange.fault == "503":
            asked[exchange.path] = left.pop(0)
            options.retry_after = left[0] if left else "none"

    crawls.hub.journal.record = recorded  # type: ignore[method-assign]

    ended = ORG.crawl(crawls, strict="1")

    assert ended.status == 0
    assert sorted(asked.values()) == sorted(FORMS)
    ORG.assert_agrees(crawls.database, hub_world)
    for path, form in asked.items():
        first, second = [each.at for each in crawls.hub.journal.exchanges if each.path == path]
        # Whole seconds are what some forms are told in; without a word it is our own backoff.
        assert (second - first >= 3) is FORMS[form], (form, second - first)
        assert second - first < 8


def test_signs_in_at_the_second_try(tmp_path: Path) -> None:
    def signed_in(fault: Fault) -> tuple[Fault, int, Counter[str], int]:
        world = World(seed=2)
        world.add_repository("library/nginx", tags=3)
        folder = tmp_path / fault
        folder.mkdir()
        with StandIn(world, accounts=ACCOUNT) as hub:
            hub.options.faults, hub.options.fault_times = {fault: 1.0}, 1
            hub.options.fault_kinds = frozenset({"sign_in"})
            crawls = Crawls(hub, folder)
            # Many of them at once are slow.
            short = HANGS_SHORT if fault == "hang" else ()
            ended = crawls.run("tags", *short, repo="nginx")
            assert "ERROR" not in ended.err, (fault, ended.err)
            return fault, ended.status, hub.journal.faults(), len(hub.journal.of("sign_in"))

    faults: list[Fault] = [*PASSING, "oversized"]
    # They wait, most of the time.
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(signed_in, faults))

    assert found == [(each, 0, Counter({each: 1}), 2) for each in faults]


def with_faults(crawls: Crawls, world: World) -> int:
    """Let two requests fail for good in each way that says nothing of what was asked for."""
    # Twisted itself repeats what was reset on a connection that had been used before.
    lasting = [fault for fault in PASSING if fault not in {"500", "502", "503", "reset"}]
    plan = [(kind, fault) for fault in lasting for kind in ("repository", "tag_list")]
    lay(crawls.hub, [*plan, ("repository", "oversized"), ("tag_list", "oversized")])
    return len(lasting) + 1


def with_5xx(crawls: Crawls, world: World) -> int:
    """Let three repositories and their tags answer as a server that is broken there."""
    pushed = [one for one in world.repositories("acme") if one.tag_count][:3]
    for status, repository in zip((500, 502, 503), pushed, strict=True):
        path = f"/v2/namespaces/acme/repositories/{repository.name}(/tags.*)?$"
        crawls.hub.script(path, status=status, body="oops", times=None)
    return 3


@pytest.mark.parametrize("spoil", [with_faults, with_5xx])
def test_what_stays_wrong_is_recorded_told_and_taken_up_by_the_next_crawl(
    crawls: Crawls, hub_world: World, spoil: Callable[[Crawls, World], int]
) -> None:
    number = spoil(crawls, hub_world)

    ended = ORG.crawl(crawls, *HANGS_SHORT, *AT_ONCE, strict="1")

    assert ended.status == 3, ended.err
    assert "ERROR" not in ended.err
    failed = rows(crawls.database, ENDS)
    assert Counter(kind for kind, _, _ in failed) == {"repository": number, "tags": number}
    assert all(subject.startswith("acme/") for _, subject, _ in failed)
    assert all(detail and detail.isprintable() for _, _, detail in failed)
    told = [line for line in ended.lines if line.startswith("  incomplete  ")]
    assert all("it failed; the next crawl takes it up (" in line for line in told[:10])
    more = f"  incomplete  and {2 * number - 10} more: see the view walks, and the log"
    assert told[10:] == [more] * (number > 5)
    assert_within_truth(crawls.database, hub_world)
    assert rows(crawls.database, GONE) == [(0, 0)]

    crawls.hub.clear_script()
    ended = ORG.crawl(crawls, strict="1")

    assert ended.status == 0, ended.err
    counts = [
        hub_world.repository(subject).tag_count for kind, subject, _ in failed if kind == "tags"
    ]
    # Of what broke off on its second page the first is read again, to see if it moved.
    pages = sum(max(1, -(-count // 100)) for count in counts)
    expected = {"namespace_list": 1, "repository": number, "tag_list": pages}
    assert crawls.requests() == expected
    ORG.assert_agrees(crawls.database, hub_world)


ALL_TAGS = {"repository": 1, "tag_list": 3}
# One of them is missing: that is believed because something else is there.
NAMED_TAGS = {"repository": 2, "tag": len(NAMES)}


@pytest.mark.parametrize(
    ("spider", "endpoint", "fault", "walk", "next_requests"),
    [
        ("org", "namespace_list", "500", ("repositories", "acme"), None),
        ("org", "namespace_list", "oversized", ("repositories", "acme"), None),
        ("search", "search", "garbage", ("search", "acme"), None),
        ("tags", "repository", "oversized", ("repository", TOOL), ALL_TAGS),
        ("tags", "tag_list", "500", ("tags", TOOL), ALL_TAGS),
        ("tags", "tag_list", "reset", ("tags", TOOL), ALL_TAGS),
        ("named", "tag", "garbage", ("tags", TOOL), NAMED_TAGS),
        ("named", "tag", "oversized", ("tags", TOOL), NAMED_TAGS),
    ],
)
def test_what_was_asked_for_and_cannot_be_read_fails_the_crawl(
    crawls: Crawls,
    hub_world: World,
    spider: str,
    endpoint: str,
    fault: Fault,
    walk: tuple[str, str],
    next_requests: dict[str, int] | None,
) -> None:
    options = crawls.hub.options
    options.faults, options.fault_kinds = {fault: 1.0}, frozenset({endpoint})
    watched = SPIDERS[spider]

    ended = watched.crawl(crawls, *AT_ONCE)

    assert ended.status == 1
    assert ended.err.count("ERROR") == 1
    ((kind, subject, detail),) = rows(crawls.database, ENDS)
    assert (kind, subject) == walk
    assert detail
    assert detail in ended.err
    assert rows(crawls.database, GONE) == [(0, 0)]
    # A tag that cannot be read keeps no other from being asked for; the third in a row without what
    # it should hold strikes its endpoint, and is asked for once more in the old form of paths.
    assert len(crawls.hub.journal.of(endpoint)) <= (len(NAMES) + 1 if spider == "named" else 2)

    options.faults = {}
    ended = watched.crawl(crawls, strict="1")
    assert ended.status == 0, ended.err
    assert next_requests is None or crawls.requests() == next_requests
    watched.assert_agrees(crawls.database, hub_world)
