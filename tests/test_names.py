from __future__ import annotations

import pytest

from dockerhub.errors import NameRefused
from dockerhub.names import (
    ImageName,
    RepositoryName,
    digest_bytes,
    digest_text,
    hub_repository,
    hub_search_name,
    is_tag,
    read_image_name,
    read_namespace,
)

DIGEST = "sha256:" + "0f" * 32
ALLOWED = "expected lower-case letters, digits and single . _ - between them, got "
NO_DIGEST = "expected sha256: and 64 hex digits after the @, got "


@pytest.mark.parametrize(
    ("text", "full_name", "tag", "digest"),
    [
        pytest.param("nginx", "library/nginx", None, None, id="official"),
        pytest.param(" nginx\n", "library/nginx", None, None, id="spaces around"),
        pytest.param("bitnami/redis", "bitnami/redis", None, None, id="namespace"),
        pytest.param("docker.io/nginx", "library/nginx", None, None, id="host and official"),
        pytest.param("docker.io/a/b", "a/b", None, None, id="host"),
        pytest.param("index.docker.io/a/b", "a/b", None, None, id="index host"),
        pytest.param("registry-1.docker.io/a/b:1", "a/b", "1", None, id="registry host"),
        pytest.param("registry.hub.docker.com/a/b", "a/b", None, None, id="alias host"),
        pytest.param("a/b:1.2-RC_3", "a/b", "1.2-RC_3", None, id="tag"),
        pytest.param(f"a/b@{DIGEST}", "a/b", None, DIGEST, id="digest"),
        pytest.param(f"nginx:1@{DIGEST}", "library/nginx", "1", DIGEST, id="tag and digest"),
        pytest.param("a-b/c.d__e--f_g", "a-b/c.d__e--f_g", None, None, id="separators"),
    ],
)
def test_images_are_read_as_people_write_them(
    text: str, full_name: str, tag: str | None, digest: str | None
) -> None:
    image = read_image_name(text)
    assert image == ImageName(
        repository=RepositoryName(*full_name.split("/")), tag=tag, digest=digest
    )
    assert str(image.repository) == full_name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", ALLOWED + '""', id="nothing"),
        pytest.param("Nginx", ALLOWED + '"Nginx"', id="capital"),
        pytest.param("bitnami/Redis", ALLOWED + '"Redis"', id="capital in the name"),
        pytest.param("..", ALLOWED + '".."', id="two dots"),
        pytest.param("a/..", ALLOWED + '".."', id="two dots in the name"),
        pytest.param("a/b c", ALLOWED + '"b c"', id="space"),
        pytest.param("a//", 'expected namespace/name, got "a//"', id="empty parts"),
        pytest.param("a/", ALLOWED + '""', id="empty name"),
        pytest.param("a/b___c", ALLOWED + '"b___c"', id="three underscores"),
        pytest.param("a/-b", ALLOWED + '"-b"', id="separator first"),
        pytest.param("a/b\u00e9", ALLOWED + r'"b\u00e9"', id="not ASCII"),
        pytest.param("a/b\x1b[2J", ALLOWED + r'"b\u001b[2J"', id="control character"),
        pytest.param("a/" + "b" * 256, ALLOWED + f'"{"b" * 57}..."', id="too long"),
        pytest.param("a/b/c", 'expected namespace/name, got "a/b/c"', id="three parts"),
        pytest.param(
            "ghcr.io/a/b", 'expected an image on Docker Hub, got "ghcr.io/a/b"', id="other registry"
        ),
        pytest.param(
            "localhost/b", 'expected an image on Docker Hub, got "localhost/b"', id="localhost"
        ),
        pytest.param(
            "localhost:5000/b",
            'expected an image on Docker Hub, got "localhost:5000/b"',
            id="registry with a port",
        ),
        pytest.param(
            "https://hub.docker.com/r/a/b",
            'expected an image on Docker Hub, got "https://hub.docker.com/r/a/b"',
            id="web page",
        ),
        pytest.param("nginx:", 'expected a tag after the colon, got ""', id="empty tag"),
        pytest.param("nginx:-1", 'expected a tag after the colon, got "-1"', id="bad tag"),
        pytest.param("nginx@", NO_DIGEST + '""', id="empty digest"),
        pytest.param("nginx@sha256:0F", NO_DIGEST + '"sha256:0F"', id="bad digest"),
    ],
)
def test_what_names_no_image_is_refused(text: str, message: str) -> None:
    with pytest.raises(NameRefused) as caught:
        read_image_name(text)
    assert str(caught.value) == message


