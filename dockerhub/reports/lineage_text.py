"""What an image is built on and who is built on it, for people: as tables. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.moments import iso
from dockerhub.names import ImageName, digest_text
from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.lineage_said import SCRATCH
from dockerhub.reports.stored_images import name_of
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.reports.lineage import Lineage
    from dockerhub.reports.lineage_dependents import Dependent, Dependents
    from dockerhub.reports.lineage_levels import Level, PlatformLineage, SaidOnly
    from dockerhub.reports.lineage_names import BaseName, Names
    from dockerhub.store.bases_reader import TagName

_NAMES_SHOWN = 5  # of a base; programs get more
_TAGS_SHOWN = 3
_Row = tuple[Any, ...]


def lineage_answer(found: Lineage) -> Answer:
    """Return what an image is built on: a row for each tag of each base."""
    fields = [
        Field("platform", "linux/arm64/v8", is_shown=len(found.platforms) > 1),
        Field("distance", "1 is the nearest base; nothing: only named", Form.NUMBER),
        Field("base", "a tag of the base"),
        Field("behind", "how far the tag has moved on since"),
        Field("shared_layers", "layers that both have", Form.NUMBER),
        Field("evidence", "layers, annotation, label, provenance"),
        Field("confidence", "proven, told, said, contradicted or used"),
    ]
    rows = [(one.platform, *row) for one in found.platforms for row in _platform_rows(one)]
    notes = [
        f"{found.image} {one.platform}: {counted(one.layer_count, 'layer')}, told by {one.evidence}"
        for one in found.platforms
    ]
    for one in found.platforms:
        if not one.levels and not one.said:
            notes.append(f"{one.platform}: no image that it is built on is stored, none is named")
        notes += [_lacking(said) for said in one.said if said.crawl is not None]
        notes += [_mutual(level, found.image) for level in one.levels if level.is_mutual]
    return Answer(fields, rows, [*found.notes, *dict.fromkeys(notes)])


def dependents_answer(found: Sequence[Dependents]) -> Answer:
    """Return who is built on an image: a row for each repository and nearest base in between."""
    fields = [
        Field("platform", "linux/arm64/v8", is_shown=len(found) > 1),
        Field("repo_name", "full name of the repository"),
        Field("pull_count", "pulls of the repository", Form.NUMBER),
        Field("tags", "its tags that are built on the image"),
        Field("through", "the nearest base in between; nothing: directly, or not known"),
        Field("evidence", "layers, annotation, label, provenance"),
        Field("confidence", "proven, told, said, contradicted or used"),
    ]
    rows = [(one.platform, *row) for one in found for row in _dependent_rows(one)]
    notes = [note for one in found for note in (*one.notes, _counted(one))]
    return Answer(fields, rows, list(dict.fromkeys(notes)))


def tag_text(name: TagName) -> str:
    """Return a tag as people write it."""
    return name_of(ImageName(repository=name.repository, tag=name.tag))


def _platform_rows(found: PlatformLineage) -> Iterator[_Row]:
    for level in found.levels:
        evidence = ", ".join(dict.fromkeys(["layers", *[one.evidence for one in level.said]]))
        said = (level.shared_layers, evidence, str(level.confidence))
        yield from _base_rows(level, (level.distance, *said))
    for only in found.said:
        behind = next((_behind(name) for name in only.names.names if name.is_said), None)
        said_by = f" (of {only.said_by})" if only.said_by else ""
        yield None, _said(only), behind, None, only.said.evidence + said_by, str(only.confidence)


def _base_rows(level: Level, said: _Row) -> Iterator[_Row]:
    distance, *about = said
    names = _shown(level.names)
    texts = [(tag_text(name.name), _behind(name)) for name in names]
    if not texts:
        texts = [(digest_text(level.digests[0]), "no tag that we saw shows it")]
    for place, text in enumerate(texts):
        yield (distance, *text, *about) if place == 0 else (None, *text, None, None, None)
    left = level.names.total - len(names)
    if level.names.is_at_least:
        yield None, f"and at least {left} more" if left > 0 else "and more", *[None] * 4
    elif left > 0:
        yield None, f"and {left} more", *[None] * 4


def _shown(names: Names) -> Sequence[BaseName]:
    """Return the first ones, and among them the first that has moved on."""
    first = names.names[:_NAMES_SHOWN]
    moved = [one for one in names.names[_NAMES_SHOWN:] if not one.is_now]
    return first if not moved or any(not one.is_now for one in first) else (*first[:-1], moved[0])


def _behind(name: BaseName) -> str | None:
    if name.gone is not None:
        return f"gone since {iso(name.gone)[:10]}"
    behind = name.behind
    if behind is None:
        return None
    if not behind.pushes:
        return "current"
    least = "at least " if behind.is_at_least else ""
    days = "" if behind.days is None else f"{behind.days:.1f} days, "
    return f"{least}{days}{behind.pushes} {'push' if behind.pushes == 1 else 'pushes'}"


def _said(only: SaidOnly) -> str:
    return f"{SCRATCH} (no base)" if only.said.name == SCRATCH else str(only.said)


def _mutual(level: Level, image: str) -> str:
    names = level.names.names
    base = tag_text(names[0].name) if names else digest_text(level.digests[0])
    return (
        f"{base} has the same layers as {image}, and each names the other: which of them is built"
        " on the other is not known"
    )


def _lacking(only: SaidOnly) -> str:
    return f"{only.said}: its layers are not stored; run: {only.crawl}"


def _dependent_rows(found: Dependents) -> Iterator[_Row]:
    for one in found.repositories:
        groups: dict[_Row, list[Dependent]] = {}
        for tag in one.tags:
            why = ", ".join(tag.evidence)
            groups.setdefault((_through(tag), why, str(tag.confidence)), []).append(tag)
        for about, tags in groups.items():
            yield str(one.repository), one.pull_count, _tags(tags), *about


def _through(tag: Dependent) -> str | None:
    if tag.through is not None:
        return tag_text(tag.through)
    return None if tag.through_digest is None else digest_text(tag.through_digest)


def _tags(tags: Sequence[Dependent]) -> str:
    names = list(dict.fromkeys(tag.tag for tag in tags))
    more = [f"and {len(names) - _TAGS_SHOWN} more"] * (len(names) > _TAGS_SHOWN)
    return ", ".join([*names[:_TAGS_SHOWN], *more])


def _counted(found: Dependents) -> str:
    images = counted(found.image_count, "stored image")
    stand = "stands" if found.image_count == 1 else "stand"
    about = f"{found.image} {found.platform}: {images} {stand} on its layers"
    if found.repository_count is None:
        return about
    return (
        f"{about}; built on it: {counted(found.tag_count or 0, 'tag')} of"
        f" {counted(found.repository_count, 'repository', 'repositories')} with"
        f" {counted(found.pull_count or 0, 'pull')}, {len(found.repositories)} shown"
    )
