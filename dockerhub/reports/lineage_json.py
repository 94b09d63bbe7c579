"""What an image is built on and who is built on it, for programs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.moments import iso
from dockerhub.names import digest_text
from dockerhub.redact import harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.reports.base_images import SaidBase
    from dockerhub.reports.lineage import Lineage
    from dockerhub.reports.lineage_dependents import Dependent, DependentRepository, Dependents
    from dockerhub.reports.lineage_levels import Level, PlatformLineage, SaidOnly
    from dockerhub.reports.lineage_names import BaseName, Behind, Names


def lineage_json(found: Lineage) -> dict[str, Any]:
    """Return what an image is built on: `platforms`, each with `bases` and what is only `said`."""
    return {
        "image": found.image,
        "platforms": [_platform(one) for one in found.platforms],
        "notes": list(found.notes),
    }


def dependents_json(found: Sequence[Dependents]) -> dict[str, Any]:
    """Return who is built on an image: `platforms`, each with counts and `repositories`."""
    return {
        "image": found[0].image,
        "platforms": [
            {
                "platform": one.platform,
                "digest": digest_text(one.digest),
                "image_count": one.image_count,
                "repository_count": one.repository_count,
                "tag_count": one.tag_count,
                "pull_count": one.pull_count,
                "repositories": [_repository(each) for each in one.repositories],
                "notes": list(one.notes),
            }
            for one in found
        ],
    }


def _platform(found: PlatformLineage) -> dict[str, Any]:
    return {
        "platform": found.platform,
        "digest": digest_text(found.digest),
        "told_by": str(found.evidence),
        "layer_count": found.layer_count,
        "bases": [_level(level) for level in found.levels],
        "said": [_said_only(only) for only in found.said],
    }


def _level(level: Level) -> dict[str, Any]:
    return {
        "distance": level.distance,
        "confidence": str(level.confidence),
        "shared_layers": level.shared_layers,
        "is_mutual": level.is_mutual,
        "digests": [digest_text(digest) for digest in level.digests],
        "said": [_said(said) for said in level.said],
        **_names(level.names),
    }


def _said_only(only: SaidOnly) -> dict[str, Any]:
    return {
        **_said(only.said),
        "confidence": str(only.confidence),
        "said_by": only.said_by,
        "crawl": only.crawl,
        **_names(only.names),
    }


def _said(said: SaidBase) -> dict[str, Any]:
    return {
        "evidence": str(said.evidence),
        "name": None if said.name is None else harmless(said.name),
        "digest": None if said.digest is None else digest_text(said.digest),
    }


def _names(names: Names) -> dict[str, Any]:
    return {
        "tag_count": names.total,
        "is_at_least": names.is_at_least,
        "tags": [_tag(name) for name in names.names],
    }


def _tag(name: BaseName) -> dict[str, Any]:
    return {
        "repo_name": str(name.name.repository),
        "tag_name": name.name.tag,
        "shows_it_now": name.is_now,
        "is_said": name.is_said,
        "seen_from": _moment(name.seen_from),
        "seen_until": _moment(name.seen_until),
        "gone_at": _moment(name.gone),
        "behind": None if name.behind is None else _behind(name.behind),
    }


def _behind(behind: Behind) -> dict[str, Any]:
    return {
        "days": None if behind.days is None else round(behind.days, 2),
        "pushes": behind.pushes,
        "is_at_least": behind.is_at_least,
    }


def _repository(found: DependentRepository) -> dict[str, Any]:
    return {
        "repo_name": str(found.repository),
        "pull_count": found.pull_count,
        "tag_count": found.tag_count,
        "tags": [_dependent(tag) for tag in found.tags],
    }


def _dependent(tag: Dependent) -> dict[str, Any]:
    is_direct = "layers" in tag.evidence and tag.through_digest is None
    return {
        "tag_name": tag.tag,
        "platform": tag.platform,
        "digest": digest_text(tag.digest),
        "evidence": list(tag.evidence),
        "confidence": str(tag.confidence),
        "is_direct": is_direct,
        "through": None if tag.through is None else str(tag.through),
        "through_digest": None if tag.through_digest is None else digest_text(tag.through_digest),
    }


def _moment(moment: int | None) -> str | None:
    return None if moment is None else iso(moment)
