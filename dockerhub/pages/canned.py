"""The questions that the pages ask by name: what each tells, and what its parameters start with.

Their SQL, with the question itself, is `store/sql/pages.sql`.
"""

from __future__ import annotations

from typing import NamedTuple

from dockerhub.store.queries import load_queries


class Use(NamedTuple):
    """One of the uses that people have for the database; the front page is ordered by them."""

    title: str
    question: str
    dashboards: tuple[str, ...] = ()


class Canned(NamedTuple):
    """One question."""

    name: str
    use: str
    about: str
    """what the answer means, with units"""
    parameters: tuple[str, ...] = ()
    """by name; `org`, `repo` and `image` start with what is in the database"""
    depth: str = ""
    """how deep a crawl must have gone for an answer: `layers` or `configs`; else empty"""


USES = {
    "audit": Use("Security audit", "Which of our images sit on an outdated base?"),
    "lineage": Use("Dependency graph", "Who builds on whom?", ("lineage",)),
    "pulls": Use("Pull trends", "How do pulls grow?", ("pulls",)),
    "releases": Use("Release tracking", "What changed in what we depend on?", ("pushes",)),
    "sizes": Use("Image size", "What is big, and what is shared?", ("sizes", "shared")),
    "map": Use("Ecosystem map", "What is there, and on which platforms?"),
    "own": Use("This database", "What did the crawls bring, and what did they cost?"),
}
_ORG = "org: namespace; empty: the one with the most repositories."
_REPO = (
    "repo: full name, nginx means library/nginx; empty: the most pulled one of that organisation."
)
_IMAGE = "image: such as nginx:1.27; without a tag, latest."
_LIST = (
    Canned(
        "outdated",
        "audit",
        "Images of which all lowest layers are those of a base whose tag shows something else now;"
        " of bases that crawls have seen. days_behind: from the push of the base that it has to the"
        " last push of its tag, at least so many where is_at_least is 1; pushes_behind: how often"
        f" we have seen the tag move since. {_ORG}",
        ("org",),
        "layers",
    ),
    Canned(
        "lineage_of",
        "lineage",
        "Images whose layers are all the lowest ones of the image, the root first; state: whether"
        f" the tag shows it now, until when it did, or since when it is gone. {_IMAGE}",
        ("image",),
        "layers",
    ),
    Canned(
        "dependents",
        "lineage",
        "Repositories with tags built on the image, by their pulls; where that are over 10,000"
        f" images, those among the 200 most pulled repositories, without a count. {_IMAGE}",
        ("image",),
        "layers",
    ),
    Canned(
        "same_digest",
        "lineage",
        "All tags that show a digest: of an index, or of one platform's manifest."
        " digest: sha256: and 64 hex digits.",
        ("digest",),
    ),
    Canned(
        "with_layer",
        "lineage",
        "Every tag with an image in which the layer is, and its place from 0, bottom first."
        " digest: of the layer, sha256: and 64 hex digits.",
        ("digest",),
        "layers",
    ),
    Canned(
        "said_bases",
        "lineage",
        "Base images as annotations, labels and provenance name them. " + _REPO,
        ("repo",),
        "configs",
    ),
    Canned(
        "packages_named",
        "audit",
        "Images whose SBOM lists the package."
        " package: exact name; version: pattern such as 3.0.*, empty: all.",
        ("package", "version"),
        "configs",
    ),
    Canned(
        "pulls_by_day",
        "pulls",
        "Pulls a day, newest first; where days were not looked at they share what came between"
        f" (is_interpolated). {_REPO}",
        ("repo",),
    ),
    Canned(
        "growing",
        "pulls",
        "Pulls gained, a day, and in per cent of what there was before; known_days are the days"
        f" that could be reckoned. {_ORG} days: how many, empty: 30.",
        ("org", "days"),
    ),
    Canned(
        "unusual_days",
        "pulls",
        "Days of the last 90 that lie far from the repository's own median: the score is the"
        " distance in robust standard deviations, shown above 3.5; 14 days must be known."
        f" {_ORG}",
        ("org",),
    ),
    Canned(
        "changes",
        "releases",
        "Events in the order in which we noticed them, newest first; hub_at is Hub's own time where"
        " it says one. since: 7d, 24h or a date, empty: 7d; org: namespace, empty: all; kind:"
        " tag_created, tag_moved, tag_deleted, repository_appeared, repository_gone,"
        " base_outdated, empty: all.",
        ("since", "org", "kind"),
    ),
    Canned(
        "history",
        "releases",
        f"Events of a repository, newest first. {_REPO} tag: one of its tags, empty: all.",
        ("repo", "tag"),
    ),
    Canned(
        "left_digests",
        "releases",
        "What a tag showed before, and from when until when we saw it there."
        f" {_REPO} tag: one of its tags, empty: all.",
        ("repo", "tag"),
    ),
    Canned(
        "pushes", "releases", f"Tags by the week (from Monday) of their last push. {_ORG}", ("org",)
    ),
    Canned(
        "other_names",
        "releases",
        f"Tags of a repository that show the same digest, such as 1, 1.27 and latest. {_REPO}",
        ("repo",),
    ),
    Canned(
        "stale",
        "audit",
        "Repositories by pulls since they were registered; a pull is known by its day alone."
        f" {_ORG} days: not pushed for so many, empty: 365.",
        ("org", "days"),
    ),
    Canned(
        "sizes",
        "sizes",
        "Compressed bytes of the 250 tags that were pushed last; without a platform where Hub lists"
        f" none. {_REPO}",
        ("repo",),
    ),
    Canned(
        "layers_shared",
        "sizes",
        "Layers that several images hold, by the compressed bytes that need not be stored again."
        f" {_ORG}",
        ("org",),
        "layers",
    ),
    Canned("platforms", "map", f"Tags of each repository on each platform. {_ORG}", ("org",)),
    Canned(
        "layers_of",
        "sizes",
        f"Layers bottom first, in compressed bytes, with the build step that made each. {_IMAGE}",
        ("image",),
        "layers",
    ),
    Canned(
        "search",
        "map",
        "The 200 best, by words in names, short and long descriptions; the last word may be the"
        ' beginning of one, "two words" in quotes stand together. q: the words.',
        ("q",),
    ),
    Canned("tags_of", "map", f"Tags, newest first; sizes are compressed bytes. {_REPO}", ("repo",)),
    Canned("popular", "map", f"Repositories by pulls since they were registered. {_ORG}", ("org",)),
    Canned(
        "spenders",
        "own",
        "Pulls by user and access token, from Docker's own usage reports (scrapy usage).",
    ),
    Canned(
        "spending_hours",
        "own",
        "Pulls and version checks hour by hour, from Docker's own usage reports."
        " token: name of an access token, empty: all.",
        ("token",),
    ),
    Canned(
        "incomplete",
        "own",
        "Lists of which rows are missing, and why: a count of them must not be trusted.",
    ),
    Canned("crawl_costs", "own", "Requests sent, pulls spent, minutes taken, the newest first."),
)
CANNED = {canned.name: canned for canned in _LIST}


def question(name: str) -> str:
    """Return the question of that name in words."""
    return load_queries("pages")[name].partition("\n")[0].removeprefix("-- ")


def described(name: str) -> str:
    """Return what its answer means, and what must have been crawled for it."""
    canned = CANNED[name]
    needs = f" Needs a crawl with depth={canned.depth}." if canned.depth else ""
    return canned.about + needs


def statement(name: str) -> str:
    """Return its SQL."""
    return load_queries("pages")[name].partition("\n")[2].rstrip(";")
