"""Truth as the JSON that Docker Hub makes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerhub.standin.crowd import Hit
    from dockerhub.standin.truth import Repository

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def go_json(content: object) -> str:
    """Return JSON as Go writes it: compact, with ``&``, ``<`` and ``>`` escaped."""
    return go_escaped(raw_json(content))


def raw_json(content: object) -> str:
    """Return compact JSON with everything but control characters and quotes as it is."""
    return _ENCODER.encode(content)


def go_escaped(text: str) -> str:
    """Return JSON text with `&`, `<` and `>` escaped, as Go's encoder writes it."""
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def list_row(row: Repository) -> dict[str, Any]:
    """Return *row* as it stands in ``GET /v2/namespaces/{namespace}/repositories``.

    Source: docker/docs hub latest.yaml, repository_list_entry; ``source`` as recorded.
    """
    return {
        "name": row.name,
        "namespace": row.namespace,
        "repository_type": row.repository_type,
        "status": row.status,
        "status_description": row.status_description,
        "description": row.description,
        "is_private": row.is_private,
        "star_count": row.star_count,
        "pull_count": row.pull_count,
        "last_updated": row.last_updated,
        "last_modified": row.last_modified,
        "date_registered": row.date_registered,
        "affiliation": "",
        "media_types": row.media_types,
        "content_types": row.content_types,
        "categories": [{"name": each.name, "slug": each.slug} for each in row.categories],
        "storage_size": row.storage_size,
        "source": row.source,
    }


def detail(row: Repository) -> dict[str, Any]:
    """Return *row* as ``GET /v2/namespaces/{namespace}/repositories/{name}`` answers it.

    ``full_description`` is left out where it is empty, as since 2025.
    Source: docker/docs hub latest.yaml, repository_info.
    """
    shown = {
        "user": row.namespace,
        **list_row(row),
        "is_automated": row.is_automated,
        "collaborator_count": row.collaborator_count,
        "affiliation": None,
        "hub_user": row.namespace,
        "has_starred": False,
        "permissions": {"read": True, "write": False, "admin": False},
        "immutable_tags_settings": {
            "enabled": row.immutable_tags_enabled,
            "rules": row.immutable_tags_rules,
        },
    }
    if row.full_description is not None:
        shown["full_description"] = row.full_description
    return shown


def search_row(row: Repository | Hit) -> dict[str, Any]:
    """Return *row* as it stands in a search: official images have no namespace there."""
    return {
        "repo_name": row.name if row.is_official else row.full_name,
        "short_description": row.description or None,
        "star_count": row.star_count,
        "pull_count": row.pull_count,
        "repo_owner": "",
        "is_automated": False,
        "is_official": row.is_official,
    }
