"""The first rows of many, without keeping the others."""

from __future__ import annotations

from dockerhub.reports.first_rows import FirstRows, first_rows, left_out

MANY = [number * 7919 % 5003 for number in range(5000)]


def test_the_first_rows_of_many_are_kept() -> None:
    first = FirstRows[int](3, lambda number: -number)
    for number in MANY:
        first.add(number)
    assert first.found == 5000
    assert len(first._rows) < 2000
    assert first.rows() == sorted(MANY, reverse=True)[:3]
    assert first.left_out("rows") == ("3 of 5000 rows shown; --limit 5000 shows all",)


def test_a_limit_above_all_keeps_all() -> None:
    assert first_rows(MANY, 999_999_999, lambda number: number) == (sorted(MANY), 5000)


def test_equal_rows_stay_in_their_order() -> None:
    rows = [(place % 2, place) for place in range(4000)]

    assert first_rows(rows, 3, lambda row: row[0]) == ([(0, 0), (0, 2), (0, 4)], 4000)


def test_what_is_left_out_is_said_where_something_is() -> None:
    assert left_out(2, 2, "tags") == ()
    assert left_out(2, 3, "tags") == ("2 of 3 tags shown; --limit 3 shows all",)
