"""Where a repository's images are built: its source, and how it writes its manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.standin.chance import number

if TYPE_CHECKING:
    from dockerhub.standin.truth import Base

OFFICIAL = "library"
_FIXED_MOMENTS = ("1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z")
SOURCE, FULL_NAME, NAME = "$source$", "$full_name$", "$name$"
NAMES = (SOURCE, FULL_NAME, NAME)
"""The open places of text about a workshop; see `Workshop.names`."""


class Telling(NamedTuple):
    """How provenance is written: in SLSA 1.0 and not 0.2, and with the *dockerfile* in it."""

    newest: bool
    dockerfile: bool


class Style(NamedTuple):
    """How a workshop writes; many write alike.

    *labelled* configs name base image, source and revision; *typed* manifests repeat their media
    type; *zstd* is how own layers are compressed in the OCI format. *official* indexes say what
    their images stand on.
    """

    labelled: bool
    typed: bool
    zstd: bool
    official: bool
    telling: Telling


class Workshop(NamedTuple):
    """What all images of one repository have in common.

    *created* stands for the moment of every build if that is reproducible; *classic* says that
    images in Docker's format come from its classic builder.
    """

    namespace: str
    name: str
    style: Style
    created: str | None
    classic: bool

    @property
    def source(self) -> str:
        """The address of its repository of sources."""
        home = "docker-library" if self.style.official else self.namespace
        return f"https://github.com/{home}/{self.name}"

    @property
    def names(self) -> tuple[str, str, str]:
        """What goes into the places of `NAMES`."""
        return (self.source, f"{self.namespace}/{self.name}", self.name)


def workshop(key: str, full_name: str) -> Workshop:
    """Return that of the repository *full_name*; it depends on *key* alone."""
    throw = number(key, "workshop")
    namespace, _, name = full_name.partition("/")
    style = Style(
        labelled=throw % 3 != 0,
        typed=throw // 3 % 8 != 0,
        zstd=throw // 24 % 8 == 0,
        official=namespace == OFFICIAL,
        telling=Telling(throw // 192 % 2 == 0, throw // 384 % 2 == 0),
    )
    fixed = throw // 768 % 16
    created = _FIXED_MOMENTS[fixed] if fixed < len(_FIXED_MOMENTS) else None
    return Workshop(namespace, name, style, created, classic=throw // 12288 % 2 == 0)


def dockerfile(base: Base) -> str:
    """Return what every image is built from."""
    return (
        f"FROM {base.name}:{base.tag}\n"
        "ENV LANG=C.UTF-8\n"
        "RUN fetch-release && unpack-release /opt/app\n"
        "COPY rootfs/ /\n"
        "WORKDIR /opt/app\n"
        "RUN chown -R svc:svc /opt/app && rm -rf /tmp/*\n"
        "EXPOSE 8080\n"
        'ENTRYPOINT ["/opt/app/run"]\n'
        'CMD ["--arch=$TARGETARCH"]\n'
    )
