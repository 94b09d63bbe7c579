"""What the pages start with: the organisation, repository and image that the filters show first."""

from __future__ import annotations

from typing import NamedTuple

from dockerhub.reports.answers import NotAnswered
from dockerhub.store.place import database_path
from dockerhub.store.questions import Questions

_CRAWL = "scrapy crawl org -a org=bitnami"
# Above this a question about every tag takes seconds: no page asks one by itself.
_MANY_TAGS = 100_000


class Starts(NamedTuple):
    """What is in the database when the pages start."""

    org: str
    """the namespace with the most repositories"""
    repo: str
    """its most pulled repository, `bitnami/nginx`"""
    image: str
    """an image whose layers are known, else that repository's latest"""
    database: str
    """the file"""
    tags: int
    """about how many tags"""

    @property
    def is_large(self) -> bool:
        """Tell whether no page may ask about all tags by itself."""
        return self.tags > _MANY_TAGS

    def value(self, name: str) -> str:
        """Return what the parameter of that name starts with."""
        return str(getattr(self, name, ""))


def read_starts(url: str) -> Starts:
    """Return what the pages of the database at *url* start with.

    :raises StoreError: if it is not there or cannot be read
    :raises NotAnswered: if there is nothing in it
    """
    with Questions(url, "serving") as questions:
        path = database_path(url)
        if questions.one("any_repository") is None:
            raise NotAnswered(f"database {path}: expected repositories, it holds none", _CRAWL)
        org = questions.one("biggest_namespace") or ""
        repo = questions.one("biggest_repository", [org]) or ""
        image = questions.one("layered_image", [org]) or f"{repo}:latest"
        tags = questions.one("tag_numbers")
    return Starts(org, repo, image, path.name, tags)
