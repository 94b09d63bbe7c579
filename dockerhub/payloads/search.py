"""Search: a page of hits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dockerhub.errors import NameRefused
from dockerhub.items import RepositoryRow
from dockerhub.names import hub_search_name
from dockerhub.payloads.wire import Count, ListReader

if TYPE_CHECKING:
    from dockerhub.payloads.wire import Listing


class WireHit(msgspec.Struct, frozen=True):
    """One hit: `repo_name` is bare for an official image, `repo_owner` is always empty.

    The endpoint was never documented; this is what recordings of 2023 to 2026 have.
    """

    repo_name: str
    short_description: str | None = None
    star_count: Count | None = None
    pull_count: Count | None = None
    is_automated: bool | None = None

    def row(self) -> RepositoryRow:
        """Return the hit as a repository that is known by its counts alone.

        :raises NameRefused: if its name is none
        """
        try:
            repository = hub_search_name(self.repo_name)
        except NameRefused as error:
            error.place = ".repo_name"
            raise
        return RepositoryRow(
            repository,
            self.short_description or None,
            self.star_count,
            self.pull_count,
            is_automated=self.is_automated,
        )


_PAGES: ListReader[RepositoryRow] = ListReader(WireHit)


def read_search_page(body: bytes) -> Listing[RepositoryRow]:
    """Return what one page of `GET /v2/search/repositories/` says.

    :raises PayloadError: if `results` is missing; a bad row is left out and told in `refusals`
    """
    return _PAGES.read(body)
