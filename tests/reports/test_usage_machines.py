from __future__ import annotations

import pytest

from dockerhub.reports.usage_machines import at_most, members


@pytest.mark.parametrize(
    ("machine", "its"),
    [
        ("machine 12", ["machine 12"]),
        ("machines 1, 12", ["machine 1", "machine 12"]),
        ("machine 1 of report 3", ["machine 1 of report 3"]),
        ("machines 1, 2 of report 3", ["machine 1 of report 3", "machine 2 of report 3"]),
        ("192.0.2.1", ["192.0.2.1"]),
        ("192.0.2.1, 2001:db8::/64", ["192.0.2.1", "2001:db8::/64"]),
    ],
)
def test_each_machine_is_named_as_alone(machine: str, its: list[str]) -> None:
    assert members(machine) == its


def test_pulls_together_count_for_each() -> None:
    spent = [("machine 1", 7), ("machines 1, 2", 5), ("machine 3", 4), (None, 3)]
    assert at_most([*spent, ("machines 2, 4", 1)]) == {
        "machine 1": 12,
        "machine 2": 6,
        "machine 4": 1,
    }
