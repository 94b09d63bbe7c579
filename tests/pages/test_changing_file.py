"""A database that holds more than a page shows, and whose file changes while it is served."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from dockerhub.items import TagPage
from dockerhub.names import RepositoryName
from dockerhub.store.writer import Writer
from tests.pages.conftest import serving
from tests.pages.test_http import get
from tests.store.made import at, page, row, tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NGINX = RepositoryName("bitnami", "nginx")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One repository with 1,001 tags."""
    path = tmp_path_factory.mktemp("large") / "hub.db"
    writer = Writer(f"sqlite:///{path}")
    tags = tuple(tag(f"1.{number}", f"image {number}") for number in range(1001))
    writer.write([page(at(0), row()), TagPage(seen=at(0), repository=NGINX, rows=tags)])
    writer.close()
    return path


@pytest.fixture(scope="module")
def served_large(large: Path) -> Iterator[str]:
    with serving(large) as address:
        yield address


@pytest.mark.parametrize("name", ["tags_of", "sizes"])
def test_what_is_cut_says_so(served_large: str, name: str) -> None:
    told = json.loads(get(f"{served_large}/dockerhub/{name}.json", repo="bitnami/nginx")[1])
    rows, is_cut = (1000, True) if name == "tags_of" else (250, False)
    assert (len(told["rows"]), told["truncated"]) == (rows, is_cut)
    status, body = get(f"{served_large}/dockerhub/{name}", repo="bitnami/nginx")
    assert (status, "more than 1,000 rows" in body) == (200, is_cut)
    status, body = get(f"{served_large}/dockerhub/{name}.csv", repo="bitnami/nginx")
    assert (status, "the CSV would be cut" in body) == ((400, True) if is_cut else (200, False))


def test_a_question_says_what_was_not_crawled(served_large: str) -> None:
    for asked, depth, crawl in (
        ("outdated?org=bitnami", "layers", "org -a org=bitnami"),
        ("layers_shared?org=bitnami", "layers", "org -a org=bitnami"),
        ("layers_of?image=bitnami/nginx:1.1", "layers", "tags -a repo=bitnami/nginx"),
        ("said_bases?repo=bitnami/nginx", "configs", "tags -a repo=bitnami/nginx"),
        ("packages_named?package=x", "configs", "org -a org=bitnami"),
    ):
        _, body = get(f"{served_large}/dockerhub/{asked}")
        assert (
            f"Nobody has looked yet: no {depth} are known of what is asked for."
            f" Run: scrapy crawl {crawl} -a depth={depth}"
        ) in body
        assert f"Needs a crawl with depth={depth}." in body


def test_a_database_that_was_replaced_is_not_mixed_with_the_old_one(large: Path) -> None:
    folder = large.parent / "replaced"
    folder.mkdir()
    path, other = folder / "hub.db", folder / "other.db"
    shutil.copy(large, path)
    shutil.copy(large, other)
    said = (
        503,
        f"database {path}: expected the file that was opened, it is gone; start serve again\n",
    )
    pages = ("/", "/dockerhub/tags", "/dockerhub.json?sql=select+1", "/-/dashboards/pulls")
    with serving(path) as address:
        assert get(f"{address}/dockerhub/tags")[0] == 200
        other.replace(path)
        assert {get(address + each) for each in pages} == {said}
        path.unlink()
        assert {get(address + each) for each in pages} == {said}
