"""Discovery of repositories that nobody named."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dockerhub.catalog_targets import read_catalog
from dockerhub.spiders.catalog_discovery import Discovery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockerhub.catalog_targets import CatalogTargets


class CatalogSpider(Discovery):
    """Searches by prefixes and lists the namespaces it comes upon, until that brings too little.

    Yields: CatalogPlan, CatalogPage, NamespaceEnd; deeper, RepositoryDetail and TagPage of what
        the lists show
    Arguments: prefix (only what has a word that begins so), alphabet (the signs by which prefixes
        go on; default a to z, 0 to 9 and _), max_requests (ends after so many, repeated ones among
        them; what was still to be asked is left to the next run)
    Cost: as many requests as it takes: see DOCKERHUB_CATALOG_MIN_YIELD; no pulls. The default depth
        is repositories.
    API: search is not documented by Docker; lists: https://docs.docker.com/reference/api/hub/latest/
    """

    name = "catalog"
    ARGUMENTS: ClassVar[Mapping[str, str]] = {
        "prefix": "only what has a word that begins so (default all)",
        "alphabet": "the signs by which prefixes go on (default a to z, 0 to 9 and _)",
        "max_requests": "end after so many requests (default none)",
    }

    @classmethod
    def completed(cls, given: Mapping[str, str]) -> Mapping[str, str]:
        """Go no deeper than lists unless asked to."""
        return {"depth": "repositories", **given}

    @classmethod
    def read_targets(cls, given: Mapping[str, str]) -> CatalogTargets:
        """Return the prefix, the alphabet and the bound."""
        return read_catalog(given)
