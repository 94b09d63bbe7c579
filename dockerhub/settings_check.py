"""Checks the settings that are ours, before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.errors import ArgumentError
from dockerhub.proxy import given_proxies
from dockerhub.redact import shown_url
from dockerhub.urls import read_origin

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

_DATABASES = ("sqlite:///", "postgresql://", "postgres://")
_NUMBERS = {
    "DOCKERHUB_HUB_RATE": ("requests a minute, 0 or more", 0.1),
    "DOCKERHUB_REGISTRY_RATE": ("requests a minute, 0 or more", 0.1),
    "DOCKERHUB_TOTAL_RATE": ("requests a minute, 0 or more", 0.1),
    "DOCKERHUB_REST_SECONDS": ("seconds, 0 or more", 0.0),
    "DOCKERHUB_PROXY_PATIENCE": ("seconds, 0 or more", 0.0),
    "DOCKERHUB_FULL_WALK_DAYS": ("days, 0 or more", 0.0),
    "DOCKERHUB_JOB_BACKOFF": ("seconds, 0 or more", 0.0),
    "DOCKERHUB_CATALOG_MIN_YIELD": ("new repositories a request, 0 or more", 0.0),
}
_WHOLE_NUMBERS = {
    "DOCKERHUB_PULL_RESERVE": ("a whole number of pulls, 0 or more", 0),
    "DOCKERHUB_JOB_TRIES": ("a whole number of tries, 1 or more", 1),
    "DOCKERHUB_WORKER_SILENCE": ("a whole number of seconds, 1 or more", 1),
    "DOCKERHUB_CATALOG_WINDOW": ("a whole number of requests, 1 or more", 1),
    "DOCKERHUB_TAG_DETAILS": ("a whole number of tags, 0 or more", 0),
    "DOCKERHUB_PROXY_SESSION_REQUESTS": ("a whole number of requests, 1 or more", 1),
    "ROTATING_PROXY_PAGE_RETRY_TIMES": ("a whole number of tries, 0 or more", 0),
}
_BACKOFF_BASE, _BACKOFF_CAP = "ROTATING_PROXY_BACKOFF_BASE", "ROTATING_PROXY_BACKOFF_CAP"
_WORDS = {
    "DOCKERHUB_LAYERS_FROM": frozenset({"auto", "hub", "registry"}),
}
_FLAGS = ("DOCKERHUB_PULL_WAIT",)
_ORIGINS = ("DOCKERHUB_HUB_URL", "DOCKERHUB_REGISTRY_URL", "DOCKERHUB_AUTH_URL")
_SECRETS = ("DOCKERHUB_USERNAME", "DOCKERHUB_PASSWORD")


def check_settings(settings: BaseSettings) -> None:
    """Check every setting of ours.

    :raises ArgumentError: naming setting, expectation and finding; never a secret
    """
    for name in _SECRETS:
        if settings.getpriority(name) is not None:
            raise ArgumentError(f"setting {name}", "an environment variable", "a setting (-s)")
    _check_origins(settings)
    for name, (expected, fewest) in _WHOLE_NUMBERS.items():
        _check_whole_number(name, expected, fewest, settings[name])
    for name, words in _WORDS.items():
        if str(settings[name]).lower() not in words:
            expected = " or ".join(sorted(words))
            raise ArgumentError(f"setting {name}", expected, settings[name])
    for name in _FLAGS:
        _check_flag(name, settings)
    for name, (expected, least) in _NUMBERS.items():
        _check_number(name, expected, least, settings[name])
    _check_proxies(settings)
    folder = settings["DOCKERHUB_METRICS_DIR"]
    if folder and not Path(folder).is_dir():
        raise ArgumentError("setting DOCKERHUB_METRICS_DIR", "a folder that exists", folder)
    if not str(settings["DOCKERHUB_DATABASE_URL"]).startswith(_DATABASES):
        found = shown_url(str(settings["DOCKERHUB_DATABASE_URL"]))
        expected = "sqlite:///FILE or postgresql://HOST/DATABASE"
        raise ArgumentError("setting DOCKERHUB_DATABASE_URL", expected, found)


def _check_origins(settings: BaseSettings) -> None:
    """Check where the services are: what is asked, and with which token, is told by the origin."""
    origins = {name: read_origin(f"setting {name}", settings[name]) for name in _ORIGINS}
    hub, registry, _ = origins.values()
    if hub == registry:
        expected = "another origin than DOCKERHUB_HUB_URL"
        raise ArgumentError("setting DOCKERHUB_REGISTRY_URL", expected, registry)


def _check_proxies(settings: BaseSettings) -> None:
    """Check the exits, and how long one rests: no pause at all would hammer it."""
    given_proxies(settings["DOCKERHUB_PROXIES"], settings["DOCKERHUB_PROXY_FILE"])
    first, longest = settings[_BACKOFF_BASE], settings[_BACKOFF_CAP]
    _check_number(_BACKOFF_BASE, "seconds, 0.1 or more", 0.1, first, or_zero=False)
    expected = f"seconds, {_BACKOFF_BASE} or more"
    _check_number(_BACKOFF_CAP, expected, float(first), longest, or_zero=False)


def _check_whole_number(name: str, expected: str, fewest: int, value: object) -> None:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= fewest):
        raise ArgumentError(f"setting {name}", expected, value)


def _check_flag(name: str, settings: BaseSettings) -> None:
    """Check that Scrapy, which is who reads it, understands it."""
    try:
        settings.getbool(name)
    except ValueError:
        raise ArgumentError(f"setting {name}", "true or false", settings[name]) from None


def check_feeds(settings: BaseSettings) -> None:
    """Check that the files of the feeds can be written: later it would be too late to say so.

    :raises ArgumentError: naming the file and what is wrong with it
    """
    for uri in settings.getdict("FEEDS"):
        path = Path(str(uri).removeprefix("file://"))
        if "://" in str(path) or "%(" in str(path) or str(path).startswith("stdout:"):
            continue
        existed = path.exists()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("ab").close()
            if not existed:
                path.unlink()
        except OSError as error:
            expected = f"a file that can be written ({error.strerror})"
            raise ArgumentError("feed", expected, path) from None


def _check_number(
    name: str, expected: str, least: float, value: object, *, or_zero: bool = True
) -> None:
    """Check a number that is 0 or at least *least*: far smaller ones would wait for ever."""
    try:
        number = float(str(value))
        good = (or_zero and number == 0) or least <= number < float("inf")
    except ValueError:
        good = False
    if not good:
        raise ArgumentError(f"setting {name}", expected, value)
