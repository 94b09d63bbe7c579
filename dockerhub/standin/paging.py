"""Pages: which rows are asked for, who may see them, and the links to the neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from dockerhub.standin.answers import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PAGE_SIZE = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What one request for a page asks: *url* without query, *query* as it was sent."""

    url: str
    query: dict[str, str]
    number: int
    size: int

    @classmethod
    def asked(cls, url: str, query: Mapping[str, str], largest: int) -> Self:
        """Read a request; a page size above *largest* is cut to it.

        :raises Refusal: if page or page size is not a whole number above 0
        """
        size = min(largest, _number(query, "page_size", DEFAULT_PAGE_SIZE))
        return cls(url=url, query=dict(query), number=_number(query, "page", 1), size=size)

    @property
    def start(self) -> int:
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        return self.start + self.size

    def check_cap(self, cap: int | None) -> None:
        """Refuse an anonymous caller who pages too deeply; the row offset decides.

        :raises Refusal: 403. Source: goharbor/harbor#23819
        """
        if cap is not None and self.start >= cap:
            message = "pagination offset too large for anonymous requests; sign in to page further"
            raise Refusal(403, {"message": message, "errinfo": {}})

    def links(self, count: int) -> tuple[str | None, str | None]:
        """Return the addresses of the next and the previous page, ``None`` for none.

        They repeat every parameter that was sent, known or not, in the order of their names.
        """
        after = self._link(self.number + 1) if self.stop < count else None
        before = self._link(self.number - 1) if self.number > 1 else None
        return after, before

    def _link(self, number: int) -> str:
        query = self.query | {"page": str(number)}
        if "page_size" in query:
            query["page_size"] = str(self.size)
        return f"{self.url}?{urlencode(sorted(query.items()))}"


def _number(query: Mapping[str, str], key: str, default: int) -> int:
    text = query.get(key, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise Refusal.invalid(key, f"Invalid {key} value")
    return int(text)
