"""Starts nginx in front of a registry: it answers true 429s to who asks too fast."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING, NamedTuple

from tests.real.programs import Child, ask, program

if TYPE_CHECKING:
    from pathlib import Path

_CONFIGURATION = """
daemon off;
master_process off;
pid nginx.pid;
error_log errors.log;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path body;
    proxy_temp_path proxied;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    log_format short '$remote_addr "$request" $status';
    access_log output.log short;
    limit_req_zone $binary_remote_addr zone=callers:1m rate={rate};
    limit_req_status 429;
    server {{
        listen 127.0.0.1:{port};
        location /v2/ {{
            limit_req zone=callers burst={burst} nodelay;
            error_page 429 = @too_fast;
            proxy_pass {behind};
            proxy_set_header Host $http_host;
        }}
        location @too_fast {{
            default_type text/plain;
            add_header Retry-After 1 always;
            return 429 "429 Too Many Requests";
        }}
        location = /ready {{ access_log off; return 204; }}
    }}
}}
"""
_LINE = re.compile(r'"(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" (?P<status>\d{3})')


class Passed(NamedTuple):
    """One request as nginx's log has it."""

    method: str
    path: str
    status: int


class Nginx(Child):
    """nginx in front of *behind*, which lets each address ask at *rate*, such as `10r/s`.

    *burst* more may come at once.

    :raises RuntimeError: if it does not start
    """

    def __init__(self, behind: str, folder: Path, *, rate: str, burst: int) -> None:
        folder.mkdir()
        port = _free_port()
        text = _CONFIGURATION.format(behind=behind, port=port, rate=rate, burst=burst)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        command = [program("nginx"), "-p", str(folder), "-c", "nginx.conf", "-e", "errors.log"]
        super().__init__(command, folder)
        self.url = f"http://127.0.0.1:{port}"
        self.wait_for(self._is_ready)

    def passed(self) -> list[Passed]:
        """Return what it was asked so far and what came back, in order."""
        # It logs an exchange once that is over, and always before it takes up the next one.
        self._is_ready()
        found = _LINE.finditer(self.output.read_text(encoding="utf-8"))
        return [Passed(each["method"], each["path"], int(each["status"])) for each in found]

    def _is_ready(self) -> bool | None:
        try:
            return ask(f"{self.url}/ready").status == 204 or None
        except ConnectionRefusedError:
            return None


def _free_port() -> int:
    """Return a port that was free a moment ago: nginx itself cannot take any."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
