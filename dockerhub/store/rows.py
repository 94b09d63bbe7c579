"""Items as rows of the database. Pure: parameters in the order of `sql/writing.sql`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockerhub.items import ImageRow, RepositoryDetail, RepositoryRow, TagRow, WalkStep

Parameters = tuple[Any, ...]

BLANK_IMAGE_SET: Parameters = (None, None, None, ())
"""The key of the image set of tags of which nobody has told what they show."""

_FINGERPRINT_BYTES = 16


def repository_parameters(row: RepositoryRow, seen: int) -> Parameters:
    """Return the parameters of `put_repository`."""
    return (
        *row.repository,
        row.description,
        row.star_count,
        row.pull_count,
        row.last_updated,
        row.last_modified,
        row.registered,
        row.repository_type,
        row.status,
        row.status_description,
        row.is_private,
        row.is_automated,
        row.storage_size,
        row.source,
        # null inside media_types is how Hub marks what was pushed before it kept types.
        joined(word or "null" for word in row.media_types),
        joined(row.content_types),
        joined(row.categories),
        seen,
        seen,
    )


def hit_parameters(row: RepositoryRow, seen: int) -> Parameters:
    """Return the parameters of `put_hit`."""
    return (
        *row.repository,
        row.description,
        row.star_count,
        row.pull_count,
        row.is_automated,
        seen,
        seen,
    )


def detail_parameters(repository_id: int, item: RepositoryDetail) -> Parameters:
    """Return the parameters of `put_detail`."""
    return (
        repository_id,
        item.full_description,
        item.collaborator_count,
        item.immutable_tags_enabled,
        "\n".join(item.immutable_tags_rules) or None,
        item.seen,
    )


def walk_parameters(crawl_id: int | None, step: WalkStep, seen: int) -> Parameters:
    """Return the parameters of `move_walk` and `put_walk`; one with a next page is not finished."""
    is_over = step.stop_reason is not None and step.next_page is None
    return (
        crawl_id,
        step.is_full,
        step.subject_updated,
        seen if is_over else None,
        step.pages,
        step.row_count,
        step.refused_count,
        step.first_count,
        step.last_count,
        step.next_page,
        step.stop_reason,
        step.detail,
        step.leg,
        step.reach,
        *step.key,
        step.started,
    )


def tag_parameters(repository_id: int, image_set_id: int, tag: TagRow, seen: int) -> Parameters:
    """Return the parameters of `put_tag`."""
    return (
        repository_id,
        tag.name,
        image_set_id,
        tag.full_size,
        tag.last_updated,
        tag.last_pushed,
        tag.last_pulled,
        tag.status,
        seen,
        seen,
        seen,
        seen,
    )


def image_set_key(tag: TagRow) -> Parameters:
    """Return what tags have in common that show the same images."""
    return tag.digest, tag.media_type, tag.content_type, tag.images


def fingerprint(key: Parameters) -> bytes:
    """Return 16 bytes that stand for an image set's key.

    Numbers, bytes, text and None have one `repr` in every Python that we run on.
    """
    plain = (*key[:3], tuple(tuple(image) for image in key[3]))
    return hashlib.blake2b(repr(plain).encode(), digest_size=_FINGERPRINT_BYTES).digest()


def platform_key(image: ImageRow) -> tuple[str, ...]:
    """Return the columns of an image's platform; what was not said is empty."""
    return tuple(
        [
            word or ""
            for word in (
                image.os,
                image.architecture,
                image.variant,
                image.os_version,
                image.features,
                image.os_features,
            )
        ]
    )


def joined(words: Iterable[str]) -> str | None:
    """Return *words* joined with `|`, None if there are none."""
    return "|".join(words) or None
