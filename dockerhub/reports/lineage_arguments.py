"""What a user of `scrapy lineage` may type, checked before the database is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.errors import ArgumentError
from dockerhub.options import read_count
from dockerhub.reports.lineage_chosen import ALL_PLATFORMS
from dockerhub.reports.lineage_places import read_digest
from dockerhub.reports.stored_images import read_image, read_platform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dockerhub.names import ImageName

_MOST_ROWS = 1_000_000
_PLACES = ("layer", "digest")


class LineageOptions(NamedTuple):
    """What is asked: of the image, layer or digest that is not None."""

    limit: int
    image: ImageName | None = None
    platform: str | None = None
    wants_dependents: bool = False
    counts_all: bool = False
    layer: bytes | None = None
    digest: bytes | None = None


def read_lineage_options(words: Sequence[str], given: Mapping[str, Any]) -> LineageOptions:
    """Return what is asked by the image among *words*, or by the options *given*.

    :raises ArgumentError: if not exactly one question is asked, or an option is for another one
    :raises NameRefused: if the image or the platform is none
    """
    limit = read_count("--limit", given["limit"], _MOST_ROWS)
    asked = [name for name in _PLACES if given[name] is not None]
    if len(asked) + len(words) != 1:
        found = " and ".join([*words, *[f"--{name}" for name in asked]])
        raise ArgumentError("lineage", "one image, or --layer, or --digest", found)
    for other in ("dependents", "platform") if asked else ():
        if given[other]:
            raise ArgumentError(f"--{other}", "an image, such as nginx:1.27", f"--{asked[0]}")
    if given["count"] and not given["dependents"]:
        raise ArgumentError("--count", "--dependents with it", " ".join(words))
    if asked:
        (name,) = asked
        digest = read_digest(f"--{name}", given[name])
        if name == "layer":
            return LineageOptions(limit, layer=digest)
        return LineageOptions(limit, digest=digest)
    is_all = given["platform"] == ALL_PLATFORMS
    return LineageOptions(
        limit,
        read_image(words[0]),
        ALL_PLATFORMS if is_all else read_platform(given["platform"]),
        wants_dependents=given["dependents"],
        counts_all=given["count"],
    )
