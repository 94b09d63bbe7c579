from __future__ import annotations

import pytest

from dockerhub.words import counted, duration


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (counted(0, "tag"), "0 tags"),
        (counted(1, "tag"), "1 tag"),
        (counted(2, "tag"), "2 tags"),
        (counted(1, "repository", "repositories"), "1 repository"),
        (counted(3, "repository", "repositories"), "3 repositories"),
    ],
)
def test_numbers_agree_with_their_nouns(said: str, text: str) -> None:
    assert said == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (7.6, "8 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3600, "1 h 0 min"),
        (7530, "2 h 5 min"),
        (100_000, "27 h 46 min"),
    ],
)
def test_durations_are_said_in_two_units_at_most(seconds: float, text: str) -> None:
    assert duration(seconds) == text
