"""Pages of the registry's list of tags, and the links from one to the next."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING
from urllib.parse import quote
from zlib import crc32

from dockerhub.standin.registry_errors import RegistryRefusal

if TYPE_CHECKING:
    from collections.abc import Mapping


def tag_page(name: str, names: list[str], query: Mapping[str, str]) -> tuple[list[str], str | None]:
    """Return the tags that are asked for of *names* (in ASCII order), and the ``Link`` header.

    :raises RegistryRefusal: 400, if ``n`` is no number
    """
    asked, last = query.get("n"), query.get("last")
    start = bisect_right(names, last) if last else 0
    if asked is None:
        return names[start:], None
    if not asked.isascii() or not asked.isdigit() or len(asked) > 9 or int(asked) < 1:
        message = "invalid number of results requested"
        raise RegistryRefusal(400, "PAGINATION_NUMBER_INVALID", message, {"n": asked})
    shown = names[start : start + int(asked)]
    return shown, _link(name, asked, shown[-1]) if start + len(shown) < len(names) else None


def _link(name: str, asked: str, last: str) -> str:
    parameters = [f"last={quote(last, safe='')}", f"n={asked}"]
    # Both orders have been seen.
    if crc32(last.encode()) % 2:
        parameters.reverse()
    return f'</v2/{name}/tags/list?{"&".join(parameters)}>; rel="next"'
