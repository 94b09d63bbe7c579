"""A probe that is refused is followed by the next; only after the last one we are blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError

from dockerhub.endpoints import old_form
from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import BACKED_OFF, DOUBTED_URL, ONLY_BY, PROBED, PROBES, RENEWED, SENT
from dockerhub.names import RepositoryName
from dockerhub.outcome import FAILURES
from tests.middlewares.exchanges import (
    ALPINE,
    DETAIL,
    ERROR,
    HTML,
    NGINX,
    REDIS,
    TAGS,
    URLS,
    answer,
    asked,
    good,
    known,
    outcome,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.limits.budget import Budget
    from dockerhub.middlewares.answers import AnswersMiddleware
    from tests.middlewares.exchanges import Closing

MISSING = answer(404)
SAID = f"HTTP 404 {ERROR.decode()}"
NGINX_TAGS = URLS.tag_list(RepositoryName("bitnami", "nginx"), 1, 100)


def doubted_with(middleware: AnswersMiddleware, seen: str, doubted: str = REDIS) -> Request:
    """Return the first of two probes for a 404 of what is known: an official image, then *seen*."""
    outcome(middleware, asked(seen), good(seen))
    found: Request = outcome(middleware, known(doubted), MISSING)
    assert (found.url, found.meta[PROBES]) == (ALPINE, [seen])
    return found


@pytest.fixture
def probe(middleware: AnswersMiddleware) -> Request:
    return doubted_with(middleware, NGINX_TAGS)


def tried(
    middleware: AnswersMiddleware, request: Request, said: Response | Exception
) -> Iterator[Any]:
    """Return what becomes of a probe that is always answered alike, until it is of another kind."""
    found: Any = request
    while isinstance(found, Request) and found.url == request.url:
        found = outcome(middleware, found, said)
        yield found


REFUSED = [
    pytest.param(MISSING, SAID, 1, id="404"),
    pytest.param(answer(401), f"HTTP 401 {ERROR.decode()}", 1, id="401"),
    pytest.param(answer(403), f"HTTP 403 {ERROR.decode()}", 1, id="403 JSON"),
    pytest.param(answer(400, b"no"), "HTTP 400 no", 1, id="400"),
    pytest.param(answer(302, b""), "HTTP 302", 1, id="redirect"),
    pytest.param(answer(200, HTML), "HTTP 200 without data", 5, id="200 HTML"),
    pytest.param(answer(500, b""), "HTTP 500", 5, id="500"),
    pytest.param(OSError("reset"), "OSError: reset", 5, id="no answer"),
    pytest.param(
        DownloadCancelledError("x"), "a body of more than 1073741824 bytes", 1, id="a large body"
    ),
]
STRUCK = [
    pytest.param(answer(410, b"gone"), "HTTP 410 gone", 1, id="410"),
    pytest.param(answer(200, b"{}"), "HTTP 200 {}", 3, id="200 without data"),
]


@pytest.mark.parametrize(("said", "words", "tries"), REFUSED + STRUCK)
def test_a_probe_that_is_refused_is_followed_by_the_next(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, probe: Request,
    said: Response | Exception, words: str, tries: int,
) -> None:  # fmt: skip
    found = list(tried(middleware, probe, said))
    following = found[-1]
    assert isinstance(following, Request)
    assert (following.url, len(found)) == (NGINX_TAGS, tries)
    assert (following.priority, following.dont_filter) == (100, True)
    assert following.cb_kwargs == {"walk": 1}
    assert following.meta[PROBED] is probe.meta[PROBED]
    assert following.meta[PROBES] == []
    assert (closing.reasons, crawler.stats.get_value(FAILURES)) == ([], None)
    assert crawler.stats.get_value("dockerhub/no/blocked") is None


@pytest.mark.parametrize(("said", "words", "tries"), REFUSED + STRUCK)
def test_one_good_probe_makes_the_404_believed(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, probe: Request,
    said: Response | Exception, words: str, tries: int,
) -> None:  # fmt: skip
    *_, following = tried(middleware, probe, said)
    before = crawler.stats.get_value("dockerhub/no/not there", 0)
    refusal = outcome(middleware, following, good(NGINX_TAGS))
    assert isinstance(refusal, HubRefusal)
    assert (refusal.kind, refusal.status, refusal.detail) == (Kind.NOT_THERE, 404, SAID)
    assert crawler.stats.get_value("dockerhub/no/not there") == before + 1
    assert crawler.stats.get_value("dockerhub/no/blocked") is None
    assert closing.reasons == []


@pytest.mark.parametrize(("said", "words", "tries"), REFUSED)
def test_after_the_last_probe_we_are_blocked(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, probe: Request,
    said: Response | Exception, words: str, tries: int,
) -> None:  # fmt: skip
    following = outcome(middleware, probe, MISSING)
    *_, refusal = found = list(tried(middleware, following, said))
    assert (refusal.kind, refusal.status, len(found)) == (Kind.BLOCKED, 404, tries)
    # The last one is told, and its address once.
    assert " ".join(refusal.detail.split()) == f"{SAID}, and {words} from {NGINX_TAGS}"
    assert closing.reasons == ["blocked"]
    assert crawler.stats.get_value("dockerhub/no/blocked") == 1
    assert crawler.stats.get_value("dockerhub/breaker/blocked") == 1
    assert len(crawler.stats.get_value(FAILURES)) == 1


def test_the_next_probe_begins_anew(middleware: AnswersMiddleware, closing: Closing) -> None:
    probe = doubted_with(middleware, NGINX)
    probe.meta.update({"retry_times": 4, BACKED_OFF: 4, RENEWED: 1})
    following = outcome(middleware, probe, answer(500, b""))
    assert set(following.meta) == {SENT, PROBED, PROBES, DOUBTED_URL, ONLY_BY}
    found = list(tried(middleware, following, answer(500, b"")))
    assert [each.meta["retry_times"] for each in found[:-1]] == [1, 2, 3, 4]
    assert found[-1].kind is Kind.BLOCKED


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(429, b"", Retry_After="40"), id="429"),
        pytest.param(answer(500, b""), id="500"),
        pytest.param(answer(403, HTML), id="403 HTML"),
        pytest.param(OSError("reset"), id="no answer"),
    ],
)
def test_a_probe_that_goes_again_keeps_the_next(
    middleware: AnswersMiddleware, budget: Budget, probe: Request, said: Any
) -> None:
    again = outcome(middleware, probe, said)
    assert again.url == ALPINE
    assert (again.meta[PROBED], again.meta[PROBES]) == (probe.meta[PROBED], [NGINX_TAGS])
    assert outcome(middleware, again, MISSING).url == NGINX_TAGS


def test_lasting_5xx_have_a_next_probe_too(middleware: AnswersMiddleware, closing: Closing) -> None:
    outcome(middleware, asked(NGINX), good(NGINX))
    *_, probe = tried(middleware, known(), answer(500, b""))
    *_, following = tried(middleware, probe, answer(500, b""))
    assert following.url == NGINX
    refusal = outcome(middleware, following, answer(200, DETAIL))
    assert (refusal.kind, refusal.status) == (Kind.BROKEN, 500)
    assert refusal.detail == f"HTTP 500 from {REDIS}"
    assert closing.reasons == []


def test_a_guard_that_stops_a_probe_is_told_as_the_guard(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, probe: Request
) -> None:
    *_, refusal = tried(middleware, probe, answer(403, HTML))
    # The crawl is over: nothing is believed, whatever it was, and nothing more is asked.
    assert refusal.kind is Kind.BLOCKED
    assert closing.reasons == ["bot_guard"]
    assert crawler.stats.get_value("dockerhub/breaker/blocked") is None
    assert len(crawler.stats.get_value(FAILURES)) == 1


def test_a_next_probe_at_a_struck_endpoint_is_for_the_spider_to_ask_in_the_old_form(
    middleware: AnswersMiddleware, closing: Closing
) -> None:
    probe = doubted_with(middleware, NGINX, doubted=TAGS)
    *_, following = tried(middleware, probe, answer(410))
    assert following.url == NGINX
    with pytest.raises(HubRefusal) as caught:
        middleware.process_request(following)
    assert caught.value.kind is Kind.REMOVED
    # As the errback of every spider does; it is a probe still, and tells what it tells.
    again = following.replace(url=old_form(NGINX))
    assert middleware.process_request(again) is None
    assert outcome(middleware, again, answer(200, DETAIL)).kind is Kind.NOT_THERE
    assert closing.reasons == []
