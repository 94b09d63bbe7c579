from __future__ import annotations

import pytest

from dockerhub.endpoints import Endpoint, Form, Kept, endpoint_of, old_form, subject_of
from dockerhub.names import RepositoryName
from dockerhub.services import RegistryUrls
from dockerhub.urls import HubUrls

ORIGIN = "https://hub.docker.com"
OLD = Form.REPOSITORIES
REDIS = RepositoryName("bitnami", "redis")
SUBJECT = "bitnami/redis"


def urls(*old: Kept) -> HubUrls:
    made = HubUrls(ORIGIN)
    for kept in old:
        made.use_old_form(kept)
    return made


NEW, ALL_OLD = urls(), urls(*Kept)

ADDRESSES = [
    pytest.param(
        NEW.namespace_list("bitnami", 2, 100, "name"), Endpoint(Kept.REPOSITORIES), None, id="list"
    ),
    pytest.param(
        ALL_OLD.namespace_list("bitnami", 2, 100),
        Endpoint(Kept.REPOSITORIES, OLD),
        None,
        id="list, old form",
    ),
    pytest.param(NEW.repository(REDIS), Endpoint(Kept.REPOSITORY), SUBJECT, id="repository"),
    pytest.param(
        ALL_OLD.repository(REDIS),
        Endpoint(Kept.REPOSITORY, OLD),
        SUBJECT,
        id="repository, old form",
    ),
    pytest.param(NEW.tag_list(REDIS, 1, 99), Endpoint(Kept.TAGS), SUBJECT, id="tags"),
    pytest.param(
        ALL_OLD.tag_list(REDIS, 1, 99), Endpoint(Kept.TAGS, OLD), SUBJECT, id="tags, old form"
    ),
    pytest.param(NEW.tag(REDIS, "7.2"), Endpoint(Kept.TAG), SUBJECT, id="tag"),
    pytest.param(ALL_OLD.tag(REDIS, "7.2"), Endpoint(Kept.TAG, OLD), SUBJECT, id="tag, old form"),
    pytest.param(NEW.tag_images(REDIS, "7.2"), Endpoint(Kept.IMAGES), SUBJECT, id="build steps"),
    pytest.param(
        ALL_OLD.tag_images(REDIS, "7.2"),
        Endpoint(Kept.IMAGES, OLD),
        SUBJECT,
        id="build steps, old form",
    ),
    pytest.param(NEW.search("redis", 1, 99), Endpoint(Kept.SEARCH), None, id="search"),
    pytest.param(
        NEW.search("/v2/namespaces/a/repositories/b", 1, 9),
        Endpoint(Kept.SEARCH),
        None,
        id="search for a path",
    ),
    pytest.param(NEW.token(), Endpoint(Kept.OTHER), None, id="token"),
    pytest.param(NEW.login(), Endpoint(Kept.OTHER), None, id="old sign-in"),
    pytest.param(ORIGIN, Endpoint(Kept.OTHER), None, id="origin"),
    pytest.param(f"{ORIGIN}/", Endpoint(Kept.OTHER), None, id="root"),
    pytest.param("", Endpoint(Kept.OTHER), None, id="nothing"),
]


@pytest.mark.parametrize(("url", "endpoint", "subject"), ADDRESSES)
def test_an_address_asks_one_endpoint_about_one_repository_at_most(
    url: str, endpoint: Endpoint, subject: str | None
) -> None:
    assert (endpoint_of(url), subject_of(url)) == (endpoint, subject)


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", "http://[::1]:80", ORIGIN])
@pytest.mark.parametrize(
    ("path", "endpoint", "subject"),
    [
        ("/v2/namespaces/a/repositories/", Endpoint(Kept.REPOSITORIES), None),
        ("/v2/namespaces/a/repositories?page=1", Endpoint(Kept.REPOSITORIES), None),
        ("/v2/repositories/a/?page=1", Endpoint(Kept.REPOSITORIES, OLD), None),
        ("/v2/namespaces/a/repositories/b/", Endpoint(Kept.REPOSITORY), "a/b"),
        ("/v2/repositories/a/b/", Endpoint(Kept.REPOSITORY, OLD), "a/b"),
        ("/v2/repositories/a/b/tags/", Endpoint(Kept.TAGS, OLD), "a/b"),
        ("/v2/namespaces/a/repositories/tags", Endpoint(Kept.REPOSITORY), "a/tags"),
        ("/v2/namespaces/a/repositories/tags/tags", Endpoint(Kept.TAGS), "a/tags"),
        ("/v2/namespaces/a/repositories/tags/tags/tags", Endpoint(Kept.TAG), "a/tags"),
        ("/v2/repositories/namespaces/b", Endpoint(Kept.REPOSITORY, OLD), "namespaces/b"),
        ("/v2/namespaces/repositories/repositories", Endpoint(Kept.REPOSITORIES), None),
        ("/v2/namespaces/a/repositories/b/tags/c/images", Endpoint(Kept.IMAGES), "a/b"),
        ("/v2/repositories/a/b/tags/c/images/", Endpoint(Kept.IMAGES, OLD), "a/b"),
        ("/v2/namespaces/a/repositories/b/tags/images", Endpoint(Kept.TAG), "a/b"),
        ("/v2/namespaces/a/repositories/b/images", Endpoint(Kept.OTHER), None),
        ("/v2/namespaces/a/repositories/b/tags/c/images/d", Endpoint(Kept.OTHER), None),
        ("/v2/namespaces/a", Endpoint(Kept.OTHER), None),
        ("/v2/repositories", Endpoint(Kept.OTHER), None),
        ("/x/v2/repositories/a/b", Endpoint(Kept.OTHER), None),
    ],
)
def test_paths_are_read_as_the_hub_writes_them(
    origin: str, path: str, endpoint: Endpoint, subject: str | None
) -> None:
    url = origin + path
    assert (endpoint_of(url), subject_of(url)) == (endpoint, subject)


