from __future__ import annotations

from io import StringIO

from rich.console import Console

from dockerhub.reports.tables import Column, Table, for_terminal, plain_lines

TABLE = Table(
    (Column("service"), Column("left", is_number=True), Column("why")),
    [("Hub API", "7", None), ("pulls", "1000", "\x1b[2J[red]x\u202ey[/red]")],
)


def test_a_pipe_gets_aligned_text() -> None:
    assert list(plain_lines(TABLE)) == [
        "service  left  why",
        "Hub API     7",
        "pulls    1000  [2J[red]x y[/red]",
    ]


def test_a_terminal_gets_a_drawn_table_without_what_would_act_on_it() -> None:
    shown = "\n".join(drawn_at(80, TABLE))

    assert "│ Hub API │    7 │" in shown
    assert "[2J[red]x y[/red]" in shown
    assert "\x1b[2J" not in shown


def test_a_narrow_terminal_loses_no_name_and_no_number() -> None:
    name = "bitnamicharts/a-very-long-name-of-a-repository-that-goes-on"
    counts = ("123456789", "150.0%", "12345.6", "12", "2", "0")
    columns = ("pulls", "growth", "pulls_a_day", "stars", "interpolated_days", "unknown_days")
    numbers = [Column(each, is_number=True) for each in columns]
    table = Table((Column("repo_name"), *numbers), [(name, *counts)])

    lines = drawn_at(80, table)

    assert {len(line) for line in lines} == {80}
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]
    assert "".join(row[0] for row in cells) == name
    assert tuple(cells[0][1:]) == counts


def test_columns_without_room_stand_below_each_other() -> None:
    columns = [Column(f"column_{number}", is_number=number == 1) for number in range(9)]
    long = "acme/" + "n" * 100
    rows = [["first", "7", *[None] * 7], [long, "8", *[f"text-number-{n}" for n in range(7)]]]

    assert drawn_at(80, Table(columns, rows)) == [
        "column_0  first",
        "column_1  7",
        "",
        f"column_0  {long[:70]}",
        f"          {long[70:]}",
        "column_1  8",
        *[f"column_{number + 2}  text-number-{number}" for number in range(7)],
    ]


def test_wide_signs_are_folded_by_the_cells_that_they_take() -> None:
    columns = [Column(f"column_{number}") for number in range(9)]
    lines = drawn_at(80, Table(columns, [["\u5b57" * 40] * 9]))
    assert lines[:2] == ["column_0  " + "\u5b57" * 35, " " * 10 + "\u5b57" * 5]


def test_no_rows_are_said_where_there_is_no_room_for_a_header() -> None:
    columns = [Column(f"a_rather_long_name_{number}") for number in range(9)]
    assert drawn_at(80, Table(columns, [])) == ["(none)"]


def test_the_longest_name_with_its_tag_is_whole() -> None:
    name = f"{'o' * 30}/{'n' * 255}:{'t' * 128}"
    assert list(plain_lines(Table([Column("image")], [[name]])))[1] == name
    lines = drawn_at(80, Table([Column("image")], [[name]]))
    assert "".join(line.strip("\u2502 ") for line in lines[3:-1]) == name


def drawn_at(width: int, table: Table) -> list[str]:
    shown = StringIO()
    console = Console(
        file=shown, width=width, soft_wrap=True, force_terminal=True, color_system=None
    )
    for part in for_terminal(table, width):
        console.print(part)
    return shown.getvalue().splitlines()
