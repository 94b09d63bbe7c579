"""What a desk answers to who asks it for tokens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import CredentialsError
from tests.middlewares.registry import NGINX, REDIS

if TYPE_CHECKING:
    from dockerhub.middlewares.token_desk import TokenDesk


def asked(desk: TokenDesk, *repositories: str) -> str | None:
    """Return the token that it gets."""
    token = asyncio.run(desk.token(repositories or (str(REDIS), str(NGINX))))
    return None if token is None else token.token.reveal()


def refused(desk: TokenDesk) -> str:
    """Return why it gets none."""
    with pytest.raises(CredentialsError) as caught:
        asked(desk)
    return str(caught.value)
