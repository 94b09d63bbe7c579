"""Stands for the engine's downloader: answers sign-ins with tokens, or as it is told to."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from scrapy.http import Response

if TYPE_CHECKING:
    from scrapy import Request


class Door:
    def __init__(self) -> None:
        self.answers: list[Any] = []
        """statuses, responses and exceptions, in their order; afterwards tokens"""
        self.asked: list[Request] = []
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        await self.is_open.wait()
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Response):
            return answer
        body = json.dumps({"access_token": f"token-{len(self.asked)}"}).encode()
        return Response(request.url, answer, body=body if answer == 200 else b"no")
