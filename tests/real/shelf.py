"""What stands in the registry: two repositories of an invented company, of every sort of manifest.

`acme/app` has a multi-architecture index with attestations under three tags, an index in an index,
layers of both packings, manifests that do not say their type, Docker's own forms, and what is no
image. `acme/worker` shares base layers with it, and one whole image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.real.attestations import BASE_DIGEST, attestation, provenance_0_2, provenance_1, sbom
from tests.real.images import (
    EMPTY,
    Layer,
    Layout,
    Step,
    artifact,
    empty_layer,
    foreign_layer,
    gzip_layer,
    image,
    index,
    untyped,
    zstd_layer,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.real.images import Descriptor

APP, WORKER = "acme/app", "acme/worker"
NESTED_TAG = "nested"
HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
HELM_CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
COSIGN = "application/vnd.dev.cosign.simplesigning.v1+json"
SCAN = "application/vnd.acme.scan.v1+json"

AMD64 = {"architecture": "amd64", "os": "linux"}
ARM64 = {"architecture": "arm64", "os": "linux", "variant": "v8"}
WINDOWS = {"architecture": "amd64", "os": "windows", "os.version": "10.0.20348.2340"}
BASE_NAME, BASE = "org.opencontainers.image.base.name", "docker.io/library/alpine:3.20"
BASE_LABELS = {BASE_NAME: BASE, "org.opencontainers.image.base.digest": f"sha256:{BASE_DIGEST}"}
SOURCE_LABEL = {"org.opencontainers.image.source": "https://git.example/acme/app"}
RUN = {
    "User": "65532",
    "ExposedPorts": {"8080/tcp": {}, "9090/tcp": {}},
    "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "MODE=serve"],
    "Entrypoint": ["/srv/app"],
    "Cmd": ["--listen", "0.0.0.0:8080"],
    "Volumes": {"/var/lib/app": {}},
    "WorkingDir": "/srv",
    "Labels": {**BASE_LABELS, **SOURCE_LABEL, "quoted": 'a "b" <c> \N{SNOWMAN}'},
    "StopSignal": "SIGQUIT",
}
BARE = {"Env": ["PATH=/usr/bin:/bin"], "Cmd": ["/bin/sh"]}


@dataclass(frozen=True)
class Push:
    """One `skopeo copy`: what the layout names so, to where, and in which form."""

    layout_tag: str
    repository: str
    tag: str
    form: str | None = None


class Shelf:
    """All that is pushed, written into *folder* first."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(folder)
        self.pushes: list[Push] = []
        self.nested: Descriptor = {}
        """an index in an index: skopeo copies none, so it is put under `NESTED_TAG`"""
        self.signed = ""
        """the digest that the signature is about"""
        self._fill()

    @property
    def signature_tag(self) -> str:
        """The tag under which a signature is found."""
        return f"{self.signed.replace(':', '-')}.sig"

    def tags(self, repository: str) -> set[str]:
        """Return the tags that *repository* has in the end."""
        nested = {NESTED_TAG} if repository == APP else set()
        return nested | {push.tag for push in self.pushes if push.repository == repository}

    def named(self, layout_tag: str) -> Descriptor:
        """Return what is pushed by that name."""
        return self.layout.tags[layout_tag]

    def _fill(self) -> None:
        amd64, arm64 = self._app(AMD64), self._app(ARM64)
        windows = self._windows()
        app = index(
            self.layout,
            [
                {**amd64, "annotations": {**BASE_LABELS, **SOURCE_LABEL}},
                {**arm64, "annotations": BASE_LABELS},
                windows,
                attestation(self.layout, amd64, [sbom(amd64), provenance_0_2(amd64)]),
                attestation(self.layout, arm64, [provenance_1(arm64)]),
            ],
            **{"org.opencontainers.image.version": "1.0"},
        )
        self._push(app, APP, "1.0", "1", "latest")
        self._push(amd64, WORKER, "app")
        self._push(self._worker(), WORKER, "1.0", "latest")
        self._push(self._packed_anew(), APP, "zstd")
        self._push(self._untyped(), APP, "untyped")
        plain = index(self.layout, [self._plain(AMD64), self._plain(ARM64)])
        self._push(plain, APP, "docker-list", form="v2s2")
        self._push(self._plain(AMD64), APP, "docker", form="v2s2")
        chart = {HELM_CONTENT: b"not a chart, but nobody opens it"}
        self._push(artifact(self.layout, HELM_CONFIG, chart), APP, "chart")
        self._sign(app)
        self._nest(app, amd64)

    def _sign(self, signed: Descriptor) -> None:
        self.signed = signed["digest"]
        claim = b'{"critical":{"type":"cosign container image signature"},"optional":null}'
        config = "application/vnd.oci.image.config.v1+json"
        self._push(artifact(self.layout, config, {COSIGN: claim}), APP, self.signature_tag)

    def _nest(self, app: Descriptor, amd64: Descriptor) -> None:
        """An index in an index, and what is about another manifest and says so itself."""
        about = {key: amd64[key] for key in ("mediaType", "digest", "size")}
        scan = artifact(
            self.layout, EMPTY, {SCAN: b'{"found":[]}'}, artifactType=SCAN, subject=about
        )
        self._push(scan, APP, "scan")
        members = [self._packed_anew(), app, {**scan, "artifactType": SCAN}]
        self.nested = index(self.layout, members)

    def _push(
        self, descriptor: Descriptor, repository: str, *tags: str, form: str | None = None
    ) -> None:
        for tag in tags:
            name = f"{repository.replace('/', '-')}-{tag}"
            bare = {key: descriptor[key] for key in ("mediaType", "digest", "size")}
            self.layout.tag(name, bare)
            self.pushes.append(Push(name, repository, tag, form))

    def _base(self, architecture: str) -> list[Step]:
        """The steps of the base image that all have in common."""
        system = gzip_layer(self.layout, {"etc/os-release": f"ID=base\nARCH={architecture}\n"})
        return [
            Step("ADD base.tar.gz / # buildkit", "2026-02-01T08:00:00Z", system),
            Step('CMD ["/bin/sh"]', "2026-02-01T08:00:00Z"),
        ]

    def _layer(self, path: str, text: str) -> Layer:
        return gzip_layer(self.layout, {path: text})

    def _app(self, platform: dict[str, str]) -> Descriptor:
        architecture = platform["architecture"]
        steps = [
            *self._base(architecture),
            Step("ENV MODE=serve", "2026-03-01T10:00:00Z"),
            Step(
                "RUN /bin/sh -c mkdir /srv # buildkit",
                "2026-03-01T10:00:01.123456123Z",
                self._layer("srv/.keep", ""),
            ),
            Step(
                "COPY app /srv/app # buildkit",
                "2026-03-01T10:00:02Z",
                self._layer("srv/app", f"#!/bin/sh\necho {architecture}\n"),
            ),
            Step('ENTRYPOINT ["/srv/app"]', "2026-03-01T10:00:02Z"),
        ]
        return image(self.layout, platform, steps, RUN)

    def _worker(self) -> Descriptor:
        jobs = self._layer("srv/jobs", "nightly\n")
        steps = [*self._base("amd64"), Step("COPY jobs /srv/jobs", "2026-03-02T00:00:00Z", jobs)]
        return index(self.layout, [image(self.layout, AMD64, steps, BARE)])

    def _windows(self) -> Descriptor:
        url = "https://layers.example/windows/base"
        kernel = foreign_layer({"Files/Windows/version": "10.0.20348.2340"}, url)
        steps = [
            Step("Apply image 10.0.20348.2340", "2026-01-05T00:00:00Z", kernel),
            Step(
                "cmd /S /C copy app.exe",
                "2026-03-01T10:00:05Z",
                self._layer("Files/app.exe", "MZ"),
            ),
        ]
        return image(self.layout, WINDOWS, steps, {"Cmd": ["C:\\app.exe"]})

    def _packed_anew(self) -> Descriptor:
        packed = zstd_layer(self.layout, {"srv/app": "packed in the other way\n" * 9})
        steps = [*self._base("amd64"), Step("COPY app /srv/app", "2026-03-03T00:00:00Z", packed)]
        return image(self.layout, AMD64, steps, BARE)

    def _untyped(self) -> Descriptor:
        """Manifests that do not say what they are, and a layer that is there twice."""
        nothing = empty_layer(self.layout)
        steps = [
            *self._base("amd64"),
            Step("WORKDIR /srv", "2026-03-04T00:00:00Z", nothing),
            Step("USER 65532", "2026-03-04T00:00:00Z", nothing),
        ]
        member = untyped(self.layout, image(self.layout, AMD64, steps, BARE))
        return untyped(self.layout, index(self.layout, [member]))

    def _plain(self, platform: dict[str, str]) -> Descriptor:
        steps = self._base(platform["architecture"])
        return image(self.layout, platform, steps, BARE)