@pytest.mark.parametrize(
    "path", ["/v2/repositories/library/alpine/dockerfile", "/v2/namespaces/a/repositories/b/groups"]
)
def test_what_is_below_a_repository_and_no_tags_is_something_else(path: str) -> None:
    assert endpoint_of(ORIGIN + path) == Endpoint(Kept.OTHER)


@pytest.mark.parametrize(
    ("url", "old"),
    [
        pytest.param(NEW.namespace_list("a", 2, 10), ALL_OLD.namespace_list("a", 2, 10), id="list"),
        pytest.param(NEW.repository(REDIS), ALL_OLD.repository(REDIS), id="repository"),
        pytest.param(
            NEW.tag_list(REDIS, 1, 10, containing="x"),
            ALL_OLD.tag_list(REDIS, 1, 10, containing="x"),
            id="tags",
        ),
        pytest.param(NEW.tag(REDIS, "1"), ALL_OLD.tag(REDIS, "1"), id="tag"),
        pytest.param(NEW.tag_images(REDIS, "1"), ALL_OLD.tag_images(REDIS, "1"), id="build steps"),
        pytest.param(ALL_OLD.namespace_list("a", 2, 10), None, id="list, old already"),
        pytest.param(ALL_OLD.repository(REDIS), None, id="repository, old already"),
        pytest.param(ALL_OLD.tag_list(REDIS, 1, 10), None, id="tags, old already"),
        pytest.param(NEW.search("x", 1, 10), None, id="search has one form"),
        pytest.param(NEW.token(), None, id="token has one form"),
    ],
)
def test_the_old_form_is_known_for_what_has_one(url: str, old: str | None) -> None:
    assert old_form(url) == old


@pytest.mark.parametrize(
    ("endpoint", "text"),
    [
        (Endpoint(Kept.REPOSITORIES), "lists of repositories"),
        (Endpoint(Kept.REPOSITORY), "repositories"),
        (Endpoint(Kept.TAGS), "lists of tags"),
        (Endpoint(Kept.TAG), "single tags"),
        (Endpoint(Kept.SEARCH), "search"),
        (Endpoint(Kept.IMAGES), "build steps of tags"),
        (Endpoint(Kept.MANIFEST), "manifests"),
        (Endpoint(Kept.BLOB), "blobs"),
        (Endpoint(Kept.TAG_NAMES), "names of tags"),
        (Endpoint(Kept.TAGS, OLD), "lists of tags in the old form of paths"),
    ],
)
def test_an_endpoint_is_named_for_people(endpoint: Endpoint, text: str) -> None:
    assert str(endpoint) == text


DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:5000", "https://registry-1.docker.io"])
@pytest.mark.parametrize(
    ("path", "kept", "subject"),
    [
        (f"/v2/library/alpine/manifests/{DIGEST}", Kept.MANIFEST, "library/alpine"),
        ("/v2/library/alpine/manifests/3.20", Kept.MANIFEST, "library/alpine"),
        ("/v2/library/alpine/manifests/3.20?ns=docker.io", Kept.MANIFEST, "library/alpine"),
        (f"/v2/library/alpine/blobs/{DIGEST}", Kept.BLOB, "library/alpine"),
        ("/v2/library/alpine/tags/list", Kept.TAG_NAMES, "library/alpine"),
        ("/v2/library/alpine/tags/list?n=1000&last=a/b", Kept.TAG_NAMES, "library/alpine"),
        ("/v2/a/b/c/manifests/1", Kept.MANIFEST, "a/b/c"),
        ("/v2/a/b%20c/manifests/1", Kept.MANIFEST, "a/b c"),
        ("/v2/manifests/blobs/tags/list", Kept.TAG_NAMES, "manifests/blobs"),
        ("/v2/tags/list/manifests/tags", Kept.MANIFEST, "tags/list"),
        ("/v2/repositories/a/manifests/1", Kept.MANIFEST, "repositories/a"),
        ("/v2/search/repositories/blobs/1", Kept.BLOB, "search/repositories"),
        ("/v2/", Kept.OTHER, None),
        ("/v2/_catalog", Kept.OTHER, None),
        ("/v2/library/alpine/manifests/", Kept.OTHER, None),
        ("/v2/library/alpine/manifests/a/b", Kept.OTHER, None),
        ("/v2/library/alpine/tags/list/more", Kept.OTHER, None),
        ("/v2/library/alpine/referrers/1", Kept.OTHER, None),
        ("/token?scope=repository:a/b:pull", Kept.OTHER, None),
    ],
)
def test_paths_of_the_registry_are_read(
    origin: str, path: str, kept: Kept, subject: str | None
) -> None:
    url = origin + path
    assert (endpoint_of(url), subject_of(url)) == (Endpoint(kept), subject)
    assert old_form(url) is None


REPOSITORIES = [REDIS, RepositoryName("manifests", "tags"), RepositoryName("repositories", "tags")]


@pytest.mark.parametrize("repository", REPOSITORIES, ids=str)
def test_what_the_registry_is_asked_is_understood(repository: RepositoryName) -> None:
    registry = RegistryUrls("https://registry-1.docker.io")
    asked = {
        Kept.MANIFEST: [
            registry.manifest(repository, "7"),
            registry.manifest(repository, b"7" * 32),
        ],
        Kept.BLOB: [registry.blob(repository, b"7" * 32)],
        Kept.TAG_NAMES: [registry.tag_names(repository), registry.tag_names(repository, "7")],
    }
    for kept, addresses in asked.items():
        for url in addresses:
            assert (endpoint_of(url), subject_of(url)) == (Endpoint(kept), str(repository))
