"""`scrapy demo`: the whole thing without a network, against the stand-in Docker Hub."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Console
from rich.table import Table
from scrapy.commands import ScrapyCommand

from dockerhub.errors import StoreError
from dockerhub.outcome import STOPPED
from dockerhub.redact import plain
from dockerhub.store.reader import Reader

if TYPE_CHECKING:
    import argparse

    from dockerhub.standin import StandIn
    from dockerhub.store.reader import PulledRepository

_NAMESPACE = "bitnami"

_NEXT = """\
Try next:
  {scrapy} demo                              again: nothing changed, so it costs one request
  {scrapy} crawl org -a org=bitnami          the same from the real Docker Hub
  {scrapy} crawl search -a query=prometheus  what a search finds
  {scrapy} report popular --database {path}  what is pulled most
  {scrapy} serve --database {path}           all of it in a browser
  sqlite3 {path} "SELECT tag_name, architectures FROM tags WHERE repo_name = '{name}'"
"""


class Command(ScrapyCommand):
    """Crawls an invented organisation into a database of its own and shows what was found."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """Return how it is called."""
        return "[--database FILE]"

    def short_desc(self) -> str:
        """Return what it does."""
        return "Crawl an invented Docker Hub on this machine into demo.db (no network needed)"

    def long_desc(self) -> str:
        """Return what it does, with an example."""
        return f"{self.short_desc()}. Example: scrapy demo --database /tmp/demo.db"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add where the database goes."""
        super().add_options(parser)
        parser.add_argument(
            "--database", metavar="FILE", default="demo.db", help="where to store (default demo.db)"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Start the stand-in, crawl it, show the result."""
        # Scrapy loads every command for every command: the stand-in's server only for this one.
        from dockerhub.standin import Limit, StandIn, World  # noqa: PLC0415

        world = World(seed=1)
        world.add_namespace(_NAMESPACE)
        with StandIn(world, limit=Limit(180, 60)) as hub, tempfile.TemporaryDirectory() as home:
            print(f"A stand-in Docker Hub answers at {hub.url}", file=sys.stderr)
            self.exitcode = _crawl(hub, opts.database, home)
        if self.exitcode == 0:
            self._show(opts.database)

    def _show(self, path: str) -> None:
        reader = Reader(f"sqlite:///{path}")
        try:
            rows = reader.most_pulled(10)
            repositories, tags = reader.counts()
        except StoreError as error:
            print(f"scrapy demo: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        finally:
            reader.close()
        console = Console(highlight=False, soft_wrap=True)
        console.print(_table(rows))
        console.print(f"{repositories} repositories and {tags} tags are in {path}.\n", markup=False)
        name = rows[0].name if rows else ""
        text = _NEXT.format(scrapy=_own_name(), path=path, name=name)
        console.print(text, markup=False)


def _own_name() -> str:
    """Return what has to be typed to run this program again."""
    program = Path(sys.argv[0])
    found = shutil.which("scrapy")
    is_file = program.name == "scrapy" and program.exists()
    if not is_file or (found and program.samefile(found)):
        return "scrapy"
    return os.path.relpath(program)


def _crawl(hub: StandIn, path: str, home: str) -> int:
    """Run the crawl as a user would, and return its exit status."""
    # Whose account this machine has is none of the stand-in's business, and no proxy leads there.
    others = (
        *("DOCKERHUB_USERNAME", "DOCKERHUB_PASSWORD"),
        *("DOCKERHUB_PROXIES", "DOCKERHUB_PROXY_FILE"),
    )
    environment = {key: os.environ[key] for key in os.environ if key not in others} | {
        "DOCKER_CONFIG": home,
        "DOCKERHUB_HUB_URL": hub.url,
        "DOCKERHUB_REGISTRY_URL": hub.registry_url,
        "DOCKERHUB_AUTH_URL": hub.auth_url,
        "DOCKERHUB_DATABASE_URL": f"sqlite:///{path}",
        # The stand-in has no manners to be kept; its own limit still paces the crawl.
        "DOCKERHUB_HUB_RATE": "0",
    }
    command = [sys.executable, "-m", "scrapy", "crawl", "org", "-a", f"org={_NAMESPACE}"]
    # In a process group of its own, so that Ctrl-C reaches it once, by us.
    with subprocess.Popen(command, env=environment, process_group=0) as crawl:  # noqa: S603
        while crawl.poll() is None:
            try:
                crawl.wait()
            except KeyboardInterrupt:
                crawl.send_signal(signal.SIGINT)
    # Negative where the signal itself ended it.
    return crawl.returncode if crawl.returncode >= 0 else STOPPED


def _table(rows: list[PulledRepository]) -> Table:
    table = Table(title=f"Most pulled in {_NAMESPACE} (invented data)", title_justify="left")
    table.add_column("repository")
    for name in ("pulls", "tags", "platforms"):
        table.add_column(name, justify="right")
    table.add_column("last push")
    for row in rows:
        pulls = f"{row.pull_count:,}" if row.pull_count is not None else ""
        pushed = (row.last_updated or "never")[:10]
        table.add_row(plain(row.name), pulls, str(row.tag_count), str(row.platform_count), pushed)
    return table
