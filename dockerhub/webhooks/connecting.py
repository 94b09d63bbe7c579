"""Connections to public addresses alone, checked at the moment they are made."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from dockerhub.errors import DockerhubError
from dockerhub.webhooks.addresses import is_public, read_address

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dockerhub.webhooks.addresses import Address

    IsAllowed = Callable[[Address], bool]
    LookUp = Callable[[str, int], Awaitable[list[Any]]]


class AddressRefused(DockerhubError):
    """Raised when a host is none of the public internet, by what connects to it.

    The message is what was found, such as `127.0.0.1`.
    """


def connector(*, allow_private: bool, look_up: LookUp | None = None) -> TCPConnector:
    """Return what makes connections; *look_up* tells a host's addresses as `getaddrinfo` does."""
    is_allowed: IsAllowed = _anything if allow_private else is_public
    return checked_connector(is_allowed, look_up or _look_up)


def checked_connector(is_allowed: IsAllowed, look_up: LookUp) -> TCPConnector:
    """Return a connector that goes to the addresses that *is_allowed* lets through.

    One look-up a connection, and the connection goes to what was looked up: a name that answers
    otherwise the next time gains nothing. The socket's own address is checked once more, which
    covers hosts that are addresses.
    """

    def open_socket(info: Any) -> socket.socket:
        family, kind, protocol, _, where = info
        _check(str(where[0]), is_allowed)
        return socket.socket(family, kind, protocol)

    return TCPConnector(
        resolver=_CheckedResolver(is_allowed, look_up),
        use_dns_cache=False,
        happy_eyeballs_delay=None,  # one after the other: a refusal is the end
        limit=1,
        socket_factory=open_socket,
    )


class _CheckedResolver(AbstractResolver):
    """Resolves a host if all of its addresses are allowed."""

    def __init__(self, is_allowed: IsAllowed, look_up: LookUp) -> None:
        self._is_allowed = is_allowed
        self._look_up = look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._look_up(host, port)
        for *_, where in found:
            _check(str(where[0]), self._is_allowed)
        return [_result(host, info) for info in found]

    async def close(self) -> None:
        """Nothing is open."""


def _result(host: str, info: Any) -> ResolveResult:
    family, _, protocol, _, where = info
    return ResolveResult(
        hostname=host,
        host=str(where[0]),
        port=where[1],
        family=family,
        proto=protocol,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


def _check(text: str, is_allowed: IsAllowed) -> None:
    address = read_address(text)
    if address is None or not is_allowed(address):
        raise AddressRefused(text)


def _anything(_: Address) -> bool:
    return True


async def _look_up(host: str, port: int) -> list[Any]:
    loop = asyncio.get_running_loop()
    return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
