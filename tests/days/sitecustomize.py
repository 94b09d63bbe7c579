"""Imported by Python as it starts, where this folder is in PYTHONPATH: another day than today.

The clock stands TESTS_CLOCK_SHIFT seconds from the real one; the monotonic one is left alone.
"""

import os
import time

_SHIFT = int(os.environ.get("TESTS_CLOCK_SHIFT", "0"))
_time, _time_ns = time.time, time.time_ns


def _shifted() -> float:
    return _time() + _SHIFT


def _shifted_ns() -> int:
    return _time_ns() + _SHIFT * 1_000_000_000


time.time, time.time_ns = _shifted, _shifted_ns
