"""Imported by Python as it starts, where this folder is in PYTHONPATH: no name has an address."""

import socket
from typing import Any, NoReturn


def _refuse(host: Any, *_: Any, **__: Any) -> NoReturn:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


socket.getaddrinfo = socket.gethostbyname = socket.gethostbyname_ex = _refuse
