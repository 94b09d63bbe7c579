"""The real registry serves what was written: what the crawls are measured by holds by itself."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from tests.real.images import CONFIG, DOCKER_LIST, DOCKER_MANIFEST, INDEX, MANIFEST, digest_of
from tests.real.programs import Asked, ask
from tests.real.shelf import APP, NESTED_TAG, WORKER

if TYPE_CHECKING:
    from tests.real.programs import Registry
    from tests.real.shelf import Shelf
    from tests.real.skopeo import Skopeo

ACCEPT = {"Accept": f"{INDEX}, {MANIFEST}, {DOCKER_LIST}, {DOCKER_MANIFEST}"}


def test_what_skopeo_pushed_is_served_as_it_was_written(shelf: Shelf, skopeo: Skopeo) -> None:
    for push in shelf.pushes:
        if push.form is None:
            digest = shelf.named(push.layout_tag)["digest"]
            assert digest_of(skopeo.raw(push.repository, push.tag)) == digest


def test_every_manifest_and_config_of_an_index_is_there(shelf: Shelf, skopeo: Skopeo) -> None:
    members = json.loads(skopeo.raw(APP, "1.0"))["manifests"]
    assert len(members) == 5
    for member in members:
        raw = skopeo.raw(APP, member["digest"])
        assert (digest_of(raw), len(raw)) == (member["digest"], member["size"])
        config = skopeo.config(APP, member["digest"])
        assert json.loads(raw)["config"]["digest"] == digest_of(config)
        assert json.loads(raw)["config"]["mediaType"] == CONFIG


def test_an_index_in_an_index_is_served(shelf: Shelf, skopeo: Skopeo) -> None:
    raw = skopeo.raw(APP, NESTED_TAG)
    assert digest_of(raw) == shelf.nested["digest"]
    inner = [each for each in json.loads(raw)["manifests"] if each["mediaType"] == INDEX]
    assert [each["digest"] for each in inner] == [digest_of(skopeo.raw(APP, "latest"))]


def test_docker_forms_are_made_by_skopeo(skopeo: Skopeo) -> None:
    many, one = (json.loads(skopeo.raw(APP, tag)) for tag in ("docker-list", "docker"))
    assert (many["mediaType"], one["mediaType"]) == (DOCKER_LIST, DOCKER_MANIFEST)
    assert {member["mediaType"] for member in many["manifests"]} == {DOCKER_MANIFEST}


def test_tags_are_listed(shelf: Shelf, registry: Registry) -> None:
    for repository in (APP, WORKER):
        listed = json.loads(ask(f"{registry.url}/v2/{repository}/tags/list").body)
        assert listed["name"] == repository
        assert sorted(listed["tags"]) == sorted(shelf.tags(repository))


def test_two_repositories_share_an_image(skopeo: Skopeo) -> None:
    shared = skopeo.raw(WORKER, "app")
    members = json.loads(skopeo.raw(APP, "1.0"))["manifests"]
    assert members[0]["digest"] == digest_of(shared)


def test_the_log_tells_head_from_get(shelf: Shelf, registry: Registry) -> None:
    manifest = f"/v2/{APP}/manifests/1.0"
    head = ask(registry.url + manifest, method="HEAD", headers=ACCEPT)
    got = ask(registry.url + manifest, headers=ACCEPT)
    config = json.loads(shelf.layout.read(json.loads(got.body)["manifests"][0]["digest"]))["config"]
    blob = f"/v2/{APP}/blobs/{config['digest']}"
    ask(registry.url + blob)
    ask(f"{registry.url}/v2/{APP}/manifests/none", headers=ACCEPT)
    assert head.headers["docker-content-digest"] == digest_of(got.body)
    assert head.headers["content-type"] == INDEX
    assert (head.body, head.headers["content-length"]) == (b"", str(len(got.body)))
    asked = registry.asked()
    assert asked == [
        Asked("HEAD", manifest, 200),
        Asked("GET", manifest, 200),
        Asked("GET", blob, 200),
        Asked("GET", f"/v2/{APP}/manifests/none", 404),
    ]
    assert [each.manifest for each in asked] == ["1.0", "1.0", None, "none"]
    assert Counter(each.blob for each in asked) == {None: 3, config["digest"]: 1}
