"""What one line of Docker's own pull usage report says."""

from __future__ import annotations

from typing import NamedTuple


class UsageRow(NamedTuple):
    """Who pulled what in one hour. Missing is None."""

    hour: int
    """the beginning of the hour, microseconds since 1970 in UTC; `datehour`"""
    user: str | None
    """Docker ID; `user_name`"""
    repository: str
    """namespace/name"""
    token: str | None
    """name of the access token; `generated` is one of Docker's own clients; `access_token_name`"""
    machine: str | None
    """`machine 1`, or `machines 1, 4` where the report does not tell several apart; `ips`"""
    addresses: str | None
    """the same as addresses, IPv6 by its /64; None unless they are to be kept"""
    is_private: bool
    """`repository_privacy`"""
    tag: str | None
    digest: bytes | None
    """32 bytes"""
    version_checks: int
    pulls: int
