"""What is kept back until what it waits for is there."""

from __future__ import annotations

from dockerhub.limits.parked import Parked


def test_who_is_parked_is_kept_until_it_is_released() -> None:
    parked: Parked[str] = Parked()
    assert not parked.keeps("token", "1")
    parked.await_name("token")
    assert (parked.keeps("token", "1"), parked.keeps("token", "2"), parked.keeps("x", "3")) == (
        True,
        True,
        False,
    )
    assert not parked.keeps(None, "4")
    assert len(parked) == 2
    assert parked.release("token") == ["1", "2"]
    assert len(parked) == 0
    assert not parked.keeps("token", "1")
