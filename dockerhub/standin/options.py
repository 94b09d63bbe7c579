"""What a stand-in can be told to do differently."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

RetryAfter = Literal["seconds", "epoch", "date", "x-epoch", "none"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A fixed window: so many *requests* in so many *seconds*."""

    requests: int = 180
    seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.requests < 1 or self.seconds <= 0:
            raise ValueError(f"limit: expected positive numbers, got {self}")


@dataclass(slots=True, kw_only=True)
class Options:
    """The switches of a stand-in; each may be set before it starts or while it runs."""

    accounts: dict[str, str] = field(default_factory=dict)
    """Identifier -> secret of those who may sign in."""
    token_seconds: float = 600.0
    """How long a token of ``/v2/auth/token`` lives."""
    login_seconds: float = 86_400.0
    """How long a token of ``/v2/users/login`` lives."""
    token_endpoint_status: int | None = None
    """What ``/v2/auth/token`` answers instead of tokens, say 404 or 410."""
    list_cap: int | None = 100
    """Row offset from which anonymous callers get 403 in repository lists; ``None``: no cap."""
    search_cap: int | None = 100
    """The same for search."""
    tag_cap: int | None = 1000
    """The same for tags."""
    max_page_size: int = 100
    """Larger page sizes are cut to this."""
    limit: Limit | None = None
    """For each address of anonymous callers; ``None``: no limit and no headers about it."""
    account_limit: Limit | Literal["same"] | None = "same"
    """For each account that is signed in."""
    window: Literal["first", "aligned"] = "first"
    """Whether a window starts with its first request or at a multiple of its length."""
    reset: Literal["ceil", "floor"] = "ceil"
    """How ``X-RateLimit-Reset`` is made a whole second."""
    retry_after: RetryAfter = "seconds"
    """How a 429 says when to come back; ``x-epoch`` is an epoch in ``X-Retry-After``."""
    refusal: Literal["text", "json"] = "text"
    """The body of a 429."""
    unknown_namespace_empty: bool = False
    """Answer 200 with count 0 for a namespace that does not exist, instead of 404."""
    cheap: bool = False
    """Never compress, and keep rendered pages of tags (100 MB): a benchmark measures itself."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970: decides about windows and the lives of tokens."""
