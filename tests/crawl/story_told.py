"""The story as a fixture, told once a run, however many workers there are.

A module of tests that wants it says `pytest_plugins = ("tests.crawl.story_told",)`.
"""

from __future__ import annotations

import fcntl
import os
import pickle

import pytest

from tests.crawl.story import Story, tell


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The story, told by whichever worker needs it first."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder /= "story"
    folder.mkdir(exist_ok=True)
    told = folder / "story.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_bytes(pickle.dumps(tell(folder)))
    found: Story = pickle.loads(told.read_bytes())
    return found
