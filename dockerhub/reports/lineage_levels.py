"""The levels below one platform's image: base images that its layers show, or that are said."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.kinds import Evidence
from dockerhub.reports.base_images import said_bases
from dockerhub.reports.lineage_names import MOST_MANIFESTS, BaseName, Names, names_of
from dockerhub.reports.lineage_said import Confidence, Known, confidence_of, known_of, tag_said
from dockerhub.reports.stored_images import Contents, fetch_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dockerhub.reports.base_images import SaidBase
    from dockerhub.reports.stored_images import Stored
    from dockerhub.store.questions import Questions

_MOST_ASKED = 3  # of the images with the same layers, so many are asked what they are built on

_Manifests = list[tuple[bytes, str]]
"""digest and evidence of each"""


class Level(NamedTuple):
    """A base image by its layers: all images that end with the same one."""

    distance: int
    """1 is the nearest"""
    digests: tuple[bytes, ...]
    """32 bytes of each manifest"""
    shared_layers: int
    """layers that both have; those that hold nothing are not counted"""
    confidence: Confidence
    said: tuple[SaidBase, ...]
    """who names it too, beside the layers"""
    names: Names


class SaidOnly(NamedTuple):
    """A base image that is named, and that the layers do not show."""

    said: SaidBase
    confidence: Confidence
    names: Names
    """the tags that show it or have shown it, and the one that is named"""
    crawl: str | None
    """what would bring its layers; None where they are known, or it has no name on Docker Hub"""
    said_by: str | None
    """the base image that says so; None: the image itself"""


class PlatformLineage(NamedTuple):
    """What one platform's image is built on."""

    platform: str
    digest: bytes
    evidence: Evidence
    layer_count: int
    """those that hold nothing are not counted"""
    levels: tuple[Level, ...]
    """the nearest one first, the root last"""
    said: tuple[SaidOnly, ...]


def platform_lineage(
    questions: Questions, stored: Stored, contents: Contents, limit: int
) -> PlatformLineage:
    """Return what one platform's image is built on, with up to *limit* tags of each base.

    :raises StoreError: if the database cannot be read
    """
    below = _Below(questions, stored, contents, limit)
    here, only = below.read_said(contents)
    levels = tuple(below.levels(here))
    for level in levels:
        for digest in level.digests[:_MOST_ASKED]:
            only += below.said_below(digest, level)
    first = {one.said: one for one in reversed(only)}
    return PlatformLineage(
        contents.platform,
        contents.digest,
        below.evidence,
        len(below.chains),
        levels,
        tuple(reversed(first.values())),
    )


class _Below:
    """What is below one platform's image."""

    def __init__(
        self, questions: Questions, stored: Stored, contents: Contents, limit: int
    ) -> None:
        self._questions = questions
        self._stored = stored
        self._limit = limit
        self._platform = contents.platform
        asked = {"digest": contents.digest}
        ((_, _, evidence, self._platform_id),) = questions.ask("manifest", asked)
        self.evidence = Evidence(evidence)
        self.chains = questions.ask("chains", asked)
        """place and chain of each layer that holds something, uppermost first"""
        self._places = {chain: place for place, chain in self.chains}

    def levels(self, said: Mapping[int, Sequence[SaidBase]]) -> Iterator[Level]:
        """Yield the levels, the nearest one first; *said* are by the place at which they end."""
        distance = 0
        for above, (place, chain) in enumerate(self.chains):
            here = tuple(said.get(place, ()))
            # What has the same layers is not below, unless somebody says so.
            asked = {"chain": chain, "most": MOST_MANIFESTS}
            found = self._questions.ask("manifests_of_chain", asked) if above else self._named(here)
            if found:
                distance += 1
                named = {tag for one in here if (tag := tag_said(one)) is not None}
                by = {"chain": chain} if above else {"digest": found[0][0]}
                names = names_of(self._questions, **by, said=named, limit=self._limit)
                digests = tuple(digest for digest, _ in found)
                shared = len(self.chains) - above
                yield Level(distance, digests, shared, self._confidence(found), here, names)

    def read_said(
        self, contents: Contents, said_by: str | None = None
    ) -> tuple[dict[int, list[SaidBase]], list[SaidOnly]]:
        """Return what is said of an image: by the place up to which the layers agree, the rest."""
        index = contents.index_digest
        attested = self._stored.images.attestations_of(contents.digest, index)
        here: dict[int, list[SaidBase]] = {}
        only = []
        for said in said_bases(self._stored, contents, attested):
            known = known_of(self._questions, self._stored, said, self._places, self._platform_id)
            if known.place is None:
                only.append(self._said_only(said, known, said_by))
            else:
                here.setdefault(known.place, []).append(said)
        return here, only

    def said_below(self, digest: bytes, level: Level) -> list[SaidOnly]:
        """Return what a base says of its own bases that the layers do not show."""
        config = self._stored.images.config_of(digest)
        contents = Contents(digest, self._platform, None, None, (), (), config)
        names = level.names.names
        _, only = self.read_said(contents, str(names[0].name) if names else "a base image")
        return only

    def _named(self, said: Sequence[SaidBase]) -> _Manifests:
        found = {}
        for one in said:
            if one.digest is not None:
                asked = {"digest": one.digest}
                for digest, chain, _ in self._questions.ask("members", asked):
                    if chain == self.chains[0][1]:
                        found[digest] = self._questions.ask("manifest", {"digest": digest})[0][2]
        return list(found.items())

    def _confidence(self, manifests: _Manifests) -> Confidence:
        proven = any(evidence == Evidence.REGISTRY for _, evidence in manifests)
        is_proven = proven and self.evidence is Evidence.REGISTRY
        return Confidence.PROVEN if is_proven else Confidence.TOLD

    def _said_only(self, said: SaidBase, known: Known, said_by: str | None) -> SaidOnly:
        tag = tag_said(said)
        if said.digest is None:
            names = Names(() if tag is None else (BaseName(tag, is_now=False, is_said=True),), 1)
        else:
            named = () if tag is None else (tag,)
            names = names_of(self._questions, digest=said.digest, said=named, limit=self._limit)
        image = None if known.has_layers else said.image
        crawl = None if image is None else crawl_of(fetch_arguments(image, self._platform))
        return SaidOnly(said, confidence_of(said, known), names, crawl, said_by)


def crawl_of(arguments: Mapping[str, str]) -> str:
    """Return the crawl that brings an image."""
    return " ".join(["scrapy crawl manifests", *[f"-a {k}={v}" for k, v in arguments.items()]])
