"""The forms of single arguments on the command line of the stand-in.

Each returns what the text says, or says in one line what was expected.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from dockerhub.standin.drift import Drift
from dockerhub.standin.options import Limit, Options

if TYPE_CHECKING:
    from collections.abc import Callable


def namespace_argument(text: str) -> tuple[str, int, int]:
    """Read ``name=24x40``: repositories and tags of each."""
    found = _matched(r"([^/=]+)=(\d+)x(\d+)", text, "name=24x40 (repositories x tags)")
    return found[1], int(found[2]), int(found[3])


def repository_argument(text: str) -> tuple[str, int]:
    """Read ``namespace/name=40``: tags."""
    found = _matched(r"([^/=]+/[^/=]+)=(\d+)", text, "namespace/name=40 (tags)")
    return found[1], int(found[2])


def account_argument(text: str) -> tuple[str, str]:
    """Read ``name:secret``."""
    found = _matched(r"([^:]+):(.+)", text, "name:secret")
    return found[1], found[2]


def caps_argument(text: str) -> tuple[int, int]:
    """Read ``100/1000``: row offsets of lists and of tags."""
    found = _matched(r"(\d+)/(\d+)", text, "100/1000 (rows of lists / of tags)")
    return int(found[1]), int(found[2])


def limit_argument(text: str) -> Limit | None:
    """Read ``180/60``: requests and seconds."""
    if text == "none":
        return None
    expected = "180/60 (requests/seconds) or none"
    found = _matched(r"([1-9]\d*)/(\d+(?:\.\d+)?)", text, expected)
    if not float(found[2]):
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return Limit(int(found[1]), float(found[2]))


def account_limit_argument(text: str) -> Limit | str | None:
    """Read ``180/60`` or ``same``."""
    # argparse sends a default that is text through the type, too.
    return text if text == "same" else limit_argument(text)


def fault_argument(text: str) -> tuple[str, float]:
    """Read ``503=0.05``: a fault and its share of the answers."""
    found = _matched(r"([^=]+)=(\d*\.?\d+)", text, "fault=share (503=0.05)")
    fault, rate = found[1], float(found[2])
    _checked(Options, {"faults": {fault: rate}})
    return fault, rate


def gone_argument(text: str) -> tuple[str, str]:
    """Read ``repositories/tag_list=410``: an endpoint and how it was removed."""
    found = _matched(r"([^=]+)=([^=]+)", text, "endpoint=form (tag_list=410)")
    _checked(Options, {"gone": {found[1]: found[2]}})
    return found[1], found[2]


def drift_argument(text: str) -> Drift:
    """Read ``every=3,repository=a/b,pushed=2``: the fields of `Drift`."""
    given: dict[str, Any] = {}
    for part in text.split(","):
        name, value = _drift_field(part)
        given[name] = value
    if "every" not in given:
        raise argparse.ArgumentTypeError(f"expected every=3 (answers of lists), got {text!r}")
    drift: Drift = _checked(Drift, given)
    return drift


def _drift_field(part: str) -> tuple[str, str | int]:
    names = [each.name for each in fields(Drift)]
    found = _matched(r"([a-z]+)=(\S+)", part, "every=3,repository=a/b,...")
    if found[1] not in names:
        raise argparse.ArgumentTypeError(f"expected one of {' '.join(names)}, got {found[1]!r}")
    if found[1] in ("repository", "namespace"):
        return found[1], found[2]
    return found[1], int(_matched(r"\d{1,9}", found[2], f"{found[1]}=3")[0])


def _checked(made: Callable[..., Any], given: dict[str, Any]) -> Any:
    # The reasons of a refusal are those of the switches themselves.
    try:
        return made(**given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _matched(pattern: str, text: str, expected: str) -> re.Match[str]:
    found = re.fullmatch(pattern, text)
    if found is None:
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return found
