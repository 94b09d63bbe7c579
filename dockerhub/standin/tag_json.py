"""Tags as JSON text: by templates, because pages of them are what a crawl mostly asks for."""

from __future__ import annotations

from functools import lru_cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from dockerhub.standin.rows import go_escaped
from dockerhub.standin.shares import is_in_share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockerhub.standin.truth import Image, Tag


def tag_rows(tags: Iterable[Tag], undigested: float = 0.0) -> str:
    """Return the rows of a page, joined; tags of one push next to each other share the work.

    *undigested* is the share of digests that are left out.
    """
    shown: tuple[object, str | None] = ((), "")
    images = state = kind = ""
    rows = []
    for tag in tags:
        # The same images are those of one push; where there are none, its digest tells.
        if tag.images is not shown[0] or tag.digest != shown[1]:
            shown = (tag.images, tag.digest)
            images = ",".join([_image_row(image, undigested) for image in tag.images])
            state, kind = _state(tag), _kind(tag, undigested)
        name = go_escaped(encode_basestring(tag.name))
        rows.append(
            f'{{"creator":{tag.creator},"id":{tag.id},"images":[{images}],'
            f'"last_updated":"{tag.last_updated}","last_updater":{tag.last_updater},'
            f'"last_updater_username":"{tag.last_updater_username}","name":{name},{state}'
            f'"tag_last_pushed":{_text(tag.tag_last_pushed)}{kind}}}'
        )
    return ",".join(rows)


def _state(tag: Tag) -> str:
    return (
        f'"repository":{tag.repository_id},"full_size":{tag.full_size},"v2":true,'
        f'"tag_status":"{tag.tag_status}","tag_last_pulled":{_text(tag.tag_last_pulled)},'
    )


def _kind(tag: Tag, undigested: float) -> str:
    # Absent, not null, where Docker Hub does not know them: tags pushed before about 2023.
    media = f',"media_type":{_quoted(tag.media_type)}' if tag.media_type else ""
    content = f',"content_type":"{tag.content_type}"' if tag.content_type else ""
    if not tag.digest or (undigested and is_in_share(tag.digest, undigested)):
        return media + content
    return f'{media}{content},"digest":"{tag.digest}"'


def _image_row(image: Image, undigested: float) -> str:
    digest = f'"digest":"{image.digest}",'
    if undigested and is_in_share(image.digest, undigested):
        digest = ""
    return (
        f'{{"architecture":"{image.architecture}","features":"",'
        f'"variant":{_text(image.variant)},{digest}"os":"{image.os}",'
        f'"os_features":"","os_version":{_text(image.os_version)},"size":{image.size},'
        f'"status":"{image.status}","last_pulled":{_text(image.last_pulled)},'
        f'"last_pushed":{_text(image.last_pushed)}}}'
    )


@lru_cache(maxsize=256)
def _quoted(value: str) -> str:
    return go_escaped(encode_basestring(value))


def _text(value: str | None) -> str:
    # Only generated words and moments come here: there is nothing to escape in them.
    return f'"{value}"' if value else "null"
