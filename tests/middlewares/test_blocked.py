"""A probe that is refused too: we are blocked, the crawl ends, nothing of it is believed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, DownloadConnectionRefusedError

from dockerhub.endpoints import old_form
from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import PROBED, SENT, TOKEN
from dockerhub.outcome import FAILURES
from tests.middlewares.exchanges import (
    ALPINE,
    DETAIL,
    ERROR,
    HTML,
    NOW,
    REDIS,
    answer,
    known,
    outcome,
    outcomes,
)

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.limits.budget import Budget
    from dockerhub.middlewares.answers import AnswersMiddleware
    from tests.clock import Clock
    from tests.middlewares.exchanges import Closing

MISSING = answer(404)
SAID = ERROR.decode()
EVIDENCE = f"HTTP 404 {SAID}, and "


def failure(detail: str) -> str:
    """Return what the user is told."""
    return (
        f"Docker Hub: expected repositories that exist, got {detail}; this address is blocked,"
        " or the service is down: try later, or from another network"
    )


@pytest.fixture
def probe(middleware: AnswersMiddleware) -> Request:
    """A probe for a 404 of a repository that is known to exist."""
    found: Request = outcome(middleware, known(), MISSING)
    assert found.url == ALPINE
    return found


def until_given_up(middleware: AnswersMiddleware, request: Any, said: Any) -> tuple[Any, int]:
    """Return what becomes of a request that is always answered alike, and after how many."""
    for tries in range(100):
        if not isinstance(request, Request):
            return request, tries
        request = outcome(middleware, request, said)
    raise AssertionError("it is never given up")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(MISSING, f"HTTP 404 {SAID}", id="404"),
        pytest.param(answer(401), f"HTTP 401 {SAID}", id="401"),
        pytest.param(answer(403), f"HTTP 403 {SAID}", id="403 JSON"),
        pytest.param(answer(400, b"no"), "HTTP 400 no", id="400"),
    ],
)
def test_a_probe_that_is_refused_ends_the_crawl(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, probe: Request,
    caplog: pytest.LogCaptureFixture, said: Response | Exception, words: str,
) -> None:  # fmt: skip
    detail = f"{EVIDENCE}{words} from {ALPINE}"
    with caplog.at_level(logging.INFO):
        refusal = outcome(middleware, probe, said)
    assert isinstance(refusal, HubRefusal)
    assert (refusal.kind, refusal.status, refusal.detail) == (Kind.BLOCKED, 404, detail)
    assert closing.reasons == ["blocked"]
    assert crawler.stats.get_value(FAILURES) == [failure(detail)]
    assert caplog.messages == [failure(detail)]
    assert crawler.stats.get_value("dockerhub/no/doubted") == 1
    assert crawler.stats.get_value("dockerhub/no/blocked") == 1
    assert crawler.stats.get_value("dockerhub/breaker/blocked") == 1


def test_a_401_of_a_probe_with_a_token_ends_it_too(
    middleware: AnswersMiddleware, closing: Closing, probe: Request
) -> None:
    probe.meta[TOKEN] = 1
    assert outcome(middleware, probe, answer(401)).kind is Kind.BLOCKED
    assert closing.reasons == ["blocked"]


GIVEN_UP = [
    pytest.param(answer(500, b""), "HTTP 500", 5, id="500"),
    pytest.param(answer(503, HTML), "HTTP 503", 5, id="503"),
    pytest.param(OSError("reset"), "OSError: reset", 5, id="reset"),
    pytest.param(answer(200, HTML), "HTTP 200 without data", 5, id="200 HTML"),
    pytest.param(
        DownloadCancelledError("x"), "a body of more than 1073741824 bytes", 1, id="a large body"
    ),
]


@pytest.mark.parametrize(("said", "words", "tries"), GIVEN_UP)
def test_a_probe_that_stays_broken_ends_the_crawl(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, probe: Request,
    said: Response | Exception, words: str, tries: int,
) -> None:  # fmt: skip
    refusal, count = until_given_up(middleware, probe, said)
    assert (refusal.kind, refusal.status, count) == (Kind.BLOCKED, 404, tries)
    assert refusal.detail == f"{EVIDENCE}{words} from {ALPINE}"
    assert closing.reasons == ["blocked"]
    assert crawler.stats.get_value("dockerhub/no/blocked") == 1
    assert crawler.stats.get_value("dockerhub/no/broken") == tries


def test_a_service_that_is_down_ends_the_crawl(
    middleware: AnswersMiddleware, closing: Closing
) -> None:
    probe, _ = known(), None
    for _ in range(5):
        probe = outcome(middleware, probe, answer(500, b""))
    assert PROBED in probe.meta
    refusal, tries = until_given_up(middleware, probe, answer(500, b""))
    assert (refusal.kind, refusal.status, tries) == (Kind.BLOCKED, 500, 5)
    assert refusal.detail == f"HTTP 500 from {REDIS}, and HTTP 500 from {ALPINE}"
    assert closing.reasons == ["blocked"]


def test_a_probe_that_cannot_be_sent_any_more_ends_the_crawl(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, probe: Request
) -> None:
    crawler.stats.inc_value("response_received_count")
    refusal, _ = until_given_up(middleware, probe, DownloadConnectionRefusedError("no"))
    assert refusal.kind is Kind.BLOCKED
    words = "DownloadConnectionRefusedError: no"
    assert refusal.detail == f"{EVIDENCE}{words} from {ALPINE}"
    assert closing.reasons == ["blocked"]


def test_a_probe_that_was_broken_and_is_good_then_is_good(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, probe: Request
) -> None:
    again: Any = probe
    for said in (answer(500, b""), OSError("reset"), answer(503, b"")):
        again = outcome(middleware, again, said)
    assert (again.url, again.meta["retry_times"]) == (ALPINE, 3)
    assert outcome(middleware, again, answer(200, DETAIL)).kind is Kind.NOT_THERE
    assert closing.reasons == []


@pytest.mark.parametrize(
    ("last", "kind", "reasons"),
    [
        pytest.param(answer(200, DETAIL), Kind.NOT_THERE, [], id="good"),
        pytest.param(MISSING, Kind.BLOCKED, ["blocked"], id="404"),
    ],
)
def test_a_429_between_only_makes_a_probe_wait(
    middleware: AnswersMiddleware, budget: Budget, closing: Closing, probe: Request,
    last: Response, kind: Kind, reasons: list[str],
) -> None:  # fmt: skip
    again: Any = probe
    for number in range(12):
        header = {} if number % 3 else {"Retry_After": "40"}
        again = outcome(middleware, again, answer(429, b"", **header))
        assert (again.url, again.priority) == (ALPINE, 100)
        assert again.meta[PROBED] is probe.meta[PROBED]
        assert "retry_times" not in again.meta
    assert budget.opens_at(NOW) > NOW
    assert outcome(middleware, again, last).kind is kind
    assert closing.reasons == reasons


def test_a_guard_that_stops_a_probe_is_told_as_the_guard(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing, probe: Request
) -> None:
    refusal, tries = until_given_up(middleware, probe, answer(403, HTML))
    # Not to be believed, whatever it was that stood in the way.
    assert (refusal.kind, tries) == (Kind.BLOCKED, 3)
    assert closing.reasons == ["bot_guard"]
    assert crawler.stats.get_value("dockerhub/breaker/bot guard") == 1
    assert crawler.stats.get_value("dockerhub/breaker/blocked") is None
    assert len(crawler.stats.get_value(FAILURES)) == 1


def test_silences_that_stop_a_probe_are_told_as_too_many_requests(
    middleware: AnswersMiddleware, clock: Clock, budget: Budget, closing: Closing, probe: Request
) -> None:
    again: Any = probe
    for _ in range(2 + 3 + 1):
        clock.go_to(max(clock.now, budget.opens_at(clock.now)))
        again.meta[SENT] = clock.now
        again = outcome(middleware, again, answer(429, b""))
    assert again.kind is Kind.BLOCKED
    assert closing.reasons == ["rate_limited"]


def test_a_probe_of_an_endpoint_that_is_removed_goes_to_the_old_form(
    middleware: AnswersMiddleware, closing: Closing, probe: Request
) -> None:
    again = outcome(middleware, probe, answer(410))
    assert closing.reasons == []
    assert isinstance(again, Request)
    assert again.url == old_form(ALPINE)


def test_sixteen_404s_under_way_together_are_one_block(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    requests = [known(f"{REDIS}-{number}") for number in range(16)]
    probes = outcomes(middleware, *[(request, MISSING) for request in requests])
    assert [probe.url for probe in probes] == [ALPINE] * 16
    for probe in probes:
        probe.meta[SENT] = NOW
    with caplog.at_level(logging.INFO):
        found = outcomes(middleware, *[(probe, MISSING) for probe in probes])
    assert [each.kind for each in found] == [Kind.BLOCKED] * 16
    assert closing.reasons == ["blocked"]
    assert caplog.messages == [failure(found[0].detail)]
    assert crawler.stats.get_value("dockerhub/no/doubted") == 16
    assert crawler.stats.get_value("dockerhub/no/blocked") == 16
    assert crawler.stats.get_value("dockerhub/breaker/blocked") == 1


def test_what_the_service_said_is_shown_without_harm(
    middleware: AnswersMiddleware, closing: Closing, crawler: Crawler
) -> None:
    hostile = answer(404, b"\x1b[31m{detail} {0} %s\n" + b"x" * 500)
    probe = outcome(middleware, known(), hostile)
    refusal = outcome(middleware, probe, hostile)
    assert refusal.detail.isprintable()
    assert "{detail} {0} %s" in refusal.detail
    assert crawler.stats.get_value(FAILURES) == [failure(refusal.detail)]
