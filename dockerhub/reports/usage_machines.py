"""Machines of pull usage reports, and those that a line names together. Pure.

A line may name several machines, and does not tell how much each of them pulled. Nobody knows how
to share that out, so it stands by itself: as pulls of `machines 1, 2`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NOT_TOLD_APART = (
    "lines that name several machines do not tell how much each pulled: they stand by themselves,"
    " and at_most adds them to each of theirs"
)


def members(machine: str) -> list[str]:
    """Return the machines of `machines 1, 2` or of some addresses, each as it is named alone."""
    named, of, report = machine.partition(" of report ")
    numbers = named.removeprefix("machines ")
    if numbers == named:
        return named.split(", ") if not of else [machine]
    return [f"machine {number}{of}{report}" for number in numbers.split(", ")]


def at_most(spent: Iterable[tuple[str | None, int]]) -> dict[str, int]:
    """Return how many pulls each machine may have made that a line names with others.

    *spent* are the pulls of each machine, and of those that lines name together. The pulls of such
    lines count for each of theirs.
    """
    own: dict[str, int] = {}
    together: dict[str, int] = {}
    for machine, pulls in spent:
        its = members(machine) if machine is not None else []
        for one in its:
            of = own if len(its) == 1 else together
            of[one] = of.get(one, 0) + pulls
    return {one: own.get(one, 0) + pulls for one, pulls in together.items()}
