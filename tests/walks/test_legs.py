from __future__ import annotations

from dockerhub.walks.legs import Legs

ORDERINGS = ("", "name", "-name")


def test_they_are_gone_through_one_after_the_other() -> None:
    legs = Legs(ORDERINGS)
    assert (legs.ordering, legs.is_first, legs.has_next()) == ("", True, True)
    legs.change()
    assert (legs.ordering, legs.is_first, legs.has_next()) == ("name", False, True)
    legs.change()
    assert (legs.ordering, legs.has_next()) == ("-name", False)
    legs.start()
    assert (legs.ordering, legs.is_first) == ("", True)


def test_one_can_be_gone_to_by_its_name() -> None:
    legs = Legs(ORDERINGS)
    legs.change("-name")
    assert (legs.ordering, legs.number) == ("-name", 2)
    assert [legs.has(ordering) for ordering in ("", "-name", "pulls")] == [True, True, False]


def test_every_row_is_within_reach_until_a_page_is_refused() -> None:
    legs = Legs(ORDERINGS)
    assert (legs.reach, legs.is_out_of_reach(10**6)) == (None, False)
    legs.cut(198)
    assert [legs.is_out_of_reach(row) for row in (0, 197, 198, 297)] == [False, False, True, True]


def test_the_lowest_row_that_was_refused_counts_in_every_order() -> None:
    legs = Legs(ORDERINGS)
    for row in (297, 198, 396):
        legs.cut(row)
    legs.change()
    assert legs.reach == 198
    legs.start()
    assert legs.reach == 198


def test_where_nothing_may_be_seen_no_other_order_is_of_use() -> None:
    legs = Legs(ORDERINGS)
    legs.cut(0)
    assert not legs.has_next()


def test_an_order_with_the_first_page_of_the_first_is_ignored() -> None:
    legs = Legs(ORDERINGS)
    assert not legs.is_ignored(1, ["a", "b"])
    assert not legs.is_ignored(2, ["c", "d"])
    legs.change()
    assert legs.is_ignored(1, ["a", "b"])
    assert not legs.is_ignored(1, ["b", "a"])
    assert not legs.is_ignored(2, ["a", "b"])


def test_the_first_page_is_compared_as_it_was_last() -> None:
    legs = Legs(ORDERINGS)
    legs.is_ignored(1, ["a", "b"])
    legs.is_ignored(1, ["c", "a"])
    legs.change()
    assert legs.is_ignored(1, ["c", "a"])
    assert not legs.is_ignored(1, ["a", "b"])
