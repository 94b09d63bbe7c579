"""Starts the real programs, each as a child with its own folder, and asks them."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

Found = TypeVar("Found")
# Where Debian puts servers; a user's PATH often lacks them.
_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
# A child goes when the process that runs the tests goes, in whatever way that happens.
_MORTAL = ("setpriv", "--pdeathsig", "TERM")
_PATIENCE_SECONDS = 30
_ACCESS = re.compile(r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[\d.]+" (?P<status>\d{3}) ')
_MANIFEST = re.compile(r"/v2/(?P<repository>.+)/manifests/(?P<reference>[^/]+)")
_BLOB = re.compile(r"/v2/(?P<repository>.+)/blobs/(?P<reference>[^/]+)")


def program(name: str) -> str:
    """Return where the program *name* is; skip the test if it is not installed."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        pytest.skip(f"{name} is not installed; as root, .ci/run installs it from Debian's packages")
    return found


class Child:
    """A program that runs until it is stopped: ``with Child(...)``."""

    def __init__(self, command: list[str], folder: Path, settings: Mapping[str, str] = {}) -> None:
        self.output, self.errors = folder / "output.log", folder / "errors.log"
        with self.output.open("wb") as output, self.errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [program(_MORTAL[0]), *_MORTAL[1:], *command],
                cwd=folder,
                env={"PATH": _PATH, "HOME": str(folder), **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )

    def wait_for(self, look: Callable[[], Found | None]) -> Found:
        """Return what *look* finds as soon as it finds something.

        :raises RuntimeError: if the program ends before, or nothing is found in time
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            found = look()
            if found is not None:
                return found
            time.sleep(0.01)
        self.stop()
        raise RuntimeError(self.errors.read_text(encoding="utf-8"))

    def end(self, by: signal.Signals) -> None:
        """End it *by* a signal that it cannot withstand."""
        self._process.send_signal(by)
        self._process.wait(_PATIENCE_SECONDS)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class TokenAuth(NamedTuple):
    """The token service that a registry sends its callers to, and whose tokens it believes."""

    realm: str
    service: str
    issuer: str
    certificate: str
    """PEM"""


class Asked(NamedTuple):
    """One request as the registry's own log has it."""

    method: str
    path: str
    status: int

    @property
    def repository(self) -> str | None:
        """The repository of the manifest that was asked for, if it was one."""
        found = _MANIFEST.fullmatch(self.path)
        return found and found["repository"]

    @property
    def manifest(self) -> str | None:
        """The tag or digest whose manifest was asked for, if it was one."""
        found = _MANIFEST.fullmatch(self.path)
        return found and found["reference"]

    @property
    def blob(self) -> str | None:
        """The digest of the blob that was asked for, if it was one."""
        found = _BLOB.fullmatch(self.path)
        return found and found["reference"]


class Registry(Child):
    """Debian's docker-registry over *storage*, with its configuration and logs in *folder*."""

    def __init__(self, storage: Path, folder: Path, auth: TokenAuth | None = None) -> None:
        folder.mkdir()
        settings = folder / "config.yml"
        # YAML is a superset of JSON.
        settings.write_text(json.dumps(_settings(storage, folder, auth)), encoding="utf-8")
        super().__init__([program("docker-registry"), "serve", str(settings)], folder)
        self.host = f"127.0.0.1:{self.wait_for(self._port)}"
        self.url = f"http://{self.host}"

    def asked(self) -> list[Asked]:
        """Return what it was asked so far and answered, in order; what it refused 401 left out."""
        found = _ACCESS.finditer(self.output.read_text(encoding="utf-8"))
        everything = [Asked(each["method"], each["path"], int(each["status"])) for each in found]
        return [each for each in everything if each.status != 401]

    def _port(self) -> str | None:
        found = re.search(r"listening on 127\.0\.0\.1:(\d+)", self.errors.read_text("utf-8"))
        return found and found[1]


def _settings(storage: Path, folder: Path, auth: TokenAuth | None) -> dict[str, object]:
    settings: dict[str, object] = {
        "version": "0.1",
        "log": {"level": "info", "accesslog": {"disabled": False}},
        "storage": {
            "filesystem": {"rootdirectory": str(storage)},
            "delete": {"enabled": False},
            "maintenance": {"uploadpurging": {"enabled": False}},
        },
        "http": {"addr": "127.0.0.1:0", "secret": "of no use to anybody"},
        # Without it no manifest may name layers that are fetched from elsewhere.
        "validation": {"manifests": {"urls": {"allow": ["^https://layers[.]example/"]}}},
    }
    if auth is not None:
        bundle = folder / "tokens.pem"
        bundle.write_text(auth.certificate, encoding="utf-8")
        token = {"realm": auth.realm, "service": auth.service, "issuer": auth.issuer}
        settings["auth"] = {"token": {**token, "rootcertbundle": str(bundle)}}
    return settings


def blob_file(storage: Path, digest: str) -> Path:
    """Return where a registry over *storage* keeps the bytes of *digest*."""
    sha256 = digest.removeprefix("sha256:")
    return storage / "docker/registry/v2/blobs/sha256" / sha256[:2] / sha256 / "data"


def repository_folder(storage: Path, repository: str) -> Path:
    """Return where a registry over *storage* keeps what belongs to *repository*."""
    return storage / "docker/registry/v2/repositories" / repository


class Answer(NamedTuple):
    """What a server answered; the names of the headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] = {},
    body: bytes | None = None,
    address: str = "127.0.0.1",
) -> Answer:
    """Return what *url* answers to *address*; nothing is followed, and no proxy is between."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.netloc, timeout=_PATIENCE_SECONDS, source_address=(address, 0)
    )
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        said = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, said, answer.read())
    finally:
        connection.close()
