"""Spoilt responses: what comes over the wire instead of a true answer.

Some are ordinary responses with the wrong content; the others misbehave when they are sent.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

from aiohttp import web

from dockerhub.standin import pages
from dockerhub.standin.retry_after import retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.web_request import BaseRequest

    from dockerhub.standin.faults import Fault
    from dockerhub.standin.options import Options

NOT_SENT = 0
"""The status of a response of which not even the headers go out."""
_JSON = {"Content-Type": "application/json"}
_PIECE = 64 * 1024
_LOOK_SECONDS = 0.05


def spoilt(
    fault: Fault, true: web.Response, request: web.Request, options: Options
) -> web.StreamResponse:
    """Return what goes out for *fault* instead of the *true* answer to *request*."""
    whole = true.body if isinstance(true.body, bytes) else b""
    if fault == "truncated":
        return TruncatedResponse(true, whole, request)
    if fault == "hang":
        return HangingResponse(options.hang_seconds)
    if fault == "oversized":
        return OversizedResponse(whole, options.oversized_bytes)
    return ResetResponse() if fault == "reset" else _wrong(fault, whole, options)


def _wrong(fault: Fault, whole: bytes, options: Options) -> web.Response:
    if fault == "503":
        now = options.clock()
        wait = retry_after(options.retry_after, now + options.fault_wait_seconds, now)
        return web.Response(status=503, text=pages.UNAVAILABLE, headers=wait)
    if fault == "garbage":
        # Neither UTF-8 nor, with its control character, JSON.
        body = whole[: len(whole) * 2 // 3] + b"\x00\xff\xfe\x9d\x81"
        return web.Response(body=body, headers=_JSON)
    made: dict[str, Callable[[], web.Response]] = {
        "500": pages.server_error,
        "502": lambda: pages.html_page(pages.BAD_GATEWAY, 502),
        "html_403": pages.guard_page,
        "html_200": lambda: pages.html_page(pages.MAINTENANCE, 200),
        "empty_200": lambda: web.Response(body=b"", headers=_JSON),
    }
    return made[fault]()


class TruncatedResponse(web.Response):
    """The headers of the whole answer, half of its body, and then the end of the connection."""

    def __init__(self, true: web.Response, whole: bytes, request: web.Request) -> None:
        super().__init__(status=true.status, headers=true.headers, body=whole)
        self._request = request

    async def write_eof(self, data: bytes = b"") -> None:
        body = self.body if isinstance(self.body, bytes) else b""
        # Written even if it is empty: the headers go out with it.
        half = b"" if self._request.method == "HEAD" else body[: len(body) // 2]
        await self.write(half)
        transport = self._request.transport
        if transport is not None:
            transport.close()
        raise ConnectionResetError("cut off")


class OversizedResponse(web.StreamResponse):
    """The true answer with a padding that makes it *size* bytes long, in pieces."""

    def __init__(self, whole: bytes, size: int) -> None:
        super().__init__(headers=_JSON)
        self._whole, self._size = whole, size

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        if self.prepared:
            return await super().prepare(request)
        writer = await super().prepare(request)
        if request.method != "HEAD":
            await self._write_all()
        return writer

    async def _write_all(self) -> None:
        start, end = _padded(self._whole)
        await self.write(start)
        left = self._size - len(start) - len(end)
        while left > 0:
            await self.write(b"x" * min(left, _PIECE))
            left -= _PIECE
        await self.write(end)


def _padded(whole: bytes) -> tuple[bytes, bytes]:
    """Return what stands before and after the padding, so that all of it is JSON."""
    opened = whole.rstrip()[:-1] or b"{"
    comma = b"" if opened[-1:] in b"[{" else b","
    if opened.startswith(b"["):
        return opened + comma + b'"', b'"]'
    return opened + comma + b'"padding":"', b'"}'


class ResetResponse(web.Response):
    """Nothing: the connection is reset."""

    def __init__(self) -> None:
        super().__init__(status=NOT_SENT)

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        transport = request.transport
        if transport is not None:
            # Lingering for no time at all makes the end a RST and not a FIN.
            linger = struct.pack("ii", 1, 0)
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
        raise ConnectionResetError("reset")


class HangingResponse(web.Response):
    """Nothing, until the client goes away or *seconds* are over."""

    def __init__(self, seconds: float) -> None:
        super().__init__(status=NOT_SENT)
        self._seconds = seconds

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        end = asyncio.get_running_loop().time() + self._seconds
        while request.transport is not None:
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                request.transport.abort()
                break
            await asyncio.sleep(min(left, _LOOK_SECONDS))
        raise ConnectionResetError("hung up")
