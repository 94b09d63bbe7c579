"""By which tags an image is known, now and once, and how far each has moved on since."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.moments import MICROSECONDS
from dockerhub.names import RepositoryName
from dockerhub.reports.base_images import name_order
from dockerhub.store.bases_reader import TagName

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dockerhub.store.questions import Questions

_DAY = 86_400 * MICROSECONDS


class Behind(NamedTuple):
    """How far a tag has moved on from an image."""

    days: float | None
    """from the push of that image to the last push; None where one is not known"""
    pushes: int
    is_at_least: bool
    """whether there may have been more than we have seen: we looked later than the push"""


class BaseName(NamedTuple):
    """A tag that shows an image, has shown it, or is said to."""

    name: TagName
    is_now: bool
    """whether it shows it now"""
    is_said: bool = False
    """whether who built on it names this tag"""
    seen_from: int | None = None
    seen_until: int | None = None
    """microseconds; None of what it shows now"""
    gone: int | None = None
    """when the tag, or its repository, was found gone"""
    behind: Behind | None = None
    """None where the tag is gone or not known"""


class Names(NamedTuple):
    """The tags of an image: those that tell most first."""

    names: tuple[BaseName, ...]
    total: int
    """how many there are"""
    is_at_least: bool = False
    """whether there may be more: not all images with the same layers were asked"""


def names_of(
    questions: Questions,
    *,
    digest: bytes | None = None,
    manifests: Sequence[int] = (),
    said: Collection[TagName] = (),
    limit: int,
    is_at_least: bool = False,
) -> Names:
    """Return the tags of the manifest or index *digest*, and of *manifests* by their numbers.

    *said* are the tags that whoever built on it names. They come first, then those that show it
    now. *is_at_least* if there are more manifests.

    :raises StoreError: if the database cannot be read
    """
    asked = {"digest": digest, "manifests": json.dumps(manifests)}
    found: dict[TagName, tuple[BaseName, int | None]] = {}
    for row in questions.ask("shown_once", asked):
        known, move = _once(row[2:], said)
        before = found.get(known.name)
        if before is None or (move or 0) > (before[1] or 0):
            found[known.name] = known, move
    for _, _, namespace, repository, tag, seen, _ in questions.ask("shown_now", asked):
        name = TagName(RepositoryName(namespace, repository), tag)
        current = Behind(0.0, 0, is_at_least=False)
        found[name] = BaseName(name, True, name in said, seen, behind=current), None
    for name in said:
        if name not in found and (shown := _elsewhere(questions, name)) is not None:
            found[name] = shown, None
    ordered = sorted(found.values(), key=lambda one: _order(one[0]))
    names = [_with_behind(questions, *one) for one in ordered[:limit]]
    return Names(tuple(names), len(ordered), is_at_least)


def _once(row: tuple[Any, ...], said: Collection[TagName]) -> tuple[BaseName, int | None]:
    namespace, repository, tag, move, seen_from, seen_until, _, gone = row
    name = TagName(RepositoryName(namespace, repository), tag)
    return BaseName(name, False, name in said, seen_from, seen_until, gone), move


def _elsewhere(questions: Questions, name: TagName) -> BaseName | None:
    """Return a tag that is said to have shown an image, and has not while we looked."""
    rows = questions.ask(
        "tag",
        {"namespace": name.repository.namespace, "name": name.repository.name, "tag": name.tag},
    )
    if not rows:
        return None
    seen, pushed, moves, gone = rows[0]
    if gone is not None:
        return BaseName(name, False, True, gone=gone)
    # It had left it before we saw the tag for the first time.
    days = (pushed - seen) / _DAY if pushed is not None and pushed > seen else None
    return BaseName(name, False, True, behind=Behind(days, moves + 1, is_at_least=True))


def _with_behind(questions: Questions, name: BaseName, move: int | None) -> BaseName:
    if move is None or name.gone is not None:
        return name
    moves, pushed = questions.ask("moved_on", {"move": move})[0]
    arrived = questions.one("arrived", {"move": move})
    since = name.seen_from if arrived is None else arrived
    days = None if pushed is None or since is None else max(0.0, (pushed - since) / _DAY)
    return name._replace(behind=Behind(days, moves, is_at_least=arrived is None))


def _order(name: BaseName) -> tuple[object, ...]:
    return not name.is_said, not name.is_now, name.gone is not None, name_order(name.name)
