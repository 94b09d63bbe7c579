"""``python -m dockerhub.standin``: serves until SIGTERM or SIGINT.

Prints one line, its address, when the first request may come. Wrong arguments get one line and
exit status 2, an address that is taken one line and status 1.
"""

from __future__ import annotations

import signal
import sys
import threading

from dockerhub.standin.arguments import build_world, parser, read_options
from dockerhub.standin.server import StandIn


def main() -> int:
    """Run the stand-in and return the exit status."""
    made = parser()
    given = made.parse_args()
    try:
        world = build_world(given)
        standin = StandIn(world, host=given.host, port=given.port, **read_options(given))
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
        print(f"{made.prog}: cannot listen on {standin.url}: {error}", file=sys.stderr)
        return 1
    print(standin.url, flush=True)
    over.wait()
    standin.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
