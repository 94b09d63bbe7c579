"""Checks the settings that are ours, before anything starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.errors import ArgumentError
from dockerhub.redact import shown_url
from dockerhub.urls import read_origin

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

_NUMBERS = {
    "DOCKERHUB_HUB_RATE": "requests a minute, 0 or more",
    "DOCKERHUB_FULL_WALK_DAYS": "days, 0 or more",
}
_SECRETS = ("DOCKERHUB_USERNAME", "DOCKERHUB_PASSWORD")


def check_settings(settings: BaseSettings) -> None:
    """Check every setting of ours.

    :raises ArgumentError: naming setting, expectation and finding; never a secret
    """
    for name in _SECRETS:
        if settings.getpriority(name) is not None:
            raise ArgumentError(f"setting {name}", "an environment variable", "a setting (-s)")
    read_origin("setting DOCKERHUB_HUB_URL", settings["DOCKERHUB_HUB_URL"])
    for name, expected in _NUMBERS.items():
        _check_number(name, expected, settings[name])
    if not str(settings["DOCKERHUB_DATABASE_URL"]).startswith("sqlite:///"):
        found = shown_url(str(settings["DOCKERHUB_DATABASE_URL"]))
        expected = "sqlite:///FILE (PostgreSQL is not supported by this version yet)"
        raise ArgumentError("setting DOCKERHUB_DATABASE_URL", expected, found)


def _check_number(name: str, expected: str, value: object) -> None:
    try:
        good = 0 <= float(str(value)) < float("inf")
    except ValueError:
        good = False
    if not good:
        raise ArgumentError(f"setting {name}", expected, value)
