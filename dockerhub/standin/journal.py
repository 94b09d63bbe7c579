"""The journal: what a stand-in was asked, and what it answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerhub.standin.limits import Limits
    from dockerhub.standin.pull_limits import PullLimits
    from dockerhub.standin.windows import Window


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One request and the status of its answer.

    *kind* is one of `KINDS` or ``unknown``, *at* in seconds since 1970 (the stand-in's clock),
    *token* says what the Authorization header was worth: ``good expired foreign``, ``None`` without
    one. *stray* marks a header that should not have been sent there. *scripted* answers were laid
    over by a test. *fault* is what went wrong on purpose: one of `Fault`, or ``abuse block
    bot_guard gone``. *status* is 0 where not even headers go out. The registry was asked for a
    *repository*, and of it for a tag or a digest (*reference*); *charged* were those that cost a
    pull.
    """

    at: float
    kind: str
    method: str
    path: str
    query: dict[str, str]
    status: int
    account: str | None
    token: str | None
    stray: bool
    scripted: bool
    fault: str | None = None
    user_agent: str | None
    remote: str
    repository: str | None = None
    reference: str | None = None
    charged: bool = False

    @property
    def signed_in(self) -> bool:
        return self.account is not None


class Journal:
    """All exchanges so far, in the order of the answers; the control endpoints are not in it."""

    def __init__(self, limits: Limits, pulls: PullLimits) -> None:
        self._limits, self._pulls = limits, pulls
        self._lock = Lock()
        self._exchanges: list[Exchange] = []

    def record(self, exchange: Exchange) -> None:
        with self._lock:
            self._exchanges.append(exchange)

    @property
    def exchanges(self) -> list[Exchange]:
        with self._lock:
            return list(self._exchanges)

    def counts(self) -> Counter[str]:
        """Return how often each kind of endpoint was asked, whatever the answer."""
        return Counter(exchange.kind for exchange in self.exchanges)

    def statuses(self) -> Counter[int]:
        """Return how often each status was answered."""
        return Counter(exchange.status for exchange in self.exchanges)

    def faults(self) -> Counter[str]:
        """Return how often each thing went wrong on purpose."""
        return Counter(exchange.fault for exchange in self.exchanges if exchange.fault)

    def of(self, kind: str) -> list[Exchange]:
        """Return the exchanges of one kind."""
        return [exchange for exchange in self.exchanges if exchange.kind == kind]

    @property
    def unknown(self) -> list[Exchange]:
        """What no Docker Hub answers: a test expects none."""
        return self.of("unknown")

    @property
    def stray_tokens(self) -> list[Exchange]:
        """Requests with an Authorization header that this place should never see."""
        return [exchange for exchange in self.exchanges if exchange.stray]

    def windows(self) -> list[Window]:
        """Return the windows of Hub's rate limit: start, counted, limit, refused."""
        return self._limits.windows()

    def pull_windows(self) -> list[Window]:
        """Return the windows of the limit of pulls."""
        return self._pulls.windows()

    def pulls(self) -> list[tuple[str, str]]:
        """Return the repository and reference of every manifest that was charged as a pull."""
        return [(e.repository or "", e.reference or "") for e in self.exchanges if e.charged]

    def clear(self) -> None:
        """Forget all exchanges, and the windows that are over."""
        with self._lock:
            self._exchanges.clear()
        self._limits.clear()
        self._pulls.clear()

    def summary(self) -> dict[str, Any]:
        """Return the counts as plain JSON."""
        exchanges = self.exchanges
        return {
            "requests": len(exchanges),
            "kinds": dict(self.counts()),
            "statuses": {str(status): count for status, count in self.statuses().items()},
            "signed_in": sum(exchange.signed_in for exchange in exchanges),
            "stray_tokens": len(self.stray_tokens),
            "scripted": sum(exchange.scripted for exchange in exchanges),
            "faults": dict(self.faults()),
            "pulls": sum(exchange.charged for exchange in exchanges),
        }
