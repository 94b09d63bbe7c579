"""How a worker goes about its work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Conduct:
    """How a worker goes about it. All durations are seconds."""

    concurrency: int = 1
    """crawls at once"""
    grace: float = 60.0
    """how long running crawls may go on once the worker is told to end"""
    silence: float = 30.0
    """after how long without a sign of life the jobs of a worker are put back"""
    tries: int = 5
    """how often a job is tried that fails"""
    backoff: float = 30.0
    """until the second try; four times as long each time"""
    full_days: float = 30.0
    """after how many days a list of tags is walked in full"""
    until_empty: bool = False
    """whether it ends once nothing waits or runs"""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """that of the crawls, with credentials"""
    options: tuple[str, ...] = ()
    """what every crawl is given on its command line"""
