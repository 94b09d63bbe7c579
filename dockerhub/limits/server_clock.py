"""How far a server's clock is from ours, learnt from whole-second `Date` headers."""

from __future__ import annotations


class ServerClock:
    """Knows between which bounds the server's clock runs ahead of ours, in seconds."""

    def __init__(self) -> None:
        self._least = float("-inf")
        self._most = float("inf")

    def heard(self, date: float, sent: float, received: float) -> None:
        """Learn from a response that was stamped *date* between *sent* and *received*."""
        least, most = date - received, date + 1.0 - sent
        if least > self._most or most < self._least:  # one of the clocks was set
            self._least, self._most = least, most
        self._least = max(self._least, least)
        self._most = min(self._most, most)

    def offset(self) -> float:
        """Return the seconds to add to our clock, the fewest that are possible.

        The fewest make us open a window late rather than early. Two clocks that may agree are
        taken to agree: most machines are kept on time.
        """
        if self._least <= 0.0 <= self._most:
            return 0.0
        return self._least
