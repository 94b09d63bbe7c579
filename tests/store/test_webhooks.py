"""How far a receiver was told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dockerhub.change_filter import ChangeFilter
from dockerhub.errors import StoreError
from dockerhub.store.place import database_place
from dockerhub.store.webhooks import WebhookMark
from tests.crawling import CHECKOUT
from tests.store.made import DAY, NOW
from tests.webhooks.made_events import HOUR, Events

ALL = ChangeFilter()
PRINT = b"\x07" * 32


@pytest.fixture
def events(url: str) -> Events:
    return Events(url)


def marks(events: Events) -> list[tuple[object, ...]]:
    return events.run(
        "SELECT fingerprint, event_id, post_count, begun_at, confirmed_at FROM webhook"
    )


def claims(events: Events, fingerprint: bytes) -> bool:
    """Tell whether this process gets the claim, and let it go."""
    with WebhookMark(events.url, fingerprint, ALL) as mark:
        return mark.claim()


def test_at_first_use_what_was_seen_since_waits_oldest_first(events: Events) -> None:
    for place, at in enumerate((NOW - DAY, NOW - 1, NOW, NOW + 1)):
        events.add("tag_created", f"acme/app:{place}", at)

    with WebhookMark(events.url, PRINT, ALL) as mark:
        mark.begin(NOW, NOW + 2)
        found = [change.subject for change in mark.waiting()]

    assert found == ["acme/app:2", "acme/app:3"]
    assert marks(events) == [(PRINT, 4, 0, NOW + 2, None)]


def test_later_the_mark_counts_and_not_the_moment(events: Events) -> None:
    events.add("tag_created", "acme/app:0")
    with WebhookMark(events.url, PRINT, ALL) as mark:
        mark.begin(NOW + HOUR, NOW)  # nothing is that new
        events.add("tag_created", "acme/app:1")  # and was seen before that moment too
        mark.begin(NOW - DAY, NOW)

        assert [change.subject for change in mark.waiting()] == ["acme/app:1"]


def test_what_is_confirmed_does_not_wait_any_more(events: Events) -> None:
    for place in range(3):
        events.add("tag_created", f"acme/app:{place}")

    with WebhookMark(events.url, PRINT, ALL) as mark:
        mark.begin(NOW, NOW)
        changes = mark.waiting()
        mark.confirm(next(changes), NOW + 5)
        changes.close()  # type: ignore[attr-defined]

    assert marks(events) == [(PRINT, 1, 1, NOW, NOW + 5)]
    with WebhookMark(events.url, PRINT, ALL) as mark:
        assert [change.subject for change in mark.waiting()] == ["acme/app:1", "acme/app:2"]


def test_more_than_one_batch_comes_in_order_and_once(events: Events) -> None:
    events.add("tag_created", "acme/app:1")
    events.repeat(249)

    with WebhookMark(events.url, PRINT, ALL) as mark:
        mark.begin(NOW, NOW)
        numbers = [change.number for change in mark.waiting()]

    assert numbers == list(range(1, 251))


def test_what_is_noticed_meanwhile_waits_for_the_next_run(events: Events) -> None:
    events.add("tag_created", "acme/app:0")
    with WebhookMark(events.url, PRINT, ALL) as mark:
        mark.begin(NOW, NOW)
        changes = mark.waiting()
        mark.confirm(next(changes), NOW)
        events.add("tag_created", "acme/app:1")
        assert list(changes) == []

        assert [change.subject for change in mark.waiting()] == ["acme/app:1"]


def test_only_what_is_wanted_waits(events: Events) -> None:
    events.add("tag_created", "acme/app:0")
    events.add("tag_moved", "acme/app:0")
    events.add("tag_moved", "library/nginx:1")
    wanted = ChangeFilter(("acme/*",), ("tag_moved", "tag_deleted"))

    with WebhookMark(events.url, PRINT, wanted) as mark:
        mark.begin(NOW, NOW)
        found = [(change.kind, change.subject) for change in mark.waiting()]

    assert found == [("tag_moved", "acme/app:0")]
    assert marks(events)[0][1] == 3  # what is not wanted is passed over too


def test_each_receiver_has_a_mark_of_its_own(events: Events) -> None:
    events.add("tag_created", "acme/app:0")
    for fingerprint in (b"a", b"b"):
        with WebhookMark(events.url, fingerprint, ALL) as mark:
            mark.begin(NOW, NOW)
            changes = mark.waiting()
            mark.confirm(next(changes), NOW)

    assert [row[:3] for row in marks(events)] == [(b"a", 1, 1), (b"b", 1, 1)]


def test_a_claim_is_of_one_process(events: Events) -> None:
    held = (
        "import sys\n"
        "from dockerhub.change_filter import ChangeFilter\n"
        "from dockerhub.store.webhooks import WebhookMark\n"
        "mark = WebhookMark(sys.argv[1], b'\\x07' * 32, ChangeFilter())\n"
        "print(mark.claim(), flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", held, events.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=CHECKOUT,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not claims(events, PRINT)
        assert claims(events, b"another")
        other.kill()
    assert claims(events, PRINT)


def test_a_database_that_cannot_be_written_is_said(events: Events) -> None:
    events.add("tag_created", "acme/app:0")
    with WebhookMark(events.url, PRINT, ALL) as mark:
        is_file = database_place(events.url).path is not None
        no_more = "PRAGMA query_only = ON" if is_file else "SET default_transaction_read_only = on"
        mark._connection.execute(no_more)
        refused = "attempt to write a" if is_file else "cannot execute .* in a read-only"
        with pytest.raises(StoreError, match=f"database: expected to write, {refused}"):
            mark.begin(NOW, NOW)
