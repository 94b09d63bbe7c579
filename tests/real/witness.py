"""What skopeo says of a repository, as the rows that a database must hold of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.real.images import CONFIG, DOCKER_LIST, INDEX, MANIFEST, digest_of
from tests.truth import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.real.skopeo import Skopeo

Rows = set[tuple[Any, ...]]

DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
_IMAGE_LAYER = (".layer.v1.tar", ".layer.nondistributable.v1.tar", ".rootfs.diff.tar")
_REFERENCE = "vnd.docker.reference.digest"


class Witness:
    """Every manifest, index and config behind *tags* of *repository*, asked of skopeo."""

    def __init__(self, skopeo: Skopeo, repository: str, tags: Iterable[str]) -> None:
        self._skopeo, self._repository = skopeo, repository
        self.manifests: dict[str, Any] = {}
        """by digest, as JSON"""
        self.sizes: dict[str, int] = {}
        self.configs: dict[str, bytes] = {}
        """the configs of images by digest"""
        self.subjects: dict[str, str] = {}
        """attestation manifests, and what they are about"""
        self._digests = {tag: self._read(tag) for tag in tags}

    def tags(self) -> Rows:
        """Return each tag with its digest and media type."""
        return {
            (tag, digest, _media_type(self.manifests[digest]))
            for tag, digest in self._digests.items()
        }

    def digest_of_tag(self, tag: str) -> str:
        return self._digests[tag]

    def kind(self, digest: str) -> str:
        """Return what is behind *digest*, judged by what it consists of."""
        content = self.manifests[digest]
        if _media_type(content) in (INDEX, DOCKER_LIST):
            return "index"
        if digest in self.subjects:
            return "attestation"
        types = [layer["mediaType"] for layer in content["layers"]]
        is_layered = all(any(part in each for part in _IMAGE_LAYER) for each in types)
        is_image = content["config"]["mediaType"] in (CONFIG, DOCKER_CONFIG) and is_layered
        return "image" if is_image else "artifact"

    def of_kind(self, kind: str) -> dict[str, Any]:
        """Return the manifests of one kind by digest."""
        return {
            digest: content
            for digest, content in self.manifests.items()
            if self.kind(digest) == kind
        }

    def kinds(self) -> Rows:
        """Return each manifest with its kind, media type, size and config."""
        return {
            (
                digest,
                self.kind(digest),
                _media_type(content),
                self.sizes[digest],
                content.get("config", {}).get("digest"),
            )
            for digest, content in self.manifests.items()
        }

    def layers(self) -> Rows:
        """Return the layers of every image with their places and sizes."""
        return {
            (digest, position, layer["digest"], layer["size"])
            for digest, content in self.of_kind("image").items()
            for position, layer in enumerate(content["layers"])
        }

    def layer_types(self) -> Rows:
        """Return the layers of every image with their media types."""
        return {
            (digest, layer["digest"], layer["mediaType"])
            for digest, content in self.of_kind("image").items()
            for layer in content["layers"]
        }

    def members(self) -> Rows:
        """Return the members of every index with their places, platforms and kinds."""
        return {
            (
                digest,
                position,
                member["digest"],
                member["mediaType"],
                member["size"],
                *_platform(member.get("platform", {})),
                self.kind(member["digest"]),
                member.get("annotations", {}).get(_REFERENCE),
            )
            for digest, content in self.of_kind("index").items()
            for position, member in enumerate(content["manifests"])
        }

    def annotations(self) -> Rows:
        """Return what every index says of itself (-1) and of its members.

        Which of them are attestations, and about whom, stands in `members`.
        """
        return {
            (digest, place, name, value)
            for digest, content in self.of_kind("index").items()
            for place, said in _annotated(content)
            for name, value in said.get("annotations", {}).items()
            if not name.startswith("vnd.docker.reference.")
        }

    def images(self) -> Rows:
        """Return the config of every image, lists as tuples."""
        return {
            (
                digest,
                len(text),
                *_platform(config),
                instant(config.get("created")),
                *_run(config["config"]),
                tuple(config["rootfs"]["diff_ids"]),
            )
            for digest, text, config in self._configs()
        }

    def labels(self) -> Rows:
        """Return the labels of every image's config."""
        return {
            (digest, name, value)
            for digest, _, config in self._configs()
            for name, value in (config["config"].get("Labels") or {}).items()
        }

    def steps(self) -> Rows:
        """Return the build steps of every image with the layers that they made."""
        found: Rows = set()
        for digest, content in self.of_kind("image").items():
            layer = 0
            history = json.loads(self.configs[content["config"]["digest"]])["history"]
            for position, step in enumerate(history):
                made = None if step.get("empty_layer") else layer
                layer += made is not None
                created = instant(step["created"])
                found.add((digest, position, step["created_by"], made, created))
        return found

    def statements(self) -> Rows:
        """Return the statements of every attestation: their subjects, types and sizes."""
        return {
            (
                digest,
                layer["digest"],
                self.subjects[digest],
                layer["annotations"]["in-toto.io/predicate-type"],
                layer["size"],
            )
            for digest, content in self.of_kind("attestation").items()
            for layer in content["layers"]
        }

    def images_of(self, tag: str) -> dict[str, str]:
        """Return the images behind *tag*, however deep, with their platforms in one word."""
        return self._images_below(self._digests[tag], {})

    def instructions(self, image: str) -> dict[int | None, str]:
        """Return what made each layer of *image*, by its place."""
        return {layer: text for digest, _, text, layer, _ in self.steps() if digest == image}

    def layer_digests(self) -> set[str]:
        """Return the digests of all that is too big to be fetched: layers, whatever is in them."""
        kinds = (self.of_kind("image"), self.of_kind("artifact"))
        return {
            layer["digest"]
            for kind in kinds
            for content in kind.values()
            for layer in content["layers"]
        }

    def _images_below(self, digest: str, platform: Any) -> dict[str, str]:
        content = self.manifests[digest]
        if self.kind(digest) == "image":
            said = platform or json.loads(self.configs[content["config"]["digest"]])
            return {digest: "/".join(word for word in _platform(said)[:3] if word)}
        found: dict[str, str] = {}
        for member in content.get("manifests", ()):
            found |= self._images_below(member["digest"], member.get("platform"))
        return found

    def _configs(self) -> Iterator[tuple[str, bytes, Any]]:
        for digest, text in self.configs.items():
            yield digest, text, json.loads(text)

    def _read(self, reference: str) -> str:
        """Read what is behind *reference*, and all that is in it; return its digest."""
        raw = self._skopeo.raw(self._repository, reference)
        digest = digest_of(raw)
        if digest in self.manifests:
            return digest
        content = json.loads(raw)
        self.manifests[digest], self.sizes[digest] = content, len(raw)
        for member in content.get("manifests", ()):
            if subject := member.get("annotations", {}).get(_REFERENCE):
                self.subjects[member["digest"]] = subject
            self._read(member["digest"])
        if self.kind(digest) == "image":
            config = self._skopeo.config(self._repository, digest)
            assert digest_of(config) == content["config"]["digest"]
            self.configs[digest_of(config)] = config
        return digest


def _media_type(content: Any) -> str:
    """Return what a manifest says it is; the older ones of OCI are told by what they hold."""
    said: str = content.get("mediaType", INDEX if "manifests" in content else MANIFEST)
    return said


def _annotated(content: Any) -> list[tuple[int, Any]]:
    return [(-1, content), *enumerate(content["manifests"])]


def _platform(said: Any) -> tuple[str, ...]:
    """Return operating system, architecture, variant and version, empty where they are not said."""
    return tuple(said.get(name, "") for name in ("os", "architecture", "variant", "os.version"))


def _run(config: Any) -> tuple[Any, ...]:
    """Return how an image is started, nothing where it is not said."""
    lists = [tuple(config.get(name) or ()) for name in ("Entrypoint", "Cmd", "Env")]
    sets = [tuple(sorted(config.get(name) or ())) for name in ("ExposedPorts", "Volumes")]
    words = [config.get(name) or None for name in ("User", "WorkingDir", "StopSignal")]
    return (*words, *lists, *sets)
