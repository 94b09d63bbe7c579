from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dockerhub.moments import microseconds, read_since

PRESENT = microseconds(datetime(2026, 11, 22, 18, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("7d", datetime(2026, 11, 15, 18, 0, tzinfo=UTC)),
        ("24h", datetime(2026, 11, 21, 18, 0, tzinfo=UTC)),
        ("30m", datetime(2026, 11, 22, 17, 30, tzinfo=UTC)),
        ("2w", datetime(2026, 11, 8, 18, 0, tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T12:00", datetime(2026, 11, 1, 12, 0, tzinfo=UTC)),
        ("2026-11-01T12:00+02:00", datetime(2026, 11, 1, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_span_before_now_or_a_date(text: str, moment: datetime) -> None:
    assert read_since(text, PRESENT) == microseconds(moment)


@pytest.mark.parametrize("text", ["", "7", "d", "7y", "-7d", "tomorrow", "2027-01-01", "999999w"])
def test_what_is_no_past_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        read_since(text, PRESENT)
