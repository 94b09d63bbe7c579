"""Starts tinyproxy: a way out with a source address, a log and a mind of its own."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from tests.real.ports import free_port
from tests.real.programs import Child, program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Without a ConnectPort a tunnel may lead to any port.
_CONFIGURATION = """
Port {port}
Listen 127.0.0.1
Bind {address}
Timeout 60
MaxClients 200
LogLevel Info
LogFile "{folder}/tinyproxy.log"
PidFile "{folder}/tinyproxy.pid"
"""
_FORBIDDING = """
Filter "{folder}/allowed"
FilterDefaultDeny Yes
"""
_REQUEST = re.compile(
    r"Request \(file descriptor (?P<asked>\d+)\): (?P<method>[A-Z]+) (?P<target>\S+) "
    r"|between local client \(fd:(?P<over>\d+)\)"
)


class Proxied(NamedTuple):
    """One request as tinyproxy's log has it; the target of a CONNECT is host and port."""

    method: str
    target: str


class Tinyproxy(Child):
    """A proxy that asks from *address*, one of 127.0.0.0/8, whoever it is asked by.

    With *users* (names and passwords) it wants one of them; told a wrong password it answers 401,
    told none 407. One that *forbids* answers 403 itself to everything.

    :raises RuntimeError: if it does not start
    """

    def __init__(
        self,
        address: str,
        folder: Path,
        *,
        users: Mapping[str, str] | None = None,
        forbids: bool = False,
    ) -> None:
        folder.mkdir()
        self.address, self.port = address, free_port()
        self.name = f"127.0.0.1:{self.port}"
        """what may be shown of it"""
        self._log = folder / "tinyproxy.log"
        text = _CONFIGURATION.format(port=self.port, address=address, folder=folder)
        if forbids:
            (folder / "allowed").touch()
            text += _FORBIDDING.format(folder=folder)
        text += "".join(
            f"BasicAuth {name} {password}\n" for name, password in (users or {}).items()
        )
        (folder / "tinyproxy.conf").write_text(text, encoding="utf-8")
        self._command = [program("tinyproxy"), "-d", "-c", "tinyproxy.conf"]
        self._folder = folder
        self.restart()

    def url(self, user: str = "", password: str = "") -> str:
        """Return how it is named to a crawl."""
        known = f"{quote(user, safe='{}')}:{quote(password, safe='')}@" if user else ""
        return f"http://{known}{self.name}"

    def kill(self) -> None:
        """End it at once, with whatever passes through it."""
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """Start it on its port, again if it was killed; its log goes on."""
        super().__init__(self._command, self._folder)
        self.wait_for(self._is_ready)

    def asked(self) -> list[Proxied]:
        """Return what it was asked so far, in order: what it refused as well."""
        return [
            Proxied(each["method"], each["target"])
            for each in _REQUEST.finditer(self._log.read_text("utf-8"))
            if each["asked"]
        ]

    def passed(self) -> list[Proxied]:
        """Return what it let through and what is over, in the order of the ends."""
        passed, open_ones = [], {}
        for each in _REQUEST.finditer(self._log.read_text("utf-8")):
            if each["asked"]:
                # Who asks there again was refused before.
                open_ones[each["asked"]] = Proxied(each["method"], each["target"])
            elif each["over"] in open_ones:
                passed.append(open_ones.pop(each["over"]))
        return passed

    def _is_ready(self) -> bool | None:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return None
        return True
