from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.standin import Limit

if TYPE_CHECKING:
    from dockerhub.standin import World
    from tests.crawling import Crawls


@pytest.mark.parametrize("reset", ["ceil", "floor"])
@pytest.mark.parametrize("window", ["first", "aligned"])
def test_uses_its_windows_and_is_never_refused(
    crawls: Crawls, hub_world: World, window: str, reset: str
) -> None:
    hub_world.add_repository("library/python", tags=4000)
    crawls.hub.options.account_limit = Limit(15, 3)
    crawls.hub.options.window = window
    crawls.hub.options.reset = reset

    ended = crawls.run("tags", repo="python")

    assert ended.status == 0
    windows = crawls.hub.journal.windows()
    assert sum(one.refused for one in windows) == 0
    signed_in = [one for one in windows if "ada" in one.source]
    full = signed_in[1:-1]
    assert full
    assert all(one.counted >= 0.95 * one.limit for one in full)


@pytest.mark.parametrize("form", ["seconds", "epoch", "date", "x-epoch", "none"])
def test_waits_as_a_429_says_in_each_of_its_forms(crawls: Crawls, form: str) -> None:
    # Nothing but the 429 itself tells the limit: the crawl runs into it, and waits.
    crawls.hub.options.retry_after = form
    crawls.hub.script("/v2/namespaces/library/repositories/nginx/tags", **refusal(form))

    ended = crawls.run("tags", repo="nginx")

    assert ended.status == 0
    assert "Docker Hub asks to slow down" in ended.err
    assert crawls.requests() == {"repository": 1, "tag_list": 2}


def refusal(form: str) -> dict[str, Any]:
    """Return a 429 that asks for about a second in *form*."""
    later = time.time() + 1.5
    headers = {
        "seconds": {"Retry-After": "1"},
        "epoch": {"Retry-After": str(int(later))},
        "date": {"Retry-After": formatdate(later, usegmt=True)},
        "x-epoch": {"X-Retry-After": str(int(later))},
        "none": {
            "X-RateLimit-Limit": "180",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int(later)),
        },
    }[form]
    return {"status": 429, "headers": headers, "body": "429 Too Many Requests"}
