"""What the database knows that decides what a crawl costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.items import RepositoryRow
from dockerhub.names import RepositoryName
from dockerhub.reports.plan_lists import LIST_REACH, TAG_REACH

if TYPE_CHECKING:
    from dockerhub.known import KnownRepository
    from dockerhub.store.questions import Questions
    from dockerhub.store.reader import Reader

_MOST = 1000  # rows from which means are taken
_IMAGES_A_SET = 4.0  # images and attestations of a set where none is stored: our assumption


class Stored(NamedTuple):
    """A repository as it was when it was last seen."""

    row: RepositoryRow
    seen: int

    def has_changed_lately(self, now: int) -> bool:
        """Tell whether it changed in the time before it was seen that has passed since."""
        changed = self.row.last_updated
        return changed is not None and changed > self.seen - (now - self.seen)


class Facts:
    """Answers from the database; from nothing where there is none yet."""

    def __init__(self, questions: Questions | None, reader: Reader | None) -> None:
        self._questions = questions
        self.reader = reader

    def was_signed_in(self) -> bool | None:
        """Return whether the last crawl was signed in, None if there was none."""
        found = self._one("last_identity")
        return None if found is None else bool(found)

    def last_count(self, kind: str, subject: str) -> int | None:
        """Return how many rows a list had when it was last walked."""
        found: int | None = self._one("last_list", kind=kind, subject=subject)
        return found

    def reach(self, kind: str) -> int:
        """Return the row from which on a list of that kind is cut for anonymous callers."""
        default = TAG_REACH if kind == "tags" else LIST_REACH
        return self._one("last_reach", kind=kind) or default

    def of_namespace(self, namespace: str) -> dict[RepositoryName, Stored]:
        """Return the repositories of a namespace that were not gone."""
        rows = self._ask("repositories_of", namespace=namespace)
        return {RepositoryName(namespace, row[0]): _stored(namespace, row) for row in rows}

    def stored(self, repository: RepositoryName) -> Stored | None:
        """Return one repository, None if it is not known."""
        rows = self._ask("repository_at", **repository._asdict())
        return _stored(repository.namespace, rows[0]) if rows else None

    def known(
        self, repositories: list[RepositoryName], arguments: str, *, signed_in: bool
    ) -> dict[RepositoryName, KnownRepository]:
        """Return what a crawl would know of them."""
        if self.reader is None:
            return {}
        return self.reader.known_repositories(repositories, arguments, signed_in=signed_in)

    def tag_count(self, repository: RepositoryName) -> int:
        """Return how many live tags of a repository are stored."""
        return self._one("tag_count", **repository._asdict()) or 0

    def tag_counts(self, namespace: str) -> tuple[list[int], str]:
        """Return how many tags others have, those of the namespace if there are any, and whose."""
        found = [row[0] for row in self._ask("tag_counts_of", namespace=namespace)]
        if found:
            return found, f"the repositories of {namespace} in the database"
        found = [row[0] for row in self._ask("tag_counts", most=_MOST)]
        return found, "the repositories in the database"

    def undetailed(self, repository: RepositoryName, most: int) -> int:
        """Return how many tags known by name alone a crawl would ask for, at most *most*."""
        if self.reader is None:
            return 0
        return len(self.reader.contents.undetailed(repository, most)[0])

    def images_a_set(self) -> tuple[float, bool]:
        """Return how many images and attestations a set has, and whether that was counted."""
        rows = self._ask("images_of_sets", most=_MOST)
        if rows and rows[0][0]:
            return rows[0][1] / rows[0][0], True
        return _IMAGES_A_SET, False

    def _ask(self, statement: str, **named: Any) -> list[tuple[Any, ...]]:
        return [] if self._questions is None else self._questions.ask(statement, named)

    def _one(self, statement: str, **named: Any) -> Any:
        rows = self._ask(statement, **named)
        return rows[0][0] if rows else None


def _stored(namespace: str, row: tuple[Any, ...]) -> Stored:
    name, description, updated, modified, seen = row
    repository = RepositoryName(namespace, name)
    said = RepositoryRow(
        repository, description, None, None, last_updated=updated, last_modified=modified
    )
    return Stored(said, seen)
