"""A standard output that cannot be written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_standard_output_is_one_error_of_ours() -> None:
    code = (
        "from dockerhub.errors import DockerhubError\n"
        "from dockerhub.reports.printing import put_text\n"
        "import sys\n"
        "try:\n"
        "    put_text('x' * 100_000)\n"
        "except DockerhubError as error:\n"
        "    sys.exit(str(error))\n"
    )
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-c", code],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    said = "standard output: expected to write, No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, said)
