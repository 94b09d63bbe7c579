"""Which repositories a report is about: what `--org` and `--repo` mean, and what crawls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.errors import ArgumentError
from dockerhub.globs import can_be_crawled, front_of, is_pattern, read_glob, read_org
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

    def crawl(self, *, layers: bool = False, questions: Questions | None = None) -> str:
        """Return the command that brings them, with their layers if that is asked for.

        Where they are not named it is the last crawl of the database that *questions* are asked of.
        """
        depth = " -a depth=layers" if layers else ""
        if self.is_one:
            name = self.glob
            target = f"tags -a repo={name}" if can_be_crawled(name) else _search(name)
        elif self.first == self.last:
            name = self.first
            target = f"org -a org={name}" if can_be_crawled(f"{name}/x") else _search(name)
        else:
            return self._crawl_of_all(depth, questions)
        return f"scrapy crawl {target}{depth}"

    def _crawl_of_all(self, depth: str, questions: Questions | None) -> str:
        if depth:
            # Without a name it brings the layers of all that is stored.
            is_stored = questions is not None and questions.has_tags()
            return "scrapy crawl manifests" if is_stored else FIRST_CRAWL + depth
        return (None if questions is None else questions.last_crawl()) or FIRST_CRAWL


EVERYTHING = Scope("", _AFTER_ALL, "*", "all repositories")


def read_scope(org: str | None, repo: str | None) -> Scope:
    """Return the repositories that `--org` and `--repo` mean.

    *repo* is a name or a pattern: without a slash it is one of *org*, else of the official images.

    :raises ArgumentError: if *repo* is neither, or *org* is no namespace
    """
    namespace = None if org is None else read_org("--org", org)
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
        raise none_stored(what, scope, questions)


def none_stored(what: str, scope: Scope, questions: Questions) -> NotAnswered:
    """Return the refusal where nothing of what is asked about is stored."""
    crawl = scope.crawl(questions=questions)
    return NotAnswered(f"database: expected {what}, none are in it", crawl)


def _search(name: str) -> str:
    """Return what brings a name that Docker Hub has, but that no crawl can be told."""
    return f"search -a query={name.rpartition('/')[2]}"
