"""What a stand-in can be told to do differently."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from dockerhub.standin.faults import Fault, check_faults
from dockerhub.standin.gone import Gone, check_gone
from dockerhub.standin.kinds import check_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.standin.drift import Drift
    from dockerhub.standin.guard import Block
    from dockerhub.standin.retry_after import RetryAfter
    from dockerhub.standin.service import ServiceName

_NOT_NEGATIVE = (
    *("fault_wait_seconds", "hang_seconds", "oversized_bytes", "fault_times"),
    *("block_after", "bot_guard_after", "bot_guard_seconds"),
    *("registry_token_seconds", "cdn_seconds", "announced_pull_seconds"),
    *("lying_images", "drop_digests", "search_depth"),
)


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
    search_depth: int | None = None
    """Hits that a search shows at most, to whoever asks; its count is told all the same."""
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
    """How a 429 and the fault 503 say when to come back; ``x-...`` is in ``X-Retry-After``."""
    refusal: Literal["text", "json"] = "text"
    """The body of a 429."""
    unknown_namespace_empty: bool = False
    """Answer 200 with count 0 for a namespace that does not exist, instead of 404."""
    cheap: bool = False
    """Never compress, and keep rendered pages of tags (100 MB): a benchmark measures itself."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970: decides about windows and the lives of tokens."""
    faults: dict[Fault, float] = field(default_factory=dict)
    """Share of the answers (0 to 1) that is spoilt in each way; at most one fault a request."""
    fault_seed: int = 1
    """Decides which answers; another one starts another sequence."""
    fault_kinds: frozenset[str] | None = None
    """The kinds of endpoints on which faults fall; ``None``: all, signing in as well."""
    fault_times: int | None = None
    """So many faults are still laid: it counts down. ``None``: no end."""
    fault_wait_seconds: float = 1.0
    """What the fault 503 says in its ``Retry-After``."""
    hang_seconds: float = 600.0
    """When the fault hang ends, if the client does not go before."""
    oversized_bytes: int = 17 * 1024 * 1024
    """How long the body of the fault oversized is."""
    abuse: Limit | None = None
    """Over all requests of one address: a bare 429 without a word about limits."""
    block: Block | None = None
    """Everything but signing in is answered as if it did not exist, or with an HTML 500."""
    blocked_addresses: frozenset[str] | None = None
    """Whom the block hits; ``None``: everybody."""
    block_after: int | None = None
    """So many requests of anybody are let through after the block was set."""
    bot_guard_after: int | None = None
    """So many requests of one address are let through; then everything is an HTML 403."""
    bot_guard_seconds: float = 600.0
    """How long; after that the address is let through again, and counted from 0."""
    gone: dict[str, Gone] = field(default_factory=dict)
    """Removed endpoints: kind, or form of path and kind (``repositories/tag_list``)."""
    drift: Drift | None = None
    """How the world changes while it is read."""
    blocked_services: frozenset[ServiceName] | None = None
    """The services that the block hits; ``None``: all."""
    guarded_services: frozenset[ServiceName] | None = None
    """The services that the bot guard stands before; each counts on its own. ``None``: all."""
    guarded_addresses: frozenset[str] | None = None
    """Whom it takes for a robot; ``None``: everybody."""
    hidden: frozenset[str] = frozenset()
    """Full names of private repositories: nobody sees them anywhere."""
    lying_images: float = 0.0
    """Share of the sets of images whose ``/images`` names a wrong digest for the topmost layer."""
    drop_digests: float = 0.0
    """Share of the images, and of the tags, that the Hub API shows without ``digest``."""
    registry_service: str = "registry.docker.io"
    """What the registry calls itself in challenges and tokens."""
    registry_issuer: str = "auth.docker.io"
    """Who says that it issues the tokens."""
    registry_token_seconds: float = 300.0
    """How long a token of the token service lives."""
    registry_token_expiry_told: bool = True
    """Whether its answer says so; else a token lives a minute."""
    grant_push: bool = False
    """Grant ``pull`` of any repository to anybody and ``push`` to accounts: for a real registry."""
    auth_limit: Limit | None = Limit(3000, 60.0)
    """For each address at the token service; ``None``: no limit and no headers about it."""
    pull_limit: Limit | None = None
    """Manifests that an address may get without an account; ``None``: as many as it likes."""
    account_pull_limit: Limit | Literal["same"] | None = "same"
    """The same for each account."""
    pull_headers: Literal["x", "plain", "both"] = "x"
    """Whether ``ratelimit-limit`` is spelt with ``x-`` before it, as in 2026."""
    pull_header_space: bool = False
    """Whether a space follows the ``;`` in it."""
    announced_pull_seconds: int | None = None
    """What it says about the length of a window; ``None``: the truth."""
    redirect_blobs: bool = True
    """Whether blobs come from the CDN, or from the registry itself."""
    cdn_seconds: float = 3000.0
    """How long an address at the CDN is good."""

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        :raises ValueError: if a switch of what goes wrong has a value that makes no sense
        """
        check_faults(self.faults)
        check_gone(self.gone)
        for kind in self.fault_kinds or ():
            check_kind("fault_kinds", kind)
        for name in _NOT_NEGATIVE:
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise ValueError(f"{name}: expected 0 or more, got {value}")
