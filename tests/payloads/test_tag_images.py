from __future__ import annotations

from typing import Any

import pytest

from dockerhub.contents import BuildStep, BuiltImage, Descriptor
from dockerhub.errors import PayloadError
from dockerhub.items import ImageRow, TagImages
from dockerhub.payloads.tag_images import MOST_INSTRUCTION, read_tag_images
from tests.payloads.from_file import payload
from tests.payloads.registry import REPOSITORY, SEEN, digest, json_of


def read(body: bytes) -> tuple[TagImages, tuple[str, ...]]:
    return read_tag_images(body, REPOSITORY, "2.1", SEEN)


def image(layers: Any, **more: Any) -> dict[str, Any]:
    return {"os": "linux", "digest": f"sha256:{'21' * 32}", "layers": layers, **more}


LAYER = {"digest": f"sha256:{'a1' * 32}", "size": 5, "instruction": "ADD"}


def test_images_are_read_with_their_layers_and_steps() -> None:
    item, refusals = read(payload("tag_images"))
    assert refusals == ()
    assert item == TagImages(
        seen=SEEN,
        repository=REPOSITORY,
        tag="2.1",
        rows=(
            BuiltImage(
                ImageRow(digest("21"), 8900000, "linux", "amd64", None, None, None, None),
                (
                    Descriptor(digest("a1"), 2800000, None),
                    Descriptor(digest("a2"), 6100000, None),
                    Descriptor(digest("a3"), None, None),
                ),
                (
                    BuildStep("ADD file:0123456789abcdef in / ", 0),
                    BuildStep(' CMD ["/bin/sh"]', None),
                    BuildStep("ENV A=1", None),
                    BuildStep("RUN /bin/sh -c make install # buildkit", 1),
                    BuildStep("COPY . /srv # buildkit", 2),
                    BuildStep('CMD ["serve"]', None),
                ),
            ),
            BuiltImage(
                ImageRow(digest("22"), None, "unknown", "unknown", None, None, None, None),
                (Descriptor(digest("a4"), 4000, None), Descriptor(digest("a5"), None, None)),
                (
                    BuildStep(None, 0),
                    BuildStep(None, 1),
                    BuildStep(None, None),
                    BuildStep(None, None),
                ),
            ),
        ),
    )


def test_images_that_do_not_say_what_they_are_made_of_do_not_lose_the_others() -> None:
    item, refusals = read(payload("tag_images_with_bad_images"))
    assert [row.image.digest for row in item.rows] == [digest("01"), digest("0e")]
    hex_digits = "expected sha256: and 64 hex digits"
    assert refusals == (
        "$[1].digest: expected a digest, got none",
        "$[2].layers: expected build steps, got none",
        "$[3].layers: expected build steps, got none",
        "$[4].layers: expected build steps, got none",
        "$[5].layers: expected build steps, got none",
        "$[6].layers[1].digest: expected one for 12 bytes, got none",
        f'$[7].layers[0].digest: {hex_digits}, got "sha256:xyz"',
        f'$[8].digest: {hex_digits}, got "latest"',
        "$[9].digest: expected a digest, got none",
        "$[10].layers[0].size: expected `int` >= 0",
        "$[11].layers: expected `array`, got `object`",
        "$[12].layers[0]: expected `object`, got `str`",
        "$[13]: expected `object`, got `str`",
    )


def test_a_tag_without_images_has_none() -> None:
    item, refusals = read(b" [] ")
    assert (item.rows, refusals) == ((), ())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"{}", "$: expected `array`, got `object`", id="object"),
        pytest.param(b"null", "$: expected `array`, got `null`", id="null"),
        pytest.param(b"", "$: expected JSON, got 0 bytes: Input data was truncated", id="empty"),
        pytest.param(
            json_of([{}] * 1001), "$: expected at most 1000 images, got 1001", id="far too many"
        ),
    ],
)
def test_what_is_no_list_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read(body)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("count", "refusals"),
    [
        (2000, ()),
        (2001, ("$[0].layers: expected at most 2000 build steps, got 2001",)),
    ],
)
def test_an_image_with_far_too_many_steps_is_refused(count: int, refusals: tuple[str, ...]) -> None:
    item, found = read(json_of([image([LAYER] * count)]))
    assert (len(item.rows), found) == (0 if refusals else 1, refusals)


@pytest.mark.parametrize(
    ("instruction", "found"),
    [
        pytest.param("  CMD ", "  CMD ", id="spaces"),
        pytest.param("RUN a\n\tb", "RUN a\n\tb", id="lines"),
        pytest.param("RUN \0", "RUN \ufffd", id="NUL"),
        pytest.param("RUN \ud800x", "RUN \ufffdx", id="half a sign"),
        pytest.param("x" * (MOST_INSTRUCTION + 1), "x" * MOST_INSTRUCTION, id="cut"),
        pytest.param("", None, id="blank"),
    ],
)
def test_an_instruction_is_kept_as_it_is(instruction: str, found: str | None) -> None:
    item, _ = read(json_of([image([{**LAYER, "instruction": instruction}])]))
    assert item.rows[0].steps == (BuildStep(found, 0),)


@pytest.mark.parametrize("layers", [b"[]", b"null", None], ids=str)
def test_what_is_attested_has_no_build_steps_and_is_no_mistake(layers: bytes | None) -> None:
    said = b"" if layers is None else b', "layers": ' + layers
    body = b'[{"os": "unknown", "architecture": "unknown", "digest": "sha256:' + b"a" * 64
    item, refusals = read_tag_images(body + b'"' + said + b"}]", REPOSITORY, "1.0", 7)
    assert (item.rows, refusals) == ((), ())
