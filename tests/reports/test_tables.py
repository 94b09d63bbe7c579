from __future__ import annotations

from io import StringIO

from rich.console import Console

from dockerhub.reports.tables import Column, Table, drawn_table, plain_lines

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
    shown = StringIO()
    Console(file=shown, width=80, force_terminal=True, color_system=None).print(
        drawn_table(TABLE, 80)
    )

    assert "│ Hub API │    7 │" in shown.getvalue()
    assert "[2J[red]x y[/red]" in shown.getvalue()
    assert "\x1b[2J" not in shown.getvalue()


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


def test_a_table_that_is_too_wide_even_so_is_wider_than_the_terminal() -> None:
    columns = [Column(f"column_{number}") for number in range(9)]

    lines = drawn_at(80, Table(columns, [[f"text-number-{number}" for number in range(9)]]))

    cells = [line.split("│")[1:-1] for line in lines if "│" in line]
    whole = ["".join(cell.strip() for cell in column) for column in zip(*cells, strict=True)]
    assert whole == [f"text-number-{number}" for number in range(9)]


def drawn_at(width: int, table: Table) -> list[str]:
    shown = StringIO()
    console = Console(
        file=shown, width=width, soft_wrap=True, force_terminal=True, color_system=None
    )
    console.print(drawn_table(table, width))
    return shown.getvalue().splitlines()
