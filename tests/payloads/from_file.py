"""The payload files; what each stands for is in README.md."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "files"


def payload(name: str) -> bytes:
    """Return the body in the file of that name."""
    return (FOLDER / f"{name}.json").read_bytes()
