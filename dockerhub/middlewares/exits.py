"""Sends each request by the exit that the scheduler chose, and hears what proxies say."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Self

from rotating_proxies.middlewares import RotatingProxyMiddleware
from scrapy.exceptions import NotConfigured

from dockerhub.errors import HubRefusal, ProxyError
from dockerhub.exits.policy import ExitBanPolicy
from dockerhub.kinds import Kind
from dockerhub.limits.budget import NEVER
from dockerhub.limits.headers import plain_headers, seconds_of_retry_after
from dockerhub.meta import AVOID, EXIT, ONLY_BY, PROXY_TRIES, SENT, SERVICE, TAKEN_BARE
from dockerhub.proxy import given_proxies
from dockerhub.words import duration

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

    from dockerhub.exits.policy import Verdict

logger = logging.getLogger(__name__)

_AUTHORIZATION = b"Proxy-Authorization"


class ExitsMiddleware(RotatingProxyMiddleware):  # type: ignore[misc]  # the library has no types
    """The library's middleware over the scheduler's pool, whose choice it applies.

    What a proxy says itself is no word of Docker's: the exit rests, and the request goes back to
    the queue as it was, for another one. No credentials stay in a request that has come back.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._policy = ExitBanPolicy()
        self._told: set[tuple[str, str]] = set()
        self._most_tries = crawler.settings.getint("ROTATING_PROXY_PAGE_RETRY_TIMES")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Needed where proxies are named; the scheduler makes exits of them.

        :raises NotConfigured: if there are none: then all is asked directly
        """
        settings = crawler.settings
        if not given_proxies(settings["DOCKERHUB_PROXIES"], settings["DOCKERHUB_PROXY_FILE"]):
            raise NotConfigured
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Say by which proxy a request goes, and with which credentials."""
        if SERVICE not in request.meta and not self._exits.is_known(request.meta.get(EXIT, "")):
            # What no queue has held: a sign-in, or a request for a token.
            request.meta[EXIT] = self._best(request, request.meta.get(AVOID, ()))
            request.meta["download_slot"] = self.get_proxy_slot(request.meta[EXIT])
        name = request.meta[EXIT]
        if SERVICE not in request.meta:
            self._exits.took(name)
            request.meta[TAKEN_BARE] = True
        request.meta["proxy"] = self._exits.address(name)
        request.headers.pop(_AUTHORIZATION, None)
        authorization = self._exits.authorization(name)
        if authorization is not None:
            request.headers[_AUTHORIZATION] = authorization
        self._crawler.stats.inc_value(f"dockerhub/exits/{self._exits.label(name)}/requests")

    def get_proxy_slot(self, name: str) -> str:
        """Return the downloader's slot of what goes by an exit and no queue has held."""
        return f"bare|{name}"

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Let through what Docker says; what the proxy says itself is none of it.

        :raises ProxyError: if that was the answer to what no queue has held
        """
        response = self._taken_back(request, response)
        verdict = self._policy.verdict_of_response(request, response)
        if verdict is not None:
            headers = plain_headers(response.headers.items())
            asked = seconds_of_retry_after(headers, time.time())
            return self._ban(request, verdict, retry_after=asked)
        if response.status >= 500:
            # It may be this exit alone to which the service says that.
            self._doubt(request, f"brings HTTP {response.status}")
            return response
        name, service = request.meta[EXIT], request.meta.get(SERVICE, "")
        sent = request.meta.get(SENT, 0.0)
        self._exits.mark_good(name, time.time(), sent=sent, service=service)
        return response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Tell a proxy that fails from a service that does.

        :raises ProxyError: if it fails for what no queue has held
        """
        self._taken_back(request, None)
        verdict = self._policy.verdict_of_failure(request, exception)
        if verdict is None:
            return None
        if not verdict.is_doubtful:
            return self._ban(request, verdict)
        self._doubt(request, verdict)
        return self._by_another(request, verdict) if SERVICE not in request.meta else None

    def _taken_back(self, request: Request, response: Any) -> Any:
        """Take credentials off what came back; a proxy may repeat them in a page of its own."""
        header = request.headers.pop(_AUTHORIZATION, None) or [b""]
        # What was refused before it came here has not been counted.
        if request.meta.pop(TAKEN_BARE, False):
            self._exits.done(request.meta[EXIT])
        token = header[0].rpartition(b" ")[2]
        if response is None or not token or token not in response.body:
            return response
        return response.replace(body=response.body.replace(token, b"***"))

    def _doubt(self, request: Request, words: str) -> None:
        """Let an exit rest by which a service fails in a row while it answers by others."""
        name, service = request.meta[EXIT], request.meta.get(SERVICE, "")
        sent = request.meta.get(SENT, 0.0)
        self._tell(name, words, self._exits.doubt(name, time.time(), sent=sent, service=service))

    def _ban(
        self, request: Request, verdict: Verdict, *, retry_after: float | None = None
    ) -> Request:
        """Let the exit rest, and return the request as it was: Docker has not seen it.

        :raises HubRefusal: if no proxy lets it through
        """
        name = request.meta[EXIT]
        if SERVICE not in request.meta:
            self._rest(request, verdict, retry_after)
            return self._by_another(request, verdict)
        budget = self._scheduler.budget_of(request)
        service = request.meta[SERVICE]
        self._scheduler.give_back(request)
        self._rest(request, verdict, retry_after, service=service, budget=budget)
        # Where other requests got through, it may be this one that no proxy lets through.
        is_counted = verdict.may_be_of_target and self._exits.has_served
        tries = request.meta.get(PROXY_TRIES, 0) + is_counted
        if tries > self._most_tries:
            words = f"{ProxyError(name, verdict)}, the last of {tries} that were tried"
            raise HubRefusal(Kind.BROKEN, None, words)
        following: Request = request.replace(dont_filter=True)
        following.meta[PROXY_TRIES] = tries
        following.meta[AVOID] = (*request.meta.get(AVOID, ()), name)
        return following

    def _rest(
        self,
        request: Request,
        verdict: Verdict,
        retry_after: float | None,
        *,
        service: str = "",
        budget: Any = None,
    ) -> None:
        """Let an exit rest, or what it does for one service, where it goes on with others."""
        name, now, sent = request.meta[EXIT], time.time(), request.meta.get(SENT, 0.0)
        asked = retry_after or 0.0
        if verdict.may_be_of_target:
            rest = self._exits.fail(name, now, sent=sent, service=service)
            if rest is not None:
                if rest and budget is not None:
                    budget.rest(max(rest, asked), now)
                self._tell(name, verdict, max(rest, asked) if rest else None)
                return
        forever = verdict.is_for_good
        dead = self._exits.mark_dead(name, now, sent=sent, retry_after=asked, forever=forever)
        self._tell(name, verdict, dead)

    def _by_another(self, request: Request, verdict: Verdict) -> Request:
        """Return what no queue has held, to go by another exit at once; each is tried once.

        :raises ProxyError: if none is left that may be used now, or it was for that exit alone
        """
        now, tried = time.time(), (*request.meta.get(AVOID, ()), request.meta[EXIT])
        is_open = self._exits.opens_at(self._best(request, tried), now) <= now
        if ONLY_BY in request.meta or len(tried) >= len(self._exits.names) or not is_open:
            raise ProxyError(request.meta[EXIT], verdict)
        following: Request = request.replace(dont_filter=True)
        del following.meta[EXIT]
        following.meta[AVOID] = tried
        return following

    def _best(self, request: Request, tried: tuple[str, ...]) -> str:
        """Return the exit for what no queue holds: not one that its service has stopped."""
        service = self._scheduler.service_of(request)
        shut = self._scheduler.queues[service].lanes.shut_exits if service is not None else ()
        name: str = self._exits.best(time.time(), {*tried, *shut})
        return name

    def _tell(self, name: str, words: str, rest: float | None) -> None:
        """Say that an exit rests, and why, once for each reason."""
        if rest is None:
            return
        self._crawler.stats.inc_value(f"dockerhub/exits/{self._exits.label(name)}/rests")
        if rest == NEVER:
            self._crawler.stats.inc_value(f"dockerhub/exits/{self._exits.label(name)}/dead")
        until = "not used any more" if rest == NEVER else f"it rests for {duration(rest)}"
        what = self._exits.label(name), str(words)
        told = logging.DEBUG if what in self._told else logging.WARNING
        self._told.add(what)
        logger.log(told, "%s; %s", ProxyError(name, words), until)

    @property
    def _exits(self) -> Any:
        return self._scheduler.exits

    @property
    def _scheduler(self) -> Any:
        return self._crawler.engine.scheduler
