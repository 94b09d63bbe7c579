"""The numbers of platforms: few rows that very many others name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

# Platforms are few; the bound only keeps a namespace that means harm from filling the memory.
MOST_REMEMBERED = 10_000


class Platforms:
    """Gives each platform its number, inside the caller's transaction, and remembers it."""

    def __init__(self, connection: sqlite3.Connection, sql: dict[str, str]) -> None:
        self._connection = connection
        self._sql = sql
        self._numbers: dict[tuple[str, ...], int] = {}

    def number(self, key: tuple[str, ...]) -> int:
        """Return the number of the platform with the columns *key*."""
        if key not in self._numbers:
            run = self._connection.execute
            found = run(self._sql["find_platform"], key).fetchone()
            found = found or run(self._sql["put_platform"], key).fetchone()
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
