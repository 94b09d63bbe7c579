from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.names import ImageName, RepositoryName
from dockerhub.targets import Watched, read_org, read_query, read_repo, read_watched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NGINX = RepositoryName("library", "nginx")
REDIS = RepositoryName("bitnami", "redis")
NONE = 'spider repos: expected one of repos=, file=, org=, query=, got "none of them"'
LETTERS = "expected lower-case letters, digits and single . _ - between them"


def test_targets_are_read() -> None:
    assert read_org({"org": " bitnami "}) == "bitnami"
    assert read_query({"query": " web server "}) == "web server"
    assert read_query({"query": "x" * 200}) == "x" * 200
    assert read_repo({"repo": "nginx:1.27"}) == ImageName(repository=NGINX, tag="1.27")


@pytest.mark.parametrize(
    ("read", "given", "message"),
    [
        pytest.param(
            read_org,
            {},
            'spider argument org: expected a namespace such as bitnami, got "nothing"',
            id="org missing",
        ),
        pytest.param(
            read_org,
            {"org": " "},
            'spider argument org: expected a namespace such as bitnami, got "nothing"',
            id="org empty",
        ),
        pytest.param(
            read_org,
            {"org": "bitnami/redis"},
            "spider argument org: expected the name of an organisation or a user,"
            ' got "bitnami/redis"',
            id="org with a repository",
        ),
        pytest.param(
            read_query,
            {},
            'spider argument query: expected words to search for, got "nothing"',
            id="query missing",
        ),
        pytest.param(
            read_query,
            {"query": "a\x1bb"},
            r'spider argument query: expected at most 200 printable letters, got "a\u001bb"',
            id="query with a control character",
        ),
        pytest.param(
            read_query,
            {"query": "x" * 201},
            f'spider argument query: expected at most 200 printable letters, got "{"x" * 57}..."',
            id="query too long",
        ),
        pytest.param(
            read_repo,
            {},
            'spider argument repo: expected a repository such as nginx or a/b, got "nothing"',
            id="repo missing",
        ),
        pytest.param(
            read_repo,
            {"repo": "Nginx"},
            f'spider argument repo: {LETTERS}, got "Nginx"',
            id="repo with a capital",
        ),
        pytest.param(
            read_repo,
            {"repo": "a/.."},
            f'spider argument repo: {LETTERS}, got ".."',
            id="repo with dots",
        ),
        pytest.param(read_watched, {}, NONE, id="nothing watched"),
        pytest.param(read_watched, {"repos": "", "org": ""}, NONE, id="empty arguments"),
        pytest.param(read_watched, {"repos": " , ", "org": ","}, NONE, id="commas alone"),
        pytest.param(
            read_watched,
            {"repos": "nginx,a/b/c"},
            'spider argument repos: expected namespace/name, got "a/b/c"',
            id="one of repos",
        ),
        pytest.param(
            read_watched,
            {"repos": "nginx", "query": ""},
            'spider argument query: expected words to search for, got "nothing"',
            id="query empty beside repos",
        ),
        pytest.param(
            read_watched,
            {"file": "/no/such/file"},
            "spider argument file: expected a file that can be read (No such file or directory),"
            ' got "/no/such/file"',
            id="no such file",
        ),
        pytest.param(
            read_watched,
            {"repos": "nginx", "file": ""},
            'spider argument file: expected a file that can be read (not a regular file), got ""',
            id="file empty",
        ),
        pytest.param(
            read_watched,
            {"file": "a\0b"},
            "spider argument file: expected a file that can be read (it is no text),"
            r' got "a\u0000b"',
            id="no path",
        ),
    ],
)
def test_a_wrong_target_is_named(
    read: Callable[[dict[str, str]], object], given: dict[str, str], message: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        read(given)
    assert str(caught.value) == message


def test_all_that_is_watched_is_read_once(tmp_path: Path) -> None:
    listed = tmp_path / "watched.txt"
    listed.write_text("# ours\n\nnginx:1.27  # the web server\r\ndocker.io/bitnami/redis\n")
    given = {
        "repos": "bitnami/redis, nginx,,library/nginx",
        "file": str(listed),
        "org": "bitnami,grafana, bitnami",
        "query": "proxy",
    }
    assert read_watched(given) == Watched(
        repositories=(REDIS, NGINX), namespaces=("bitnami", "grafana"), query="proxy"
    )


def test_a_watch_list_may_be_a_file_alone(tmp_path: Path) -> None:
    listed = tmp_path / "watched.txt"
    listed.write_text("nginx\n")
    assert read_watched({"file": str(listed)}) == Watched(repositories=(NGINX,))


def test_a_wrong_line_of_a_file_is_named(tmp_path: Path) -> None:
    listed = tmp_path / "watched.txt"
    listed.write_text("nginx\n\nghcr.io/a/b\n")
    with pytest.raises(ArgumentError) as caught:
        read_watched({"file": str(listed)})
    assert str(caught.value) == (
        f'spider argument file {listed} line 3: expected an image on Docker Hub, got "ghcr.io/a/b"'
    )


@pytest.mark.parametrize(
    ("content", "expected", "found"),
    [
        pytest.param(b"# none yet\n", "a repository a line", "{}, which names none", id="no name"),
        pytest.param(b"\xff\xfe", "a file that can be read (it is no text)", "{}", id="no text"),
    ],
)
def test_a_file_without_repositories_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, expected: str, found: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w.txt").write_bytes(content)
    with pytest.raises(ArgumentError) as caught:
        read_watched({"file": "w.txt"})
    assert str(caught.value) == (
        f'spider argument file: expected {expected}, got "{found.format("w.txt")}"'
    )
