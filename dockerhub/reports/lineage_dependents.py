"""Who is built on an image: repositories and tags, with the pulls behind them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.kinds import Evidence
from dockerhub.names import OFFICIAL_NAMESPACE, RepositoryName
from dockerhub.reports.lineage_chosen import chosen_platforms, not_answered
from dockerhub.reports.lineage_former import former_notes
from dockerhub.reports.lineage_names import names_of
from dockerhub.reports.lineage_said import Confidence, heard, named_manifests
from dockerhub.reports.stored_images import NotStored, contents_of, name_of
from dockerhub.store.bases_reader import TagName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.names import ImageName
    from dockerhub.reports.stored_images import Contents, Stored
    from dockerhub.store.questions import Questions

MOST_COUNTED = 3000
"""of so many images the repositories are counted at once; of more it takes a second and longer"""
MOST_TAGS = 100
"""tags of one repository that are listed; all are counted"""
_MOST_BETWEEN = 20  # images with the layers of a base in between that are asked for their tags
_HOSTS = ("", "docker.io/", "index.docker.io/")
_UNCOUNTED = (
    "shown is who is built on it by layers alone, and its tags and pulls were not counted:"
    " there are very many; --count does it all"
)

_Said = dict[bytes, list[tuple[str, str]]]
"""by digest of a manifest: the evidence, and whether it names a digest or only a name"""


class Dependent(NamedTuple):
    """One tag's image for one platform that is built on another image."""

    tag: str
    platform: str | None
    digest: bytes
    evidence: tuple[str, ...]
    """layers, annotation, label, provenance"""
    confidence: Confidence
    through: TagName | None
    """a tag of the nearest base in between; None if there is none, or no tag shows it"""
    through_digest: bytes | None
    """its manifest; None: directly, or not known because the layers are not"""


class DependentRepository(NamedTuple):
    """A repository with tags that are built on an image."""

    repository: RepositoryName
    pull_count: int | None
    tag_count: int | None
    """live tags that are; None where they were not counted"""
    tags: tuple[Dependent, ...]
    """those pushed last first"""


class Dependents(NamedTuple):
    """Who is built on one platform's image."""

    image: str
    platform: str
    digest: bytes
    image_count: int
    """stored images that stand on its layers, whether tags show them or not"""
    repository_count: int | None
    tag_count: int | None
    pull_count: int | None
    """pulls of those repositories, each once; None (all three) where they were not counted"""
    repositories: tuple[DependentRepository, ...]
    """those with most pulls"""
    notes: tuple[str, ...] = ()


class _Base(NamedTuple):
    name: ImageName
    platform: str
    digest: bytes
    chain: bytes | None
    evidence: Evidence
    own: frozenset[bytes]
    """digests that are the image itself, its other platforms too"""
    names: frozenset[bytes]
    """manifests that it says that it is built on"""


def dependents(
    questions: Questions,
    stored: Stored,
    image: ImageName,
    *,
    platform: str | None = None,
    limit: int = 100,
    counts_all: bool = False,
) -> list[Dependents]:
    """Return who is built on an image, for one platform or all; *limit* repositories of each.

    Where more than `MOST_COUNTED` images stand on it their repositories are counted, and those are
    looked for that only say so, if *counts_all*; the first ones and the number of images are told
    all the same.

    :raises NotAnswered: if its layers are not stored
    :raises StoreError: if the database cannot be read
    """
    chosen = chosen_platforms(questions, stored, image, platform)
    notes = chosen.notes
    found = []
    for key, entry in chosen.entries.items():
        try:
            contents = contents_of(stored, image, key, entry)
        except NotStored as error:
            lacking = not_answered(error, image, key)
            if len(chosen.entries) == 1:
                raise lacking from None
            notes.append(str(lacking))
            continue
        base = _base(questions, stored, image, contents, chosen.own)
        one = _dependents(questions, base, limit, counts_all=counts_all)
        before = former_notes(questions, image, base.digest, base.own)
        found.append(one._replace(notes=(*notes, *one.notes, *before)))
    if not found:
        raise lacking
    return found


def _base(
    questions: Questions,
    stored: Stored,
    image: ImageName,
    contents: Contents,
    own: frozenset[bytes],
) -> _Base:
    asked = {"digest": contents.digest}
    ((_, chain, evidence, _, _),) = questions.ask("manifest", asked)
    attested = stored.images.attestations_of(contents.digest, contents.index_digest)
    names = named_manifests(questions, stored, heard(stored, contents, attested))
    about = (chain, Evidence(evidence), own, frozenset(names))
    return _Base(image, contents.platform, contents.digest, *about)


