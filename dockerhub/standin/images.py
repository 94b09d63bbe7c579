"""The images of one push, generated from its key alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from dockerhub.standin.bases import BASE_COUNT
from dockerhub.standin.chance import many_digits, number
from dockerhub.standin.formats import DOCKER, OCI
from dockerhub.standin.image_sets import image_set, imageless_set
from dockerhub.standin.layers import copied_size
from dockerhub.standin.moments import SECOND, microseconds, moment_text
from dockerhub.standin.moulds import Make
from dockerhub.standin.push_text import Build
from dockerhub.standin.shape import LINUX, WINDOWS, Shape
from dockerhub.standin.tag_names import tag_name
from dockerhub.standin.truth import Digests
from dockerhub.standin.workshop import workshop
from dockerhub.standin.writer import Writer, write_empty_index

if TYPE_CHECKING:
    from dockerhub.standin.contents import Contents, Stored
    from dockerhub.standin.truth import ImageSet, Platform

_NAMED_CONFIGS_SINCE = microseconds(2018)
_BUILD_TIME = 40 * SECOND


@dataclass(frozen=True, slots=True)
class Push:
    """One push: *key* names it within its repository, *at* is its moment in microseconds.

    A *legacy* push is shown without ``digest``; a *generated* one may have oddities. *blueprint*
    is that of the repository.
    """

    blueprint: Blueprint
    key: str
    at: int
    legacy: bool = False
    generated: bool = True

    def image_set(self) -> ImageSet:
        return self.blueprint.image_set(self)

    def contents(self) -> Contents:
        return _contents(self)

    def manifest(self) -> tuple[str, Stored]:
        """Return what the registry has under its tags: a digest and what it names."""
        contents = self.contents()
        return contents.tag, contents.manifest(contents.tag)

    def digests(self) -> Digests:
        contents = self.contents()
        images = tuple(digest for digest, *_ in contents.images)
        return Digests(
            tag=contents.tag,
            index=contents.tag if contents.is_index else None,
            images=images,
            configs=tuple(contents.blobs)[: len(images)],
            attestations=tuple(digest for digest, *_ in contents.attestations),
        )

    @property
    def version(self) -> str:
        """What its builder calls it."""
        return tag_name(int(self.key), 0) if self.generated else self.key.replace(" ", "-")


class Blueprint:
    """What the images of one *repository* (seed and full name) have in common."""

    __slots__ = ("_bases", "_last", "_platforms", "_writer", "repository", "shape")

    def __init__(self, repository: str, full_name: str, shape: Shape) -> None:
        self.repository, self.shape = repository, shape
        self._platforms = _platforms(repository, shape)
        self._writer = Writer(workshop(repository, full_name), self._platforms)
        # Two base images: the one that old pushes stand on, and today's.
        self._bases = tuple(number(repository, "base", old) % BASE_COUNT for old in (False, True))
        self._last: tuple[Push, ImageSet] | None = None

    def image_set(self, push: Push) -> ImageSet:
        """Return what *push* put there: the images, their digest, their state."""
        # Tags of one push stand next to each other, so remembering one saves most of the work.
        last = self._last
        if last is not None and last[0] is push:
            return last[1]
        made = self.make(push)[1]
        self._last = (push, made)
        return made

    def make(self, push: Push) -> tuple[Contents, ImageSet]:
        """Return the bytes that *push* put there, and what Docker Hub shows of them."""
        digits = many_digits(3 + len(self._platforms), self.repository, push.key)
        throws = bytes.fromhex(digits[:64])
        if push.generated and throws[0] < self.shape.imageless * 256:
            contents = write_empty_index(digits[64:104])
            return contents, imageless_set(None if push.legacy else contents.tag)
        attested = throws[1] < self.shape.attestations * 256
        copied = digits[64:128]
        shop = self._writer.workshop
        created = shop.created or moment_text(push.at - _BUILD_TIME)
        values = (created, digits[128:168], push.version, *shop.names)
        build = Build(values, copied, copied_size(copied))
        make = self._way(push, throws, attested=attested)
        contents = self._writer.write(make, build, digits[192:], attested=attested)
        return contents, image_set(push, contents, self._platforms, throws)

    def _way(self, push: Push, throws: bytes, *, attested: bool) -> Make:
        shop = self._writer.workshop
        today = shop.style.official and not push.legacy
        docker = not attested and not today and (push.legacy or throws[3] % 2 == 1)
        classic = docker and (push.legacy or shop.classic)
        return Make(
            builder="classic" if classic else "buildkit",
            format=DOCKER if docker else OCI,
            base=self._bases[push.legacy],
            old=push.at < _NAMED_CONFIGS_SINCE,
        )


@lru_cache(maxsize=64)
def _contents(push: Push) -> Contents:
    # Of few pushes only: the bytes of one image set for each repository would be too much.
    return push.blueprint.make(push)[0]


def _platforms(repository: str, shape: Shape) -> tuple[Platform, ...]:
    """Return (os, architecture, variant, os_version) of what *repository* is built for."""
    throw = number(repository, "platforms")
    # Docker Hub shows arm64 both with and without its variant, depending on who built it.
    bare = throw % 2 == 0
    chosen: list[Platform] = [
        ("linux", architecture, None if bare and architecture == "arm64" else variant, None)
        for architecture, variant in LINUX[: shape.platforms]
    ]
    if shape.windows or (shape.windows is None and throw // 2 % 12 == 0):
        chosen += [("windows", "amd64", None, version) for version in WINDOWS]
    return tuple(chosen)
