"""Patterns of repositories as SQLite's GLOB reads them: `bitnami/*`, `library/[a-m]*`. Pure."""

from __future__ import annotations

import re

from dockerhub.errors import ArgumentError, NameRefused
from dockerhub.names import OFFICIAL_NAMESPACE, hub_repository, read_image_name

_WILD = re.compile(r"[*?\[]")
_CLASS = r"\[[!^]?[A-Za-z0-9._-]+\]"
_PART = rf"(?:[A-Za-z0-9._*?-]|{_CLASS})+"
_GLOB = re.compile(rf"{_PART}(?:/{_PART})?", re.ASCII)
_MOST_SIGNS = 255
_EXPECTED = "a repository or a pattern, such as nginx or bitnami/*"


def is_pattern(glob: str) -> bool:
    """Tell whether *glob* may match more than one name."""
    return _WILD.search(glob) is not None


def front_of(glob: str) -> str:
    """Return what every name begins with that *glob* matches."""
    return _WILD.split(glob, maxsplit=1)[0]


def read_glob(place: str, text: str, namespace: str | None = None) -> str:
    """Return the pattern of full names that a name or a pattern means.

    Without a slash it is one of *namespace*, else one of the official images; `*` is everything.

    :raises ArgumentError: if *text* is neither
    """
    if text == "*":
        return text
    if is_pattern(text):
        if len(text) > _MOST_SIGNS or not _GLOB.fullmatch(text):
            raise ArgumentError(place, _EXPECTED, text)
        # Docker's own patterns say [!a] for what SQLite's say [^a].
        glob = text.replace("[!", "[^")
        return glob if "/" in glob else f"{namespace or OFFICIAL_NAMESPACE}/{glob}"
    name = f"{namespace}/{text}" if namespace and "/" not in text else text
    try:
        image = read_image_name(name)
    except NameRefused:
        return _read_loosely(place, name, text)
    if image.tag or image.digest:
        raise ArgumentError(place, f"{_EXPECTED}, without a tag", text)
    return str(image.repository)


def read_org(place: str, text: str) -> str:
    """Return the user or organisation that *text* names, also one that Hub spells with capitals.

    :raises ArgumentError: if it names none
    """
    name = text.strip()
    try:
        return hub_repository(name, "any").namespace
    except NameRefused:
        raise ArgumentError(place, "a user or an organisation, such as bitnami", text) from None


def can_be_crawled(name: str) -> bool:
    """Tell whether a crawl takes a full name: older ones may have capitals."""
    try:
        read_image_name(name)
    except NameRefused:
        return False
    return True


def _read_loosely(place: str, name: str, text: str) -> str:
    """Return a full name that Hub has though it takes no such name any more: `Acme/App`."""
    parts = name.strip().removeprefix("docker.io/").split("/")
    namespace, repository = parts if len(parts) == 2 else [OFFICIAL_NAMESPACE, *parts][:2]
    # Docker reads a first part with a dot, or localhost, as a registry's host.
    if len(parts) > 2 or "." in namespace or namespace == "localhost":
        raise ArgumentError(place, _EXPECTED, text)
    try:
        return str(hub_repository(namespace, repository))
    except NameRefused as error:
        raise ArgumentError(place, _EXPECTED, text) from error
