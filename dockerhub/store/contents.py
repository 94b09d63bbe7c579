"""Writes manifests with their layers and members, and configs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.contents import UNKNOWN_PLATFORM
from dockerhub.kinds import Evidence, ManifestKind
from dockerhub.store.contents_rows import (
    annotations_of,
    config_parameters,
    layer_parameters,
    member_kind,
    member_subject,
    platform_columns,
    proven_parameters,
    told_parameters,
    top_chain,
    written_steps,
)
from dockerhub.store.rows import platform_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerhub.contents import BuiltImage, Descriptor, Member
    from dockerhub.items import Config, Manifest, TagImages
    from dockerhub.store.build_steps import StepWriter
    from dockerhub.store.engine import Connection
    from dockerhub.store.platforms import Platforms
    from dockerhub.store.rows import Parameters
    from dockerhub.store.tags import Tally


_CLEARING = ("clear_layers", "clear_bases_of", "clear_members", "clear_annotations")


class _Stored(NamedTuple):
    """A manifest as it stood before the item at hand."""

    id: int
    evidence: str
    refused_count: int
    seen: int


class ContentsWriter:
    """Writes inside the caller's transaction.

    What the registry proved takes the place of what Hub told, never the other way round.
    """

    def __init__(
        self,
        connection: Connection,
        sql: dict[str, str],
        platforms: Platforms,
        steps: StepWriter,
        tally: Tally,
    ) -> None:
        self._connection = connection
        self._sql = sql
        self._platforms = platforms
        self._steps = steps
        self._tally = tally

    def put_manifest(self, item: Manifest) -> None:
        """Write what the registry showed: an index with its members, or what has layers."""
        platform_id = self._platforms.number_if_said(platform_columns(item.platform))
        stored = self._stored(item.digest)
        is_proven = stored is not None and stored.evidence == Evidence.REGISTRY
        if is_proven and stored is not None and stored.refused_count <= item.refused_count:
            self._name(platform_id, item.subject, item.digest)
            return
        parameters = proven_parameters(item, platform_id, item.subject)
        manifest_id = self._put(stored, parameters, item.layers, item.kind)
        self._connection.execute(self._sql["fill_layers"], {"manifest": manifest_id})
        self._put_members(manifest_id, item.members)
        self._connection.executemany(
            self._sql["put_annotation"],
            [(manifest_id, *annotation) for annotation in annotations_of(item)],
        )
        self._connection.execute(self._sql["name_by_index"], (manifest_id,))
        if item.config is not None:
            self._steps.take(manifest_id, item.config.digest)
            self._name_by_config(item.config.digest)

    def put_images(self, item: TagImages) -> None:
        """Write what Hub tells of a tag's images, as far as nothing was proven yet."""
        for built in item.rows:
            platform = (built.image.os, built.image.architecture)
            says_nothing = not built.layers and (platform == UNKNOWN_PLATFORM or not built.steps)
            if built.image.digest is None or says_nothing:
                continue
            stored = self._stored(built.image.digest)
            if stored is None or self._is_news(stored, built, item.seen):
                self._put_built(stored, built, item.seen)

    def put_config(self, item: Config) -> None:
        """Write a config, and its history as the build steps of all manifests that name it."""
        platform = (item.os, item.architecture, item.variant, item.os_version)
        platform_id = self._platforms.number_if_said(platform_columns(platform))
        is_given = self._steps.give(item.digest, item.steps)
        history = None if is_given else written_steps(item.steps)
        run = self._connection.execute
        is_new = run(self._sql["has_config"], (item.digest,)).fetchone() is None
        self._tally["configs_new"] += is_new
        if not is_new:
            run(self._sql["put_reread_of_config"], (item.digest,))
        parameters = config_parameters(item, platform_id, history)
        (config_id,) = run(self._sql["put_config"], parameters).fetchone()
        run(self._sql["clear_labels"], (config_id,))
        self._connection.executemany(
            self._sql["put_label"], [(config_id, *label) for label in item.labels]
        )
        self._name_by_config(item.digest)

    def _stored(self, digest: bytes) -> _Stored | None:
        found = self._connection.execute(self._sql["find_manifest"], (digest,)).fetchone()
        return None if found is None else _Stored(*found)

    def _put(
        self,
        stored: _Stored | None,
        parameters: Parameters,
        layers: Sequence[Descriptor],
        kind: ManifestKind,
    ) -> int:
        """Write a manifest with its layers, and return its number.

        Build steps stay if they are about these layers.
        """
        run = self._connection.execute
        if stored is None:
            self._tally["manifests_new"] += 1
        elif self._layer_digests(stored.id) != [layer.digest for layer in layers]:
            self._steps.clear(stored.id)
        manifest_id = int(run(self._sql["put_manifest"], parameters).fetchone()[0])
        if stored is not None:
            for statement in _CLEARING:
                run(self._sql[statement], (manifest_id,))
            run(self._sql["put_reread"], (manifest_id,))
        self._put_layers(manifest_id, layers, kind)
        self._put_bases(manifest_id, top_chain(layers, kind))
        return manifest_id

    def _put_bases(self, manifest_id: int, chain: bytes | None) -> None:
        """Write which images an image may stand on, and which ones may stand on it."""
        if chain is not None:
            asked = {"manifest": manifest_id, "chain": chain}
            for statement in ("put_bases_of", "put_base_to"):
                self._connection.execute(self._sql[statement], asked)

    def _put_layers(
        self, manifest_id: int, layers: Sequence[Descriptor], kind: ManifestKind
    ) -> None:
        many = self._connection.executemany
        told = [layer[:2] for layer in layers]
        self._tally["layers_new"] += many(self._sql["put_layer"], told).rowcount if told else 0
        types = sorted({layer.media_type for layer in layers if layer.media_type})
        many(self._sql["put_media_type"], [(name,) for name in types])
        many(self._sql["put_manifest_layer"], layer_parameters(manifest_id, layers, kind))

    def _put_members(self, index_id: int, members: Sequence[Member]) -> None:
        rows = []
        for position, member in enumerate(members):
            platform = (member.os, member.architecture, member.variant, member.os_version)
            platform_id = self._platforms.number_if_said(platform_columns(platform))
            digest, size, media_type = member.descriptor
            said = (digest, media_type, size, platform_id)
            subject = member_subject(member)
            rows.append((index_id, position, *said, member_kind(member), subject))
            self._name(platform_id, subject, digest)
        self._connection.executemany(self._sql["put_member"], rows)

    def _name(self, platform_id: int | None, subject: bytes | None, digest: bytes) -> None:
        """Write the platform and the subject of a manifest that does not say them itself."""
        if platform_id is not None or subject is not None:
            said = (platform_id, subject)
            self._connection.execute(self._sql["name_manifest"], (*said, digest, *said))

    def _name_by_config(self, config_digest: bytes) -> None:
        self._connection.execute(self._sql["name_by_config"], (config_digest,))

    def _is_news(self, stored: _Stored, built: BuiltImage, seen: int) -> bool:
        """Tell whether Hub tells another thing than it told before."""
        if stored.evidence == Evidence.REGISTRY or seen < stored.seen:
            return False
        return self._layer_digests(stored.id) != [
            layer.digest for layer in built.layers
        ] or self._steps.count(stored.id) != len(built.steps)

    def _put_built(self, stored: _Stored | None, built: BuiltImage, seen: int) -> None:
        platform_id = self._platforms.number_if_said(platform_key(built.image))
        parameters = told_parameters(built, platform_id, seen)
        # A media type is a manifest's word; Hub's list has none, whatever came with it.
        layers = [layer._replace(media_type=None) for layer in built.layers]
        manifest_id = self._put(stored, parameters, layers, ManifestKind.IMAGE)
        self._connection.execute(self._sql["name_by_index"], (manifest_id,))
        self._steps.put(manifest_id, built.steps)

    def _layer_digests(self, manifest_id: int) -> list[bytes]:
        rows = self._connection.execute(self._sql["layers_of_manifest"], (manifest_id,))
        return [digest for (digest,) in rows]
