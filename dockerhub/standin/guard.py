"""Who is not let through, whatever is asked: the abuse limit, the bot guard and the block.

They see every request, also one that something else answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dockerhub.standin.options import Options
    from dockerhub.standin.service import ServiceName

Block = Literal["404", "500"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an address is held for at one of its requests."""

    abusive: bool
    suspected: bool
    block: Block | None


class Guard:
    """Counts the requests of each address, and says how it stands with each service."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._abuse: dict[str, tuple[float, int]] = {}
        self._counted: dict[tuple[ServiceName, str], int] = {}
        self._guarded_until: dict[tuple[ServiceName, str], float] = {}
        self._blocking: tuple[Block | None, int | None] = (None, None)
        self._before_block = 0

    def arrived(self, service: ServiceName, address: str) -> Standing:
        """Count one request and return the standing of its *address* with *service*."""
        return Standing(
            self._abusive(address), self._suspected(service, address), self._block(service, address)
        )

    def _abusive(self, address: str) -> bool:
        limit, now = self._options.abuse, self._options.clock()
        if limit is None:
            self._abuse.clear()
            return False
        start, count = self._abuse.get(address, (now, 0))
        if now >= start + limit.seconds:
            start, count = now, 0
        self._abuse[address] = (start, count + 1)
        return count >= limit.requests

    def _suspected(self, service: ServiceName, address: str) -> bool:
        services, addresses = self._options.guarded_services, self._options.guarded_addresses
        if services is not None and service not in services:
            return False
        if addresses is not None and address not in addresses:
            return False
        after, now = self._options.bot_guard_after, self._options.clock()
        key = (service, address)
        if after is None:
            self._counted.clear()
            self._guarded_until.clear()
            return False
        if now < self._guarded_until.get(key, now):
            return True
        self._counted[key] = self._counted.get(key, 0) + 1
        if self._counted[key] <= after:
            return False
        self._counted[key] = 0
        self._guarded_until[key] = now + self._options.bot_guard_seconds
        return True

    def _block(self, service: ServiceName, address: str) -> Block | None:
        options = self._options
        services = options.blocked_services
        if services is not None and service not in services:
            return None
        # Counted from the moment in which the block was laid, also on a stand-in that runs.
        if self._blocking != (options.block, options.block_after):
            self._blocking = (options.block, options.block_after)
            self._before_block = options.block_after or 0
        if options.block is None or self._before_block:
            self._before_block -= bool(self._before_block)
            return None
        only = options.blocked_addresses
        return options.block if only is None or address in only else None