def test_a_namespace_is_read_without_spaces_around() -> None:
    assert read_namespace(" bitnami ") == "bitnami"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("", '""', id="nothing"),
        pytest.param("Bitnami", '"Bitnami"', id="capital"),
        pytest.param("a/b", '"a/b"', id="repository"),
        pytest.param("..", '".."', id="two dots"),
        pytest.param("a" * 256, f'"{"a" * 57}..."', id="too long"),
    ],
)
def test_what_is_no_namespace_is_refused(text: str, shown: str) -> None:
    with pytest.raises(NameRefused) as caught:
        read_namespace(text)
    assert str(caught.value) == f"expected the name of an organisation or a user, got {shown}"


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        pytest.param("bitnami", "redis", id="usual"),
        pytest.param("Old_Team", "Some.Image-", id="older than the grammar"),
        pytest.param("_", "a" * 255, id="shortest and longest"),
    ],
)
def test_names_out_of_answers_are_read_loosely(namespace: str, name: str) -> None:
    assert hub_repository(namespace, name) == RepositoryName(namespace, name)


@pytest.mark.parametrize(
    ("namespace", "name", "place"),
    [
        pytest.param("", "b", ".namespace", id="empty namespace"),
        pytest.param("a", "", ".name", id="empty name"),
        pytest.param("a", "..", ".name", id="two dots"),
        pytest.param("a", "b..c", ".name", id="two dots inside"),
        pytest.param("a", "b.", ".name", id="dot last"),
        pytest.param("a", "b/c", ".name", id="slash"),
        pytest.param("a", "b?page=9", ".name", id="query"),
        pytest.param("a", "%2e%2e", ".name", id="escaped"),
        pytest.param("a", "<script>", ".name", id="markup"),
        pytest.param("a\n", "b", ".namespace", id="line break"),
        pytest.param("a", "b" * 256, ".name", id="too long"),
    ],
)
def test_names_out_of_answers_that_mean_something_elsewhere_are_refused(
    namespace: str, name: str, place: str
) -> None:
    with pytest.raises(NameRefused, match="^expected a repository name, got ") as caught:
        hub_repository(namespace, name)
    assert caught.value.place == place


def test_a_bare_search_hit_is_an_official_image() -> None:
    assert hub_search_name("nginx") == RepositoryName("library", "nginx")
    assert hub_search_name("library/nginx") == RepositoryName("library", "nginx")
    assert hub_search_name("bitnami/nginx") == RepositoryName("bitnami", "nginx")


@pytest.mark.parametrize("text", ["", "/", "a/", "/a", "a/b/c"])
def test_a_search_hit_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(NameRefused, match="^expected a repository name, got "):
        hub_search_name(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("latest", True),
        ("_1.2-RC", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("", False),
        (".hidden", False),
        ("-x", False),
        ("a b", False),
        ("a\n", False),
        ("\u0661", False),
    ],
)
def test_tags_are_told_from_other_texts(text: str, answer: bool) -> None:
    assert is_tag(text) is answer


def test_a_digest_goes_to_bytes_and_back() -> None:
    assert digest_bytes(DIGEST) == b"\x0f" * 32
    assert digest_text(digest_bytes(DIGEST)) == DIGEST


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("0f" * 32, id="no algorithm"),
        pytest.param("sha512:" + "0f" * 32, id="other algorithm"),
        pytest.param("sha256:" + "0F" * 32, id="capitals"),
        pytest.param("sha256:" + "0f" * 31, id="short"),
        pytest.param("sha256:" + "0f" * 33, id="long"),
        pytest.param(DIGEST + "\n", id="line break"),
    ],
)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(NameRefused, match="^expected sha256: and 64 hex digits, got "):
        digest_bytes(text)
