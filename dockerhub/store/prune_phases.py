"""What can be pruned, in which order, and which rows go with each: a table."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """Rows that go with others."""

    table: str
    where: str
    """which; `{}` is the temporary table with the numbers of the others"""


class Phase(NamedTuple):
    """Rows of one table, which are found by their numbers, with all that goes with them."""

    name: str
    """of its statements in `sql/pruning.sql`, and of the table that is told"""
    source: str
    """the table whose rows are looked at, in the order of their numbers"""
    parts: tuple[Part, ...]
    """what goes with them, in this order, they themselves last"""
    has_rounds: bool = False
    """whether what is gone lets others go"""

    @property
    def doomed(self) -> str:
        """The temporary table with their numbers."""
        return f"doomed_{self.name}"


def _of(table: str, column: str) -> Part:
    return Part(table, f"{column} IN (SELECT id FROM temp.{{}})")


def _phase(name: str, *parts: Part, source: str = "", has_rounds: bool = False) -> Phase:
    return Phase(name, source or name, (*parts, _of(name, "id")), has_rounds)


_OF_ATTESTATIONS = (
    "attestation_id IN (SELECT id FROM attestation WHERE manifest_id IN (SELECT id FROM temp.{}))"
)
PHASES = (
    # The walks of a repository that is away go before its tags: if it comes back half way, it is
    # walked from end to end.
    _phase("walk"),
    _phase("crawl"),
    _phase("event"),
    Phase("repository_detail", "repository", (_of("repository_detail", "repository_id"),)),
    _phase(
        "tag",
        _of("tag_move", "tag_id"),
        _of("absence", "tag_id"),
        _of("outdated_base", "tag_id"),
    ),
    _phase(
        "repository",
        Part("absence", "repository_id IN (SELECT id FROM temp.{}) AND tag_id IS NULL"),
        Part(
            "outdated_base",
            "repository_id IN (SELECT id FROM temp.{})"
            " AND tag_id NOT IN (SELECT id FROM temp.doomed_tag)",
        ),
    ),
    _phase("image_set", _of("image", "image_set_id")),
    _phase(
        "manifest",
        Part("attestation_package", _OF_ATTESTATIONS),
        Part("attestation_base", _OF_ATTESTATIONS),
        _of("attestation", "manifest_id"),
        _of("manifest_layer", "manifest_id"),
        _of("manifest_base", "manifest_id"),
        _of("reread", "manifest_id"),
        _of("build_step", "manifest_id"),
        _of("index_member", "index_id"),
        _of("annotation", "manifest_id"),
        source="unshown",
        has_rounds=True,
    ),
    _phase("config", _of("label", "config_id")),
    _phase("layer"),
    _phase("package"),
    _phase("instruction"),
)
"""In such an order that what points at a row goes with it, or before it."""
NUMBERED = ("kept_walk", "kept_crawl", "named_tag", "unshown", "used_instruction", "batch")
"""temporary tables of numbers, beside those of the phases"""
