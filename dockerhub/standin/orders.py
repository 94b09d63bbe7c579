"""The orderings of lists, and the refusal of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerhub.standin.answers import Refusal

if TYPE_CHECKING:
    from dockerhub.standin.repository_state import RepositoryState

REPOSITORY_ORDERINGS = (
    "name",
    "-name",
    "last_updated",
    "-last_updated",
    "pull_count",
    "-pull_count",
)
TAG_ORDERINGS = ("name", "-name", "last_updated", "-last_updated")


def in_order(
    states: list[RepositoryState], ordering: str | None, growth: float
) -> list[RepositoryState]:
    """Return *states* in *ordering*; without one as they are, in the order of registration.

    ``last_updated`` means newest first and ``-last_updated`` oldest first: the opposite of the
    usual sense. Source: Docker's description of its Repos API in docker/hub-mcp.

    :raises Refusal: 400, if Docker Hub has no such ordering
    """
    if not ordering:
        return states
    _check(ordering, REPOSITORY_ORDERINGS)
    field = ordering.removeprefix("-")
    backwards = ordering.startswith("-") != (field == "last_updated")
    if field == "name":
        return sorted(states, key=lambda state: state.name, reverse=backwards)
    if field == "pull_count":
        return sorted(states, key=lambda state: state.pull_count(growth), reverse=backwards)
    return sorted(states, key=lambda state: state.last_updated_at or 0, reverse=backwards)


def tag_ordering(ordering: str | None) -> str | None:
    """Return *ordering* if tags can be listed in it, ``None`` for none or an empty one.

    :raises Refusal: 400, if Docker Hub has no such ordering
    """
    if not ordering:
        return None
    _check(ordering, TAG_ORDERINGS)
    return ordering


def _check(ordering: str, known: tuple[str, ...]) -> None:
    if ordering not in known:
        remedy = f". Must be one of: {', '.join(known)}"
        raise Refusal.invalid("ordering", "Invalid ordering value", remedy)
