"""Pulls beside other crawls and people: what is left to others, and that ours are used."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.limits.pulls import PullBudget
from tests.limits.pull_server import NOW, Crawl, Registry, Simulation

SEEDS = st.integers(0, 2**32)
WINDOWS = 4
MANY = settings(derandomize=True, deadline=None, max_examples=100)


@st.composite
def servers(draw: st.DrawFn) -> dict[str, Any]:
    """Registries of which a crawl can use a whole window, and what the crawl leaves to others."""
    limit = draw(st.integers(1, 120))
    window = draw(st.sampled_from([600, 3600, 21600]))
    return {
        "kind": draw(st.sampled_from(["first", "aligned", "sliding"])),
        "limit": limit,
        "window": window,
        # Early enough in a window of the clock's for what is left of it to do.
        "starts_at": NOW - draw(st.floats(0.0, 0.5)) * window,
        "reserve": draw(st.integers(0, limit - 1)),
        "concurrency": draw(st.integers(1, 32)),
        "slowest": draw(st.floats(0.01, window / (6 * (limit + 20)))),
        "waits": draw(st.booleans()),
    }


# Of each crawl on one address: how many requests at once, and how many windows later it begins.
COMPANY = st.lists(st.tuples(st.integers(1, 32), st.floats(0.0, 2.0)), min_size=2, max_size=3)


def together(
    server: dict[str, Any], company: list[tuple[int, float]], **more: Any
) -> list[dict[str, Any]]:
    return [
        {"name": str(n), "concurrency": most, "begins": NOW + later * server["window"], **more}
        for n, (most, later) in enumerate(company)
    ]


def simulated(
    server: dict[str, Any], seed: int, crawls: list[dict[str, Any]]
) -> tuple[Simulation, list[Crawl]]:
    registry = Registry(*(server[key] for key in ("kind", "limit", "window", "starts_at")))
    simulation = Simulation(registry, seed, WINDOWS)
    made = []
    for more in crawls:
        budget = PullBudget(reserve=server["reserve"], waits=server["waits"])
        settled = {key: server[key] for key in ("concurrency", "slowest", "reserve")}
        made.append(Crawl(simulation, budget, **{**settled, **more}))
    return simulation, made


def lowest_allowed(crawls: list[Crawl], reserve: int) -> int:
    """Return what is left at least: the reserve less all under way but of one crawl.

    Whoever knows most subtracts what it has under way itself.
    """
    under_way = [crawl.most_unknown for crawl in crawls]
    return max(0, reserve - sum(under_way) + min(under_way))


@MANY
@given(servers(), SEEDS)
def test_alone_all_but_the_reserve_is_used_in_every_window(
    server: dict[str, Any], seed: int
) -> None:
    simulation, [crawl] = simulated(server, seed, [{}])
    simulation.run()
    registry, ours = simulation.registry, server["limit"] - server["reserve"]
    assert (registry.lowest, registry.refused, crawl.blind) == (server["reserve"], 0, 0)
    assert crawl.most_in_flight <= server["concurrency"]
    assert len(registry.counted) >= 0.95 * WINDOWS * ours
    assert crawl.most_looks() <= 8
    if server["kind"] != "sliding":
        assert set(registry.per_window()[:-1]) == {ours}
        # One before the first pull, and one for each window that opens.
        assert len(crawl.looked_at) <= 1 + WINDOWS


@MANY
@given(servers(), SEEDS, st.floats(0.0, 0.25), st.sampled_from([0.0, 0.5, 1.0]))
def test_alone_lost_answers_never_touch_the_reserve(
    server: dict[str, Any], seed: int, lost: float, unlooked: float
) -> None:
    simulation, [crawl] = simulated(server, seed, [{"lost": lost, "unlooked": unlooked}])
    simulation.run()
    registry, ours = simulation.registry, server["limit"] - server["reserve"]
    # Where neither the first HEAD nor the first pulls are answered, nobody knows of any limit.
    assert registry.lowest >= min(server["reserve"], server["limit"] - crawl.unled)
    assert len(registry.counted) >= (0.9 * WINDOWS if not lost else 1) * ours


@MANY
@given(servers(), SEEDS, st.integers(0, 120))
def test_who_comes_to_a_window_that_others_began_never_touches_the_reserve(
    server: dict[str, Any], seed: int, before: int
) -> None:
    simulation, [crawl] = simulated(server, seed, [{"begins": NOW + 1}])
    registry = simulation.registry
    for _ in range(before):
        registry.pull(NOW, "before")
    crawl.watch(NOW)
    at_first, registry.lowest = registry.lowest, server["limit"]
    simulation.run()
    assert registry.lowest >= min(at_first, server["reserve"])
    ours = [who for who, _ in registry.counted if who == "ours"]
    assert len(ours) >= 0.9 * (WINDOWS - 1) * (server["limit"] - server["reserve"])


@MANY
@given(servers(), SEEDS, COMPANY, st.booleans())
def test_crawls_on_one_address_go_below_the_reserve_by_what_is_under_way(
    server: dict[str, Any], seed: int, company: list[tuple[int, float]], watches: bool
) -> None:
    simulation, crawls = simulated(server, seed, together(server, company))
    if watches:
        crawls[0].watch(NOW)
    simulation.run()
    registry = simulation.registry
    assert [crawl.blind for crawl in crawls] == [0] * len(crawls)
    # Nothing is lost here, so that this is what was in flight.
    assert [c.most_unknown for c in crawls] == [c.most_in_flight for c in crawls]
    assert registry.lowest >= lowest_allowed(crawls, server["reserve"])
    begins = min(crawl.begins for crawl in crawls)
    windows = (simulation.end - begins) / server["window"]
    assert len(registry.counted) >= 0.9 * int(windows) * (server["limit"] - server["reserve"])
    assert max(crawl.most_looks() for crawl in crawls if crawl.looked_at) <= 8


@MANY
@given(servers(), SEEDS, COMPANY, st.floats(0.01, 0.25))
def test_each_answer_that_is_lost_may_be_one_more_until_the_next_one(
    server: dict[str, Any], seed: int, company: list[tuple[int, float]], lost: float
) -> None:
    """The registry counted it, and nobody knows: it is as if it were under way."""
    simulation, crawls = simulated(server, seed, together(server, company, lost=lost))
    simulation.run()
    assert simulation.registry.lowest >= lowest_allowed(crawls, server["reserve"])
    assert [crawl.blind for crawl in crawls] == [0] * len(crawls)


@MANY
@given(servers(), SEEDS, COMPANY, st.floats(0.1, 1.0))
def test_where_heads_tell_nothing_each_pull_that_finds_out_may_be_one_more(
    server: dict[str, Any], seed: int, company: list[tuple[int, float]], unlooked: float
) -> None:
    simulation, crawls = simulated(server, seed, together(server, company, unlooked=unlooked))
    simulation.run()
    blind = sum(crawl.blind for crawl in crawls)
    registry, allowed = simulation.registry, lowest_allowed(crawls, server["reserve"])
    assert registry.lowest >= max(0, allowed - blind)
    assert len(registry.counted) >= server["limit"] - server["reserve"]
    assert max(crawl.most_looks() for crawl in crawls if crawl.looked_at) <= 8


@MANY
@given(servers(), SEEDS, st.floats(0.1, 2.0))
def test_beside_people_no_more_goes_below_the_reserve_than_was_under_way(
    server: dict[str, Any], seed: int, share: float
) -> None:
    simulation, [crawl] = simulated(server, seed, [{}])
    simulation.add_people(share * server["limit"] / server["window"])
    simulation.run()
    # Once for each time that a look said that there are some, and people were faster.
    assert crawl.below <= crawl.most_in_flight + len(crawl.looked_at) - 1
    assert crawl.blind == 0
    assert crawl.most_looks() <= 8
