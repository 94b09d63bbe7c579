from __future__ import annotations

import re
import sysconfig
import typing
from pathlib import Path

import pytest

from tests.crawling import CHECKOUT

LINES = [
    line
    for line in (CHECKOUT / "requirements.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("line", LINES)
def test_every_dependency_has_a_range_and_a_reason(line: str) -> None:
    assert re.fullmatch(r"[a-z-]+(\[[a-z,]+\])?>=[\d.]+,<[\d.]+ +# .{20,}", line)


def test_typing_is_the_standard_librarys() -> None:
    # scrapy-rotating-proxies pulls in an obsolete package of that name.
    assert Path(typing.__file__).parent == Path(sysconfig.get_path("stdlib"))
