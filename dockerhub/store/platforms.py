"""The numbers of platforms: few rows that very many others name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockerhub.store.engine import Connection

_MOST_BYTES = 255  # of a word; a Windows build has 16
# Platforms are few; the bound only keeps a namespace that means harm from filling the memory.
MOST_REMEMBERED = 10_000


class Platforms:
    """Gives each platform its number, inside the caller's transaction, and remembers it."""

    def __init__(self, connection: Connection, sql: dict[str, str]) -> None:
        self._connection = connection
        self._sql = sql
        self._numbers: dict[tuple[str, ...], int] = {}

    def number(self, key: tuple[str, ...]) -> int:
        """Return the number of the platform with the columns *key*."""
        if key not in self._numbers:
            run = self._connection.execute
            # What means harm must not be longer than an index of PostgreSQL's takes.
            words = tuple(word.encode()[:_MOST_BYTES].decode("utf-8", "ignore") for word in key)
            found = run(self._sql["find_platform"], words).fetchone()
            found = found or run(self._sql["put_platform"], words).fetchone()
            if len(self._numbers) >= MOST_REMEMBERED:
                self._numbers.clear()
            self._numbers[key] = found[0]
        return self._numbers[key]

    def number_if_said(self, key: tuple[str, ...]) -> int | None:
        """Return the number of the platform with the columns *key*, None if it says nothing."""
        return self.number(key) if any(key) else None

    def forget(self) -> None:
        """Forget the numbers given in a transaction that was rolled back."""
        self._numbers.clear()
