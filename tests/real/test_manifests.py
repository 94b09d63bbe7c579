"""After a crawl of the real registry the database holds what skopeo says is in it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.real import attestations as said
from tests.real.shelf import APP, HELM_CONFIG, SCAN
from tests.truth import rows

if TYPE_CHECKING:
    from dockerhub.standin import StandIn
    from tests.real.crawling import RegistryCrawls
    from tests.real.shelf import Shelf
    from tests.real.witness import Witness


def test_tags_have_the_digests_of_their_heads(
    crawled: RegistryCrawls, shelf: Shelf, truth: Witness
) -> None:
    signature = (shelf.signature_tag, None, None)
    assert crawled.stored.tags(APP) == {*truth.tags(), signature}


def test_manifests_are_what_they_consist_of(crawled: RegistryCrawls, truth: Witness) -> None:
    assert crawled.stored.kinds() == truth.kinds()


def test_indexes_have_their_members_in_order(crawled: RegistryCrawls, truth: Witness) -> None:
    assert crawled.stored.members() == truth.members()
    assert crawled.stored.annotations() == truth.annotations()


def test_images_have_their_layers_in_order(crawled: RegistryCrawls, truth: Witness) -> None:
    assert crawled.stored.layers() == truth.layers()


def test_layers_have_the_types_that_their_manifests_say(
    crawled: RegistryCrawls, truth: Witness
) -> None:
    """The same bytes are a layer of OCI in the one manifest and a layer of Docker in the other."""
    assert crawled.stored.layer_types() == truth.layer_types()


def test_configs_say_how_images_start(crawled: RegistryCrawls, truth: Witness) -> None:
    assert crawled.stored.images() == truth.images()
    assert crawled.stored.labels() == truth.labels()


def test_build_steps_pair_with_their_layers(crawled: RegistryCrawls, truth: Witness) -> None:
    assert crawled.stored.steps() == truth.steps()


def test_attestations_are_about_their_images(crawled: RegistryCrawls, truth: Witness) -> None:
    assert crawled.stored.statements() == truth.statements()


def test_provenance_says_how_an_image_was_built(crawled: RegistryCrawls) -> None:
    common = (said.SOURCE, said.REVISION, said.DOCKERFILE)
    assert crawled.stored.builds() == {
        (said.PROVENANCE_0_2, said.BUILDER, said.BUILD_TYPE_0_2, *common),
        (said.PROVENANCE_1, said.BUILDER, said.BUILD_TYPE_1, *common),
    }
    assert crawled.stored.bases() == {
        (predicate_type, position, *base)
        for predicate_type in (said.PROVENANCE_0_2, said.PROVENANCE_1)
        for position, base in enumerate(said.BASES)
    }


def test_an_sbom_lists_its_packages(crawled: RegistryCrawls) -> None:
    count = len(said.PACKAGES)
    assert crawled.stored.packages() == {(count, *package) for package in said.PACKAGES}


def test_artifacts_are_no_images(crawled: RegistryCrawls, shelf: Shelf, truth: Witness) -> None:
    digests = {tag: digest for tag, digest, _ in truth.tags()}
    kinds = {digest: kind for digest, kind, *_ in crawled.stored.kinds()}
    assert {kinds[digests[tag]] for tag in ("chart", "scan")} == {"artifact"}
    assert crawled.stored.artifacts() == {
        (digests["chart"], HELM_CONFIG, None),
        (digests["scan"], SCAN, shelf.named("acme-worker-app")["digest"]),
    }


def test_signatures_are_not_asked_for(crawled: RegistryCrawls, shelf: Shelf) -> None:
    assert shelf.signature_tag not in crawled.heads(APP)
    signature = shelf.named(f"acme-app-{shelf.signature_tag}")["digest"]
    assert not {signature, shelf.signature_tag} & {*crawled.pulls()}


def test_each_tag_costs_one_head_and_each_manifest_one_get(
    crawled: RegistryCrawls, shelf: Shelf, truth: Witness
) -> None:
    assert crawled.heads(APP) == sorted(shelf.tags(APP) - {shelf.signature_tag})
    digests = {tag: digest for tag, digest, _ in truth.tags()}
    pulled = Counter(digests.get(each, each) for each in crawled.pulls())
    assert pulled == dict.fromkeys(truth.manifests, 1)
    assert rows(crawled.database, "SELECT pull_count FROM crawl") == [(len(truth.manifests),)]


def test_blobs_are_configs_and_statements_and_never_layers(
    crawled: RegistryCrawls, truth: Witness
) -> None:
    fetched = Counter(crawled.blobs())
    assert not fetched.keys() & truth.layer_digests()
    wanted = {*truth.configs, *(digest for _, digest, *_ in truth.statements())}
    assert fetched == dict.fromkeys(wanted, 1)


def test_nothing_but_tokens_is_asked_of_the_hub(hub: StandIn, crawled: RegistryCrawls) -> None:
    assert {exchange.kind for exchange in hub.journal.exchanges} == {"registry_token"}
