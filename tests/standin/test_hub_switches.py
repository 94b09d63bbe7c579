"""Hidden repositories, lying images and dropped digests, as the Hub API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.standin.client import ask, walk
from tests.standin.registry_client import get_manifest, headers

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

TAGS = "/v2/namespaces/bitnami/repositories/long/tags"
HIDDEN = "bitnami/nginx"


def images(hub: StandIn, tag: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(f"{hub.url}{TAGS}/{tag}/images").json
    return found


def test_hidden_repositories_are_nowhere(hub: StandIn) -> None:
    count = ask(f"{hub.url}/v2/namespaces/bitnami/repositories").json["count"]
    hub.options.hidden = frozenset({HIDDEN})
    for path in ("", "/tags", "/tags/latest", "/tags/latest/images"):
        answer = ask(f"{hub.url}/v2/namespaces/bitnami/repositories/nginx{path}")
        assert answer.status == 404
        assert answer.json["errinfo"] == {"namespace": "bitnami", "repository": "nginx"}
    rows = walk(f"{hub.url}/v2/namespaces/bitnami/repositories?page_size=99")
    assert len(rows) == count - 1
    assert "nginx" not in [row["name"] for row in rows]
    found = walk(f"{hub.url}/v2/search/repositories/?query=nginx&page_size=99")
    assert HIDDEN not in [row["repo_name"] for row in found]
    assert get_manifest(hub, HIDDEN, "latest", headers(hub, HIDDEN)).status == 401


def test_no_images_lie_unless_it_is_said(hub: StandIn) -> None:
    for tag in hub.world.tags("bitnami/long")[:40:4]:
        for row, image in zip(images(hub, tag.name), tag.images, strict=True):
            layers = [layer.get("digest") for layer in row["layers"]]
            assert layers == [layer.digest for layer in hub.world.layers(image)]


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_lying_images_name_a_wrong_topmost_layer(hub: StandIn, share: float) -> None:
    hub.options.lying_images = share
    lied = []
    for tag in [tag for tag in hub.world.tags("bitnami/long")[:120:4] if tag.images]:
        wrong = set()
        for row, image in zip(images(hub, tag.name), tag.images, strict=True):
            true = [each.digest for each in hub.world.layers(image) if each.digest]
            told = [each["digest"] for each in row["layers"] if "digest" in each]
            if true:
                wrong.add(told[-1] != true[-1])
                assert told[:-1] == true[:-1]
            assert row["digest"] == image.digest
        # All images of a set lie, or none.
        lied.append(wrong)
    assert all(len(wrong) == 1 for wrong in lied)
    assert {each for wrong in lied for each in wrong} == ({True} if share == 1 else {True, False})


def test_the_same_images_lie_again(hub: StandIn) -> None:
    hub.options.lying_images = 0.5
    names = [tag.name for tag in hub.world.tags("bitnami/long")[:20:4]]
    assert [images(hub, name) for name in names] == [images(hub, name) for name in names]


def test_dropped_digests_are_absent_in_lists_and_images(hub: StandIn) -> None:
    hub.options.drop_digests = 0.5
    rows = ask(f"{hub.url}{TAGS}?page_size=100").json["results"]
    truth = {tag.name: tag for tag in hub.world.tags("bitnami/long")}
    dropped = set()
    for row in rows:
        for image, true in zip(row["images"], truth[row["name"]].images, strict=True):
            assert image.get("digest") in (true.digest, None)
            dropped.add("digest" in image)
        assert row.get("digest") in (truth[row["name"]].digest, None)
    assert dropped == {True, False}
    gone = [row["name"] for row in rows if truth[row["name"]].digest and "digest" not in row]
    assert 20 < len(gone) < 80
    one = next(row for row in rows if any("digest" not in image for image in row["images"]))
    shown = ["digest" in image for image in one["images"]]
    assert ["digest" in image for image in images(hub, one["name"])] == shown
    assert ask(f"{hub.url}{TAGS}/{one['name']}").json == one


def test_kept_pages_follow_the_switch(hub: StandIn) -> None:
    hub.options.cheap = True
    url = f"{hub.url}{TAGS}?page_size=20"
    assert all("digest" in row for row in ask(url).json["results"])
    hub.options.drop_digests = 1.0
    rows = ask(url).json["results"]
    assert not any("digest" in row for row in rows)
    assert not any("digest" in image for row in rows for image in row["images"])
    hub.options.drop_digests = 0.0
    assert all("digest" in row for row in ask(url).json["results"])
