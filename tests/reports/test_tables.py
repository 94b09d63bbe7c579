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
    Console(file=shown, width=80, force_terminal=True, color_system=None).print(drawn_table(TABLE))

    assert "│ Hub API │    7 │" in shown.getvalue()
    assert "[2J[red]x y[/red]" in shown.getvalue()
    assert "\x1b[2J" not in shown.getvalue()
