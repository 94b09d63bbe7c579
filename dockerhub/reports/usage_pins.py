"""What was pulled, beside what was crawled: pins that are stale, and tags that are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dockerhub.globs import can_be_crawled
from dockerhub.reports.answers import Answer, Field, Form
from dockerhub.reports.usage_bases import old_base
from dockerhub.words import counted

if TYPE_CHECKING:
    from dockerhub.reports.usage import Period
    from dockerhub.store.questions import Questions

STALE, MOVED_ON, GONE, OLD_BASE = "stale pin", "moved on", "gone", "old base"
_CURRENT, _UNKNOWN, _UNCRAWLED, _NEWER = "current", "unknown", "not crawled", "newer"
_MOST_NAMED = 5

_FIELDS = (
    Field("state", "stale pin: pulled after its tag left it; moved on: not since; gone; old base"),
    Field("repository", "full name of the repository"),
    Field("tag", "the tag, also where the pull named a digest alone"),
    Field("digest", "what was pulled", Form.DIGEST),
    Field("pulls", "pulls of it", Form.NUMBER),
    Field("pulls_since", "pulls of it in the hours after that", Form.NUMBER),
    Field("last_pulled_at", "beginning of the last hour in which it was pulled", Form.MOMENT),
    Field("shows_now", "what the tag shows now", Form.DIGEST),
    Field("shown_since", "since when it shows that: its last push", Form.MOMENT),
    Field("since", "when the tag left it, or was gone; empty: before we looked", Form.MOMENT),
    Field("base", "old base: the image that it is built on, whose tag shows another one now"),
)


class _Pulled(NamedTuple):
    image_id: int
    repository: str
    is_private: int
    tag: str | None
    digest: bytes | None
    pulls: int
    first: int
    last: int


class _Fate(NamedTuple):
    """What has become of a pulled image."""

    state: str
    tag: str | None = None
    shows: bytes | None = None
    shown_since: int | None = None
    since: int | None = None
    base: str | None = None


def usage_pins(questions: Questions, period: Period) -> Answer:
    """Return the pulled digests that are not what their tag shows now, the most pulled first."""
    rows: list[tuple[Any, ...]] = []
    states: dict[str, int] = {}
    uncrawled: dict[str, int] = {}
    private: set[str] = set()
    for row in questions.ask("pulled_images", {"since": period.since}):
        pulled = _Pulled(*row)
        fate = _fate(questions, pulled)
        states[fate.state] = states.get(fate.state, 0) + 1
        if fate.state == _UNCRAWLED:
            uncrawled[pulled.repository] = uncrawled.get(pulled.repository, 0) + pulled.pulls
            if pulled.is_private:
                private.add(pulled.repository)
        if fate.state in {STALE, GONE, OLD_BASE}:
            rows.append(_row(questions, period, pulled, fate))
    order = {STALE: 0, GONE: 1, OLD_BASE: 2, MOVED_ON: 3}
    rows.sort(key=lambda row: order[row[0]])
    return Answer(_FIELDS, rows, _notes(states, uncrawled, private))


def _row(questions: Questions, period: Period, pulled: _Pulled, fate: _Fate) -> tuple[Any, ...]:
    since_then = None
    if fate.since is not None:
        asked = {"image": pulled.image_id, "since": period.since, "moment": fate.since}
        since_then = questions.one("pulls_by_hour", asked)
    state = MOVED_ON if fate.state == STALE and since_then == 0 else fate.state
    named = (pulled.repository, fate.tag or pulled.tag, pulled.digest)
    counts = (pulled.pulls, since_then, pulled.last)
    return (state, *named, *counts, fate.shows, fate.shown_since, fate.since, fate.base)


def _fate(questions: Questions, pulled: _Pulled) -> _Fate:
    found = questions.ask("repository_of", {"name": pulled.repository})
    if not found:
        return _Fate(_UNCRAWLED)
    repository, gone_at, settled_at, is_whole = found[0]
    if gone_at is not None:
        return _Fate(GONE, since=gone_at)
    asked = {
        "repository": repository,
        "name": pulled.repository,
        "tag": pulled.tag,
        "digest": pulled.digest,
    }
    if pulled.tag is None:
        return _Fate(_UNKNOWN) if pulled.digest is None else _fate_of_digest(questions, asked)
    fate = _fate_of_tag(questions, pulled, asked, settled_at)
    # All its tags were seen, and since that was pulled: this one was gone before we first looked.
    if fate is None:
        is_gone = is_whole and settled_at is not None and pulled.last < settled_at
        return _Fate(GONE if is_gone else _UNKNOWN)
    return fate


def _fate_of_tag(
    questions: Questions, pulled: _Pulled, asked: dict[str, Any], settled_at: int | None
) -> _Fate | None:
    found = questions.ask("tag_now", asked)
    if not found:
        return None
    shows, shown_since, gone_at, seen_at, is_current, left_at = found[0]
    if gone_at is not None:
        return _Fate(GONE, since=gone_at)
    if is_current:
        return _current(questions, asked["name"], asked["tag"])
    if shows is None or pulled.digest is None:
        return _Fate(_UNKNOWN)
    # What was pulled after we last looked may be newer than what we have.
    if left_at is None and pulled.last >= max(seen_at, settled_at or seen_at):
        return _Fate(_NEWER)
    # What we never saw it show it had left by its last push, at the latest.
    since = shown_since if left_at is None else left_at
    return _Fate(STALE, None, shows, shown_since, since)


def _fate_of_digest(questions: Questions, asked: dict[str, Any]) -> _Fate:
    """Return what has become of what was pulled by digest alone."""
    shown = questions.ask("tag_showing", asked)
    if shown and shown[0][1] is None:
        return _current(questions, asked["name"], shown[0][0])
    left = questions.ask("tag_that_left", asked)
    if left:
        tag, shows, shown_since, left_at, gone_at = left[0]
        if gone_at is not None:
            return _Fate(GONE, tag, since=gone_at)
        return _Fate(STALE, tag, shows, shown_since, left_at)
    return _Fate(GONE, tag=shown[0][0], since=shown[0][1]) if shown else _Fate(_UNKNOWN)


def _current(questions: Questions, name: str, tag: str) -> _Fate:
    base = old_base(questions, name, tag)
    return _Fate(_CURRENT if base is None else OLD_BASE, tag, base=base)


def _notes(states: dict[str, int], uncrawled: dict[str, int], private: set[str]) -> list[str]:
    notes = []
    if states.get(_NEWER):
        words = counted(states[_NEWER], "image")
        notes.append(f"{words} pulled after the last crawl of their tags: crawl again to judge")
    if states.get(_UNKNOWN):
        words = counted(states[_UNKNOWN], "image")
        notes.append(f"{words} of which the database cannot tell what their tag was")
    if uncrawled:
        names = sorted(uncrawled, key=lambda name: (-uncrawled[name], name))
        named = [name for name in names if can_be_crawled(name)][:_MOST_NAMED]
        few = counted(len(uncrawled), "repository is", "repositories are")
        advice = f"; run: scrapy crawl repos -a repos={','.join(named)}" if named else ""
        account = f" (needs that account: {', '.join(sorted(private.intersection(named)))})"
        notes.append(f"{few} not crawled{advice}{account if private.intersection(named) else ''}")
    return notes
