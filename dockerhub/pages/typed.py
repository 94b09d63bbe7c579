"""What people type into the questions' fields: what cannot be meant is said, not answered."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.changes import KINDS
from dockerhub.errors import ArgumentError, NameRefused, shown
from dockerhub.moments import now, read_since
from dockerhub.names import digest_bytes, is_tag, read_image_name, read_namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_MOST_DAYS = 36_500  # a hundred years


class Lookup(NamedTuple):
    """What has to be in the database: the statement of `serving.sql` that looks for it."""

    statement: str
    parameters: dict[str, str]
    missing: str
    """what is said where it is not there"""


def check_typed(parameters: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Lookup]:
    """Yield what has to be looked up of the *parameters* with those *names*; empty ones mean all.

    :raises ArgumentError: if one cannot be read
    """
    given = {name: str(parameters.get(name) or "").strip() for name in names}
    for name, text in given.items():
        if not text:
            continue
        try:
            _CHECKS.get(name, _nothing)(text)
        except NameRefused as error:
            raise ArgumentError(name, error.expected, text) from error
    if given.get("org"):
        yield _org(given["org"])
    for name in ("repo", "image"):
        if given.get(name):
            yield from _repository(name, given[name], given.get("tag", ""))


def _org(org: str) -> Lookup:
    missing = f"org: expected an organisation that a crawl has seen, got {shown(org)}"
    with contextlib.suppress(NameRefused):
        missing += f"; run: scrapy crawl org -a org={read_namespace(org)}"
    return Lookup("known_org", {"org": org}, missing)


def _repository(name: str, text: str, tag: str) -> Iterator[Lookup]:
    image = read_image_name(text)
    repo = str(image.repository)
    crawl = f"run: scrapy crawl tags -a repo={repo}"
    expected = f"{name}: expected a repository that a crawl has seen, got {shown(repo)}; {crawl}"
    yield Lookup("known_repo", {"repo": repo}, expected)
    tag = (image.tag or "latest") if name == "image" else tag
    if tag:
        place = "tag" if name == "repo" else name
        expected = f"{place}: expected a tag of {repo} that a crawl has seen, got {shown(tag)}"
        yield Lookup("known_tag", {"repo": repo, "tag": tag}, f"{expected}; {crawl}")


def _nothing(text: str) -> None:
    """Bear any text."""


def _since(text: str) -> None:
    try:
        read_since(text, now())
    except (ValueError, OverflowError):
        expected = "7d, 24h, 30m, 2w or a date that is past, such as 2026-01-31"
        raise ArgumentError("since", expected, text) from None


def _days(text: str) -> None:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _MOST_DAYS):
        raise ArgumentError("days", f"a number from 1 to {_MOST_DAYS}", text)


def _kind(text: str) -> None:
    if text not in KINDS:
        raise ArgumentError("kind", ", ".join(KINDS), text)


def _tag(text: str) -> None:
    if not is_tag(text):
        raise ArgumentError("tag", "a tag", text)


_CHECKS: dict[str, Callable[[str], object]] = {
    "since": _since,
    "days": _days,
    "kind": _kind,
    "tag": _tag,
    "repo": read_image_name,
    "image": read_image_name,
    "digest": lambda text: digest_bytes(text.lower()),
}
