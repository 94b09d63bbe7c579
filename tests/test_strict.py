"""Crawls of the tests fail for what our own modules are warned of."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.crawling import environment

if TYPE_CHECKING:
    from pathlib import Path

DEPRECATED = "DeprecationWarning"
SCRAPYS = "ScrapyDeprecationWarning"


@pytest.mark.parametrize(
    ("module", "category", "status"),
    [
        ("dockerhub", DEPRECATED, 1),
        ("dockerhub.spiders.base", DEPRECATED, 1),
        ("dockerhub.spiders.base", SCRAPYS, 1),
        ("scrapy.spiders", SCRAPYS, 0),
        ("dockerhubs", DEPRECATED, 0),
    ],
)
def test_a_warning_about_ours_is_an_error(
    tmp_path: Path, module: str, category: str, status: int
) -> None:
    warn = "import warnings; from scrapy.exceptions import ScrapyDeprecationWarning"
    warn += f"; warnings.warn('old', {category})"
    code = f"exec({warn!r}, {{'__name__': {module!r}}})"
    env = environment("http://127.0.0.1:9", tmp_path / "hub.db")

    run = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )

    assert run.returncode == status, run.stderr
    assert (f"{category}: old" in run.stderr) == (status == 1 or category is SCRAPYS)
