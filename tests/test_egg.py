"""Scrapyd runs the project from an egg, as the zip that it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.crawling import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

# What goes into the egg, and what setup.py reads.
PARTS = ("dockerhub", "setup.py", "pyproject.toml", "requirements.txt", "README.md", "LICENSE")

OPEN_A_DATABASE = """
import sys
import dockerhub.store.database as database
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings
assert ".egg/" in database.__file__, database.__file__
connection = database.open_database("sqlite:///" + sys.argv[1])
print(connection.execute("SELECT COUNT(*) FROM tags").fetchall())
print(" ".join(sorted(SpiderLoader.from_settings(get_project_settings()).list())))
"""


@pytest.fixture(scope="module")
def egg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("egg")
    for part in PARTS:
        source = CHECKOUT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy(source, folder / part)
    # As scrapyd-client builds it.
    command = [sys.executable, "setup.py", "-q", "clean", "-a", "bdist_egg", "-d", "eggs"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    (made,) = (folder / "eggs").glob("*.egg")
    return made


def test_it_holds_the_sql_and_names_the_settings(egg: Path) -> None:
    with zipfile.ZipFile(egg) as archive:
        inside = archive.namelist()
        entry_points = archive.read("EGG-INFO/entry_points.txt").decode()

    sources = CHECKOUT / "dockerhub" / "store"
    for file in sources.rglob("*.sql"):
        assert file.relative_to(CHECKOUT).as_posix() in inside
    assert entry_points.split() == ["[scrapy]", "settings", "=", "dockerhub.settings"]


def test_it_opens_a_new_database_as_a_zip(egg: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(egg),
        "SCRAPY_SETTINGS_MODULE": "dockerhub.settings",
    }
    run = subprocess.run(
        [sys.executable, "-c", OPEN_A_DATABASE, str(tmp_path / "hub.db")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.stderr == ""
    assert run.stdout.splitlines() == ["[(0,)]", "catalog manifests org repos search tags"]
