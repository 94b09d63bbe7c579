"""Asks for a few first pages, for `scrapy plan`: at most three requests, and no pull."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from dockerhub.arguments import Depth
from dockerhub.errors import PayloadError, in_words
from dockerhub.limits.headers import plain_headers
from dockerhub.limits.told import Told, hub_told, pulls_told
from dockerhub.media_types import ACCEPTED
from dockerhub.meta import REPOSITORY
from dockerhub.moments import now
from dockerhub.names import RepositoryName
from dockerhub.outcome import SIGNED_IN
from dockerhub.payloads.repositories import read_repository, read_repository_page
from dockerhub.payloads.search import read_search_page
from dockerhub.payloads.tags import read_tag_page
from dockerhub.redact import shown_url
from dockerhub.reports.plan_aim import NAMESPACE, FirstPage, Heard
from dockerhub.services import RegistryUrls, Services
from dockerhub.urls import HubUrls, unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from dockerhub.items import RepositoryRow
    from dockerhub.reports.plan_aim import Aim
    from dockerhub.reports.plan_facts import Facts

MOST_REQUESTS = 3
# What Docker keeps to be asked how many pulls are left.
_PREVIEW = RepositoryName("ratelimitpreview", "test")


class PlanSpider(Spider):
    """Asks for the first page of each list, for named repositories, and for lengths of tag lists.

    For what asks the registry alone it finds out how many pulls are left instead.
    """

    name = "plan"
    aim: Aim
    facts: Facts
    services: Services
    asks_hub = True
    exit_count = 1

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.heard = Heard(signed_in=False)
        self.hub: Told | None = None
        self.pulls: Told | None = None
        self.failures: list[str] = []
        self._left = MOST_REQUESTS

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read where the services are."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.services = Services.of_settings(crawler.settings)
        spider.asks_hub = spider.aim.asks_hub  # or a sign-in that fails would end it
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Ask for what decides most: how many pulls are left, lists, named repositories."""
        scheduler: Any = self.crawler.engine.scheduler
        self.exit_count = len(scheduler.exits.names)
        self.heard.signed_in = bool(self.crawler.stats.get_value(SIGNED_IN))
        if not self.aim.asks_hub:
            # It answers with its challenge, and after the token for that with what is left.
            url = RegistryUrls(self.services.registry).manifest(_PREVIEW, "latest")
            head = {"Accept": ", ".join(ACCEPTED)}
            meta = {REPOSITORY: str(_PREVIEW)}
            yield self._ask(url, self.told, {}, method="HEAD", headers=head, meta=meta)
        for kind, subject in self.aim.lists[: self._left]:
            yield self._ask(
                self._list_url(kind, subject), self.list_page, {"kind": kind, "subject": subject}
            )
        for repository in self.aim.named[: self._left]:
            url = HubUrls(self.services.hub).repository(repository)
            yield self._ask(url, self.repository_page, {"repository": repository})

    def told(self, response: Response) -> None:
        """Take how many pulls are left."""
        self.pulls = pulls_told(response.status, plain_headers(response.headers.items()))

    def list_page(self, response: Response, kind: str, subject: str) -> Iterator[Request]:
        """Take the first page of a list, and ask how many tags some of it have."""
        what = f"{'org' if kind == NAMESPACE else 'query'}={subject}"
        if response.status != 200:
            self._fail(f"{what}: expected a list, got HTTP {response.status}")
            return
        read = read_repository_page if kind == NAMESPACE else read_search_page
        page = read(response.body)
        self.heard.lists[kind, subject] = FirstPage(page.count, page.rows)
        if kind == NAMESPACE:
            self.heard.repositories.update({row.repository: row for row in page.rows})
        yield from self._lengths(page.rows, is_search=kind != NAMESPACE)

    def repository_page(self, response: Response, repository: RepositoryName) -> Iterator[Request]:
        """Take what a named repository says, and ask how many tags it has."""
        if response.status == 404:
            self.heard.gone.add(repository)
            self._fail(f"{repository}: expected a repository that is visible, got HTTP 404")
        elif response.status != 200:
            self._fail(f"{repository}: expected a repository, got HTTP {response.status}")
        else:
            row = read_repository(response.body, now()).row
            self.heard.repositories[repository] = row
            yield from self._lengths([row])

    def tag_page(self, response: Response, repository: RepositoryName) -> None:
        """Take the length of a list of tags."""
        if response.status == 200:
            count = read_tag_page(response.body).count
            if count is not None:
                self.heard.tag_counts[repository] = count

    def no_answer(self, failure: Failure) -> None:
        """Note why there is no answer."""
        error: Any = failure.value
        is_away = isinstance(error, (CannotResolveHostError, DownloadConnectionRefusedError))
        origin = self.services.hub if self.aim.asks_hub else self.services.registry
        self._fail(unreachable(origin) if is_away else in_words(error))

    def listen(self, request: Request, response: Response) -> None:
        """Take what any answer of the Hub API says of its limit, and count what is asked.

        The sign-in is not among that: it is nothing that a plan needs.
        """
        if request.url.startswith(f"{self.services.hub}/"):
            headers = plain_headers(response.headers.items())
            self.hub = hub_told(response.status, headers, time.time())
        urls = HubUrls(self.services.hub)
        self.heard.request_count += request.url not in {urls.token(), urls.login()}

    def answered(
        self, response: Response, take: Callable[..., Any], about: dict[str, Any]
    ) -> Iterator[Request]:
        """Hand an answer to who takes it, and note what cannot be read."""
        try:
            yield from take(response, **about) or ()
        except PayloadError as error:
            self._fail(f"{shown_url(response.url)}: {error}")

    def _lengths(
        self, rows: Sequence[RepositoryRow], *, is_search: bool = False
    ) -> Iterator[Request]:
        """Yield the requests for how many tags repositories have that may be walked in full."""
        scope = self.aim.scope
        if scope.depth < Depth.TAGS or scope.tag_names or not rows or self._left < 1:
            return
        known = self.facts.known(
            [row.repository for row in rows], scope.walk_arguments, signed_in=self.heard.signed_in
        )
        unknown = [
            row
            for row in rows
            if (is_search or not row.is_never_pushed)
            and (scope.fresh or (old := known.get(row.repository)) is None or old.settled is None)
        ]
        # Those in the middle say more of the others than the first or the last.
        unknown.sort(key=lambda row: (row.pull_count or 0, row.repository))
        most = min(self._left, len(unknown))
        for place in range(most):
            repository = unknown[(place + 1) * len(unknown) // (most + 1)].repository
            url = HubUrls(self.services.hub).tag_list(repository, 1, 1)
            yield self._ask(url, self.tag_page, {"repository": repository})

    def _list_url(self, kind: str, subject: str) -> str:
        urls, size = HubUrls(self.services.hub), 100 if self.heard.signed_in else 99
        if kind == NAMESPACE:
            return urls.namespace_list(subject, 1, size)
        return urls.search(subject, 1, size)

    def _ask(self, url: str, take: Any, about: dict[str, Any], **more: Any) -> Request:
        self._left -= 1
        meta = {"handle_httpstatus_all": True, **more.pop("meta", {})}
        return Request(
            url,
            self.answered,
            errback=self.no_answer,
            dont_filter=True,
            meta=meta,
            cb_kwargs={"take": take, "about": about},
            **more,
        )

    def _fail(self, message: str) -> None:
        self.failures.append(message)
