"""Images with known ancestry, made by hand or drawn, and the questions about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from dockerhub.contents import BuiltImage
from dockerhub.items import TagImages, TagPage
from dockerhub.media_types import DOCKER_MANIFEST, OCI_MANIFEST
from dockerhub.names import RepositoryName, digest_bytes, digest_text, read_image_name
from dockerhub.reports.lineage import lineage
from dockerhub.reports.lineage_dependents import dependents
from dockerhub.reports.stored_images import Stored
from dockerhub.store.questions import Questions
from dockerhub.store.writer import Writer
from tests.store.made import NOW, digest, image, tag
from tests.store.made_contents import layer, manifest, steps

if TYPE_CHECKING:
    from dockerhub.reports.lineage import Lineage
    from dockerhub.reports.lineage_dependents import Dependents
    from dockerhub.reports.lineage_levels import PlatformLineage

EMPTY = digest_bytes("sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1")
OLD_EMPTY = digest_bytes("sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4")


class Drawn(NamedTuple):
    """An image as a test knows it."""

    name: str
    """`acme/app:1`; its manifest's digest is that of this text"""
    layers: tuple[object, ...]
    """what stands for each; bytes are a digest"""
    by_hub: bool = False
    is_schema_2: bool = True

    @property
    def held(self) -> tuple[object, ...]:
        """The layers that hold something."""
        return tuple(one for one in self.layers if one not in {EMPTY, OLD_EMPTY})

    def items(self) -> list[Any]:
        """Return what a crawl reads of it."""
        named = read_image_name(self.name)
        its = [layer(one) for one in self.layers]
        its = [
            known._replace(digest=one) if isinstance(one, bytes) else known
            for known, one in zip(its, self.layers, strict=True)
        ]
        row = image(digest=digest(self.name))
        page = TagPage(
            seen=NOW,
            repository=named.repository,
            rows=(tag(named.tag or "latest", f"index of {self.name}", images=(row,)),),
        )
        if self.by_hub:
            made = BuiltImage(row, tuple(its), steps(*range(len(its))))
            told = TagImages(
                seen=NOW, repository=named.repository, tag=named.tag or "latest", rows=(made,)
            )
            return [page, told]
        form = DOCKER_MANIFEST if self.is_schema_2 else OCI_MANIFEST
        read = manifest(
            self.name,
            *its,
            platform="linux/amd64",
            repository=named.repository,
            media_type=form,
            seen=NOW,
        )
        return [page, read]


def write(url: str, *items: Any) -> None:
    """Write items, and images with all that belongs to them."""
    writer = Writer(url)
    for one in items:
        writer.write(one.items() if isinstance(one, Drawn) else [one])
    writer.close()


class Asked:
    """The database, asked about its lineages."""

    def __init__(self, url: str) -> None:
        self.questions = Questions(url, "lineage_reading")
        self.stored = Stored(url)

    def lineage(self, name: str, **options: Any) -> Lineage:
        """Return what an image is built on."""
        return lineage(self.questions, self.stored, read_image_name(name), **options)

    def platform(self, name: str, **options: Any) -> PlatformLineage:
        """Return what the one platform of an image is built on."""
        (found,) = self.lineage(name, **options).platforms
        return found

    def dependents(self, name: str, **options: Any) -> Dependents:
        """Return who is built on the one platform of an image."""
        (found,) = dependents(self.questions, self.stored, read_image_name(name), **options)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.questions.close()
        self.stored.__exit__()


def text_of(what: object) -> str:
    """Return the digest of *what* as text."""
    return digest_text(digest(what))


def page_of(name: str, *rows: Any, seen: int = NOW) -> TagPage:
    """Return a page of the tags of a repository."""
    return TagPage(seen=seen, repository=RepositoryName.of(name), rows=rows)
