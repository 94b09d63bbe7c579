"""Runs skopeo: it fills registries, and it is the witness of what is in them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.real.programs import program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.real.shelf import Push


@dataclass(frozen=True)
class Skopeo:
    """What skopeo does with the registry at *host*, with nothing of this machine's accounts."""

    host: str
    home: Path
    credentials: str | None = None
    """`user:password`"""

    def push(self, layout: Path, push: Push) -> None:
        """Copy what *push* says from *layout* into the registry, with all its platforms."""
        form = ["--format", push.form] if push.form else []
        signed_in = ["--dest-creds", self.credentials] if self.credentials else []
        target = f"docker://{self.host}/{push.repository}:{push.tag}"
        source = f"oci:{layout}:{push.layout_tag}"
        self._run("copy", "--all", "--dest-tls-verify=false", *form, *signed_in, source, target)

    def raw(self, repository: str, reference: str) -> bytes:
        """Return the manifest or index behind a tag or digest, byte for byte."""
        return self._inspect(repository, reference, "--raw")

    def config(self, repository: str, reference: str) -> bytes:
        """Return the config of the manifest behind a tag or digest, byte for byte."""
        return self._inspect(repository, reference, "--config", "--raw")

    def _inspect(self, repository: str, reference: str, *options: str) -> bytes:
        signed_in = ["--creds", self.credentials] if self.credentials else []
        separator = "@" if reference.startswith("sha256:") else ":"
        image = f"docker://{self.host}/{repository}{separator}{reference}"
        return self._run("inspect", "--tls-verify=false", *signed_in, *options, image)

    def _run(self, *arguments: str) -> bytes:
        ended = subprocess.run(
            [program("skopeo"), "--insecure-policy", *arguments],
            env={"HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home), "PATH": "/usr/bin"},
            cwd=self.home,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr.decode()
        return ended.stdout
