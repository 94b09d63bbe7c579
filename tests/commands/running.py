"""Runs commands as a user does, against the stand-in, and looks at what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crawling import environment, forked

if TYPE_CHECKING:
    from pathlib import Path

    from dockerhub.standin import StandIn
    from tests.crawling import Ended


class Commands:
    """Commands with one stand-in and one database."""

    def __init__(self, hub: StandIn, folder: Path) -> None:
        self.hub = hub
        self.folder = folder
        self.database = folder / "hub.db"

    def environment(self, **more: str) -> dict[str, str]:
        services = {
            "DOCKERHUB_REGISTRY_URL": self.hub.registry_url,
            "DOCKERHUB_AUTH_URL": self.hub.auth_url,
        }
        return environment(self.hub.url, self.database, services | more)

    def run(self, *words: str, **more: str) -> Ended:
        """Run a command; the journal then holds its requests alone."""
        self.hub.journal.clear()
        ended = forked(*words, env=self.environment(**more), cwd=self.folder)
        assert "Traceback" not in ended.err, ended.err
        assert "Warning" not in ended.err, ended.err
        assert self.hub.journal.unknown == [], "a request that no Docker Hub answers"
        assert self.hub.journal.stray_tokens == [], "a token where none belongs"
        return ended

    def requests(self) -> dict[str, int]:
        """Return how many requests of each kind the last command made."""
        return dict(self.hub.journal.counts())

    def pulls(self) -> int:
        """Return how many pulls the registry has counted so far."""
        return sum(window.counted for window in self.hub.journal.pull_windows())
