"""Asks the registry as its clients do: a token first, then what it is for."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.standin.client import Answer, ask

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPT = ", ".join(TYPES)
ADA = "ada:secret"


def token_answer(hub: StandIn, *scopes: str, account: str | None = None, **query: str) -> Answer:
    """Ask for a token for *scopes*, with the secret of *account* (``name:secret``)."""
    asked = {"service": "registry.docker.io"} | query
    parameters = urlencode([*asked.items(), *(("scope", scope) for scope in scopes)])
    return ask(f"{hub.auth_url}/token?{parameters}", headers=basic(account) if account else None)


def basic(account: str) -> dict[str, str]:
    text = base64.b64encode(account.encode()).decode()
    return {"Authorization": f"Basic {text}"}


def token(hub: StandIn, *repositories: str, account: str | None = None) -> str:
    scopes = [f"repository:{name}:pull" for name in repositories]
    found: str = token_answer(hub, *scopes, account=account).json["token"]
    return found


def claims(text: str) -> dict[str, Any]:
    """Return what a token says."""
    part = text.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def headers(hub: StandIn, *repositories: str, account: str | None = None) -> dict[str, str]:
    """Return the headers of somebody with a new token."""
    return {
        "Authorization": f"Bearer {token(hub, *repositories, account=account)}",
        "Accept": ACCEPT,
    }


def get_manifest(
    hub: StandIn, repository: str, reference: str, sent: dict[str, str], method: str = "GET"
) -> Answer:
    url = f"{hub.registry_url}/v2/{repository}/manifests/{reference}"
    return ask(url, method=method, headers=sent)


def get_blob(hub: StandIn, repository: str, digest: str, sent: dict[str, str]) -> Answer:
    """Get a blob, from where the registry sends us to."""
    answer = ask(f"{hub.registry_url}/v2/{repository}/blobs/{digest}", headers=sent)
    return ask(answer.headers["location"]) if answer.status == 307 else answer
