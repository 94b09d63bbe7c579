from __future__ import annotations

import pytest

from dockerhub.walks.tally import Tally


def test_a_row_that_came_twice_is_one() -> None:
    tally = Tally()
    assert (tally.add("abc"), tally.add("cd"), tally.row_count) == (3, 1, 4)


def test_wanted_rows_are_counted_once() -> None:
    tally = Tally()
    tally.keep("ab")
    tally.add("abc")
    tally.keep("bd")
    tally.add("bd")
    assert (tally.kept_count, tally.row_count) == (3, 4)


def test_a_page_that_is_read_again_replaces_its_refused_rows() -> None:
    tally = Tally()
    tally.refuse("name", 1, 3)
    tally.refuse("name", 2, 2)
    tally.refuse("name", 1, 1)
    assert tally.refused_count == 3
    tally.refuse("name", 1, 0)
    assert (tally.refused_count, tally.row_count) == (2, 2)


def test_orders_refuse_the_same_rows() -> None:
    tally = Tally()
    for leg, page, rows in [("name", 1, 3), ("name", 2, 2), ("-name", 1, 4), ("-name", 3, 0)]:
        tally.refuse(leg, page, rows)
    tally.add("ab")
    assert (tally.refused_count, tally.row_count) == (5, 7)


@pytest.mark.parametrize(
    ("counts", "first", "has_moved"),
    [
        ([], None, False),
        ([3], 3, False),
        ([3, 3, 3], 3, False),
        ([3, 4], 3, True),
        ([3, 4, 3], 3, True),
        ([None, None], None, False),
        ([None, 3], 3, False),
        ([0, 1], 0, True),
    ],
)
def test_a_count_that_changed_tells_that_the_list_has_moved(
    counts: list[int | None], first: int | None, has_moved: bool
) -> None:
    tally = Tally()
    for count in counts:
        tally.promise(count)
    assert (tally.first_count, tally.has_moved) == (first, has_moved)
    assert tally.last_count == (counts[-1] if counts else None)


@pytest.mark.parametrize(
    ("rows", "refused", "count", "is_whole"),
    [
        ("abc", 0, 3, True),
        ("abc", 0, 4, False),
        ("abc", 1, 4, True),
        ("abc", 0, 2, False),
        ("abc", 0, None, True),
        ("", 0, 0, True),
    ],
)
def test_a_tally_is_whole_with_as_many_rows_as_were_promised(
    rows: str, refused: int, count: int | None, is_whole: bool
) -> None:
    tally = Tally()
    tally.add(rows)
    tally.refuse("", 1, refused)
    tally.promise(count)
    assert tally.is_whole is is_whole
