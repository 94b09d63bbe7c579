"""The settings of a crawl that pauses for a twentieth of the time before it asks again."""

from __future__ import annotations

from dockerhub.limits import backoff
from dockerhub.settings import *  # noqa: F403

backoff._FIRST_SECONDS /= 20
