"""The media types of what a registry holds, in its two formats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Format:
    """The media types of one format, from the index down to the layers; there are just two.

    *old_config_type* is what clients of 2017 and before called the config; *foreign_type* are the
    layers of Windows, which are fetched from elsewhere.
    """

    index_type: str
    manifest_type: str
    config_type: str
    old_config_type: str
    layer_type: str
    zstd_type: str
    foreign_type: str


OCI = Format(
    index_type="application/vnd.oci.image.index.v1+json",
    manifest_type="application/vnd.oci.image.manifest.v1+json",
    config_type="application/vnd.oci.image.config.v1+json",
    old_config_type="application/vnd.oci.image.config.v1+json",
    layer_type="application/vnd.oci.image.layer.v1.tar+gzip",
    zstd_type="application/vnd.oci.image.layer.v1.tar+zstd",
    foreign_type="application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
)
DOCKER = Format(
    index_type="application/vnd.docker.distribution.manifest.list.v2+json",
    manifest_type="application/vnd.docker.distribution.manifest.v2+json",
    config_type="application/vnd.docker.container.image.v1+json",
    # Source: a manifest of library/httpd of 2016.
    old_config_type="application/octet-stream",
    layer_type="application/vnd.docker.image.rootfs.diff.tar.gzip",
    zstd_type="application/vnd.docker.image.rootfs.diff.tar.gzip",
    foreign_type="application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
)
SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
IN_TOTO = "application/vnd.in-toto+json"
BLOB = "application/octet-stream"
"""What a registry calls every blob."""

INDEX_TYPES = (OCI.index_type, DOCKER.index_type)
EMPTY_LAYER = "sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1"
"""The layer of a step that changed no file; the same everywhere."""
EMPTY_LAYER_SIZE = 32
EMPTY_DIFF_ID = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
