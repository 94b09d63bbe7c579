"""10,000 manifests: how fast they are read and stored, the memory, and bytes a manifest.

`python -m tests.benchmarks.manifests [--manifests 10000] [--layers 10]`. Three parts, each in a
database of its own: a crawl at depth=layers from Hub, one from the registry (a GET of the manifest
and of the config each), and the store alone with manifests of so many layers, of which 4 are
shared by all.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from dockerhub.contents import Descriptor
from dockerhub.items import Manifest
from dockerhub.kinds import ManifestKind
from dockerhub.media_types import OCI_MANIFEST
from dockerhub.names import RepositoryName
from dockerhub.standin import StandIn, World
from dockerhub.store.database import open_database
from dockerhub.store.writer import Writer
from tests.benchmarks.million import Watch
from tests.benchmarks.processes import (
    SECRET,
    USER,
    measure,
    our_crawl,
    our_environment,
    print_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PLATFORMS, REPOSITORIES, SHARED, BATCH = 4, 25, 4, 16


def world_of(manifests: int) -> World:
    """Return a world with so many image manifests, each behind a tag of its own set."""
    world = World(seed=1)
    world.add_namespace(
        "bench", repositories=REPOSITORIES, tags=manifests // PLATFORMS // REPOSITORIES,
        never_pushed=0, names_per_digest=1, platforms=PLATFORMS, attestations=0, imageless=0,
        undigested=0, windows=False,
    )  # fmt: skip
    return world


def crawl(manifests: int, source: str, folder: Path) -> list[object]:
    """Run a crawl and return its row of the table."""
    database = folder / f"{source}.db"
    with StandIn(world_of(manifests), accounts={USER: SECRET}) as hub:
        environment = our_environment(hub.url, database) | {
            "DOCKERHUB_REGISTRY_URL": hub.registry_url,
            "DOCKERHUB_AUTH_URL": hub.auth_url,
            "DOCKERHUB_REGISTRY_RATE": "0",
            "DOCKERHUB_LAYERS_FROM": source,
        }
        watch = Watch(database)
        cost = measure(
            our_crawl("org", "org=bench", "depth=layers"), environment=environment, watch=watch.look
        )
        pulls = len(hub.journal.pulls())
    # Memory once a fifth and four fifths are done, beside the peak. It grows by the pages of the
    # database that SQLite keeps, 32 MiB at most, and is flat from there on.
    early, late = (watch.memory[len(watch.memory) * fifth // 5][1] for fifth in (1, 4))
    return [
        f"crawl, layers from {source}", stored(database), f"{cost.wall:.1f}",
        f"{stored(database) / cost.wall * 60:,.0f}", f"{early / 1e6:.0f}",
        f"{late / 1e6:.0f}", f"{cost.rss / 1e6:.0f}", size(database, manifests), pulls,
    ]  # fmt: skip


def items(manifests: int, layers: int) -> Iterator[Manifest]:
    """Yield manifests of which the lowest layers are those of all."""
    repository = RepositoryName("bench", "store")
    for number in range(manifests):
        names = [
            f"base {place}" if place < SHARED else f"{number} {place}" for place in range(layers)
        ]
        yield Manifest(
            seen=1_800_000_000_000_000 + number,
            repository=repository,
            digest=sha256(f"manifest {number}".encode()).digest(),
            kind=ManifestKind.IMAGE,
            media_type=OCI_MANIFEST,
            size=2000,
            config=Descriptor(sha256(f"config {number}".encode()).digest(), 3000, None),
            layers=tuple(
                Descriptor(sha256(name.encode()).digest(), 1_000_000, "application/x-layer")
                for name in names
            ),
            platform=("linux", "amd64", None, None),
        )


def store(manifests: int, layers: int, folder: Path) -> list[object]:
    """Write manifests in batches as a crawl does, and return the row of the table."""
    database = folder / "store.db"
    writer = Writer(f"sqlite:///{database}")
    made = list(items(manifests, layers))
    started, early, late = time.perf_counter(), 0, 0
    for place in range(0, manifests, BATCH):
        writer.write(made[place : place + BATCH])
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        early = most if place <= manifests // 5 else early
        late = most if place <= manifests // 5 * 4 else late
    took = time.perf_counter() - started
    writer.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return [
        f"store alone, {layers} layers each", stored(database), f"{took:.1f}",
        f"{stored(database) / took * 60:,.0f}", f"{early / 1e6:.0f}",
        f"{late / 1e6:.0f}", f"{peak / 1e6:.0f}", size(database, manifests), 0,
    ]  # fmt: skip


def stored(database: Path) -> int:
    """Return how many manifests a database holds."""
    with closing(open_database(f"sqlite:///{database}")) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM manifest").fetchone()[0])


def size(database: Path, manifests: int) -> str:
    """Return the bytes of a database's tables of contents, a manifest."""
    with closing(open_database(f"sqlite:///{database}")) as connection:
        whole = connection.execute(
            "SELECT SUM(pgsize) FROM dbstat WHERE name NOT LIKE 'sqlite_%'"
            " AND name NOT LIKE '%tag%' AND name NOT LIKE '%image%' AND name NOT LIKE '%repositor%'"
        ).fetchone()[0]
    return f"{whole / manifests:,.0f}"


def main() -> None:
    """Run all three and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifests", type=int, default=10_000)
    parser.add_argument("--layers", type=int, default=10)
    given = parser.parse_args()
    head = [
        "10,000 manifests", "stored", "seconds", "a minute", "MB at 1/5", "MB at 4/5",
        "MB peak", "bytes each", "pulls",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        rows = [crawl(given.manifests, source, Path(folder)) for source in ("hub", "registry")]
        rows.append(store(given.manifests, given.layers, Path(folder)))
    head[0] = f"{given.manifests:,} manifests"
    print_table(head, rows)


if __name__ == "__main__":
    main()
