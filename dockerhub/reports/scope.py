"""Which repositories a report is about: what `--org` and `--repo` mean, and what crawls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.errors import ArgumentError
from dockerhub.globs import front_of, is_pattern, read_glob
from dockerhub.names import read_namespace
from dockerhub.reports.answers import NotAnswered
from dockerhub.store.questions import FIRST_CRAWL

if TYPE_CHECKING:
    from dockerhub.store.questions import Questions

_AFTER_ALL = "\U0010ffff"  # behind every name


class Scope(NamedTuple):
    """Which repositories a report is about, so that an index finds them."""

    first: str
    """the first namespace that may be among them"""
    last: str
    """the last one"""
    glob: str
    """what `namespace/name` has to match"""
    words: str
    """as messages name them: `bitnami`, `library/nginx`, `all repositories`"""

    @property
    def is_one(self) -> bool:
        """Whether it names one repository."""
        return not is_pattern(self.glob)

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements take."""
        return {"first": self.first, "last": self.last, "glob": self.glob}

    def crawl(self, *, layers: bool = False) -> str:
        """Return the command that brings them, with their layers if that is asked for."""
        depth = " -a depth=layers" if layers else ""
        if self.is_one:
            return f"scrapy crawl tags -a repo={self.glob}{depth}"
        if self.first == self.last:
            return f"scrapy crawl org -a org={self.first}{depth}"
        # Without a name it brings the layers of all that is stored.
        return "scrapy crawl manifests" if layers else FIRST_CRAWL


EVERYTHING = Scope("", _AFTER_ALL, "*", "all repositories")


def read_scope(org: str | None, repo: str | None) -> Scope:
    """Return the repositories that `--org` and `--repo` mean.

    *repo* is a name or a pattern: without a slash it is one of *org*, else of the official images.

    :raises ArgumentError: if *repo* is neither
    :raises NameRefused: if *org* is no namespace
    """
    namespace = None if org is None else read_namespace(org)
    if repo is None or repo.strip() == "*":
        if namespace is None:
            return EVERYTHING
        return Scope(namespace, namespace, f"{namespace}/*", namespace)
    scope = scope_of(read_glob("--repo", repo.strip(), namespace))
    if namespace is None:
        return scope
    if not scope.first <= namespace <= scope.last:
        raise ArgumentError("--repo", f"repositories of --org {namespace}", repo)
    return scope._replace(first=namespace, last=namespace)


def scope_of(glob: str) -> Scope:
    """Return the repositories whose full names match *glob*."""
    first, slash, _ = front_of(glob).partition("/")
    return Scope(first, first if slash else first + _AFTER_ALL, glob, glob)


def check_stored(questions: Questions, scope: Scope, *, tags: bool = False) -> None:
    """Refuse to answer about repositories, or their tags, where none are stored.

    :raises NotAnswered: naming the crawl that brings them
    """
    if questions.one("any_tag" if tags else "any_repository", scope.parameters) is None:
        what = f"tags of {scope.words}" if tags else scope.words
        raise none_stored(what, scope)


def none_stored(what: str, scope: Scope) -> NotAnswered:
    """Return the refusal where nothing of what is asked about is stored."""
    return NotAnswered(f"database: expected {what}, none are in it", scope.crawl())
