"""The journal: what a stand-in was asked, and what it answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.standin.limits import Window


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One request and the status of its answer.

    *kind* is one of ``namespace_list repository tag_list tag tag_images search sign_in user
    categories unknown``, *at* in seconds since 1970 (the stand-in's clock), *token* says what the
    Authorization header was worth: ``good expired foreign``, ``None`` without one. *stray* marks
    a header that should not have been sent there. *scripted* answers were laid over by a test.
    *fault* is what went wrong on purpose: one of `Fault`, or ``abuse block bot_guard gone``.
    *status* is 0 where not even headers go out.
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

    @property
    def signed_in(self) -> bool:
        return self.account is not None


class Journal:
    """All exchanges so far, in the order of the answers; the control endpoints are not in it."""

    def __init__(
        self, windows: Callable[[], list[Window]], clear_windows: Callable[[], None]
    ) -> None:
        self._windows = windows
        self._clear_windows = clear_windows
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
        """Return the windows of the rate limit: start, counted, limit, refused."""
        return self._windows()

    def clear(self) -> None:
        """Forget all exchanges, and the windows that are over."""
        with self._lock:
            self._exchanges.clear()
        self._clear_windows()

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
        }
