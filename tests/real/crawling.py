"""Runs crawls of the real registry as a user does, and keeps its log of each apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crawling import SIGNED_IN, environment, forked
from tests.real.programs import TokenAuth
from tests.real.stored import Stored

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import StandIn
    from tests.crawling import Ended
    from tests.real.programs import Asked, Registry


def token_auth(hub: StandIn) -> TokenAuth:
    """Return what a registry must know to send its callers to *hub* for tokens."""
    return TokenAuth(
        realm=f"{hub.auth_url}/token",
        service=hub.options.registry_service,
        issuer=hub.options.registry_issuer,
        certificate=hub.token_certificate(),
    )


class RegistryCrawls:
    """Crawls of *registry* into one database; *url* is where it is asked, if not directly."""

    def __init__(
        self, hub: StandIn, registry: Registry, folder: Path, url: str | None = None
    ) -> None:
        self.hub, self.registry = hub, registry
        self.folder = folder
        self.database = folder / "hub.db"
        self.stored = Stored(self.database)
        self.asked: list[Asked] = []
        """what the registry was asked by the last crawl"""
        self._url = url or registry.url

    def run(
        self,
        repository: str,
        *options: str,
        signed_in: bool = False,
        status: int = 0,
        **arguments: str,
    ) -> Ended:
        """Run `scrapy crawl manifests` until it ends with *status*."""
        more = {
            "DOCKERHUB_REGISTRY_URL": self._url,
            "DOCKERHUB_AUTH_URL": self.hub.auth_url,
            "DOCKERHUB_REGISTRY_RATE": "0",
            **(SIGNED_IN if signed_in else {}),
        }
        given = {"repo": repository, **arguments}
        words = [word for name, value in given.items() for word in ("-a", f"{name}={value}")]
        before = len(self.registry.asked())
        env = environment(self.hub.url, self.database, more)
        ended = forked("crawl", "manifests", *words, *options, env=env, cwd=self.folder)
        self.asked = self.registry.asked()[before:]
        assert ended.status == status, ended.err
        assert "Traceback" not in ended.err, ended.err
        assert self.hub.journal.unknown == [], "a request that no Docker Hub answers"
        assert self.hub.journal.stray_tokens == [], "a token where none belongs"
        return ended

    def heads(self, repository: str) -> list[str]:
        """Return the tags of *repository* whose digest was asked for in the last crawl."""
        heads = [each for each in self.asked if each.method == "HEAD"]
        found = [each.manifest or "" for each in heads if each.repository == repository]
        # Before its first pull a crawl may ask for the headers of that very manifest.
        return sorted(each for each in found if not each.startswith("sha256:"))

    def pulls(self) -> list[str]:
        """Return the manifests that were fetched in the last crawl, by tag or digest."""
        return [each.manifest for each in self.asked if each.method == "GET" and each.manifest]

    def blobs(self) -> list[str]:
        """Return the blobs that were fetched in the last crawl."""
        return [each.blob for each in self.asked if each.method == "GET" and each.blob]