def _dependents(questions: Questions, base: _Base, limit: int, *, counts_all: bool) -> Dependents:
    asked: dict[str, Any] = {"digest": base.digest, "chain": base.chain}
    asked["own"] = json.dumps([digest.hex().upper() for digest in base.own])
    image_count = questions.one("dependent_count", asked)
    for digest in base.own:
        image_count -= questions.one("is_above", {**asked, "digest": digest})
    is_counted = counts_all or image_count <= MOST_COUNTED
    asked["names"] = json.dumps(_written(base.name))
    said: _Said = {}
    for digest, evidence, way in questions.ask("said_dependents", asked) if is_counted else ():
        said.setdefault(digest, []).append((evidence, way))
    asked["said"] = json.dumps([digest.hex().upper() for digest in said])
    statement = "dependent_repositories" if is_counted else "first_repositories"
    rows = questions.ask(statement, {**asked, "most": limit})
    kept = rows[:limit]
    asked["repositories"] = json.dumps([row[0] for row in kept])
    tags = _tags(questions, base, asked, said)
    repositories = [
        DependentRepository(
            RepositoryName(namespace, name), pulls, count, tuple(tags.get(number, ())[:MOST_TAGS])
        )
        for number, namespace, name, pulls, count in kept
    ]
    return Dependents(
        name_of(base.name),
        base.platform,
        base.digest,
        image_count,
        len(rows) if is_counted else None,
        sum(row[4] for row in rows) if is_counted else None,
        sum(row[3] or 0 for row in rows) if is_counted else None,
        tuple(repositories),
        (*[_UNCOUNTED] * (not is_counted), *_mutual_notes(base, tags)),
    )


def _tags(
    questions: Questions, base: _Base, asked: dict[str, Any], said: _Said
) -> dict[int, list[Dependent]]:
    found: dict[int, list[Dependent]] = {}
    between: dict[bytes, tuple[TagName | None, bytes | None]] = {}
    for number, tag, platform, digest, evidence, *how, chain in questions.each(
        "dependent_tags", asked
    ):
        is_above, is_known, is_equal = map(bool, how)
        tags = found.setdefault(number, [])
        if len(tags) == MOST_TAGS:
            continue
        if chain is not None and chain not in between:
            between[chain] = _between(questions, chain)
        words = said.get(digest, [])
        evidences = sorted({word for word, _ in words})
        is_proven = evidence == base.evidence == Evidence.REGISTRY
        confidence = (
            (Confidence.PROVEN if is_proven else Confidence.TOLD)
            if is_above or (is_equal and digest not in base.names)
            else _confidence(words, is_known=is_known and base.chain is not None and not is_equal)
        )
        through = (None, None) if chain is None else between[chain]
        # What adds no layer is built on it if it says so; and if it is not the other way round too.
        why = (*["layers"] * (is_above or is_equal), *evidences)
        tags.append(Dependent(tag, platform, digest, why, confidence, *through))
    return found


def _mutual_notes(base: _Base, tags: dict[int, list[Dependent]]) -> list[str]:
    listed = (one for each in tags.values() for one in each)
    is_mutual = (one.confidence is Confidence.SAID and "layers" in one.evidence for one in listed)
    count = sum(is_mutual)
    if not count:
        return []
    images = "1 of them has" if count == 1 else f"{count} of them have"
    name = name_of(base.name)
    unknown = "which of them is built on the other is not known"
    return [f"{images} the same layers as {name}, and each names the other: {unknown}"]


def _confidence(words: Sequence[tuple[str, str]], *, is_known: bool) -> Confidence:
    """Return how sure it is that an image is built on what it names, where no layers show it."""
    if not is_known:
        return Confidence.SAID
    ways = {way for word, way in words if word != "provenance"}
    if not ways:
        return Confidence.USED
    # Whoever names only a tag may have built on what it showed before, or shows now.
    return Confidence.CONTRADICTED if "digest" in ways else Confidence.SAID


def _between(questions: Questions, chain: bytes) -> tuple[TagName | None, bytes | None]:
    asked = {"chain": chain, "most": _MOST_BETWEEN}
    rows = questions.ask("between", asked)
    names = [TagName(RepositoryName(*row[:2]), row[2]) for row in rows]
    manifests = questions.ask("manifests_of_chain", asked)
    if not names:
        numbers = [number for _, _, number in manifests]
        names = [one.name for one in names_of(questions, manifests=numbers, limit=1).names]
    return names[0] if names else None, manifests[0][0] if manifests else None


def _written(image: ImageName) -> list[str]:
    """Return how a tag is written in annotations, labels and provenance."""
    if image.digest is not None and image.tag is None:
        return []
    tag = image.tag or "latest"
    paths = [str(image.repository)]
    if image.repository.namespace == OFFICIAL_NAMESPACE:
        paths.append(image.repository.name)
    tails = [f":{tag}", *[""] * (tag == "latest")]
    return [f"{host}{path}{tail}" for host in _HOSTS for path in paths for tail in tails]
