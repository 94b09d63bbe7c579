from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dockerhub.items import RepositoryDetail, TagRow
from dockerhub.kinds import StopReason
from dockerhub.store.queries import load_queries
from dockerhub.store.rows import (
    detail_parameters,
    fingerprint,
    hit_parameters,
    image_set_key,
    joined,
    platform_key,
    repository_parameters,
    tag_parameters,
    walk_parameters,
)
from tests.store.made import NOW, at, hit, image, row, step, tag

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = row(
    registered=1,
    repository_type="image",
    status=1,
    status_description="active",
    is_automated=False,
    storage_size=2**40,
    source="hub",
    media_types=("a/b", None),
    content_types=("image", "helm"),
    categories=("web-servers",),
)
DETAIL = RepositoryDetail(
    seen=NOW,
    row=FULL,
    full_description="# nginx",
    collaborator_count=0,
    immutable_tags_enabled=True,
    immutable_tags_rules=("^1", "^2"),
)


def test_repository() -> None:
    counts = ("bitnami", "nginx", "a server", 5, 1000)
    kind = ("image", 1, "active", False, False, 2**40, "hub")
    words = ("a/b|null", "image|helm", "web-servers")
    assert repository_parameters(FULL, at(9)) == (
        *counts, NOW, NOW, 1, *kind, *words, at(9), at(9)
    )  # fmt: skip


def test_what_a_list_does_not_say_is_none() -> None:
    bare = repository_parameters(hit(description=None, star_count=None, pull_count=None), NOW)
    assert set(bare[2:-2]) == {None}


def test_hit() -> None:
    counts = ("bitnami", "nginx", "a server", 5, 1000)
    assert hit_parameters(hit(is_automated=True), NOW) == (*counts, True, NOW, NOW)


def test_detail() -> None:
    assert detail_parameters(7, DETAIL) == (7, "# nginx", 0, True, "^1\n^2", NOW)
    assert detail_parameters(7, replace(DETAIL, immutable_tags_rules=()))[4] is None


def test_tag() -> None:
    facts = (1000, NOW, NOW, None, "active")
    assert tag_parameters(7, 8, tag("latest"), at(1)) == (7, "latest", 8, *facts, *[at(1)] * 4)


@pytest.mark.parametrize(
    ("reason", "next_page", "finished"),
    [
        pytest.param(None, 2, None, id="goes on"),
        pytest.param(StopReason.COMPLETE, None, at(9), id="at its end"),
        pytest.param(StopReason.ERROR, 2, None, id="failed and can go on"),
        pytest.param(StopReason.FORBIDDEN, None, at(9), id="failed for good"),
    ],
)
def test_a_walk_with_a_next_page_is_not_finished(
    reason: StopReason | None, next_page: int | None, finished: int | None
) -> None:
    parameters = walk_parameters(3, step(reason=reason, next_page=next_page), at(9))
    assert (parameters[0], parameters[3], parameters[9:11]) == (3, finished, (next_page, reason))
    assert parameters[-6:] == ("tags", "bitnami/nginx", "last_updated", "", True, NOW)


def test_a_walk_says_in_which_order_it_goes_on_and_how_deep_it_may_go() -> None:
    parameters = walk_parameters(3, step(next_page=2, leg="-name", reach=990), at(9))
    assert parameters[-8:-6] == ("-name", 990)
    assert walk_parameters(3, step(next_page=2), at(9))[-8:-6] == ("", None)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("put_repository", repository_parameters(FULL, NOW)),
        ("put_hit", hit_parameters(FULL, NOW)),
        ("put_detail", detail_parameters(1, DETAIL)),
        ("put_tag", tag_parameters(1, 1, tag("a"), NOW)),
        ("put_walk", walk_parameters(1, step(), NOW)),
        ("move_walk", walk_parameters(1, step(), NOW)),
    ],
    ids=["repository", "hit", "detail", "tag", "new walk", "walk"],
)
def test_parameters_fit_their_statement(name: str, parameters: tuple[object, ...]) -> None:
    _, statement = load_queries("writing")[name].split("\n", 1)
    assert statement.count("?") == len(parameters)


def test_tags_that_show_the_same_share_a_fingerprint() -> None:
    one, other = tag("a", status="active"), tag("b", status="inactive", updated=at(5))
    assert fingerprint(image_set_key(one)) == fingerprint(image_set_key(other))
    assert len(fingerprint(image_set_key(one))) == 16


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda old: old._replace(digest=None), id="no digest"),
        pytest.param(lambda old: old._replace(media_type=None), id="no media type"),
        pytest.param(lambda old: old._replace(content_type="helm"), id="content type"),
        pytest.param(lambda old: old._replace(images=()), id="no images"),
        pytest.param(lambda old: old._replace(images=old.images * 2), id="twice"),
        pytest.param(lambda old: old._replace(images=old.images[::-1]), id="another order"),
        pytest.param(
            lambda old: old._replace(images=(image(size=None), *old.images[1:])), id="no size"
        ),
        pytest.param(
            lambda old: old._replace(images=(image(variant="v8"), *old.images[1:])), id="variant"
        ),
        pytest.param(
            lambda old: old._replace(images=(image(os_version="x"), *old.images[1:])),
            id="os version",
        ),
    ],
)
def test_any_difference_gives_another_fingerprint(change: Callable[[TagRow], TagRow]) -> None:
    old = tag("a", images=(image(), image("linux/arm64")))
    assert fingerprint(image_set_key(old)) != fingerprint(image_set_key(change(old)))


def test_platform_key_has_empty_text_for_what_was_not_said() -> None:
    assert platform_key(image("linux/arm64/v8")) == ("linux", "arm64", "v8", "", "", "")
    assert platform_key(image("", os_version="10.0")) == ("", "", "", "10.0", "", "")


def test_joined() -> None:
    assert joined(["a", "b"]) == "a|b"
    assert joined([]) is None
