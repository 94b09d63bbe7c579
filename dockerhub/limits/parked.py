"""What waits for something that is not a matter of time, such as a token."""

from __future__ import annotations

from typing import Generic, TypeVar

Waiting = TypeVar("Waiting")


class Parked(Generic[Waiting]):
    """What is kept back by the name of what it waits for, until that is there."""

    def __init__(self) -> None:
        self._awaited: set[str] = set()
        self._waiting: dict[str, list[Waiting]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def await_name(self, name: str) -> None:
        """Keep back what needs *name* until `release`."""
        self._awaited.add(name)

    def keeps(self, name: str | None, waiting: Waiting) -> bool:
        """Keep *waiting* if what it needs is awaited, and tell whether it is kept."""
        if name is None or name not in self._awaited:
            return False
        self._waiting.setdefault(name, []).append(waiting)
        return True

    def release(self, name: str) -> list[Waiting]:
        """Return what has waited for *name*, in the order in which it came."""
        self._awaited.discard(name)
        return self._waiting.pop(name, [])
