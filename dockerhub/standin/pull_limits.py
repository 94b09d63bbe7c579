"""The limit of pulls: how many manifests an address or an account may get in a window.

Source: docker/docs usage/pulls.md; the headers as seen from 2020 to 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.standin.registry_errors import RegistryRefusal
from dockerhub.standin.windows import Window, Windows, source_of

if TYPE_CHECKING:
    from dockerhub.standin.options import Limit, Options

_UNAUTHENTICATED = (
    "You have reached your unauthenticated pull rate limit. "
    "https://www.docker.com/increase-rate-limit"
)
_AUTHENTICATED = (
    "You have reached your pull rate limit. You may increase the limit by authenticating and "
    "upgrading: https://www.docker.com/increase-rate-limits"
)


class PullLimits:
    """Counts pulls per source in windows, and remembers the windows."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._windows = Windows(options)

    def limit(self, account: str | None) -> Limit | None:
        """Return what limits *account*, or (``None``) those without one."""
        chosen = self._options.account_pull_limit
        return self._options.pull_limit if account is None or chosen == "same" else chosen

    def window(self, address: str, account: str | None) -> Window | None:
        """Return the open window of a caller, ``None`` if nothing limits it."""
        limit = self.limit(account)
        return None if limit is None else self._windows.window(source_of(address, account), limit)

    def windows(self) -> list[Window]:
        """Return copies of all windows so far, in the order in which they were opened."""
        return self._windows.all()

    def clear(self) -> None:
        """Forget the windows that are over; one that is still open is counted on."""
        self._windows.clear()

    def headers(self, window: Window) -> dict[str, str]:
        """Return what an answer says about the limit."""
        seconds = self._options.announced_pull_seconds or window.seconds
        behind = f";{' ' if self._options.pull_header_space else ''}w={int(seconds)}"
        said = {"limit": f"{window.limit}{behind}", "remaining": f"{window.left}{behind}"}
        forms = {"plain": ("",), "x": ("x-",), "both": ("", "x-")}[self._options.pull_headers]
        shown = {f"{x}ratelimit-{name}": text for x in forms for name, text in said.items()}
        return shown | {"docker-ratelimit-source": window.source.removeprefix("account:")}


def check_pull(window: Window | None) -> None:
    """Refuse a pull if there is none left.

    :raises RegistryRefusal: 429
    """
    if window is not None and not window.left:
        window.refused += 1
        anonymous = not window.source.startswith("account:")
        text = _UNAUTHENTICATED if anonymous else _AUTHENTICATED
        raise RegistryRefusal(429, "TOOMANYREQUESTS", text)
