"""The levels below one platform's image: base images that its layers show, or that are said."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.kinds import Evidence
from dockerhub.reports.lineage_names import BaseName, Names, names_of
from dockerhub.reports.lineage_said import (
    SCRATCH,
    Confidence,
    Known,
    confidence_of,
    heard,
    hub_image,
    known_of,
    named_manifests,
    tag_said,
)
from dockerhub.reports.lineage_twins import Twin, Twins, twins_of
from dockerhub.reports.stored_images import Contents, fetch_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dockerhub.reports.base_images import SaidBase
    from dockerhub.reports.stored_images import Stored
    from dockerhub.store.questions import Questions

_MOST_ASKED = 3  # of the images with the same layers, so many are asked what they are built on


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
    is_mutual: bool = False
    """whether both have the same layers and name each other: which came first is not known"""


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
    questions: Questions, stored: Stored, contents: Contents, own: frozenset[bytes], limit: int
) -> PlatformLineage:
    """Return what one platform's image is built on, with up to *limit* tags of each base.

    *own* are the digests that are the image itself, its other platforms too.

    :raises StoreError: if the database cannot be read
    """
    below = _Below(questions, stored, contents, own, limit)
    here, only = below.read_said(contents, own)
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
        self,
        questions: Questions,
        stored: Stored,
        contents: Contents,
        own: frozenset[bytes],
        limit: int,
    ) -> None:
        self._questions = questions
        self._stored = stored
        self._own = own
        self._limit = limit
        self._platform = contents.platform
        asked = {"digest": contents.digest}
        ((_, _, evidence, self._platform_id, _),) = questions.ask("manifest", asked)
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
            twins = self._twins(chain, here) if above else self._named(here)
            if twins.images:
                distance += 1
                yield self._level(distance, len(self.chains) - above, here, twins)

    def _level(self, distance: int, shared: int, said: tuple[SaidBase, ...], twins: Twins) -> Level:
        is_mutual = shared == len(self.chains) and all(map(self._names_back, twins.images))
        names = names_of(
            self._questions,
            manifests=[one.number for one in twins.images],
            said={tag for one in said if (tag := tag_said(one)) is not None},
            limit=self._limit,
            is_at_least=twins.is_at_least,
        )
        confidence = Confidence.SAID if is_mutual else self._confidence(twins.images)
        digests = tuple(one.digest for one in twins.images)
        return Level(distance, digests, shared, confidence, said, names, is_mutual)

    def read_said(
        self, contents: Contents, own: frozenset[bytes], said_by: str | None = None
    ) -> tuple[dict[int, list[SaidBase]], list[SaidOnly]]:
        """Return what is said of an image: by the place up to which the layers agree, the rest.

        That it is built on itself, by its *own* digests, is nothing that could be.
        """
        here: dict[int, list[SaidBase]] = {}
        only = []
        for said in self._heard(contents):
            about = (self._places, self._platform_id, own)
            known = known_of(self._questions, self._stored, said, *about)
            if known.place is not None:
                here.setdefault(known.place, []).append(said)
            elif not known.is_own:
                only.append(self._said_only(said, known, said_by))
        return here, only

    def said_below(self, digest: bytes, level: Level) -> list[SaidOnly]:
        """Return what a base says of its own bases that the layers do not show."""
        names = level.names.names
        said_by = str(names[0].name) if names else "a base image"
        _, only = self.read_said(self._contents(digest), self._own | {digest}, said_by)
        return only

    def _heard(self, contents: Contents) -> list[SaidBase]:
        attested = self._stored.images.attestations_of(contents.digest, contents.index_digest)
        return heard(self._stored, contents, attested)

    def _contents(self, digest: bytes) -> Contents:
        config = self._stored.images.config_of(digest)
        return Contents(digest, self._platform, None, None, (), (), config)

    def _twins(self, chain: bytes, said: Sequence[SaidBase]) -> Twins:
        named = named_manifests(self._questions, self._stored, said) if said else {}
        twins = twins_of(self._questions, chain, named)
        return Twins([one for one in twins.images if one.digest not in self._own], *twins[1:])

    def _named(self, said: Sequence[SaidBase]) -> Twins:
        found = []
        named = named_manifests(self._questions, self._stored, said, self._own)
        for digest, chain in named.items():
            if chain == self.chains[0][1]:
                ((*_, evidence, _, number),) = self._questions.ask("manifest", {"digest": digest})
                found.append(Twin(digest, evidence, number))
        return Twins(found)

    def _names_back(self, twin: Twin) -> bool:
        """Tell whether an image says that it is built on this one."""
        contents = self._contents(twin.digest)
        holders = self._questions.ask("indexes", {"digest": twin.digest})
        for index in [None, *[digest for (digest,) in holders]]:
            its = self._heard(contents._replace(index_digest=index))
            named = named_manifests(self._questions, self._stored, its)
            if not self._own.isdisjoint(named):
                return True
        return False

    def _confidence(self, manifests: Sequence[Twin]) -> Confidence:
        proven = any(one.evidence == Evidence.REGISTRY for one in manifests)
        is_proven = proven and self.evidence is Evidence.REGISTRY
        return Confidence.PROVEN if is_proven else Confidence.TOLD

    def _said_only(self, said: SaidBase, known: Known, said_by: str | None) -> SaidOnly:
        tag = tag_said(said)
        if said.digest is not None:
            named = () if tag is None else (tag,)
            names = names_of(self._questions, digest=said.digest, said=named, limit=self._limit)
        elif tag is not None:
            names = Names((BaseName(tag, is_now=False, is_said=True),), 1)
        else:
            names = Names((), 0 if said.name == SCRATCH else 1)
        image = None if known.has_layers else hub_image(said)
        crawl = None if image is None else crawl_of(fetch_arguments(image, self._platform))
        return SaidOnly(said, confidence_of(said, known), names, crawl, said_by)


def crawl_of(arguments: Mapping[str, str]) -> str:
    """Return the crawl that brings an image."""
    return " ".join(["scrapy crawl manifests", *[f"-a {k}={v}" for k, v in arguments.items()]])
