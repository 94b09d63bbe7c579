"""What can happen on a Docker Hub from day to day, and which event tells of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from dockerhub.media_types import BASE_DIGEST, BASE_NAME
from dockerhub.standin import World
from dockerhub.standin.contents import Stored
from dockerhub.standin.laid import Laid, shown_set
from dockerhub.standin.truth import Image
from tests.crawl.forging import Forge, layer, manifest
from tests.truth import instant

DAY = 86_400
# Of the first crawl. A world's generated tags end before 2026-09-01.
FIRST = int(datetime(2026, 9, 10, 3, tzinfo=UTC).timestamp())
BASE, APP, WEB, API, TOOLS, OLD, NEW = (
    "library/base",
    "acme/app",
    "acme/web",
    "acme/api",
    "acme/tools",
    "acme/old",
    "acme/new",
)
_PLAIN = {"names_per_digest": 1, "platforms": 1, "attestations": 0.0, "imageless": 0.0}


class Told(NamedTuple):
    """One event, as the view `events` tells it, on the day (from 0) on which it is noticed."""

    day: int
    kind: str
    repo_name: str
    tag_name: str | None = None
    hub_at: str | None = None
    old_digest: str | None = None
    new_digest: str | None = None
    base_image: str | None = None


class World30(World):
    """A world in which days pass."""

    def pass_to(self, day: float) -> None:
        self._now = round((FIRST + day * DAY) * 1_000_000)


class Scene:
    """What can happen on a day; each happening says which event tells of it."""

    def __init__(self) -> None:
        self.world = world = World30(seed=30)
        self.events: list[Told] = []
        self.hidden: frozenset[str] = frozenset()
        self.day = 0
        for name, count in ((WEB, 4), (API, 3), (TOOLS, 2), (OLD, 2)):
            world.add_repository(name, tags=count, undigested=0.0, windows=False, **_PLAIN)
        for name in (APP, BASE):
            world.add_repository(name, tags=0, **_PLAIN)
        self._base, self._app = Forge(world, BASE), Forge(world, APP)
        self._digests: dict[str, str] = {}
        self._gone: dict[str, dict[str, str | None]] = {}

    def begin_day(self, day: int) -> None:
        """Let the night pass before a crawl: pulls grow."""
        self.day = day
        self.world.pass_to(day - 0.5)
        self.world.grow_pulls(1.01)

    def name_of(self, repository: str, place: int) -> str:
        """Return the name of a tag by its place among the newest."""
        return self.world.tags(repository)[place].name

    def lost(self, repository: str) -> str:
        """Return the name of the tag of a repository that was deleted last."""
        of_it = [told for told in self.events if told.repo_name == repository]
        found = [told.tag_name for told in of_it if told.kind == "tag_deleted"]
        assert found[-1] is not None
        return found[-1]

    def note(self, kind: str, repository: str, tag: str | None = None, **said: str | None) -> None:
        self.events.append(Told(self.day, kind, repository, tag, **said))

    def create(self, repository: str, tag: str, alias_of: str | None = None) -> None:
        self.world.push_tag(repository, tag, alias_of)
        at, digest = self._facts(repository, tag)
        self.note("tag_created", repository, tag, hub_at=at, new_digest=digest)

    def move(self, repository: str, tag: str, alias_of: str | None = None) -> None:
        _, left = self._facts(repository, tag)
        self.world.push_tag(repository, tag, alias_of)
        at, digest = self._facts(repository, tag)
        assert left != digest
        self.note("tag_moved", repository, tag, hub_at=at, old_digest=left, new_digest=digest)

    def delete(self, repository: str, tag: str) -> None:
        _, left = self._facts(repository, tag)
        self.world.delete_tag(repository, tag)
        self.note("tag_deleted", repository, tag, old_digest=left)

    def hide(self, repository: str) -> None:
        self.hidden |= {repository}
        self.note("repository_gone", repository)

    def show(self, repository: str) -> None:
        self.hidden -= {repository}
        # It was registered long before it was away.
        self.note("repository_appeared", repository)

    def create_repository(self, repository: str, tags: int) -> None:
        self.world.create_repository(repository, tags=tags, **_PLAIN)
        self._appeared(repository)

    def delete_repository(self, repository: str) -> None:
        self._gone[repository] = {tag.name: tag.digest for tag in self.world.tags(repository)}
        self.world.delete_repository(repository)
        self.note("repository_gone", repository)

    def create_again(self, repository: str, tags: int) -> None:
        """Create a repository of the name of a deleted one: to us it is the same."""
        self.create_repository(repository, tags)
        before = self._gone[repository]
        now = {tag.name for tag in self.world.tags(repository)}
        self.tell_tags(repository, "tag_moved", {tag: before[tag] for tag in now & set(before)})
        self.tell_tags(repository, "tag_created", dict.fromkeys(now - set(before)))
        for tag in set(before) - now:
            self.note("tag_deleted", repository, tag, old_digest=before[tag])

    def tell_tags(self, repository: str, kind: str, tags: dict[str, str | None]) -> None:
        """Note an event of *kind* for tags that are there, each with what it has left."""
        for tag, left in tags.items():
            at, digest = self._facts(repository, tag)
            self.note(kind, repository, tag, hub_at=at, old_digest=left, new_digest=digest)

    def lay_base(self, version: str, *tags: str) -> None:
        """Let tags of the base show another version of it."""
        for tag in tags:
            self._put(self._base, tag, manifest(self._base.config(version), [layer(version)]))
        self._digests[version] = self._base.digests[tags[0]]

    def move_base(self, version: str, *tags: str) -> None:
        left = {tag: self._base.digests[tag] for tag in tags}
        self.lay_base(version, *tags)
        self.tell_tags(BASE, "tag_moved", dict(left))

    def lay_app(self, tag: str, version: str, says: str | None = None) -> None:
        """Let a tag of the app show a build on a version of the base, which it may name."""
        named = {BASE_NAME: f"docker.io/{says}", BASE_DIGEST: self._digests[version]}
        more = {} if says is None else {"annotations": named}
        layers = [layer(version), layer(f"app {tag} {version}")]
        self._put(self._app, tag, manifest(self._app.config(tag), layers, **more))

    def create_app(self, tag: str, version: str, says: str | None = None) -> None:
        self.lay_app(tag, version, says)
        self.tell_tags(APP, "tag_created", {tag: None})

    def move_app(self, tag: str, version: str) -> None:
        left = self._app.digests[tag]
        self.lay_app(tag, version)
        self.tell_tags(APP, "tag_moved", {tag: left})

    def outdate(self, tag: str, version: str, base: str = "12") -> None:
        """Note that a tag of the app stands on a version which the base's tag has left."""
        at, digest = self._facts(BASE, base)
        self.note(
            "base_outdated",
            APP,
            tag,
            hub_at=at,
            old_digest=self._digests[version],
            new_digest=digest,
            base_image=f"{BASE}:{base}",
        )

    def reset_pulls(self, repository: str) -> None:
        """Let the counter of a repository begin anew."""
        state = self.world.state(repository)
        state.more_pulls -= state.pull_count(self.world.growth) - 5

    def pulls(self) -> dict[tuple[int, str], int]:
        """Return what Docker Hub says today."""
        return {
            (self.day, one.full_name): one.pull_count
            for one in self.world.repositories()
            if one.full_name not in self.hidden
        }

    def _put(self, forge: Forge, tag: str, content: dict[str, Any]) -> None:
        """Lay an image and let Docker Hub show it as one of a platform."""
        digest = forge.digests[tag] = forge.put(None, content)
        body, media_type = self.world.manifest_bytes(forge.repository, digest)
        entry = {"os": "linux", "architecture": "amd64", "variant": None, "os_version": None}
        rest = {"status": "active", "last_pulled": None, "last_pushed": None, "base": None}
        image = Image(digest=digest, size=len(body), **entry, **rest)  # type: ignore[arg-type]
        shown = shown_set(digest, media_type, "image", (image,), len(body))
        laid = Laid(digest, Stored(media_type, body), shown)
        self.world.state(forge.repository).push(tag, self.world._tick(), laid)

    def _appeared(self, repository: str) -> None:
        at = instant(self.world.repository(repository).date_registered)
        self.note("repository_appeared", repository, hub_at=at)

    def _facts(self, repository: str, tag: str) -> tuple[str | None, str | None]:
        found = self.world.tag(repository, tag)
        return instant(found.tag_last_pushed or found.last_updated), found.digest
