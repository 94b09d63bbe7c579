"""What a user may point a spider at: namespaces, searches, repositories, files of them."""

from __future__ import annotations

import errno
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.errors import ArgumentError, NameRefused
from dockerhub.names import ImageName, read_digest_text, read_image_name, read_namespace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerhub.names import RepositoryName

_LONGEST_QUERY = 200
_LARGEST_FILE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """All that one run watches."""

    repositories: tuple[RepositoryName, ...] = ()
    namespaces: tuple[str, ...] = ()
    query: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedManifests:
    """Which manifests one run wants."""

    image: ImageName | None = None
    """None: all in the database that lack something"""
    digests: tuple[bytes, ...] = ()
    """32 bytes each; none: what the tags show"""


def read_org(given: Mapping[str, str]) -> str:
    """Return the namespace in the argument `org`.

    :raises ArgumentError: if it is missing or none
    """
    return _namespace(_required(given, "org", "a namespace such as bitnami"))


def read_query(given: Mapping[str, str]) -> str:
    """Return the words in the argument `query`.

    :raises ArgumentError: if it is missing, empty or endless
    """
    query = _required(given, "query", "words to search for").strip()
    if len(query) > _LONGEST_QUERY or not query.isprintable():
        raise ArgumentError(_place("query"), f"at most {_LONGEST_QUERY} printable letters", query)
    return query


def read_repo(given: Mapping[str, str]) -> ImageName:
    """Return the repository, with its tag if one is named, in the argument `repo`.

    :raises ArgumentError: if it is missing or none
    """
    return _image("repo", _required(given, "repo", "a repository such as nginx or a/b"))


def read_watched(given: Mapping[str, str]) -> Watched:
    """Return all that the arguments `repos`, `file`, `org` and `query` name.

    :raises ArgumentError: if nothing is named, or something that is none
    """
    if not any(given.get(name, "").strip(", ") for name in ("repos", "file", "org", "query")):
        raise ArgumentError("spider repos", "one of repos=, file=, org=, query=", "none of them")
    images = [_image("repos", part) for part in _parts(given.get("repos", ""))]
    if "file" in given:
        images += _images_in(given["file"])
    return Watched(
        repositories=tuple(dict.fromkeys(image.repository for image in images)),
        namespaces=tuple(dict.fromkeys(map(_namespace, _parts(given.get("org", ""))))),
        query=read_query(given) if "query" in given else None,
    )


def read_manifests(given: Mapping[str, str]) -> WantedManifests:
    """Return what the arguments `repo` and `digests` name.

    :raises ArgumentError: if one is none, or digests are named without their repository
    """
    texts = _parts(given.get("digests", ""))
    if "digests" in given and not texts:
        raise ArgumentError(_place("digests"), "sha256:... with commas", "nothing")
    if "repo" not in given:
        if texts:
            raise ArgumentError(_place("digests"), "repo= beside it", "none")
        return WantedManifests()
    image = read_repo(given)
    digests = [_digest(text) for text in texts]
    digests += [_digest(image.digest)] if image.digest else []
    return WantedManifests(image=image, digests=tuple(dict.fromkeys(digests)))


def _digest(text: str) -> bytes:
    try:
        return read_digest_text(text)
    except NameRefused as error:
        raise _refused("digests", error) from None


def _required(given: Mapping[str, str], argument: str, expected: str) -> str:
    if not given.get(argument, "").strip():
        raise ArgumentError(_place(argument), expected, "nothing")
    return given[argument]


def _namespace(text: str) -> str:
    try:
        return read_namespace(text)
    except NameRefused as error:
        raise _refused("org", error) from None


def _image(argument: str, text: str, where: str = "") -> ImageName:
    try:
        return read_image_name(text)
    except NameRefused as error:
        raise _refused(argument + where, error) from None


def _images_in(path: str) -> list[ImageName]:
    """Return the images in a file: one a line, `#` begins a comment."""
    try:
        lines = _regular_file(Path(path)).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ArgumentError(_place("file"), f"a file that can be read ({reason})", path) from None
    images = [
        _image("file", name, f" {path} line {number}")
        for number, line in enumerate(lines, start=1)
        if (name := line.partition("#")[0].strip())
    ]
    if not images:
        raise ArgumentError(_place("file"), "a repository a line", f"{path}, which names none")
    return images


def _regular_file(path: Path) -> Path:
    """Return *path* if it can be read twice and to its end: no pipe, no device, nothing huge."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    if path.stat().st_size > _LARGEST_FILE_BYTES:
        raise OSError(errno.EFBIG, f"more than {_LARGEST_FILE_BYTES} bytes")
    return path


def _parts(text: str) -> list[str]:
    return [part for part in (part.strip() for part in text.split(",")) if part]


def _refused(argument: str, error: NameRefused) -> ArgumentError:
    return ArgumentError(_place(argument), error.expected, error.found)


def _place(argument: str) -> str:
    return f"spider argument {argument}"
