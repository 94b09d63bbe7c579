"""Ports for programs that cannot take any free one by themselves."""

from __future__ import annotations

import random
import socket

# Below the ports that the kernel gives to whoever connects: nobody else takes them meanwhile, not
# even between the end of a program and its next start.
_LOWEST, _HIGHEST = 10_000, 32_000


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free a moment ago."""
    while True:
        port = random.randint(_LOWEST, _HIGHEST)
        with socket.socket() as taken:
            try:
                taken.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
