"""What a crawl would ask about images: of Hub, or of the registry, where manifests are pulls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from dockerhub.arguments import Depth
from dockerhub.kinds import Evidence, ManifestKind
from dockerhub.reports.plan_spans import NOTHING, Span, known, like_those
from dockerhub.walks.wanted import (
    SAMPLED_OF,
    is_attestation,
    is_sampled,
    lacks_contents,
    lacks_layers,
    set_key,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.known import KnownEntry, KnownSet
    from dockerhub.names import RepositoryName
    from dockerhub.reports.plan_aim import Aim
    from dockerhub.reports.plan_facts import Facts
    from dockerhub.store.reader import Reader

# Repositories that are looked at one by one, a few milliseconds each.
_MOST_LOOKED_AT = 2000
HUB, REGISTRY, AUTO = "hub", "registry", "auto"


class Contents(NamedTuple):
    """What is asked about image sets."""

    images: Span = NOTHING
    """Hub's lists of build steps, which cost no pull"""
    heads: Span = NOTHING
    pulls: Span = NOTHING
    blobs: Span = NOTHING
    """configs and statements"""

    def plus(self, other: Contents) -> Contents:
        """Return both together."""
        return Contents(*(one + two for one, two in zip(self, other, strict=True)))


class ContentsPlanner:
    """Decides as a crawl does what is lacking; what is asked once is not counted twice."""

    def __init__(self, aim: Aim, facts: Facts, source: str) -> None:
        self._scope, self._facts = aim.scope, facts
        self._source = source if aim.asks_hub else REGISTRY
        self._with_configs = aim.scope.depth >= Depth.CONFIGS
        self._asked: set[bytes] = set()
        self._images, self._is_counted = facts.images_a_set()
        self.notes: list[str] = []

    def stored(self, repositories: Sequence[RepositoryName]) -> Contents:
        """Return what is asked about the tags that are stored.

        Of very many repositories some are looked at, and the others taken to be like them.
        """
        reader = self._facts.reader
        if reader is None or not repositories:
            return Contents()
        step = math.ceil(len(repositories) / _MOST_LOOKED_AT)
        looked = [self._of_repository(reader, name) for name in repositories[::step]]
        found = Contents()
        for each in looked:
            found = found.plus(each)
        rest = len(repositories) - len(looked)
        if not rest:
            return found
        words = f"{len(looked)} of {len(repositories)} repositories"
        self.notes.append(f"images that are lacking: reckoned from {words}")
        return found.plus(
            Contents(*(like_those(spans, rest) for spans in zip(*looked, strict=True)))
        )

    def _of_repository(self, reader: Reader, repository: RepositoryName) -> Contents:
        found = Contents()
        lacking = reader.contents.lacking_sets(
            repository,
            with_configs=self._with_configs,
            wants=self._scope.wants_tag,
            most=self._scope.max_tags,
        )
        for each in lacking:
            found = found.plus(self._of_set(each))
        return found

    def new(self, tags: Span) -> Contents:
        """Return what is asked about *tags* that are not stored yet: guessed from those that are.

        Several tags may show one image set.
        """
        sets = Span(tags.low / 4, tags.likely, tags.high)
        if tags.high == 0:
            return Contents()
        images = (max(1.0, self._images / 2), self._images, self._images * 2)
        if self._with_configs:
            manifests = sets.times(*(one + 1 for one in images))
            return Contents(pulls=manifests, blobs=sets.times(*images))
        if self._source == REGISTRY:
            return Contents(pulls=sets.times(*images), blobs=sets.times(*images))
        if self._source == HUB:
            return Contents(images=sets)
        # What Hub leaves out is asked of the registry: all of it, at most.
        asked = sets.times(0, 1 / SAMPLED_OF, images[2] + 1)
        return Contents(images=sets, pulls=asked, blobs=asked)

    def guess_words(self) -> str:
        """Return where the number of images of a set is taken from."""
        said = f"{self._images:.1f} images and attestations an image set"
        return f"{said}, counted" if self._is_counted else f"{said}, assumed"

    def _of_set(self, each: KnownSet) -> Contents:
        wanted = [entry for entry in each.entries if self._wants(entry)]
        lacks = lacks_contents if self._with_configs else lacks_layers
        lacking = [entry for entry in wanted if lacks(entry)]
        if each.entries and not lacking:
            return Contents()
        has_digests = bool(each.entries) and all(entry.digest for entry in wanted)
        if not self._with_configs and self._source != REGISTRY and has_digests:
            return self._of_hub(each, lacking)
        return self._of_registry(each, wanted, lacking)

    def _of_hub(self, each: KnownSet, lacking: list[KnownEntry]) -> Contents:
        news = [self._is_new(b"hub ", entry.digest) for entry in lacking]
        if not any(news):
            return Contents()
        if self._source == HUB:
            return Contents(images=known(1))
        # What Hub leaves out, or says otherwise than a manifest that is read to check it, is asked
        # of the registry. A manifest that is read brings its config, unless that is stored.
        is_checked = is_sampled(set_key(each))
        most = is_checked + sum(
            1 + 2 * self._images * (entry.kind is ManifestKind.INDEX)
            for entry, is_new in zip(lacking, news, strict=True)
            if is_new
        )
        asked = Span(0, is_checked, most)
        return Contents(images=known(1), pulls=asked, blobs=asked)

    def _of_registry(
        self, each: KnownSet, wanted: list[KnownEntry], lacking: list[KnownEntry]
    ) -> Contents:
        needs_index = not each.entries or not all(entry.digest for entry in wanted)
        needs_index |= self._with_configs and any(map(is_attestation, wanted))
        found = Contents()
        if needs_index and not each.is_stored:
            is_new = each.digest is None or self._is_new(b"", each.digest)
            found = Contents(heads=known(each.digest is None), pulls=known(is_new))
        if not each.entries:
            low, likely, high = self._images / 2, self._images, self._images * 2
            return found.plus(Contents(pulls=Span(0, likely, high), blobs=Span(0, low, high)))
        for entry in lacking:
            found = found.plus(self._of_entry(entry))
        return found

    def _of_entry(self, entry: KnownEntry) -> Contents:
        if entry.digest is None or not self._is_new(b"", entry.digest):
            return Contents()
        # Of what the registry has shown only what lies below is lacking.
        if entry.evidence is Evidence.REGISTRY:
            if entry.kind is ManifestKind.INDEX:
                return Contents(pulls=Span(0, 1, 2 * self._images))
            return Contents(blobs=Span(1, 1, 3))
        # A config may be one that is stored; an attestation has one statement or two.
        return Contents(pulls=known(1), blobs=Span(0, 1, 3 if is_attestation(entry) else 1))

    def _wants(self, entry: KnownEntry) -> bool:
        wants = self._scope.wants_platform
        return is_attestation(entry) or wants(entry.os, entry.architecture, entry.variant)

    def _is_new(self, service: bytes, digest: bytes | None) -> bool:
        key = service + (digest or b"")
        if digest is None or key in self._asked:
            return False
        self._asked.add(key)
        return True
