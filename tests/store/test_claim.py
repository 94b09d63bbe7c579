"""Claims that are let go of before their process ends."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from dockerhub.store.claim import Claim
from tests.crawling import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

_TAKE = (
    "import sys, pathlib\n"
    "from dockerhub.store.claim import Claim\n"
    "sys.exit(not Claim(pathlib.Path(sys.argv[1])).take('nginx'))\n"
)


def test_what_is_released_can_be_claimed_by_another_process(tmp_path: Path) -> None:
    database = tmp_path / "hub.db"
    claim = Claim(database)

    claim.release()  # nothing is claimed yet
    assert claim.take("nginx")
    assert not is_free(database)
    claim.release()
    assert is_free(database)
    assert claim.take("nginx")
    claim.release()


def is_free(database: Path) -> bool:
    """Tell whether another process can claim it."""
    command = [sys.executable, "-c", _TAKE, str(database)]
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode == 0
