"""The orders in which a list can be asked for: where its front is cut, others show its other ends.

The first of each is how a walk begins. A list of at most twice what one order shows is whole with
an order and its inverse.
Source: https://docs.docker.com/reference/api/hub/latest/ for repositories (read 2026-11-22); for
tags the web site uses them, no document has them: a walk does without those that are refused.
"""

from __future__ import annotations

NEWEST_FIRST = "last_updated"
"""Hub reads `last_updated` as newest first, the inverse of Django's habit."""

NAMED = "named"
"""No order: the tags are asked for one by one."""

TAG_ORDERINGS = (NEWEST_FIRST, "-last_updated", "name", "-name")

REPOSITORY_ORDERINGS = (
    "",
    "name",
    "-name",
    "last_updated",
    "-last_updated",
    "pull_count",
    "-pull_count",
)
"""Without a word the oldest registration comes first, so that new repositories land at the end."""

SEARCH_ORDERINGS = ("",)
