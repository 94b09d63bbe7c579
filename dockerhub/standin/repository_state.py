"""One repository of a world: its profile, its tags, and what was changed since the start."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from zlib import crc32

from dockerhub.standin.chance import number
from dockerhub.standin.generated_tags import GeneratedTags
from dockerhub.standin.holdings import Holdings
from dockerhub.standin.images import Blueprint, Push
from dockerhub.standin.moments import moment_text
from dockerhub.standin.profile import Profile, newest_at, profile, registered_at
from dockerhub.standin.tag_shelf import Entry, TagShelf
from dockerhub.standin.truth import Repository, Tag

if TYPE_CHECKING:
    from dockerhub.standin.contents import Stored
    from dockerhub.standin.laid import Laid
    from dockerhub.standin.shape import Shape


class RepositoryState:
    """One repository of the world, and what was changed in it.

    *order* is its place in the namespace; *created_at* (microseconds) is set for one that was
    created after the world started.
    """

    def __init__(
        self,
        *,
        seed: int,
        namespace: str,
        name: str,
        order: int,
        tag_count: int,
        shape: Shape,
        created_at: int | None = None,
    ) -> None:
        self.namespace, self.name, self.order = namespace, name, order
        self.key = f"{seed}/{namespace}/{name}"
        # Made anew after a deletion it is another repository, and has another key.
        if created_at is not None:
            self.key += f"@{created_at}"
        self.registered_at = created_at or registered_at(order, self.key)
        newest = newest_at(self.key)
        self.blueprint = Blueprint(self.key, self.full_name, shape)
        generated = GeneratedTags(self.blueprint, tag_count, self.registered_at, newest)
        self.tags = TagShelf(generated)
        self.holdings = Holdings(generated)
        self.last_updated_at: int | None = newest if tag_count else None
        self.description: str | None = None
        self.last_modified_at: int | None = created_at
        self.more_pulls = 0
        self.pushes = 0
        self._pusher = number(namespace, "pusher") % 20_000_000
        self._pusher_name = f"{namespace}builder"

    @property
    def full_name(self) -> str:
        return f"{self.namespace}/{self.name}"

    @cached_property
    def profile(self) -> Profile:
        return profile(self.key, self.namespace, self.name, self.order)

    def pull_count(self, growth: float) -> int:
        return int(self.profile.pull_count * growth) + self.more_pulls

    def push(self, name: str, at: int, push: Push | Laid | None = None) -> None:
        """Let the tag *name* point to *push* (by default a new one) from *at* on."""
        self.pushes += 1
        if push is None:
            push = Push(self.blueprint, f"pushed {self.pushes}", at, generated=False)
            self.holdings.pushed.append(push)
        self.tags.put(name, at, push)
        self.last_updated_at = at
        self.more_pulls += 1 + number(self.key, "pulls", self.pushes) % 900

    def describe(self, text: str, at: int) -> None:
        self.description, self.last_modified_at = text, at

    @property
    def last_modified(self) -> str | None:
        if self.last_modified_at is None:
            return self.profile.last_modified
        return moment_text(self.last_modified_at)

    @property
    def short_description(self) -> str:
        return self.profile.description if self.description is None else self.description

    def repository(self, growth: float) -> Repository:
        """Return what is true of it now, *growth* times its first pulls counted."""
        facts = self.profile
        pushed = self.last_updated_at
        return Repository(
            id=facts.id,
            namespace=self.namespace,
            name=self.name,
            repository_type=facts.repository_type,
            status=facts.status if pushed is not None else 0,
            status_description=facts.status_description if pushed is not None else "initialized",
            description=self.short_description,
            full_description=facts.full_description,
            is_private=False,
            is_automated=False,
            star_count=facts.star_count,
            pull_count=self.pull_count(growth),
            last_updated=None if pushed is None else moment_text(pushed),
            last_modified=self.last_modified,
            date_registered=moment_text(self.registered_at),
            collaborator_count=facts.collaborator_count,
            media_types=facts.media_types if pushed is not None else (),
            content_types=("image",) if pushed is not None else (),
            categories=facts.categories,
            immutable_tags_enabled=facts.immutable_tags_enabled,
            immutable_tags_rules=facts.immutable_tags_rules,
            storage_size=facts.storage_size if pushed is not None else None,
            source=None,
            tag_count=len(self.tags),
        )

    def manifest(self, reference: str) -> tuple[str, Stored]:
        """Return the digest and the bytes of what a tag or a digest names in the registry.

        :raises KeyError: if it names nothing
        """
        if ":" in reference:
            return reference, self.holdings.manifest(reference)
        return self.tags.entry(reference).push.manifest()

    def tag(self, entry: Entry) -> Tag:
        """Return what is true of one tag of this repository."""
        shown = entry.push.image_set()
        updated = moment_text(entry.at)
        own, pusher = self.profile.id, self._pusher
        digest, media_type, content_type, images, full_size, status, pulled, shows_pushed = shown
        # By their places: a page of tags makes a hundred.
        return Tag(
            crc32(entry.name.encode(), own) % 1_300_000_000,
            entry.name,
            own,
            pusher,
            pusher,
            self._pusher_name,
            updated,
            digest,
            media_type,
            content_type,
            images,
            full_size,
            status,
            pulled,
            updated if shows_pushed else None,
        )
