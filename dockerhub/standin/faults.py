"""Faults: which answers are spoilt, drawn so that every run spoils the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from dockerhub.standin.chance import number
from dockerhub.standin.kinds import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerhub.standin.options import Options

Fault = Literal[
    "500",
    "502",
    "503",
    "reset",
    "truncated",
    "garbage",
    "html_403",
    "html_200",
    "empty_200",
    "hang",
    "oversized",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)


def drawn_fault(rates: Mapping[Fault, float], seed: int, place: int) -> Fault | None:
    """Return the fault of the draw number *place*, or ``None`` if there is none.

    *rates* are shares of all draws (0 to 1), so their sum is the share of all faults.
    """
    # 53 bits: a float holds them all, and the share is always below 1.
    left = (number("fault", seed, place) >> 11) / 2**53
    for fault in FAULTS:
        left -= rates.get(fault, 0.0)
        if left < 0:
            return fault
    return None


def check_faults(rates: Mapping[Fault, float]) -> None:
    """Refuse faults that cannot be drawn.

    :raises ValueError: if a name is unknown, or a share or the sum of them is not in 0 to 1
    """
    for fault, rate in rates.items():
        if fault not in FAULTS:
            raise ValueError(f"faults: expected one of {' '.join(FAULTS)}, got {fault!r}")
        if not 0 <= rate <= 1:
            raise ValueError(f"faults: {fault}: expected a share of 0 to 1, got {rate}")
    # Ten times 0.1 is a little more or less than 1.
    if sum(rates.values()) > 1 + 1e-9:
        raise ValueError(f"faults: expected at most 1 in all, got {sum(rates.values())}")


class Faults:
    """Draws a fault for each request in turn; another seed starts another sequence."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._seed = options.fault_seed
        self._drawn = 0

    def draw(self, kind: str) -> Fault | None:
        """Return the fault of the next request; one on which none may fall is not counted."""
        options = self._options
        kinds = options.fault_kinds
        if not options.faults or options.fault_times == 0 or kind == UNKNOWN:
            return None
        if kinds is not None and kind not in kinds:
            return None
        if options.fault_seed != self._seed:
            self._seed, self._drawn = options.fault_seed, 0
        self._drawn += 1
        fault = drawn_fault(options.faults, self._seed, self._drawn)
        if fault is not None and options.fault_times is not None:
            options.fault_times -= 1
        return fault
