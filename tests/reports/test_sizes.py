from __future__ import annotations

import pytest

from dockerhub.reports.sizes import difference_text, size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (29_100_000, "29.1 MB"),
        (2_000_000_000, "2.0 GB"),
        (2**63 - 1, "9.2 EB"),
        (10**22, "10000.0 EB"),
        (-1_500, "-1.5 kB"),
        (-5, "-5 B"),
    ],
)
def test_sizes_are_said_in_thousands(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("old", "new", "text"), [(1000, 3500, "+2.5 kB"), (3500, 1000, "-2.5 kB"), (7, 7, "+0 B")]
)
def test_differences_have_a_sign(old: int, new: int, text: str) -> None:
    assert difference_text(old, new) == text
