from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from dockerhub.standin import World
from tests.standin.client import ask
from tests.standin.registry_client import get_blob, get_manifest, headers

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

NGINX = "library/nginx"
SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
OCI = "application/vnd.oci.image.manifest.v1+json"


def digest_of(body: bytes) -> str:
    return f"sha256:{sha256(body).hexdigest()}"


@pytest.mark.parametrize(
    ("kind", "content_type", "config_type"),
    [
        ("helm", "helm", "application/vnd.cncf.helm.config.v1+json"),
        ("model", "model", "application/vnd.docker.ai.model.config.v0.1+json"),
    ],
)
def test_charts_and_models(hub: StandIn, kind: str, content_type: str, config_type: str) -> None:
    digest = hub.world.add_artifact(NGINX, "1.0-odd", kind)  # type: ignore[arg-type]
    sent = headers(hub, NGINX)
    answer = get_manifest(hub, NGINX, "1.0-odd", sent)
    assert digest_of(answer.body) == answer.headers["docker-content-digest"] == digest
    assert answer.headers["content-type"] == OCI
    config = answer.json["config"]
    assert config["mediaType"] == config_type
    blob = get_blob(hub, NGINX, config["digest"], sent)
    assert (digest_of(blob.body), len(blob.body)) == (config["digest"], config["size"])
    assert "rootfs" not in blob.json
    assert "history" not in blob.json
    form = config_type.split(".config.", maxsplit=1)[0].removesuffix(".model")
    assert all(each["mediaType"].startswith(form) for each in answer.json["layers"])
    row = ask(f"{hub.url}/v2/repositories/{NGINX}/tags/1.0-odd").json
    assert (row["content_type"], row["media_type"]) == (content_type, config_type)
    assert row["images"] == []
    assert row["digest"] == digest
    assert row["full_size"] == sum(each["size"] for each in answer.json["layers"])


def test_signatures_stand_under_the_digest_of_what_they_sign(hub: StandIn) -> None:
    signed = hub.world.digests(NGINX)["latest"].tag
    digest = hub.world.add_artifact(NGINX, "latest", "cosign")
    tag = f"sha256-{signed[7:]}.sig"
    sent = headers(hub, NGINX)
    answer = get_manifest(hub, NGINX, tag, sent)
    assert answer.headers["docker-content-digest"] == digest
    (layer,) = answer.json["layers"]
    assert layer["mediaType"] == "application/vnd.dev.cosign.simplesigning.v1+json"
    payload = get_blob(hub, NGINX, layer["digest"], sent)
    assert payload.json["critical"]["image"]["docker-manifest-digest"] == signed
    assert (digest_of(payload.body), len(payload.body)) == (layer["digest"], layer["size"])
    names = ask(f"{hub.registry_url}/v2/{NGINX}/tags/list", headers=sent).json["tags"]
    assert tag in names
    row = ask(f"{hub.url}/v2/repositories/{NGINX}/tags/{tag}").json
    assert row["content_type"] == "unrecognized"
    assert hub.world.digests(NGINX)["latest"].tag == signed


def test_a_signature_may_be_for_what_is_not_there(hub: StandIn) -> None:
    tag = f"sha256-{'0' * 64}.sig"
    hub.world.add_artifact(NGINX, tag, "cosign")
    assert tag in hub.world.digests(NGINX)
    with pytest.raises(KeyError):
        hub.world.add_artifact(NGINX, "none", "cosign")


def test_schema_1_is_named_by_its_unsigned_payload(hub: StandIn) -> None:
    digest = hub.world.add_artifact(NGINX, "old", "schema1")
    answer = get_manifest(hub, NGINX, "old", headers(hub, NGINX))
    assert answer.headers["content-type"] == SCHEMA1
    assert answer.headers["docker-content-digest"] == digest != digest_of(answer.body)
    (signature,) = answer.json["signatures"]
    protected = unpacked(signature["protected"])
    length, tail = protected["formatLength"], protected["formatTail"]
    payload = answer.body[:length] + base64.urlsafe_b64decode(tail + "==")
    assert digest_of(payload) == digest
    content = json.loads(payload)
    assert content == {k: v for k, v in answer.json.items() if k != "signatures"}
    assert (content["schemaVersion"], content["name"], content["tag"]) == (1, NGINX, "old")
    assert len(content["fsLayers"]) == len(content["history"]) == 3
    assert json.loads(content["history"][0]["v1Compatibility"])["parent"]
    row = ask(f"{hub.url}/v2/repositories/{NGINX}/tags/old").json
    assert row["media_type"] == SCHEMA1
    assert [image["digest"] for image in row["images"]] == [digest]


