"""The machines of a pull usage report: numbered, so that their addresses need not be kept. Pure."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

# How a cell may hold several addresses, and what may be around them: nobody has shown one.
_AROUND = "[](){} \t"
_BETWEEN = re.compile(r"[,;|\s]+")
_QUOTES = "\"'"
# What may be an address: four numbers with dots, or hex digits with two colons or more.
_ADDRESS = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,}(?:\.\d{1,3}){0,3}", re.ASCII
)


class Machines:
    """Numbers addresses in the order in which they come; forgets them with the report.

    Of IPv6 the /64 counts: one machine changes its address within that, and Docker takes it for
    one caller. Memory grows with the addresses, not with the lines.
    """

    def __init__(self, *, with_addresses: bool) -> None:
        self._with_addresses = with_addresses
        self._numbers: dict[str, int] = {}
        self.of = lru_cache(4096)(self._of)
        """return the machine or machines of a cell and, if they are kept, their addresses"""

    def _of(self, cell: str) -> tuple[str | None, str | None]:
        """:raises ValueError: if it holds something else than addresses"""
        words = [word.strip(_QUOTES) for word in _BETWEEN.split(cell.strip(_AROUND)) if word]
        found = {self._number(_caller(word)): _caller(word) for word in words}
        if not found:
            return None, None
        numbers = sorted(found)
        name = f"machine{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
        kept = ", ".join(sorted(found.values()))
        return name, kept if self._with_addresses else None

    def _number(self, caller: str) -> int:
        return self._numbers.setdefault(caller, len(self._numbers) + 1)


def _caller(word: str) -> str:
    """Return the address that Docker takes for one caller.

    :raises ValueError: if *word* is none
    """
    text, slash, prefix = word.partition("/")
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            if address.scope_id is not None or (slash and prefix not in {"64", "128"}):
                raise ValueError("no address of one caller")
            return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
        address = address.ipv4_mapped
    if slash and prefix != "32":
        raise ValueError("no address of one caller")
    return str(address)


def without_addresses(text: str) -> str:
    """Return *text* with what may be an address taken out, as it may stand in a message."""
    return _ADDRESS.sub("(an address)", text)
