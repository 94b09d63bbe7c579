"""The exits of a crawl: their names, sessions and states, as the scheduler uses them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerhub.exits.pool import ExitPool
from dockerhub.exits.sources import Sources
from dockerhub.limits.breaker import DIRECT
from dockerhub.limits.openings import AWAITED, Openings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from dockerhub.proxy import Proxy


@dataclass
class _Exit:
    """One way out, under one name: a session has a name of its own."""

    label: str
    """the name without the number of the session"""
    proxy: Proxy | None
    number: int = 0
    """of the session, counted from 1; 0 where there are none"""
    session: str = field(default="", repr=False)
    used_count: int = 0
    in_flight: int = 0
    is_current: bool = True
    """whether it may get requests: another session has not taken its place"""

    @property
    def name(self) -> str:
        return f"{self.label}.{self.number}" if self.number else self.label


class Exits:
    """All exits of a crawl; without proxies the one exit `direct`, which is never dead.

    Times are Unix seconds of our clock. Names may be shown anywhere: they hold hosts, ports and
    numbers.
    """

    def __init__(
        self,
        proxies: Sequence[Proxy | None] = (),
        *,
        session_requests: int = 80,
        patience_seconds: float = 600.0,
        backoff_base: float = 5.0,
        backoff_cap: float = 300.0,
        new_session: Callable[[], str] = str,
        jitter: Callable[[], float] = float,
    ) -> None:
        """Begin with every exit unchecked and the first sessions.

        None among *proxies* is `direct`. *session_requests* is after how many requests a session
        is over; *backoff_base* and *backoff_cap* are the seconds of the first and the longest
        rest. *new_session* returns what makes a user name's session a new one, *jitter* a random
        number in [0, 1); the defaults are for `direct` alone, which needs neither.
        """
        self._session_requests = session_requests
        self.patience_seconds = patience_seconds
        self._new_session = new_session
        self._sources = Sources()
        self._ended: list[str] = []
        self.gone: list[str] = []
        """sessions that `renew` found to be over, with nothing of them under way any more, since
        it was called before: what is kept about them may be forgotten"""
        self._current: list[_Exit] = []
        for label, proxy in _labels(proxies or [None]):
            is_sticky = proxy is not None and proxy.is_sticky
            first = (1, new_session()) if is_sticky else ()
            self._current.append(_Exit(label, proxy, *first))
        self._known = {way.name: way for way in self._current}
        self.is_single = self.names == [DIRECT]
        """whether `direct` is all there is"""
        self._pool = ExitPool(
            self._known,
            base_seconds=backoff_base,
            cap_seconds=backoff_cap,
            jitter=jitter,
        )

    def __str__(self) -> str:
        return str(self._pool).replace("Proxies", "Exits", 1)

    @property
    def names(self) -> list[str]:
        """The exits that may get requests, in the order in which they were given."""
        return [way.name for way in self._current]

    def opens_at(self, name: str, now: float) -> float:
        """Return when *name* may be used: *now*, later, or `NEVER`."""
        return self._pool.opens_at(name, now)

    def open_at(self, now: float) -> Openings:
        """Return when each exit that may get requests may be used.

        One that is not proven gets one request at a time.
        """
        return Openings(
            {way.name: self._opens_at(way, now) for way in self._current},
            lost_at=self._pool.lost_at,
            patience_seconds=self.patience_seconds,
        )

    def _opens_at(self, way: _Exit, now: float) -> float:
        opens = self._pool.opens_at(way.name, now)
        is_tried = way.in_flight > 0 and not self._pool.is_proven(way.name)
        return AWAITED if is_tried and opens <= now else opens

    def gives_up_at(self, now: float) -> float:
        """Return when to wait no longer for any exit, `NEVER` while one may be used."""
        opens = {name: self._pool.opens_at(name, now) for name in self.names}
        told = Openings(opens, lost_at=self._pool.lost_at, patience_seconds=self.patience_seconds)
        return told.gives_up_at(self.names, now)

    def best(self, now: float, avoid: Collection[str] = ()) -> str:
        """Return the exit for what needs no budget: open, proven, with the least under way.

        Where none is open, it is the one that will be first; those to *avoid* come last.
        """

        def rank(way: _Exit) -> tuple[bool, float, bool, int, int]:
            opens, is_proven = self._pool.opens_at(way.name, now), self._pool.is_proven(way.name)
            doubts = self._pool.doubt_count(way.name)
            return way.name in avoid, opens, not is_proven, doubts, way.in_flight

        return min(self._current, key=rank).name

    def is_proven(self, name: str) -> bool:
        """Tell whether *name* has brought an answer since it was last dead or new."""
        return self._pool.is_proven(name)

    @property
    def has_served(self) -> bool:
        """Whether any exit ever brought a good answer."""
        return self._pool.has_served

    def is_current(self, name: str) -> bool:
        """Tell whether *name* may get requests: it is no session that is over."""
        return name in self._known and self._known[name].is_current

    def is_known(self, name: str) -> bool:
        """Tell whether *name* is current, or over with requests still under way."""
        return name in self._known

    def label(self, name: str) -> str:
        """Return *name* without the number of the session: what statistics are kept under."""
        where, colon, port = name.rpartition(":")
        return f"{where}{colon}{port.partition('.')[0]}"

    def address(self, name: str) -> str | None:
        """Return the URL of the proxy without credentials, None for `direct`.

        :raises KeyError: if *name* is not known (any more)
        """
        proxy = self._known[name].proxy
        return None if proxy is None else proxy.address

    def authorization(self, name: str) -> bytes | None:
        """Return the value of `Proxy-Authorization`, None if there is none to send.

        :raises KeyError: if *name* is not known (any more)
        """
        way = self._known[name]
        return None if way.proxy is None else way.proxy.authorization(way.session)

    def took(self, name: str) -> None:
        """Count a request that is handed to *name*; `done` or `gave_back` has to follow."""
        way = self._known[name]
        way.used_count += 1
        way.in_flight += 1

    def done(self, name: str) -> None:
        """Count the end of a request, whatever it was."""
        way = self._known.get(name)
        if way is not None:
            way.in_flight -= 1
            self._end(way)

    def gave_back(self, name: str) -> None:
        """Count a request that was never sent, so that no session has used it up."""
        if name in self._known:
            self._known[name].used_count -= 1
        self.done(name)

    def is_over(self, name: str, *, is_spent: bool = False) -> bool:
        """Tell whether another session should follow *name*: it has had all its requests.

        *is_spent* is whether its address may make no more of them.
        """
        way = self._known.get(name)
        if way is None or not way.number or not way.is_current:
            return False
        # One that had nothing left from its first request on has the address of another one: the
        # next session would as well.
        is_used = way.used_count > 1
        return (is_spent and is_used) or way.used_count >= self._session_requests

    def renew(self, name: str) -> str:
        """End the session of *name* and return the name of the next one, *name* if it has none.

        The old one stays known while requests are under way. A gateway that is dead is dead for
        the next session as well.
        """
        for place, way in enumerate(self._current):
            if way.name == name and way.number:
                after = _Exit(way.label, way.proxy, way.number + 1, self._new_session())
                self._current[place] = self._known[after.name] = after
                way.is_current = False
                self._pool.replace(name, after.name)
                self._end(way)
                self.gone, self._ended = self._ended, []
                return after.name
        return name

    def hear_source(self, name: str, source: str) -> str | None:
        """Return the exit that had this address before *name*, None if none had (`Sources`)."""
        return self._sources.hear(name, source) if name in self._known else None

    def mark_good(self, name: str, now: float, *, sent: float, service: str = "") -> bool:
        """Hear that what went at *sent* was answered by *service*; False if that is no news."""
        return self._pool.mark_good(name, now, sent=sent, service=service)

    def mark_dead(
        self,
        name: str,
        now: float,
        *,
        sent: float,
        retry_after: float | None = None,
        forever: bool = False,
    ) -> float | None:
        """Let *name* rest and return for how many seconds, None if that is no news.

        `NEVER` is for the rest of the crawl. `direct` cannot fail, only the service can.
        """
        if name == DIRECT:
            return None
        return self._pool.mark_dead(name, now, sent=sent, retry_after=retry_after, forever=forever)

    def fail(self, name: str, now: float, *, sent: float, service: str) -> float | None:
        """Hear that *name* did not let something for *service* through; see `ExitPool.fail`."""
        if name == DIRECT:
            return None
        return self._pool.fail(name, now, sent=sent, service=service)

    def doubt(self, name: str, now: float, *, sent: float, service: str = "") -> float | None:
        """Hear that what went at *sent* got no answer; return for how long *name* rests now.

        None if it does not: it takes three in a row while *service* answers by another exit.
        """
        return None if name == DIRECT else self._pool.doubt(name, now, sent=sent, service=service)

    def _end(self, way: _Exit) -> None:
        """Forget a session that is over, once nothing of it is under way."""
        if way.in_flight <= 0 and not way.is_current:
            del self._known[way.name]
            self._sources.forget(way.name)
            self._ended.append(way.name)


def _labels(proxies: Sequence[Proxy | None]) -> list[tuple[str, Proxy | None]]:
    """Return each proxy with what it is called; those of one host and port are numbered."""
    addresses = [DIRECT if proxy is None else proxy.host_and_port for proxy in proxies]
    totals, seen = Counter(addresses), Counter[str]()
    labels: list[tuple[str, Proxy | None]] = []
    for address, proxy in zip(addresses, proxies, strict=True):
        seen[address] += 1
        number = f"#{seen[address]}" if totals[address] > 1 else ""
        labels.append((f"{address}{number}", proxy))
    return labels