def unpacked(part: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_there_are_no_other_artifacts(hub: StandIn) -> None:
    with pytest.raises(ValueError, match="artifact: expected one of helm model cosign schema1"):
        hub.world.add_artifact(NGINX, "x", "wasm")  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        hub.world.add_artifact("library/none", "x", "helm")


def test_bytes_are_laid_under_a_tag_and_their_digest(hub: StandIn) -> None:
    body = b'{"schemaVersion":2,"manifests":[]}'
    digest = hub.world.put_content(NGINX, "odd", body, "application/x-odd")
    assert digest == digest_of(body)
    sent = headers(hub, NGINX)
    for reference in ("odd", digest):
        answer = get_manifest(hub, NGINX, reference, sent)
        assert answer.body == body
        assert answer.headers["content-type"] == "application/x-odd"
        assert answer.headers["docker-content-digest"] == digest
    row = ask(f"{hub.url}/v2/repositories/{NGINX}/tags/odd").json
    assert (row["digest"], row["media_type"]) == (digest, "application/x-odd")
    assert row["content_type"] == "unrecognized"
    assert ask(f"{hub.url}/v2/repositories/{NGINX}/tags/odd/images").json == []


def test_a_digest_may_be_wrong(hub: StandIn) -> None:
    wrong = "sha256:" + "ab" * 32
    assert hub.world.put_content(NGINX, "liar", b"{}", OCI, digest=wrong) == wrong
    sent = headers(hub, NGINX)
    for reference in ("liar", wrong):
        answer = get_manifest(hub, NGINX, reference, sent)
        assert (answer.body, answer.headers["docker-content-digest"]) == (b"{}", wrong)
    assert get_manifest(hub, NGINX, digest_of(b"{}"), sent).status == 404


def test_without_a_tag_only_the_digest_names_it(hub: StandIn) -> None:
    tags = len(hub.world.tags(NGINX))
    digest = hub.world.put_content(NGINX, None, b"[]", OCI)
    assert len(hub.world.tags(NGINX)) == tags
    assert get_manifest(hub, NGINX, digest, headers(hub, NGINX)).body == b"[]"


def test_content_of_the_world_can_be_laid_over(hub: StandIn) -> None:
    image = hub.world.digests(NGINX)["latest"].images[0]
    hub.world.put_content(NGINX, None, b"changed", OCI, digest=image)
    assert get_manifest(hub, NGINX, image, headers(hub, NGINX)).body == b"changed"


def test_blobs_are_laid_too(hub: StandIn) -> None:
    big, sent = b"x" * 3_000_000, headers(hub, NGINX)
    wrong = "sha256:" + "cd" * 32
    assert hub.world.put_blob(NGINX, big) == digest_of(big)
    assert hub.world.put_blob(NGINX, b"small", wrong) == wrong
    assert get_blob(hub, NGINX, digest_of(big), sent).body == big
    assert get_blob(hub, NGINX, wrong, sent).body == b"small"
    assert hub.world.blob_bytes(NGINX, wrong) == b"small"


def test_what_was_laid_can_be_moved_aliased_and_deleted(hub: StandIn) -> None:
    digest = hub.world.put_content(NGINX, "odd", b"{}", OCI)
    hub.world.push_tag(NGINX, "again", alias_of="odd")
    assert hub.world.digests(NGINX)["again"].tag == digest
    hub.world.push_tag(NGINX, "odd")
    assert hub.world.digests(NGINX)["odd"].tag != digest
    hub.world.delete_tag(NGINX, "again")
    sent = headers(hub, NGINX)
    assert get_manifest(hub, NGINX, "again", sent).status == 404
    assert get_manifest(hub, NGINX, digest, sent).status == 200


def test_laying_is_a_change_like_a_push() -> None:
    worlds = World(3), World(3)
    for world in worlds:
        world.add_repository("a/b", 8)
        before = world.now, world.version
        world.add_artifact("a/b", "chart", "helm")
        world.put_content("a/b", "odd", b"{}", OCI)
        world.put_blob("a/b", b"blob")
        assert before < (world.now, world.version)
        assert world.repository("a/b").last_updated == world.tag("a/b", "odd").last_updated
    assert worlds[0].tags("a/b") == worlds[1].tags("a/b")
    assert worlds[0].digests("a/b") == worlds[1].digests("a/b")


def test_odd_content_needs_no_accept(hub: StandIn) -> None:
    hub.world.put_content(NGINX, "odd", b"{}", "application/x-odd")
    sent = headers(hub, NGINX)
    assert get_manifest(hub, NGINX, "odd", sent | {"Accept": "*/*"}).status == 200
