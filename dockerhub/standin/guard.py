"""Who is not let through, whatever is asked: the abuse limit, the bot guard and the block.

They see every request, also one that something else answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dockerhub.standin.answers import Refusal
from dockerhub.standin.pages import server_error

if TYPE_CHECKING:
    from aiohttp import web

    from dockerhub.standin.options import Options

Block = Literal["404", "500"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an address is held for at one of its requests."""

    abusive: bool
    suspected: bool
    block: Block | None


class Guard:
    """Counts the requests of each address, and says how it stands."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._abuse: dict[str, tuple[float, int]] = {}
        self._counted: dict[str, int] = {}
        self._guarded_until: dict[str, float] = {}
        self._blocking: tuple[Block | None, int | None] = (None, None)
        self._before_block = 0

    def arrived(self, address: str) -> Standing:
        """Count one request and return the standing of its *address*."""
        return Standing(self._abusive(address), self._suspected(address), self._block(address))

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

    def _suspected(self, address: str) -> bool:
        after, now = self._options.bot_guard_after, self._options.clock()
        if after is None:
            self._counted.clear()
            self._guarded_until.clear()
            return False
        if now < self._guarded_until.get(address, now):
            return True
        self._counted[address] = self._counted.get(address, 0) + 1
        if self._counted[address] <= after:
            return False
        self._counted[address] = 0
        self._guarded_until[address] = now + self._options.bot_guard_seconds
        return True

    def _block(self, address: str) -> Block | None:
        options = self._options
        # Counted from the moment in which the block was laid, also on a stand-in that runs.
        if self._blocking != (options.block, options.block_after):
            self._blocking = (options.block, options.block_after)
            self._before_block = options.block_after or 0
        if options.block is None or self._before_block:
            self._before_block -= bool(self._before_block)
            return None
        only = options.blocked_addresses
        return options.block if only is None or address in only else None


def blocked_answer(block: Block, request: web.Request) -> web.Response:
    """Return what a blocked caller gets: just what it would get if nothing were there."""
    if block == "500":
        return server_error()
    asked = request.match_info
    errinfo = {key: asked[key] for key in ("namespace", "repository") if key in asked}
    if "name" in asked:
        errinfo["org" if request.path.startswith("/v2/orgs/") else "user"] = asked["name"]
    return Refusal.not_found(**errinfo).response()
