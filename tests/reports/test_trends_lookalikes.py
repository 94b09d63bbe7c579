"""Names that may be taken for official images, and names that are honest."""

from __future__ import annotations

import time

import pytest

from dockerhub.names import RepositoryName
from dockerhub.reports.trends_lookalikes import Lookalike, lookalikes

OFFICIALS = [
    *("nginx", "redis", "node", "postgres", "mysql", "alpine", "ubuntu", "python", "golang"),
    *(
        "php",
        "httpd",
        "wordpress",
        "mongo-express",
        "elasticsearch",
        "memcached",
        "mongo",
        "mono",
        "rust",
    ),
    *("hello-world", "neo4j"),
]


def looks_like(name: str) -> Lookalike | None:
    found = list(lookalikes([RepositoryName.of(name)], OFFICIALS))
    assert [one for one, _ in found] == [RepositoryName.of(name)] * len(found)
    return found[0][1] if found else None


ALIKE, ONE, TWO = "written alike", "1 letter off", "2 letters off"
CLAIM, NAMESPACE = "says it is official", "namespace like library"
POSITIVES = [
    ("evil/ngnix", "nginx", ONE, 1),  # two swapped
    ("evil/nginxx", "nginx", ONE, 1),  # one put in
    ("evil/ngix", "nginx", ONE, 1),  # one left out
    ("evil/nginz", "nginx", ONE, 1),  # one replaced
    ("evil/gninx", "nginx", ONE, 1),  # the first two swapped
    ("evil/redi5", "redis", ONE, 1),  # its end is read as a version
    ("evil/n0de", "node", ALIKE, 0),
    ("evil/a1pine", "alpine", ALIKE, 0),
    ("evil/aipine", "alpine", ALIKE, 0),
    ("evil/mongoexpress", "mongo-express", ALIKE, 0),
    ("evil/mongo_express", "mongo-express", ALIKE, 0),
    ("evil/he11o-wor1d", "hello-world", ALIKE, 0),
    ("evil/p-h-p", "php", ALIKE, 0),
    ("evil/wordpres", "wordpress", ONE, 1),
    ("evil/word-perss", "wordpress", ONE, 1),
    ("evil/wrodperss", "wordpress", TWO, 2),
    ("evil/elastisearch", "elasticsearch", ONE, 1),
    ("evil/memcache", "memcached", ONE, 1),
    ("evil/pyhton3", "python", ONE, 1),
    ("evil/nginx-official", "nginx", CLAIM, 0),
    ("evil/official-nginx", "nginx", CLAIM, 0),
    ("evil/official_mongo-express", "mongo-express", CLAIM, 0),
    ("evil/library.redis", "redis", CLAIM, 0),
    ("librarry/nginx", "nginx", NAMESPACE, 1),
    ("1ibrary/nginx", "nginx", NAMESPACE, 0),
    ("libary/redis", "redis", NAMESPACE, 1),
    ("docker-library/redis", "redis", NAMESPACE, 0),
    ("official/postgres", "postgres", NAMESPACE, 0),
    ("official-images/postgres-15", "postgres", NAMESPACE, 0),
    ("librarry/neo4j", "neo4j", NAMESPACE, 1),
    ("librarry/ngnix", "nginx", ONE, 1),
]


@pytest.mark.parametrize(("name", "official", "how", "distance"), POSITIVES)
def test_names_that_look_alike(name: str, official: str, how: str, distance: int) -> None:
    assert looks_like(name) == (official, how, distance)


@pytest.mark.parametrize(
    "name",
    [
        "library/nginx",
        "bitnami/nginx",  # the very name, in another namespace
        "bitnami/node",
        "circleci/python3",
        "acme/postgres-15",
        "acme/postgres15.2",
        "acme/node_v18",
        "mono/mono",  # an official image's own name, whatever it is near to
        "acme/nginx-proxy",
        "acme/docker-nginx",
        "acme/my-redis",
        "acme/redis-cluster",
        "acme/mongo",  # near mono, and an official image's own name
        "acme/code",  # a word of its own, although one letter from node
        "acme/mode",
        "acme/dust",
        "acme/pho",  # three letters: everything is near
        "acme/go",
        "acme/app",
        "acme/official",
        "acme/library",
        "acme/x",
        "acme/123",
        "libraries/redis",
        "librarry/app",  # a near namespace without the name of an image
        "nginx/nginx",
        "docker/nginx",
        "dockerhub/app",
    ],
)
def test_names_that_are_honest(name: str) -> None:
    assert looks_like(name) is None


def test_the_nearest_image_is_named() -> None:
    (found,) = lookalikes([RepositoryName("evil", "wordpresss")], ["wordpress", "wordpressss1x"])
    assert found[1] == ("wordpress", ONE, 1)


def test_without_official_images_nothing_is_near() -> None:
    assert list(lookalikes([RepositoryName("evil", "ngnix")], [])) == []


def test_a_hundred_thousand_names_take_seconds() -> None:
    officials = [f"{stem}{end}" for stem in OFFICIALS for end in ("", "ly", "er", "wise", "ful")]
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = (
        RepositoryName(f"u{place % 999}", "".join(letters[place // 26**k % 26] for k in range(7)))
        for place in range(20_000)
    )
    started = time.process_time()
    found = list(lookalikes(names, officials))
    # A fifth of them; here they take 0.1 s, and other machines may be slow.
    assert time.process_time() - started < 2
    assert len(found) < 100
