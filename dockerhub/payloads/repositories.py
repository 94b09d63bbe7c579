"""Repositories: a namespace's list, and one repository's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from dockerhub.errors import NameRefused, PayloadError
from dockerhub.items import RepositoryDetail, RepositoryRow
from dockerhub.names import hub_repository
from dockerhub.payloads.wire import Count, ListReader, decode_row, moment

if TYPE_CHECKING:
    from dockerhub.payloads.wire import Listing


class WireCategory(msgspec.Struct, frozen=True):
    """A category; only its slug is kept, the name is for people."""

    slug: str | None = None


class WireImmutableTags(msgspec.Struct, frozen=True):
    """`immutable_tags_settings`: a list of rules means nothing unless `enabled`."""

    enabled: bool | None = None
    rules: list[str] | None = None


class WireRepository(msgspec.Struct, frozen=True):
    """What a list row and the detail have in common.

    Source: https://docs.docker.com/reference/api/hub/latest/ (read 2026-11-22)
    """

    name: str
    namespace: str
    description: str | None = None
    star_count: Count | None = None
    pull_count: Count | None = None
    last_updated: str | None = None
    last_modified: str | None = None
    date_registered: str | None = None
    # An internal description makes it a number; recordings since 2017 have the word.
    repository_type: str | int | None = None
    status: Count | None = None
    status_description: str | None = None
    is_private: bool | None = None
    is_automated: bool | None = None
    storage_size: Count | None = None
    source: str | None = None
    media_types: list[str | None] | None = None
    content_types: list[str | None] | None = None
    categories: list[WireCategory | None] | None = None

    def row(self) -> RepositoryRow:
        """Return the repository.

        :raises NameRefused: if its name is none
        """
        return RepositoryRow(
            hub_repository(self.namespace, self.name),
            self.description or None,
            self.star_count,
            self.pull_count,
            moment(self.last_updated, "last_updated"),
            moment(self.last_modified, "last_modified"),
            moment(self.date_registered, "date_registered"),
            str(self.repository_type) if self.repository_type is not None else None,
            self.status,
            self.status_description or None,
            self.is_private,
            self.is_automated,
            self.storage_size,
            self.source or None,
            tuple(self.media_types or ()),
            tuple([word for word in self.content_types or () if word]),
            tuple([one.slug for one in self.categories or () if one and one.slug]),
        )


class WireDetail(WireRepository, frozen=True, kw_only=True):
    """What only the repository's own page says; an empty description is left out since 2025."""

    full_description: str | None = None
    collaborator_count: Count | None = None
    immutable_tags_settings: WireImmutableTags | None = None


_PAGES: ListReader[RepositoryRow] = ListReader(WireRepository)
_DETAIL = msgspec.json.Decoder(WireDetail)


def read_repository_page(body: bytes) -> Listing[RepositoryRow]:
    """Return what one page of `GET /v2/namespaces/{namespace}/repositories` says.

    :raises PayloadError: if `results` is missing; a bad row is left out and told in `refusals`
    Source: https://docs.docker.com/reference/api/hub/latest/ (read 2026-11-22)
    """
    return _PAGES.read(body)


def read_repository(body: bytes, seen: int) -> RepositoryDetail:
    """Return what `GET /v2/namespaces/{namespace}/repositories/{name}` says.

    *seen* is when it was answered, in microseconds since 1970.

    :raises PayloadError: if it is no repository
    Source: https://docs.docker.com/reference/api/hub/latest/ (read 2026-11-22)
    """
    wire: Any = decode_row(_DETAIL, body)
    settings = wire.immutable_tags_settings or WireImmutableTags()
    try:
        row = wire.row()
    except NameRefused as error:
        raise PayloadError(f"${error.place}: {error}") from error
    return RepositoryDetail(
        seen=seen,
        row=row,
        full_description=wire.full_description or None,
        collaborator_count=wire.collaborator_count,
        immutable_tags_enabled=settings.enabled,
        immutable_tags_rules=tuple(settings.rules or ()),
    )
