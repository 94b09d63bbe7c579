"""What bad input gets: one line with place, expectation and finding, a status, no traceback."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.crawling import CHECKOUT, environment, forked, scrapy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crawling import Crawls, Ended

WRONG_ARGUMENTS = [
    pytest.param(
        ("org",),
        'spider argument org: expected a namespace such as bitnami, got "nothing"',
        id="missing",
    ),
    pytest.param(
        ("org", "-a", "ogr=bitnami"),
        "spider org: expected an argument out of org, depth, platforms, tags, max_tags, fresh,"
        ' strict, got "ogr (did you mean org?)"',
        id="misspelt",
    ),
    pytest.param(
        ("org", "-a", "org=bitnami", "-a", "depth=everything"),
        "spider argument depth: expected repositories or tags or layers or configs,"
        ' got "everything"',
        id="depth unknown",
    ),
    pytest.param(
        ("manifests", "-a", "repo=nginx", "-a", "depth=tags"),
        'spider argument depth: expected layers or configs, got "tags"',
        id="depth without manifests",
    ),
    pytest.param(
        ("manifests", "-a", "digests=sha256:" + "a" * 64),
        'spider argument digests: expected repo= beside it, got "none"',
        id="digests of no repository",
    ),
    pytest.param(
        ("manifests", "-a", "repo=nginx", "-a", "digests=sha256:abc"),
        'spider argument digests: expected sha256: and 64 hex digits, got "sha256:abc"',
        id="no digest",
    ),
    pytest.param(
        ("org", "-a", "org=bitnami", "-s", "DOCKERHUB_LAYERS_FROM=moon"),
        'setting DOCKERHUB_LAYERS_FROM: expected auto or hub or registry, got "moon"',
        id="layers from elsewhere",
    ),
    pytest.param(
        ("tags", "-a", "repo=Bitnami/Redis"),
        "spider argument repo: expected lower-case letters, digits and single . _ - between them,"
        ' got "Bitnami"',
        id="capitals",
    ),
    pytest.param(
        ("tags", "-a", "repo=../etc"),
        'spider argument repo: expected an image on Docker Hub, got "../etc"',
        id="dots",
    ),
    pytest.param(
        ("tags", "-a", "repo=quay.io/a/b"),
        'spider argument repo: expected an image on Docker Hub, got "quay.io/a/b"',
        id="another registry",
    ),
    pytest.param(
        ("repos", "-a", "file=nowhere.txt"),
        "spider argument file: expected a file that can be read (No such file or directory), got"
        ' "nowhere.txt"',
        id="no such file",
    ),
    pytest.param(
        ("repos",),
        'spider repos: expected one of repos=, file=, org=, query=, got "none of them"',
        id="nothing to watch",
    ),
    pytest.param(
        ("search", "-a", "query="),
        'spider argument query: expected words to search for, got "nothing"',
        id="empty query",
    ),
    pytest.param(
        ("org", "-a", "org=bitnami", "-a", "max_tags=-1"),
        'spider argument max_tags: expected a whole number above 0, got "-1"',
        id="negative number",
    ),
    pytest.param(
        ("nosuch",),
        "spider: expected one of catalog, manifests, org, repos, search, tags, got 'nosuch'",
        id="no such spider",
    ),
    pytest.param(
        ("org", "-a", "org=bitnami", "-s", "DOCKERHUB_PASSWORD=hunter2"),
        'setting DOCKERHUB_PASSWORD: expected an environment variable, got "a setting (-s)"',
        id="a secret as a setting",
    ),
    pytest.param(
        ("org", "-a", "org=bitnami", "-s", "DOCKERHUB_HUB_URL=http://example.com"),
        "setting DOCKERHUB_HUB_URL: expected an origin such as https://hub.docker.com (http only"
        ' for loopback hosts, no path), got "http://example.com"',
        id="plain http",
    ),
    pytest.param(
        ("org", "-a", "org=bitnami", "-s", "DOCKERHUB_HUB_RATE=fast"),
        'setting DOCKERHUB_HUB_RATE: expected requests a minute, 0 or more, got "fast"',
        id="a rate that is no number",
    ),
    pytest.param(
        ("org", "-a", "org=bitnami", "-s", "DOCKERHUB_DATABASE_URL=mysql://u:pw@h/d"),
        "setting DOCKERHUB_DATABASE_URL: expected sqlite:///FILE or postgresql://HOST/DATABASE,"
        ' got "mysql://***@h/d"',
        id="another database",
    ),
]


def crawl(folder: Path, *arguments: str, url: str = "http://127.0.0.1:9") -> Ended:
    env = environment(url, folder / "hub.db")
    return forked("crawl", *arguments, env=env, cwd=folder)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        pytest.param(("-L", "LOUD"), "-L: expected one of CRITICAL, FATAL", id="level"),
        pytest.param(
            ("--logfile", "no/folder.log"),
            "--logfile: expected a file that can be written (No such file or directory),"
            " got no/folder.log",
            id="log file",
        ),
        pytest.param(
            ("--pidfile", "."),
            "--pidfile: expected a file that can be written (Is a directory), got .",
            id="pid file",
        ),
    ],
)
def test_a_wrong_option(tmp_path: Path, option: tuple[str, str], message: str) -> None:
    ended = crawl(tmp_path, "org", "-a", "org=bitnami", *option)

    assert ended.status == 2
    assert f"error: {message}" in ended.lines[-1]
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(("arguments", "message"), WRONG_ARGUMENTS)
def test_a_wrong_argument(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    ended = crawl(tmp_path, *arguments)

    assert (ended.status, ended.lines) == (2, [f"scrapy crawl: {message}"])
    assert list(tmp_path.iterdir()) == [], "nothing is begun"


def test_the_database_in_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    place = f"DOCKERHUB_DATABASE_URL=sqlite:///{tmp_path}/no/hub.db"

    ended = crawl(tmp_path, "org", "-a", "org=bitnami", "-s", place)

    assert (ended.status, ended.lines) == (
        1,
        [
            (
                f"scrapy crawl: database {tmp_path}/no/hub.db: expected a folder {tmp_path}/no,"
                " it does not exist"
            )
        ],
    )


def test_the_database_of_a_newer_version(crawls: Crawls) -> None:
    crawls.run("org", org="bitnami", depth="repositories")
    with closing(sqlite3.connect(crawls.database)) as connection, connection:
        connection.execute("UPDATE schema_version SET version = 99")

    ended = crawls.run("org", org="bitnami")

    assert ended.status == 1
    assert len(ended.lines) == 1
    assert "or older, got 99; it was written by a newer version of dockerhub" in ended.err
    assert crawls.requests() == {}


def test_an_unknown_organisation(crawls: Crawls) -> None:
    ended = crawls.run("org", org="nosuch")

    assert ended.status == 1
    assert len(ended.lines) == 1
    assert ended.err.rstrip().endswith(
        "spider argument org=nosuch: expected a namespace with repositories, got HTTP 404"
        " (there is no such namespace, or none of its repositories is visible to you)"
    )


def test_an_organisation_that_answers_an_empty_list(crawls: Crawls) -> None:
    crawls.hub.options.unknown_namespace_empty = True

    ended = crawls.run("org", org="nosuch")

    assert ended.status == 1
    assert "got an empty list (there is no such namespace, or" in ended.err


def test_a_host_that_refuses_connections(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    ended = crawl(tmp_path, "org", "-a", "org=bitnami", url=f"http://127.0.0.1:{port}")

    assert ended.status == 1
    assert len(ended.lines) == 1
    assert ended.err.rstrip().endswith(
        f"http://127.0.0.1:{port}: expected an answer, it cannot be reached"
    )


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        pytest.param("https://hub.docker.com", " (offline? try: scrapy demo)", id="offline"),
        pytest.param("https://hub.invalid", "", id="another host"),
    ],
)
def test_a_host_without_an_address(tmp_path: Path, url: str, advice: str) -> None:
    env = environment(url, tmp_path / "hub.db")
    # No name has an address there, so that no request ever goes to the real Docker Hub.
    env["PYTHONPATH"] = os.pathsep.join([str(CHECKOUT / "tests" / "offline"), str(CHECKOUT)])

    ended = scrapy("crawl", "org", "-a", "org=bitnami", env=env, cwd=tmp_path)

    assert ended.status == 1
    assert len(ended.lines) == 1
    assert ended.err.rstrip().endswith(f"{url}: expected an answer, it cannot be reached{advice}")


def test_offline_no_name_has_an_address(tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(CHECKOUT / "tests" / "offline")}
    asks = "import socket; socket.{}('localhost'{})"
    for name, more in (("getaddrinfo", ", 443"), ("gethostbyname", ""), ("gethostbyname_ex", "")):
        run = subprocess.run(
            [sys.executable, "-c", asks.format(name, more)],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "gaierror" in run.stderr
