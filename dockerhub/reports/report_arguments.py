"""What a user of `scrapy report` may type, checked before the database is opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dockerhub.errors import ArgumentError, NameRefused
from dockerhub.names import OFFICIAL_NAMESPACE, is_tag, read_image_name, read_namespace
from dockerhub.reports.report_options import AFTER_ALL, EVERYTHING, WILD, ReportOptions, Scope
from dockerhub.reports.stored_images import read_platform

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_OPTIONS = {
    "sizes": ("--days", "--tag", "--tags", "--platform"),
    "stale": ("--days", "--pulled-within", "--tags"),
    "platforms": ("--all",),
    "popular": ("--days", "--by"),
    "shared": (),
}
"""the options that not every report has"""

_GLOB = re.compile(r"[A-Za-z0-9_.*?\[\]^/-]{1,512}", re.ASCII)
_MOST_DAYS = 36_500
_MOST_ROWS = 999_999_999
_DEFAULT_ROWS = "50"
_DEFAULT_PULLED = "30"


def read_options(question: str, given: Mapping[str, Any], present: int) -> ReportOptions:
    """Return what a report is asked, by the options that were *given* (`pulled_within`: a text).

    *present* is now, in microseconds.

    :raises ArgumentError: naming option, expectation and finding
    :raises NameRefused: if the organisation is none
    """
    if question not in OWN_OPTIONS:
        raise ArgumentError("report", f"one of {', '.join(OWN_OPTIONS)}", question)
    _refuse_others(question, given)
    days = given["days"]
    return ReportOptions(
        scope=read_scope(given["org"], given["repo"]),
        present=present,
        limit=read_count("--limit", given["limit"] or _DEFAULT_ROWS, _MOST_ROWS),
        days=None if days is None else read_count("--days", days, _MOST_DAYS),
        pulled_within=read_count(
            "--pulled-within", given["pulled_within"] or _DEFAULT_PULLED, _MOST_DAYS
        ),
        tag=_read_tag(given["tag"]),
        platform=_read_platform(given["platform"]),
        by_tag=bool(given["tags"] or given["all"]),
        order=given["by"] or "pulls",
    )


def _refuse_others(question: str, given: Mapping[str, Any]) -> None:
    """Refuse an option that the report would not heed."""
    for option in sorted({option for own in OWN_OPTIONS.values() for option in own}):
        value = given[option.removeprefix("--").replace("-", "_")]
        if value not in {None, False} and option not in OWN_OPTIONS[question]:
            having = [name for name, own in OWN_OPTIONS.items() if option in own]
            raise ArgumentError(option, f"one of the reports {', '.join(having)}", question)


def _read_tag(text: str | None) -> str | None:
    if text is not None and not is_tag(text):
        raise ArgumentError("--tag", "the name of a tag", text)
    return text


def _read_platform(text: str | None) -> str | None:
    try:
        return read_platform(text)
    except NameRefused as error:
        raise ArgumentError("--platform", error.expected, text) from error


def read_scope(org: str | None, repo: str | None) -> Scope:
    """Return the repositories that `--org` and `--repo` mean.

    *repo* is a name or a GLOB: without a slash it is one of *org*, else one of the official images.

    :raises ArgumentError: if *repo* is neither
    :raises NameRefused: if *org* is no namespace
    """
    namespace = None if org is None else read_namespace(org)
    if repo is None or repo.strip() == "*":
        if namespace is None:
            return EVERYTHING
        return Scope(namespace, namespace, f"{namespace}/*", namespace)
    glob = _read_glob(repo.strip(), namespace)
    wild = WILD.search(glob)
    known = glob[: wild.start()] if wild else glob
    first, slash, _ = known.partition("/")
    last = first if slash else first + AFTER_ALL
    if namespace is not None:
        if not first <= namespace <= last:
            raise ArgumentError("--repo", f"repositories of --org {namespace}", repo)
        first = last = namespace
    return Scope(first, last, glob, glob)


def _read_glob(text: str, namespace: str | None) -> str:
    expected = "a repository or a GLOB, such as nginx or bitnami/*"
    if WILD.search(text):
        if not _GLOB.fullmatch(text):
            raise ArgumentError("--repo", expected, text)
        return text if "/" in text else f"{namespace or OFFICIAL_NAMESPACE}/{text}"
    try:
        image = read_image_name(f"{namespace}/{text}" if namespace and "/" not in text else text)
    except NameRefused as error:
        raise ArgumentError("--repo", expected, text) from error
    if image.tag or image.digest:
        raise ArgumentError("--repo", f"{expected}, without a tag", text)
    return str(image.repository)


def read_count(place: str, text: str, most: int) -> int:
    """Return the whole number from 1 to *most* that *text* is.

    :raises ArgumentError: if it is none
    """
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not (is_number and 0 < int(text) <= most):
        raise ArgumentError(place, f"a whole number from 1 to {most}", text)
    return int(text)
