"""nginx in front of the registry lets through what is slow enough, and says so to the rest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.real.nginx import Nginx
from tests.real.programs import ask
from tests.real.shelf import APP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.real.programs import Registry

TAGS = f"/v2/{APP}/tags/list"


@pytest.fixture
def nginx(registry: Registry, tmp_path: Path) -> Iterator[Nginx]:
    with Nginx(registry.url, tmp_path / "nginx", rate="1r/m", burst=4) as running:
        yield running


def test_too_many_at_once_are_told_to_wait(nginx: Nginx, registry: Registry) -> None:
    answers = [ask(nginx.url + TAGS) for _ in range(12)]
    statuses = Counter(answer.status for answer in answers)
    assert statuses == {200: 5, 429: 7}
    refused = [answer for answer in answers if answer.status == 429]
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert len(registry.asked()) == 5, "what is refused does not reach the registry"
    assert Counter(each.status for each in nginx.passed()) == statuses


def test_each_address_has_a_limit_of_its_own(nginx: Nginx) -> None:
    def statuses(address: str) -> list[int]:
        return [ask(nginx.url + TAGS, address=address).status for _ in range(6)]

    assert statuses("127.0.0.1") == statuses("127.0.0.2") == [200] * 5 + [429]


def test_manifests_come_through_unchanged(nginx: Nginx, registry: Registry) -> None:
    accept = {"Accept": "application/vnd.oci.image.index.v1+json"}
    through = ask(f"{nginx.url}/v2/{APP}/manifests/1.0", headers=accept)
    direct = ask(f"{registry.url}/v2/{APP}/manifests/1.0", headers=accept)
    assert through.body == direct.body
    names = ("content-type", "docker-content-digest", "etag")
    assert [through.headers[name] for name in names] == [direct.headers[name] for name in names]
