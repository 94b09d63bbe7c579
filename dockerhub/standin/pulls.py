"""What one request asked of the registry, and whether it was charged as a pull."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from dockerhub.standin.windows import Window


@dataclass(slots=True)
class Pull:
    """What was asked: a *repository*, and of it a tag or a digest (*reference*).

    *window* is that of the caller, if pulls are limited. *charged* pulls were answered.
    """

    repository: str
    reference: str | None = None
    window: Window | None = None
    charged: bool = False

    def charge(self) -> None:
        self.charged = True
        if self.window is not None:
            self.window.counted += 1


PULL = web.RequestKey("pull", Pull)
