"""Whose account the crawl uses: looked up once, by Docker's own credential helpers too."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from dockerhub.auth.credentials import find_credentials

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from dockerhub.auth.credentials import Credentials

# A helper may ask its user to unlock a keyring.
_HELPER_SECONDS = 60

_found: WeakKeyDictionary[Crawler, Credentials | None] = WeakKeyDictionary()


def account_of(crawler: Crawler) -> Credentials | None:
    """Return the credentials of a crawl, None if it is anonymous.

    :raises CredentialsError: if they are incomplete or cannot be read
    """
    if crawler not in _found:
        _found[crawler] = find_credentials(os.environ, run_helper)
    return _found[crawler]


def run_helper(name: str, server: str) -> tuple[int, bytes]:
    """Ask a credential helper of Docker's for *server*, and return its exit status and answer.

    :raises OSError: if there is no such program, or it does not come to an end
    Source: https://github.com/docker/docker-credential-helpers (read 2026-11-22)
    """
    try:
        ended = subprocess.run(  # noqa: S603  (a name that was checked, and no shell)
            [f"docker-credential-{name}", "get"],
            input=server.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_HELPER_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"no answer after {_HELPER_SECONDS} s") from error
    return ended.returncode, ended.stdout
