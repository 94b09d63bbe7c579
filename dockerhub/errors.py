"""What can go wrong, as one family: everything raised on purpose is a `DockerhubError`.

The message of each is one line that says place, expectation and finding.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockerhub.kinds import Kind


class DockerhubError(Exception):
    """Base of every error that this project raises on purpose."""


class ArgumentError(DockerhubError):
    """Raised when a spider argument or a setting cannot be used, before a crawler exists."""

    def __init__(self, place: str, expected: str, found: object) -> None:
        super().__init__(f"{place}: expected {expected}, got {shown(found)}")


class NameRefused(DockerhubError):
    """Raised when a text is no repository, tag or digest, by the functions of `names`.

    `place` is the field of the payload that it came from, such as `.images[0].digest`; empty for
    what a user typed.
    """

    def __init__(self, expected: str, found: object, place: str = "") -> None:
        super().__init__(f"expected {expected}, got {shown(found)}")
        self.expected = expected
        self.found = found
        self.place = place


class PayloadError(DockerhubError):
    """Raised when an answer cannot be read as what was asked for, by `payloads`."""


class PayloadRefused(PayloadError):
    """Raised when an answer is none that is read and would be the same again, by `payloads`."""


class ProvenUnreadable(PayloadRefused):
    """Raised when bytes are those of their digest and cannot be read, by `payloads`.

    Nobody will ever have others under that digest, so that it need not be asked for again.
    """


class CredentialsError(DockerhubError):
    """Raised when credentials are incomplete, unreadable or refused, by `auth`."""


class StoreError(DockerhubError):
    """Raised when the database cannot be opened, read or written, by `store`."""


class StoreClosed(DockerhubError):
    """Raised when the database is asked after the crawl has ended, by `store`."""


class HubRefusal(DockerhubError):
    """Raised when Docker Hub said "no" for good, by the middleware that reads answers.

    `kind` decides what follows, `status` is the HTTP status or None where no answer came, `detail`
    is what the service said, without control characters; of one that cannot be reached it is the
    whole line that names it (`urls.unreachable`).
    """

    def __init__(self, kind: Kind, status: int | None, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status = status
        self.detail = detail


def shown(found: object, limit: int = 60) -> str:
    """Return *found* as it may stand in a message: quoted, printable, at most *limit* long."""
    text = str(found)
    return json.dumps(text if len(text) <= limit else text[: limit - 3] + "...")


class ProxyError(DockerhubError):
    """Raised when a proxy does not let through what no queue has held, by the exits' middleware.

    A sign-in or a request for a token, which who made it tries again. `exit` is the exit's name,
    `reason` is what the proxy did instead, in words that follow it.
    """

    def __init__(self, exit_name: str, reason: str) -> None:
        super().__init__(f"proxy {exit_name}: expected a way through, it {reason}")
        self.exit = exit_name
        self.reason = reason


def in_words(error: Exception) -> str:
    """Return what *error* says: ours are whole lines, others need their names."""
    return str(error) if isinstance(error, DockerhubError) else f"{type(error).__name__}: {error}"
