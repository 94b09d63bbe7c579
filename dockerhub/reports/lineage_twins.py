"""Which images have the same layers: all of them, or those that tell most."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from dockerhub.store.questions import Questions

MOST_MANIFESTS = 1000
"""so many images with the same layers are asked for their tags"""
_MOST_SEARCHED = 20_000  # among so many those are looked for that tell most: 0.1 s


class Twin(NamedTuple):
    """A stored image."""

    digest: bytes
    """32 bytes of its manifest"""
    evidence: str
    number: int
    """of its manifest, in the database"""


class Twins(NamedTuple):
    """Images with the same layers."""

    images: list[Twin]
    is_at_least: bool = False
    """whether there are more"""


def twins_of(questions: Questions, chain: bytes, said: Collection[bytes] = ()) -> Twins:
    """Return the images with the layers of a chain.

    Of very many those are chosen that tell most: official ones, then those with a digest that is
    *said*, then those of the repositories with most pulls.

    :raises StoreError: if the database cannot be read
    """
    asked = {"chain": chain, "most": MOST_MANIFESTS + 1}
    rows = questions.ask("manifests_of_chain", asked)
    if len(rows) <= MOST_MANIFESTS:
        return Twins([Twin(*row) for row in rows])
    asked |= {"searched": _MOST_SEARCHED, "most": MOST_MANIFESTS}
    named = {"said": json.dumps([digest.hex().upper() for digest in said])}
    best = questions.ask("best_of_chain", asked | named)
    return Twins([Twin(*row) for row in best], is_at_least=True)
