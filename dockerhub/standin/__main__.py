"""``python -m dockerhub.standin``: serves until SIGTERM or SIGINT.

Prints its address when the first request may come, and then a line for each of ``registry``,
``auth`` and ``cdn`` with theirs. Wrong arguments get one line and exit status 2, an address that
is taken one line and status 1.
"""

from __future__ import annotations

import signal
import sys
import threading

from dockerhub.standin.arguments import build_world, parser, read_options, read_ports
from dockerhub.standin.server import StandIn


def main() -> int:
    """Run the stand-in and return the exit status."""
    made = parser()
    given = made.parse_args()
    try:
        world = build_world(given)
        standin = StandIn(world, **read_ports(given), **read_options(given))
    except ValueError as error:
        made.error(str(error))
    if given.warm:
        standin.warm()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    try:
        standin.start()
    except (OSError, OverflowError) as error:
        print(f"{made.prog}: cannot listen on {standin.refused_url}: {error}", file=sys.stderr)
        return 1
    print(standin.url)
    for name in ("registry", "auth", "cdn"):
        print(name, getattr(standin, f"{name}_url"), flush=True)
    over.wait()
    standin.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
