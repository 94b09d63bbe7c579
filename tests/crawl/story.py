"""Thirty days of a Docker Hub, crawled once a day: what happens, and the events that tell of it.

Tests ask for the fixture `story` of `tests/crawl/story_told.py`.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerhub.standin import StandIn
from tests.crawl.scene import API, BASE, DAY, FIRST, NEW, OLD, TOOLS, WEB, Scene, Told
from tests.crawling import ACCOUNT, CHECKOUT, SIGNED_IN, Crawls, environment, services, started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAYS = 30
HALF = 15
"""The day after which a copy of the database is kept; days are counted from 0."""
KILLED = 14
"""The day on which the crawl is killed in its middle, and run again"""
RESET = (21, API)
"""The day on which the counter of a repository begins anew, and its name"""
SPIDER = "repos"
ARGUMENTS = {"org": "acme", "repos": BASE, "depth": "layers"}


@dataclass
class Story:
    """What came of it: the files, the events that it should have, and the pulls."""

    database: Path
    """after the last day"""
    half: Path
    """a copy of it after the day `HALF`"""
    events: list[Told]
    """in the order of their days"""
    pulls: dict[tuple[int, str], int]
    """what Docker Hub said on a day of a repository; nothing where it was not visible"""
    statuses: list[int] = field(default_factory=list)
    """with which the crawls ended, that was killed left out"""


def first_look(scene: Scene) -> None:
    """Nothing of this is an event."""
    scene.lay_base("A", "latest", "12.1", "12")
    scene.lay_app("1.0", "A")


def base_moves_on(scene: Scene) -> None:
    scene.move_base("B", "latest", "12")  # 12.1 stays
    scene.outdate("1.0", "A")


def vanished_came_back(scene: Scene) -> None:
    scene.show(TOOLS)
    scene.create(TOOLS, "9.0")


def much_at_once(scene: Scene) -> None:
    scene.create(WEB, "3.0")
    scene.move(API, "latest")
    scene.delete(WEB, "2.0")
    scene.create_repository("acme/late", 2)
    scene.tell_tags("acme/late", "tag_created", {"0.1": None, "latest": None})


def base_moves_back(scene: Scene) -> None:
    scene.move_base("A", "12")
    scene.outdate("1.0", "B")


def base_moves_far(scene: Scene) -> None:
    scene.move_base("C", "12", "latest")


def new_on_an_old_base(scene: Scene) -> None:
    scene.create_app("2.0", "A")
    scene.outdate("2.0", "A")


def base_that_is_named_moves_on(scene: Scene) -> None:
    scene.move_base("D", "12")
    scene.outdate("3.0", "C")


def new_repository(scene: Scene) -> None:
    scene.create_repository(NEW, 3)
    scene.tell_tags(NEW, "tag_created", {"0.2": None, "0.1": None, "latest": None})


SCRIPT: dict[int, Callable[[Scene], object]] = {
    0: first_look,
    1: lambda scene: scene.create(WEB, "2.0"),
    2: lambda scene: scene.move(WEB, "latest"),
    3: lambda scene: scene.delete(API, scene.name_of(API, 1)),
    # 4: only the pulls grow
    5: base_moves_on,
    6: lambda scene: scene.move_app("1.0", "B"),
    7: lambda scene: scene.hide(TOOLS),
    8: new_repository,
    9: vanished_came_back,
    10: lambda scene: scene.create(WEB, "edge", alias_of="latest"),
    11: lambda scene: scene.move(WEB, "edge", alias_of="2.0"),
    12: lambda scene: scene.move(WEB, "edge", alias_of="latest"),
    13: lambda scene: scene.create(API, scene.lost(API)),
    KILLED: much_at_once,
    15: base_moves_back,
    16: lambda scene: scene.move_base("B", "12"),
    17: lambda scene: scene.move_base("A", "12"),  # its images were called outdated on day 15
    18: base_moves_far,
    19: new_on_an_old_base,
    20: lambda scene: scene.delete_repository(OLD),
    RESET[0]: lambda scene: scene.reset_pulls(RESET[1]),
    22: lambda scene: scene.create_again(OLD, 2),
    23: lambda scene: scene.create_app("3.0", "C", says=f"{BASE}:12"),
    24: base_that_is_named_moves_on,
    25: lambda scene: scene.move_app("3.0", "D"),
    # 26: only the pulls grow
    27: lambda scene: scene.delete(WEB, "edge"),
    28: lambda scene: scene.create(WEB, "edge", alias_of="latest"),
    29: lambda scene: scene.move(WEB, "edge"),
}


class Telling:
    """Runs the crawls of the story, each on its day."""

    def __init__(self, hub: StandIn, scene: Scene, folder: Path) -> None:
        self.hub, self.scene = hub, scene
        self.crawls = Crawls(hub, folder)
        self.shift = FIRST - int(time.time())
        hub.options.clock = self._clock

    def tell(self, day: int) -> int:
        """Let a day pass, and crawl; return with which status that ended."""
        # What happens does so half a day before it is noticed.
        self.scene.begin_day(day)
        SCRIPT.get(day, lambda _: None)(self.scene)
        self.hub.options.hidden = self.scene.hidden
        if day == KILLED:
            self._crawl_and_kill()
        self.crawls.settings = self._settings()
        return self.crawls.run(SPIDER, **ARGUMENTS).status

    def _clock(self) -> float:
        return time.time() + self.shift + self.scene.day * DAY

    def _settings(self) -> dict[str, str]:
        folders = [str(CHECKOUT / "tests" / "strict"), str(CHECKOUT / "tests" / "days")]
        return {
            "PYTHONPATH": os.pathsep.join([*folders, str(CHECKOUT)]),
            "TESTS_CLOCK_SHIFT": str(self.shift + self.scene.day * DAY),
            "DOCKERHUB_FULL_WALK_DAYS": "1",
            # Docker Hub shows no layers of what was laid by hand.
            "DOCKERHUB_LAYERS_FROM": "registry",
        }

    def _crawl_and_kill(self) -> None:
        """Kill a crawl as the answer to the third list of tags is on its way."""
        more = services(self.hub) | SIGNED_IN | self._settings()
        more["PYTHONPATH"] = f"{CHECKOUT / 'tests' / 'days'}{os.pathsep}{CHECKOUT}"
        env = environment(self.hub.url, self.crawls.database, more)
        given = [word for name, value in ARGUMENTS.items() for word in ("-a", f"{name}={value}")]
        with started("crawl", SPIDER, *given, env=env, cwd=self.crawls.folder) as crawl:
            self.crawls.when_asked("tag_list", 3, crawl.kill)
            assert crawl.wait(60) == -signal.SIGKILL


def tell(folder: Path) -> Story:
    """Tell the story into a database in *folder*."""
    scene = Scene()
    story = Story(folder / "hub.db", folder / "half.db", scene.events, {})
    with StandIn(scene.world, accounts=ACCOUNT) as hub:
        telling = Telling(hub, scene, folder)
        for day in range(DAYS):
            story.statuses.append(telling.tell(day))
            story.pulls |= scene.pulls()
            if day == HALF:
                shutil.copy(story.database, story.half)
    return story
