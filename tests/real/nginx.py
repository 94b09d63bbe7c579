"""Starts nginx in front of a service: it answers true 429s to who asks too fast, and speaks TLS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tests.real.ports import free_port
from tests.real.programs import Child, ask, program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.real.certificate import Certificate

# What is behind it sees the caller's own address: the loopback has all of 127.0.0.0/8.
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
    {zone}
    map $upstream_http_www_authenticate $challenge {{
        default $upstream_http_www_authenticate;
        {challenges}
    }}
    server {{
        listen 127.0.0.1:{port}{tls};
        location / {{
            {limit}
            proxy_pass {behind};
            proxy_bind $remote_addr;
            proxy_set_header Host $http_host;
            proxy_hide_header WWW-Authenticate;
            add_header WWW-Authenticate $challenge always;
            {redirects}
        }}
        location @too_fast {{
            default_type text/plain;
            add_header Retry-After 1 always;
            return 429 "429 Too Many Requests";
        }}
    }}
    server {{
        listen 127.0.0.1:{ready};
        location = /ready {{ access_log off; return 204; }}
    }}
}}
"""
_ZONE = """
    limit_req_zone $binary_remote_addr zone=callers:1m rate={rate};
    limit_req_status 429;
"""
_LIMIT = "limit_req zone=callers burst={burst} nodelay; error_page 429 = @too_fast;"
_TLS = " ssl; ssl_certificate {chain}; ssl_certificate_key {key}"
_LINE = re.compile(r'(?P<address>\S+) "(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" (?P<status>\d{3})')


class Passed(NamedTuple):
    """One request as nginx's log has it."""

    address: str
    method: str
    path: str
    status: int


class Nginx(Child):
    """nginx in front of *behind*, which lets each address ask at *rate*, such as `10r/s`.

    *burst* more may come at once; without a *rate* there is no limit. With a *certificate* it is
    asked by https. Where *behind* names an origin of *moved*, its callers are told the other one.

    :raises RuntimeError: if it does not start
    """

    def __init__(
        self,
        behind: str,
        folder: Path,
        *,
        rate: str = "",
        burst: int = 0,
        certificate: Certificate | None = None,
        moved: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir()
        port, ready = free_port(), free_port()
        text = _CONFIGURATION.format(
            behind=behind,
            port=port,
            ready=ready,
            zone=_ZONE.format(rate=rate) if rate else "",
            limit=_LIMIT.format(burst=burst) if rate else "",
            tls=_TLS.format(chain=certificate.chain, key=certificate.key) if certificate else "",
            redirects="".join(f"proxy_redirect {old} {new};" for old, new in (moved or {}).items()),
            challenges="".join(_moved_challenge(*each) for each in (moved or {}).items()),
        )
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        command = [program("nginx"), "-p", str(folder), "-c", "nginx.conf", "-e", "errors.log"]
        super().__init__(command, folder)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
        self._ready = f"http://127.0.0.1:{ready}/ready"
        self.wait_for(self._is_ready)

    def passed(self) -> list[Passed]:
        """Return what it was asked so far and what came back, in order."""
        # It logs an exchange once that is over, and always before it takes up the next one.
        self._is_ready()
        found = _LINE.finditer(self.output.read_text(encoding="utf-8"))
        return [
            Passed(each["address"], each["method"], each["path"], int(each["status"]))
            for each in found
        ]

    def _is_ready(self) -> bool | None:
        try:
            return ask(self._ready).status == 204 or None
        except ConnectionRefusedError:
            return None


def _moved_challenge(old: str, new: str) -> str:
    """Return a line of a map: a challenge that sends to *old* and what it is made into."""
    return f'"~^(?<before>.*){re.escape(old)}(?<rest>.*)$" "${{before}}{new}${{rest}}";'
