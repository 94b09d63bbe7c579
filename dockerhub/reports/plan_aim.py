"""What a plan is made for: a spider's targets in one form, and what was asked just now. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.names import RepositoryName
from dockerhub.targets import WantedManifests, Watched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.arguments import Scope
    from dockerhub.items import RepositoryRow

NAMESPACE, SEARCH = "repositories", "search"
"""the kinds of lists, as walks have them"""


class Aim(NamedTuple):
    """What a spider would crawl."""

    spider: str
    scope: Scope
    lists: tuple[tuple[str, str], ...] = ()
    """kind and subject of each"""
    named: tuple[RepositoryName, ...] = ()
    """repositories that are visited because the user named them"""
    manifests: WantedManifests | None = None

    @property
    def asks_hub(self) -> bool:
        """Whether Docker Hub's own API is asked."""
        return self.manifests is None


def read_aim(spider: str, scope: Scope, targets: object) -> Aim:
    """Return *targets*, as the spider's `check_arguments` returned them, in one form."""
    if isinstance(targets, WantedManifests):
        return Aim(spider, scope, manifests=targets)
    if isinstance(targets, RepositoryName):
        return Aim(spider, scope, named=(targets,))
    if isinstance(targets, Watched):
        lists = [(NAMESPACE, name) for name in targets.namespaces]
        lists += [(SEARCH, targets.query)] if targets.query is not None else []
        # What a listed namespace has is not visited on its own.
        named = [one for one in targets.repositories if one.namespace not in targets.namespaces]
        return Aim(spider, scope, lists=tuple(lists), named=tuple(named))
    kind = SEARCH if spider == "search" else NAMESPACE
    return Aim(spider, scope, lists=((kind, str(targets)),))


class FirstPage(NamedTuple):
    """What the first page of a list said."""

    length: int | None
    """how many rows the whole list has"""
    rows: Sequence[RepositoryRow]


@dataclass
class Heard:
    """What was asked just now."""

    signed_in: bool
    lists: dict[tuple[str, str], FirstPage] = field(default_factory=dict)
    repositories: dict[RepositoryName, RepositoryRow] = field(default_factory=dict)
    tag_counts: dict[RepositoryName, int] = field(default_factory=dict)
    gone: set[RepositoryName] = field(default_factory=set)
    request_count: int = 0
