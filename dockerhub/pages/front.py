"""What the front page shows: the uses of the database, each with its questions and charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from dockerhub.pages.canned import CANNED, USES, question
from dockerhub.pages.dashboards import TITLES
from dockerhub.pages.served import NAME
from dockerhub.store.dictionary import data_dictionary

if TYPE_CHECKING:
    from dockerhub.pages.starts import Starts

# Where a million tags have none, all of them are looked through for the first rows.
_SLOW_IF_LARGE = {
    *("base_images", "attestations", "packages", "labels", "configs", "lineage", "outdated_bases"),
    *("layers", "build_steps"),
}
_INSIDE = "repository_texts"  # the search's own


class Link(NamedTuple):
    """A link with what stands behind it."""

    address: str
    title: str
    about: str


def front_page(starts: Starts) -> dict[str, Any]:
    """Return what the template `index.html` needs."""
    views = [
        Link(_view_address(name, starts), name, entry.about)
        for name, entry in data_dictionary().items()
        if entry.is_view and name != _INSIDE
    ]
    return {
        "database_file": starts.database,
        "search": f"/{NAME}/search",
        "uses": [_use(name, starts) for name in USES],
        "views": sorted(views),
        "database": f"/{NAME}",
    }


def _view_address(name: str, starts: Starts) -> str:
    """Return where a view is; where its first rows take too long, those of one repository."""
    asked = urlencode({"repo_name": starts.repo})
    return f"/{NAME}/{name}" + (f"?{asked}" if starts.is_large and name in _SLOW_IF_LARGE else "")


def _use(name: str, starts: Starts) -> dict[str, Any]:
    use = USES[name]
    return {
        "title": use.title,
        "question": use.question,
        "dashboards": [Link(f"/-/dashboards/{slug}", TITLES[slug], "") for slug in use.dashboards],
        "questions": [
            Link(_address(canned.name, starts), question(canned.name), canned.about)
            for canned in CANNED.values()
            if canned.use == name
        ],
    }


def _address(name: str, starts: Starts) -> str:
    values = {key: starts.value(key) for key in CANNED[name].parameters}
    # Whoever asks what changed wants to know it of all.
    if name == "changes":
        values |= {"since": "7d", "org": ""}
    return f"/{NAME}/{name}" + (f"?{urlencode(values)}" if values else "")
