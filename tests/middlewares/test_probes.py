"""A "no" about what is known to exist: something else that exists is asked for first."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request

from dockerhub.errors import HubRefusal
from dockerhub.kinds import Kind
from dockerhub.meta import (
    BACKED_OFF,
    DOUBTED_URL,
    KNOWN,
    NOT_BEFORE,
    ONLY_BY,
    PROBED,
    PROBES,
    RENEWED,
    SENT,
    TOKEN,
)
from tests.middlewares.exchanges import (
    ALPINE,
    BUSYBOX,
    DETAIL,
    ERROR,
    LIST,
    NGINX,
    NOW,
    REDIS,
    TAGS,
    answer,
    asked,
    good,
    known,
    outcome,
    outcomes,
)

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from dockerhub.middlewares.answers import AnswersMiddleware
    from tests.middlewares.exchanges import Closing

MISSING = answer(404)
NOT_THERE = f"HTTP 404 {ERROR.decode()}"


def probe_of(middleware: AnswersMiddleware, request: Request, said: Response = MISSING) -> Request:
    """Return the request that takes the place of one that is doubted."""
    found = outcome(middleware, request, said)
    assert isinstance(found, Request)
    assert PROBED in found.meta
    return found


def given_up(
    middleware: AnswersMiddleware, request: Request, status: int = 500, between: str = ""
) -> Any:
    """Return what becomes of a request that is answered alike until it is given up."""
    found: Any = request
    for _ in range(5):
        if between:
            outcome(middleware, asked(between), good(between))
        found = outcome(middleware, found, answer(status, b""))
    return found


def test_a_404_of_what_is_known_asks_for_something_else_first(
    middleware: AnswersMiddleware, crawler: Crawler, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        probe = probe_of(middleware, known())
    assert (probe.url, probe.method, probe.priority) == (ALPINE, "GET", 100)
    assert probe.dont_filter
    assert probe.cb_kwargs == {"walk": 1}
    assert set(probe.meta) == {SENT, PROBED, PROBES, DOUBTED_URL, ONLY_BY}
    assert probe.meta[PROBES] == []
    doubted = probe.meta[PROBED]
    assert (doubted.kind, doubted.status, doubted.detail) == (Kind.NOT_THERE, 404, NOT_THERE)
    assert crawler.stats.get_value("dockerhub/no/doubted") == 1
    assert crawler.stats.get_value("dockerhub/no/not there") is None
    assert caplog.messages == []


def test_a_404_of_what_may_not_exist_is_believed(middleware: AnswersMiddleware) -> None:
    assert outcome(middleware, asked(REDIS), MISSING).kind is Kind.NOT_THERE
    asked_too = Request(REDIS, meta={KNOWN: False, SENT: NOW})
    assert outcome(middleware, asked_too, MISSING).kind is Kind.NOT_THERE


@pytest.mark.parametrize("sent", [NOW - 1, NOW, NOW + 1], ids=["before", "with it", "since"])
def test_data_that_comes_meanwhile_proves_nothing(
    middleware: AnswersMiddleware, sent: float
) -> None:
    # Requests overlap: this one was let through, and the one that is doubted may not be.
    outcome(middleware, asked(NGINX, sent=sent), good(NGINX))
    probe = probe_of(middleware, known(sent=NOW))
    assert (probe.url, probe.meta[PROBES]) == (ALPINE, [NGINX])


def test_no_count_of_what_is_doubted_goes_with_the_probe(
    middleware: AnswersMiddleware, closing: Closing
) -> None:
    probe = probe_of(middleware, known(**{"retry_times": 3, BACKED_OFF: 3}))
    assert set(probe.meta) == {SENT, PROBED, PROBES, DOUBTED_URL, ONLY_BY}
    found: list[Any] = [probe]
    for _ in range(5):
        found.append(outcome(middleware, found[-1], OSError("reset")))
    assert [each.meta["retry_times"] for each in found[1:5]] == [1, 2, 3, 4]
    assert isinstance(found[5], HubRefusal)


def test_no_renewed_token_of_what_is_doubted_goes_with_the_probe(
    middleware: AnswersMiddleware,
) -> None:
    # A 401 for the probe would be taken for one with a token made because of it.
    assert RENEWED not in probe_of(middleware, known(**{TOKEN: 2, RENEWED: 1})).meta


@pytest.mark.parametrize(
    ("before", "request_for", "urls"),
    [
        pytest.param([], REDIS, [ALPINE], id="an official image"),
        pytest.param([], ALPINE, [BUSYBOX], id="another official image"),
        pytest.param([], LIST, [ALPINE], id="of a list"),
        pytest.param([NGINX], REDIS, [ALPINE, NGINX], id="what was good"),
        pytest.param([NGINX], ALPINE, [BUSYBOX, NGINX], id="of the official image"),
        pytest.param([NGINX, REDIS], TAGS, [ALPINE, NGINX], id="what was good of others"),
        pytest.param([LIST], REDIS, [ALPINE], id="no list"),
    ],
)
def test_an_official_image_is_asked_for_and_then_what_was_good(
    middleware: AnswersMiddleware, closing: Closing, before: list[str], request_for: str,
    urls: list[str],
) -> None:  # fmt: skip
    for each in before:
        outcome(middleware, asked(each), good(each))
    found: list[Any] = [probe_of(middleware, known(request_for))]
    assert found[0].meta[PROBES] == urls[1:]
    while isinstance(found[-1], Request):
        found.append(outcome(middleware, found[-1], MISSING))
    assert [each.url for each in found[:-1]] == urls
    assert found[-1].kind is Kind.BLOCKED


def test_where_the_official_image_was_good_before_something_else_is_asked_for_too(
    middleware: AnswersMiddleware, closing: Closing
) -> None:
    outcome(middleware, asked(NGINX), good(NGINX))
    outcome(middleware, probe_of(middleware, known()), good(ALPINE))
    # Now it is not there any more, and the other still is.
    again = outcome(middleware, probe_of(middleware, known()), MISSING)
    assert again.url == NGINX


def test_a_probe_goes_to_the_old_form_where_the_new_one_is_removed(
    middleware: AnswersMiddleware,
) -> None:
    outcome(middleware, asked(REDIS), answer(410))
    probe = probe_of(middleware, known(TAGS))
    assert probe.url == "http://127.0.0.1:9/v2/repositories/library/alpine"
    assert middleware.process_request(probe) is None


def test_a_good_probe_makes_the_404_believed(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing
) -> None:
    probe = probe_of(middleware, known())
    refusal = outcome(middleware, probe, answer(200, DETAIL))
    assert isinstance(refusal, HubRefusal)
    assert (refusal.kind, refusal.status, refusal.detail) == (Kind.NOT_THERE, 404, NOT_THERE)
    assert crawler.stats.get_value("dockerhub/no/doubted") == 1
    assert crawler.stats.get_value("dockerhub/no/not there") == 1
    assert closing.reasons == []


def test_each_404_has_a_probe_of_its_own(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing
) -> None:
    probes = outcomes(middleware, *[(known(), MISSING) for _ in range(16)])
    found = outcomes(middleware, *[(probe, answer(200, DETAIL)) for probe in probes])
    assert [each.kind for each in found] == [Kind.NOT_THERE] * 16
    assert crawler.stats.get_value("dockerhub/no/doubted") == 16
    assert crawler.stats.get_value("dockerhub/no/not there") == 16
    assert closing.reasons == []


def test_lasting_5xx_of_what_is_known_is_doubted_in_the_end(
    middleware: AnswersMiddleware, crawler: Crawler, closing: Closing
) -> None:
    probe = given_up(middleware, known())
    assert isinstance(probe, Request)
    assert (probe.url, probe.priority) == (ALPINE, 100)
    assert set(probe.meta) == {SENT, PROBED, PROBES, DOUBTED_URL, ONLY_BY}
    refusal = outcome(middleware, probe, answer(200, DETAIL))
    assert (refusal.kind, refusal.status) == (Kind.BROKEN, 500)
    assert refusal.detail == f"HTTP 500 from {REDIS}"
    assert closing.reasons == []


def test_every_5xx_is_counted_once(middleware: AnswersMiddleware, crawler: Crawler) -> None:
    outcome(middleware, given_up(middleware, known()), answer(200, DETAIL))
    assert crawler.stats.get_value("dockerhub/no/broken") == 5


def test_data_that_comes_meanwhile_does_not_make_5xx_believed(
    middleware: AnswersMiddleware,
) -> None:
    probe = given_up(middleware, known(), between=NGINX)
    assert isinstance(probe, Request)
    assert (probe.url, probe.meta[PROBES]) == (ALPINE, [NGINX])


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(OSError("reset"), id="no answer"),
        pytest.param(answer(408, b""), id="408"),
        pytest.param(answer(200, b"<html>"), id="a page for people"),
    ],
)
def test_what_is_broken_otherwise_is_not_doubted(middleware: AnswersMiddleware, said: Any) -> None:
    found: Any = known()
    for _ in range(5):
        found = outcome(middleware, found, said)
    assert isinstance(found, HubRefusal)
    assert found.kind is Kind.BROKEN


def test_lasting_5xx_of_what_may_not_exist_is_believed(middleware: AnswersMiddleware) -> None:
    assert given_up(middleware, asked(REDIS)).kind is Kind.BROKEN


def test_what_waited_for_a_503_is_probed_not_before(middleware: AnswersMiddleware) -> None:
    request = known(retry_times=4)
    probe = outcome(middleware, request, answer(503, b"", Retry_After="40"))
    assert probe.meta[NOT_BEFORE] == NOW + 40
