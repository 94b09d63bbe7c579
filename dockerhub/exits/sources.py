"""Which exits leave from the same address, as the registry tells it."""

from __future__ import annotations

import hashlib
import ipaddress

_IPV6_HOST_BITS = 64  # Docker counts a /64 as one, HUB.md section 8


class Sources:
    """Remembers by which address each exit was seen; none of them in clear.

    A hash of an IPv4 address is found by trying all of them: it keeps the address out of a dump
    that somebody reads, not from who wants it.
    """

    def __init__(self) -> None:
        self._first: dict[bytes, str] = {}

    def hear(self, name: str, text: str) -> str | None:
        """Return the exit that was seen with this address before *name* was, None if none was.

        *text* is the value of `docker-ratelimit-source`. Names and numbers of accounts, and
        what cannot be read, say nothing of an address.
        """
        source = _source_of(text)
        if source is None:
            return None
        first = self._first.setdefault(source, name)
        return first if first != name else None

    def forget(self, name: str) -> None:
        """Forget by which addresses *name* was seen: there is no budget to share any more."""
        for source in [source for source, first in self._first.items() if first == name]:
            del self._first[source]


def _source_of(text: str) -> bytes | None:
    """Return what stands for the address in *text*, the same for every address of an IPv6 /64."""
    try:
        address = ipaddress.ip_address(text.strip().removesuffix("/64"))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        address = mapped or ipaddress.IPv6Address(
            int(address) >> _IPV6_HOST_BITS << _IPV6_HOST_BITS
        )
    return hashlib.sha256(address.packed).digest()
