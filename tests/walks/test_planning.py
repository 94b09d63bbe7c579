from __future__ import annotations

import pytest

from dockerhub.items import RepositoryRow
from dockerhub.known import KnownRepository, OpenWalk, SettledWalk
from dockerhub.moments import MICROSECONDS
from dockerhub.names import RepositoryName
from dockerhub.walks.planning import TagPlan, needs_detail, plan_tags

DAY = 86_400 * MICROSECONDS
NOW = 1000 * DAY
ROW = RepositoryRow(
    RepositoryName("acme", "app"),
    "A text.",
    1,
    2,
    last_updated=900 * DAY,
    last_modified=800 * DAY,
    media_types=("x",),
)
NEVER_PUSHED = RepositoryRow(ROW.repository, None, 0, 0)

LATELY = SettledWalk(subject_updated=ROW.last_updated, full_at=NOW - DAY)
CHANGED = LATELY._replace(subject_updated=899 * DAY)
LONG_AGO = LATELY._replace(full_at=NOW - 30 * DAY)
NEWEST = OpenWalk(NOW, False, 1, 2, 9)
FULL = NEWEST._replace(is_full=True)


def known(settled: SettledWalk | None = None, left: OpenWalk | None = None) -> KnownRepository:
    return KnownRepository(
        ROW.description, ROW.last_updated, ROW.last_modified, False, settled, left
    )


@pytest.mark.parametrize(
    ("row", "before", "fresh", "plan"),
    [
        pytest.param(ROW, None, False, TagPlan.FULL, id="met for the first time"),
        pytest.param(ROW, known(), False, TagPlan.FULL, id="known, never walked"),
        pytest.param(ROW, known(LATELY), False, TagPlan.SKIP, id="unchanged"),
        pytest.param(ROW, known(CHANGED), False, TagPlan.NEWEST, id="changed"),
        pytest.param(ROW, known(LONG_AGO), False, TagPlan.FULL, id="long not walked in full"),
        pytest.param(ROW, known(LATELY), True, TagPlan.FULL, id="unchanged, fresh"),
        pytest.param(ROW, known(CHANGED), True, TagPlan.FULL, id="changed, fresh"),
        pytest.param(ROW, known(LATELY, FULL), False, TagPlan.RESUME, id="killed"),
        pytest.param(ROW, known(None, NEWEST), False, TagPlan.RESUME, id="killed at the newest"),
        pytest.param(ROW, known(LATELY, FULL), True, TagPlan.RESUME, id="killed, fresh"),
        pytest.param(
            ROW, known(LATELY, NEWEST), True, TagPlan.FULL, id="killed at the newest, fresh"
        ),
        pytest.param(NEVER_PUSHED, None, False, TagPlan.SKIP, id="never pushed"),
        pytest.param(NEVER_PUSHED, known(), False, TagPlan.SKIP, id="never pushed, known"),
        pytest.param(NEVER_PUSHED, None, True, TagPlan.FULL, id="never pushed, fresh"),
        pytest.param(NEVER_PUSHED, known(LATELY), False, TagPlan.NEWEST, id="emptied since"),
    ],
)
def test_a_plan_costs_what_has_changed(
    row: RepositoryRow, before: KnownRepository | None, fresh: bool, plan: TagPlan
) -> None:
    assert plan_tags(row, before, fresh=fresh, now=NOW, full_days=30) is plan


@pytest.mark.parametrize(
    ("days", "plan"), [(0, TagPlan.FULL), (0.5, TagPlan.FULL), (1.5, TagPlan.SKIP)]
)
def test_full_walks_come_as_often_as_the_setting_says(days: float, plan: TagPlan) -> None:
    assert plan_tags(ROW, known(LATELY), fresh=False, now=NOW, full_days=days) is plan


@pytest.mark.parametrize(
    ("hours_ago", "days", "plan"),
    [
        (23.5, 1, TagPlan.FULL),
        (18, 1, TagPlan.FULL),
        (17.9, 1, TagPlan.SKIP),
        (30 * 24 - 6, 30, TagPlan.FULL),
        (30 * 24 - 7, 30, TagPlan.SKIP),
        (0.1, 0.01, TagPlan.SKIP),
        (0.2, 0.01, TagPlan.FULL),
    ],
)
def test_who_looks_each_night_walks_in_full_each_night(
    hours_ago: float, days: float, plan: TagPlan
) -> None:
    settled = LATELY._replace(full_at=NOW - round(hours_ago * 3600 * MICROSECONDS))
    assert plan_tags(ROW, known(settled), fresh=False, now=NOW, full_days=days) is plan


def test_a_repository_that_shows_no_time_is_not_walked_again_while_it_shows_none() -> None:
    row = ROW._replace(last_updated=None)
    settled = LATELY._replace(subject_updated=None)
    assert plan_tags(row, known(settled), fresh=False, now=NOW, full_days=30) is TagPlan.SKIP


@pytest.mark.parametrize(
    ("row", "before", "answer"),
    [
        pytest.param(ROW, None, True, id="met for the first time"),
        pytest.param(ROW, known(), False, id="unchanged"),
        pytest.param(ROW, known()._replace(detail_due=True), True, id="never asked for"),
        pytest.param(ROW._replace(last_updated=NOW), known(), True, id="pushed"),
        pytest.param(ROW._replace(last_modified=NOW), known(), True, id="edited"),
        pytest.param(ROW._replace(description="New."), known(), True, id="other description"),
        pytest.param(ROW._replace(description=None), known(), True, id="no description now"),
        pytest.param(ROW._replace(pull_count=9), known(), False, id="pulls grew"),
    ],
)
def test_a_detail_is_asked_for_when_it_may_say_something_new(
    row: RepositoryRow, before: KnownRepository | None, answer: bool
) -> None:
    assert needs_detail(row, before) is answer
