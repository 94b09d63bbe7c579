from __future__ import annotations

from random import Random

import pytest

from dockerhub.walks.recapture import Coverage, Stratum, estimate, strata_of


def test_two_lists_that_know_nothing_of_each_other() -> None:
    """Of 1000, lists of 500 and 400 share 200 by chance."""
    [stratum] = [Stratum(owner_only=300, name_only=200, both=200, found=700)]

    told = estimate([stratum], 700)

    assert told is not None
    assert told.total == pytest.approx(1000, abs=3)
    assert told.low < 1000 < told.high
    assert told.share == pytest.approx(0.7, abs=0.01)
    assert told.shares[0] < 0.7 < told.shares[1]


def test_dependence_widens_the_interval_to_odds_of_two_thirds_and_three_halves() -> None:
    stratum = Stratum(owner_only=300_000, name_only=200_000, both=200_000, found=700_000)

    told = estimate([stratum], 700_000)

    assert told is not None
    assert told.low == pytest.approx(700_000 + 300_000 / 1.5, rel=0.01)
    assert told.high == pytest.approx(700_000 + 300_000 * 1.5, rel=0.01)


def test_what_lists_alone_have_shown_is_found_too() -> None:
    stratum = Stratum(owner_only=300, name_only=200, both=200, found=950)

    told = estimate([stratum], 950)

    assert told is not None
    assert told.total == pytest.approx(1000, abs=3)
    assert told.low == 950


def test_namesakes_are_missing_in_proportion() -> None:
    stratum = Stratum(owner_only=300, name_only=200, both=200, found=700)

    told = estimate([stratum], 1400)

    assert told is not None
    assert told.total == pytest.approx(2000, abs=6)


def test_strata_take_out_what_makes_both_likely() -> None:
    """What is pulled much is found by both, the rest by hardly any: together they mislead."""
    often = Stratum(owner_only=90, name_only=90, both=810, found=990)
    seldom = Stratum(owner_only=900, name_only=900, both=100, found=1900)

    apart, together = estimate([often, seldom], 2890), estimate([often.plus(seldom)], 2890)

    assert apart is not None
    assert together is not None
    assert apart.total == pytest.approx(1000 + 10_000, rel=0.02)
    assert together.total < 5000


@pytest.mark.parametrize(
    ("strata", "found"),
    [
        ([], 0),
        ([Stratum(5, 5, 5, 15)], 15),
        # Searches have shown a tenth of it.
        ([Stratum(100, 100, 100, 3000)], 3000),
        # Lists have shown more than searches let expect.
        ([Stratum(100, 100, 500, 1300)], 1300),
    ],
)
def test_too_little_is_told_as_nothing(strata: list[Stratum], found: int) -> None:
    assert estimate(strata, found) is None


def test_small_strata_go_with_their_neighbours() -> None:
    few = Stratum(owner_only=3, name_only=2, both=2, found=7)
    many = Stratum(owner_only=300, name_only=200, both=200, found=700)

    assert estimate([few, many, few], 714) == estimate([few.plus(many).plus(few)], 714)


def test_rows_become_strata_by_pulls_without_namesakes() -> None:
    rows = [
        (3, 0, 0, 1, 0, 5),
        (3, 0, 0, 1, 1, 7),
        (1, 1, 0, 0, 1, 2),
        (3, 0, 0, 0, 0, 4),
        (3, 0, 1, 1, 1, 100),
    ]

    strata, found = strata_of(rows)

    assert strata == [Stratum(0, 2, 0, 2), Stratum(5, 0, 7, 16)]
    assert found == 118


@pytest.mark.parametrize("seed", range(5))
def test_the_truth_lies_within_where_searches_depend_on_pulls(seed: int) -> None:
    chance, truth = Random(seed), 20_000
    counts: dict[int, list[int]] = {}
    for _ in range(truth):
        pulls = chance.randrange(8)
        owner = chance.random() < 0.3 + pulls / 14
        name = chance.random() < 0.1 + pulls / 10
        listed = chance.random() < 0.3
        stratum = counts.setdefault(pulls, [0, 0, 0, 0])
        stratum[0] += owner and not name
        stratum[1] += name and not owner
        stratum[2] += owner and name
        stratum[3] += owner or name or listed
    strata = [Stratum(*counts[pulls]) for pulls in sorted(counts)]

    told = estimate(strata, sum(stratum.found for stratum in strata))

    assert isinstance(told, Coverage)
    assert told.low <= truth <= told.high
    assert told.total == pytest.approx(truth, rel=0.05)
