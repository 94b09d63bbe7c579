"""A standard output that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawling import python


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
    with Path("/dev/full").open("wb") as full, python(code, stdout=full.fileno()) as ended:
        _, err = ended.communicate(timeout=60)
    said = "standard output: expected to write, No space left on device\n"
    assert (ended.returncode, err) == (1, said)
