"""A small database as a month of crawls leaves it: its story is known; hostile text is in it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from dockerhub.contents import BuildStep, BuiltImage, Descriptor, Package
from dockerhub.items import Absence, RepositoryDetail, RepositoryPage, RepositoryRow, TagPage
from dockerhub.kinds import StopReason
from dockerhub.names import RepositoryName
from dockerhub.store.writer import Writer
from tests.store.made import DAY, digest, image, row, step, tag
from tests.store.made_contents import attestation_manifest, index, member, sbom, tag_images

if TYPE_CHECKING:
    from dockerhub.items import TagRow

# The pages speak of "the last 30 days": the story ends when it is told.
END = time.time_ns() // 1000
DAYS = 30
ORG = "acme"
HOSTILE = (
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
    "\x1b[31mred\x1b[0m \u202egnp.exe =cmd|' /C calc'!A0 {{ 7 * 7 }} ' or 1=1 --"
)
LONG = "long " * 5000  # 25,000 characters
DEBIAN, BASE, APP, WEB, FUNNY = (
    RepositoryName(*each)
    for each in (
        ("library", "debian"),
        (ORG, "base"),
        (ORG, "app"),
        (ORG, "web"),
        (ORG, "funny"),
    )
)
# Pulls at the end, and how many come a day.
PULLS = {
    DEBIAN: (9_000_000, 1000),
    BASE: (50_000, 100),
    APP: (700_000, 5000),
    WEB: (30_000, 0),
    FUNNY: (7, 0),
}
DEBIAN_LAYERS = ("debian rootfs",)
BASE_LAYERS = (*DEBIAN_LAYERS, "base packages", "base config")
APP_LAYERS = (*BASE_LAYERS, "app code")
WEB_LAYERS = (*BASE_LAYERS, "web code", "web assets")
SIZES = {
    "debian rootfs": 30_000_000,
    "base packages": 12_000_000,
    "base config": 1_000,
    "app code": 8_000_000,
    "web code": 5_000_000,
    "web assets": 2_000_000,
}


def at_day(day: float) -> int:
    """Return a moment; day 30 is the end."""
    return END - round((DAYS - day) * DAY)


def made(path: str) -> str:
    """Make the database and return its URL."""
    url = f"sqlite:///{path}"
    fill(url)
    return url


def fill(url: str) -> None:
    """Write a month of crawls."""
    writer = Writer(url)
    for day in range(DAYS + 1):
        _look(writer, day)
    writer.write(_contents())
    writer.close()


def _look(writer: Writer, day: int) -> None:
    arguments = json.dumps({"org": ORG})
    writer.begin_crawl("org", arguments, signed_in=True, now=at_day(day) - 60_000_000)
    items: list[object] = [
        RepositoryPage(
            seen=at_day(day),
            rows=tuple(_row(name, day) for name in PULLS if name.namespace == ORG),
            walk=step("repositories", StopReason.COMPLETE, started=at_day(day)),
        ),
        RepositoryPage(seen=at_day(day), rows=(_row(DEBIAN, day),)),
    ]
    items += [
        TagPage(seen=at_day(day), repository=name, rows=rows) for name, rows in _tags(day).items()
    ]
    if day == 20:
        items.append(Absence(seen=at_day(day), repository=APP, tag="0.9"))
    if day == DAYS:
        capped = step(reason=StopReason.ANONYMOUS_CAP, started=at_day(day), last_count=4000)
        items.append(TagPage(seen=at_day(day), repository=WEB, rows=(), walk=capped))
        items.append(
            RepositoryDetail(
                seen=at_day(day),
                row=_row(FUNNY, day),
                full_description=f"# Funny\nWalrus handbook {HOSTILE} {LONG}",
                collaborator_count=None,
                immutable_tags_enabled=None,
                immutable_tags_rules=(),
            )
        )
    writer.write(items)  # type: ignore[arg-type]
    writer.finish_crawl(
        now=at_day(day) + 30_000_000, reason="finished", request_count=12, pull_count=2, stats="{}"
    )


def _row(name: RepositoryName, day: int) -> RepositoryRow:
    pulls, daily = PULLS[name]
    said = {DEBIAN: "an operating system", FUNNY: HOSTILE}.get(name, f"the {name.name} of acme")
    return row()._replace(
        repository=name,
        description=said,
        pull_count=pulls - daily * (DAYS - day),
        last_updated=at_day(0),
        last_modified=at_day(0),
    )


def _tags(day: int) -> dict[RepositoryName, tuple[TagRow, ...]]:
    """Return what the tags show on a day: the base moves on at day 25, app 1.1 comes at day 10."""
    base = "base 2" if day >= 25 else "base 1"
    debian = _tag("12", "debian 1", -5)
    app = [_tag("1.0", "app 1", 1)]
    app += [_tag("0.9", "app 0", -9)] if day < 20 else []
    app += [_tag("1.1", "app 1.1", 10), _tag("latest", "app 1.1", 10)] if day >= 10 else []
    return {
        DEBIAN: (debian,),
        BASE: (_tag("1", base, 25 if day >= 25 else -3),),
        APP: tuple(app),
        WEB: (_tag("2", "web 1", 3),),
        FUNNY: (_tag("x", "funny", -400),),
    }


def _tag(name: str, shows: str, pushed: float) -> TagRow:
    images = [
        image("linux/amd64", digest=digest(f"{shows} amd64"), size=50_000_000),
        image("linux/arm64", digest=digest(f"{shows} arm64"), size=48_000_000),
    ]
    if shows == "app 1":
        images.append(image("unknown/unknown", digest=digest("app 1 attestation"), size=3000))
    return tag(
        name,
        shows,
        updated=at_day(pushed),
        last_pulled=at_day(29),
        full_size=50_000_000,
        images=tuple(images),
    )


def _contents() -> list[object]:
    seen = END
    found: list[object] = [
        _built(DEBIAN, "12", "debian 1", DEBIAN_LAYERS),
        _built(APP, "1.0", "app 1", APP_LAYERS),
        _built(APP, "1.1", "app 1.1", APP_LAYERS),
        _built(WEB, "2", "web 1", WEB_LAYERS),
        _built(BASE, "1", "base 2", (*DEBIAN_LAYERS, "base packages 2", "base config")),
    ]
    # What the base's tag has left: read while it still showed it.
    old = _built(BASE, "1", "base 1", BASE_LAYERS)
    found.insert(0, old)
    package = Package("openssl", "3.0.15", "pkg:deb/debian/openssl@3.0.15")
    return [
        *found,
        index(
            "app 1",
            member("app 1 amd64"),
            member("app 1 arm64", "linux/arm64"),
            member("app 1 attestation", about="app 1 amd64"),
            seen=seen,
        ),
        attestation_manifest("app 1 attestation", "app 1 sbom", subject="app 1 amd64", seen=seen),
        sbom("app 1 sbom", "app 1 attestation", package, seen=seen, subject=digest("app 1 amd64")),
    ]


def _built(name: RepositoryName, tag_name: str, shows: str, its_layers: tuple[str, ...]) -> object:
    steps = tuple(
        BuildStep(f"RUN make {what} {HOSTILE if what == 'web code' else ''}", place, None)
        for place, what in enumerate(its_layers)
    )
    page = tag_images(END, tag=tag_name)
    rows = tuple(
        BuiltImage(
            image(
                f"linux/{architecture}", digest=digest(f"{shows} {architecture}"), size=50_000_000
            ),
            tuple(
                Descriptor(digest(f"{what} {architecture}"), SIZES.get(what, 12_500_000), None)
                for what in its_layers
            ),
            steps,
        )
        for architecture in ("amd64", "arm64")
    )
    return replace(page, repository=name, rows=rows)
