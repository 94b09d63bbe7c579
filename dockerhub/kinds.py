"""The kinds of "no" that a service can answer; only the kind decides what is done."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Why an answer holds no data."""

    SLOW_DOWN = "slow down"
    ABUSE = "abuse"
    PAGING_CAP = "paging cap"
    FORBIDDEN = "forbidden"
    BOT_GUARD = "bot guard"
    BLOCKED = "blocked"
    DOUBTED = "doubted"
    NOT_THERE = "not there"
    TOKEN_OVER = "token over"  # noqa: S105  (a kind, not a token)
    REMOVED = "removed endpoint"
    REFUSED = "refused request"
    BROKEN = "broken"
    UNREACHABLE = "unreachable"
    PULLS_SPENT = "pulls spent"


CRAWL_WIDE = frozenset({Kind.ABUSE, Kind.BOT_GUARD, Kind.BLOCKED, Kind.UNREACHABLE})
"""The kinds that are about the service and not about what was asked; they are told once."""


class ManifestKind(StrEnum):
    """What a manifest describes."""

    IMAGE = "image"
    INDEX = "index"
    ATTESTATION = "attestation"
    ARTIFACT = "artifact"
    SCHEMA_1 = "schema 1"
    UNREADABLE = "unreadable"


class Evidence(StrEnum):
    """Who told us what is in a manifest: Hub's list of build steps, or the registry's bytes."""

    HUB = "hub"
    REGISTRY = "registry"


class StopReason(StrEnum):
    """Why a walk ended. A walk that has none is under way or was killed."""

    COMPLETE = "complete"
    UNCHANGED = "unchanged"
    MAX_TAGS = "max_tags"
    ANONYMOUS_CAP = "anonymous_cap"
    DEPTH_CAP = "depth_cap"
    DRIFTED = "drifted"
    FORBIDDEN = "forbidden"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    BUDGET_SPENT = "budget_spent"
    ERROR = "error"
    INTERRUPTED = "interrupted"


WHOLE = frozenset({StopReason.COMPLETE, StopReason.UNCHANGED, StopReason.MAX_TAGS})
"""The stop reasons of a walk that brought all that was asked for."""

SETTLED = frozenset({*WHOLE, StopReason.ANONYMOUS_CAP})
"""The stop reasons after which an unchanged list need not be walked again by the same caller."""
