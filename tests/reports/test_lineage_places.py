"""Where a layer or a digest is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dockerhub.items import Absence
from dockerhub.names import RepositoryName
from dockerhub.reports.answers import NotAnswered
from dockerhub.reports.lineage_places import images_with_layer, tags_of_digest
from tests.reports.lineage_made import Asked, Drawn, page_of, write
from tests.store.made import DAY, NGINX, NOW, digest, image, tag
from tests.store.made_contents import head, index, manifest, member

if TYPE_CHECKING:
    from dockerhub.reports.answers import Answer

DEBIAN = Drawn("debian:12", ("debian",))
APP = Drawn("acme/app:1", ("first", "debian", "app"), by_hub=True)


def layer(url: str, what: str, **options: Any) -> Answer:
    with Asked(url) as made:
        return images_with_layer(made.questions, digest(what), **options)


def tags(url: str, what: str, **options: Any) -> Answer:
    with Asked(url) as made:
        return tags_of_digest(made.questions, digest(what), **options)


def test_every_image_with_a_layer_is_told(url: str) -> None:
    untagged = manifest("untagged", *DEBIAN.items()[1].layers, seen=NOW)
    write(url, APP, untagged, DEBIAN)

    found = layer(url, "debian")
    assert found.rows == [
        ("library/debian", "12", "linux/amd64", 0, 1, digest("debian:12"), "registry"),
        ("acme/app", "1", "linux/amd64", 1, 3, digest("acme/app:1"), "hub"),
        (None, None, None, 0, 1, digest("untagged"), "registry"),
    ]
    assert found.notes == ("3 images hold it",)
    cut = layer(url, "debian", limit=2)
    assert len(cut.rows) == 2
    assert cut.notes == ("3 images hold it; these are rows of 2 of them; --limit N shows more",)


def test_an_unknown_layer_has_no_answer(url: str) -> None:
    write(url, DEBIAN)

    with pytest.raises(NotAnswered) as error:
        layer(url, "unknown")
    assert error.value.crawl == "scrapy crawl tags -a repo=NAMESPACE/NAME -a depth=layers"


def test_all_tags_of_a_digest_now_and_once(url: str) -> None:
    row = image(digest=digest("amd64"))
    then = tag("1", "then", images=(row,))
    now = tag("1", "now", updated=NOW + DAY, images=(image(digest=digest("x")),))
    write(
        url,
        page_of("acme/app", then, then._replace(name="1.0"), then._replace(name="gone")),
        page_of("acme/app", now, seen=NOW + DAY),
        Absence(seen=NOW + 2 * DAY, repository=RepositoryName("acme", "app"), tag="gone"),
    )

    seen = [
        ("acme/app", "1.0", "linux/amd64", "image", "now", NOW, None, None),
        ("acme/app", "gone", "linux/amd64", "image", "gone", NOW, NOW, NOW + 2 * DAY),
        ("acme/app", "1", "linux/amd64", "image", "moved", NOW, NOW, NOW + DAY),
    ]
    assert tags(url, "amd64").rows == seen
    assert tags(url, "then").rows == [(*row[:2], None, "index", *row[4:]) for row in seen]
    cut = tags(url, "amd64", limit=1)
    assert (cut.rows, cut.notes) == (seen[:1], ["3 tags, 1 are shown; --limit N shows more"])


def test_a_config_is_found_through_its_manifests(url: str) -> None:
    write(
        url,
        head(NOW, "latest", "top"),
        index("top", member("m", "linux/arm64/v8"), seen=NOW),
        manifest("m", config="c", seen=NOW),
    )

    row = (str(NGINX), "latest", "linux/arm64/v8", "config", "now", NOW, None, None)
    assert tags(url, "c").rows == [row]
    assert tags(url, "m").rows == [(*row[:3], "image", *row[4:])]
    assert tags(url, "top").rows == [(*row[:2], None, "index", *row[4:])]


def test_what_no_tag_shows_is_known_all_the_same(url: str) -> None:
    write(url, manifest("m", config="c", seen=NOW))

    assert tags(url, "m").rows == []
    assert tags(url, "m").notes == ["it is stored, and no tag that we saw has shown it"]


def test_an_unknown_digest_has_no_answer(url: str) -> None:
    write(url, DEBIAN)

    with pytest.raises(NotAnswered, match="there is none; run: scrapy crawl tags -a repo="):
        tags(url, "unknown")
    with pytest.raises(NotAnswered, match="that of a layer; run: scrapy lineage --layer sha256:"):
        tags(url, "debian")
