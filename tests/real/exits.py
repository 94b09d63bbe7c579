"""Runs crawls through real proxies, and sees that nothing goes by any other way."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from tests.crawl.spiders import assert_no_secret
from tests.crawling import Crawls
from tests.real.tinyproxy import Tinyproxy
from tests.truth import assert_repositories, assert_tags

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from dockerhub.standin import StandIn, World
    from dockerhub.standin.windows import Window
    from tests.crawling import Ended

ACME = "acme"
DIRECT = "127.0.0.1"
# Exits that fail are looked after within the time that a test has.
SOON = ("-s", "ROTATING_PROXY_BACKOFF_BASE=1", "-s", "ROTATING_PROXY_BACKOFF_CAP=2")


class ExitCrawls(Crawls):
    """Crawls of one stand-in by several exits: ``with ExitCrawls(hub, folder)``."""

    def __init__(self, hub: StandIn, folder: Path) -> None:
        super().__init__(hub, folder)
        self.proxies: list[Tinyproxy] = []
        self._entries: list[str] = []
        self._addresses: set[str] = set()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def add(
        self, user: str = "", password: str = "", *, address: str = "", **options: Any
    ) -> Tinyproxy:
        """Start another proxy, by default with an address of its own, and name it as an exit."""
        number = len(self.proxies) + 1
        folder = self.folder / f"proxy{number}"
        proxy = Tinyproxy(address or f"127.0.0.{10 + number}", folder, **options)
        self.proxies.append(self._stack.enter_context(proxy))
        self.name_exit(proxy.url(user, password), proxy.address)
        return proxy

    def name_exit(self, entry: str, *addresses: str) -> None:
        """Name one more exit, which leads to the stand-in from one of *addresses*."""
        self._entries.append(entry)
        self._addresses |= set(addresses)
        self.settings["DOCKERHUB_PROXIES"] = ",".join(self._entries)

    def go_direct(self) -> None:
        """Name no exit at all."""
        self._entries.clear()
        self._addresses = {DIRECT}
        self.settings.pop("DOCKERHUB_PROXIES", None)

    def run(self, spider: str, *options: str, signed_in: bool = True, **arguments: str) -> Ended:
        """Run a crawl; nothing of it may come from an address that no exit has."""
        ended = super().run(spider, *options, signed_in=signed_in, **arguments)
        assert self.remotes() <= self._addresses, "a request that took no exit"
        assert_no_secret(self, ended)
        return ended

    def crawl(self, *options: str, signed_in: bool = False, **arguments: str) -> Ended:
        """Crawl a namespace, and see that all of it came and nothing was lost."""
        given = {"org": ACME, "strict": "1", **arguments}
        ended = self.run("org", *SOON, *options, signed_in=signed_in, **given)
        assert ended.status == 0, ended.err
        assert_whole(self, self.hub.world)
        return ended

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do *action* in so many *seconds*, unless the test is over then."""
        over = threading.Event()

        def wait() -> None:
            if not over.wait(seconds):
                action()
            # A program ends with the thread that has started it.
            over.wait()

        waiting = threading.Thread(target=wait, daemon=True)
        self._stack.callback(waiting.join)
        self._stack.callback(over.set)
        waiting.start()

    def remotes(self) -> set[str]:
        """Return the addresses from which the last crawl asked."""
        return {each.remote for each in self.hub.journal.exchanges}

    def shares(self) -> dict[str, int]:
        """Return how many requests of the last crawl came from each address."""
        return {
            address: sum(each.remote == address for each in self.hub.journal.exchanges)
            for address in sorted(self.remotes())
        }


def assert_whole(crawls: Crawls, world: World, namespace: str = ACME) -> None:
    """Assert that the database holds what is true of *namespace*, and nothing else."""
    assert_repositories(crawls.database, world, namespace)
    for repository in world.repositories(namespace):
        assert_tags(crawls.database, world, repository.full_name)


def full_windows(windows: list[Window], source: str) -> list[Window]:
    """Return those of *source* but the first, in which its limit was not known, and the last."""
    return [each for each in windows if each.source == source][1:-1]


def plain(world: World, repositories: int, tags: int = 1, namespace: str = ACME) -> None:
    """Add so many repositories, each with one page of tags: twice as many requests, and a few."""
    world.add_namespace(
        namespace, repositories=repositories, tags=tags, never_pushed=0, imageless=0, undigested=0,
        attestations=0, windows=False,
    )  # fmt: skip


def said_of(name: str, ended: Ended) -> str:
    """Return the lines of a log that name an exit; the summary names all of them."""
    said = [line for line in ended.lines if not line.startswith("  exit ")]
    return "\n".join(line for line in said if name in line)
