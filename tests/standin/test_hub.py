from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.standin.client import ask, signed_in, walk

if TYPE_CHECKING:
    from dockerhub.standin import StandIn

LIST_KEYS = {
    *("affiliation", "categories", "content_types", "date_registered", "description"),
    *("is_private", "last_modified", "last_updated", "media_types", "name", "namespace"),
    *("pull_count", "repository_type", "source", "star_count", "status"),
    *("status_description", "storage_size"),
}
DETAIL_KEYS = LIST_KEYS | {
    *("user", "hub_user", "permissions", "has_starred", "is_automated"),
    *("collaborator_count", "immutable_tags_settings"),
}


def test_list_has_every_repository_oldest_registration_first(hub: StandIn) -> None:
    rows = walk(f"{hub.url}/v2/namespaces/bitnami/repositories?page_size=7")
    truth = list(hub.world.repositories("bitnami"))
    assert [row["name"] for row in rows] == [each.name for each in truth]
    assert [row["pull_count"] for row in rows] == [each.pull_count for each in truth]
    assert [row["last_updated"] for row in rows] == [each.last_updated for each in truth]
    assert all(set(row) == LIST_KEYS and row["affiliation"] == "" for row in rows)


def test_detail_has_other_keys_than_the_list(hub: StandIn) -> None:
    for truth in hub.world.repositories("bitnami"):
        row = ask(f"{hub.url}/v2/namespaces/{truth.namespace}/repositories/{truth.name}").json
        description = row.pop("full_description", None)
        assert description == truth.full_description
        assert set(row) == DETAIL_KEYS
        assert (row["user"], row["affiliation"]) == ("bitnami", None)
        assert row["immutable_tags_settings"]["enabled"] == truth.immutable_tags_enabled


@pytest.mark.parametrize(
    ("ordering", "key", "reverse"),
    [
        ("name", "name", False),
        ("-name", "name", True),
        ("last_updated", "last_updated", True),
        ("-last_updated", "last_updated", False),
        ("pull_count", "pull_count", False),
        ("-pull_count", "pull_count", True),
    ],
)
def test_orderings_of_repositories(hub: StandIn, ordering: str, key: str, reverse: bool) -> None:
    url = f"{hub.url}/v2/namespaces/bitnami/repositories?page_size=100&ordering={ordering}"
    values = [row[key] or "" for row in walk(url)]
    assert values == sorted(values, reverse=reverse)


def test_tags_equal_the_truth_newest_first(hub: StandIn) -> None:
    base = f"{hub.url}/v2/namespaces/bitnami/repositories/long/tags?page_size=100"
    rows = walk(f"{base}&ordering=last_updated", signed_in(hub.url))
    truth = hub.world.tags("bitnami/long")
    assert [row["name"] for row in rows] == [tag.name for tag in truth]
    assert [row.get("digest") for row in rows] == [tag.digest for tag in truth]
    assert [row["last_updated"] for row in rows] == [tag.last_updated for tag in truth]
    assert [[i["digest"] for i in row["images"]] for row in rows] == [
        [image.digest for image in tag.images] for tag in truth
    ]
    backwards = walk(f"{base}&ordering=-last_updated", signed_in(hub.url))
    assert backwards == rows[::-1]


def test_latest_is_pinned_first_without_ordering(hub: StandIn) -> None:
    hub.world.push_tag("bitnami/nginx", "newer")
    base = f"{hub.url}/v2/namespaces/bitnami/repositories/nginx/tags?page_size=9"
    pinned = [row["name"] for row in walk(base)]
    ordered = [row["name"] for row in walk(f"{base}&ordering=last_updated")]
    assert ordered[0] == "newer"
    assert pinned == ["latest", *(name for name in ordered if name != "latest")]
    by_name = [row["name"] for row in walk(f"{base}&ordering=name")]
    assert by_name == sorted(ordered)


def test_single_tag_is_the_row_of_the_list(hub: StandIn) -> None:
    base = f"{hub.url}/v2/namespaces/bitnami/repositories/nginx/tags"
    row = ask(base).json["results"][0]
    assert ask(f"{base}/{row['name']}").json == row


def test_absent_digest_is_an_absent_key(hub: StandIn) -> None:
    base = f"{hub.url}/v2/namespaces/bitnami/repositories/nginx/tags?ordering=-last_updated"
    rows = [row for row in ask(base).json["results"] if "digest" not in row]
    assert rows
    assert None not in (row.get("media_type", "") for row in rows)


def test_images_carry_layers_and_null_features(hub: StandIn) -> None:
    rows = ask(f"{hub.url}/v2/namespaces/library/repositories/redis/tags/latest/images").json
    truth = hub.world.tag("library/redis", "latest").images
    assert [row["digest"] for row in rows] == [image.digest for image in truth]
    assert all(row["features"] is None and row["os_features"] is None for row in rows)
    for row, image in zip(rows, truth, strict=True):
        expected = [layer.digest for layer in hub.world.layers(image)]
        assert [layer.get("digest") for layer in row["layers"]] == expected


@pytest.mark.parametrize(
    "path",
    [
        "/v2/repositories/library",
        "/v2/repositories/library/",
        "/v2/namespaces/library/repositories",
    ],
)
def test_old_forms_of_the_list_answer_the_same(hub: StandIn, path: str) -> None:
    page = ask(f"{hub.url}{path}?page_size=4").json
    assert [row["name"] for row in page["results"]] == ["nginx", "redis", "postgresql", "kafka"]
    assert page["next"] == f"{hub.url}{path}?page=2&page_size=4"


@pytest.mark.parametrize("tail", ["nginx", "nginx/", "nginx/tags", "nginx/tags/latest"])
def test_old_forms_below_the_list_answer_the_same(hub: StandIn, tail: str) -> None:
    old = ask(f"{hub.url}/v2/repositories/library/{tail}").json
    new = ask(f"{hub.url}/v2/namespaces/library/repositories/{tail.rstrip('/')}").json
    assert old.get("results", old) == new.get("results", new)


def test_name_filters_by_substring(hub: StandIn) -> None:
    tags = walk(f"{hub.url}/v2/namespaces/bitnami/repositories/nginx/tags?name=-debian-12")
    expected = [t.name for t in hub.world.tags("bitnami/nginx") if "-debian-12" in t.name]
    assert [row["name"] for row in tags] == expected
    rows = walk(f"{hub.url}/v2/namespaces/bitnami/repositories?name=gin")
    assert [row["name"] for row in rows] == ["nginx"]


def test_search_rows_name_official_images_bare(hub: StandIn) -> None:
    page = ask(f"{hub.url}/v2/search/repositories/?query=redis&page_size=100").json
    assert (page["count"], page["next"], page["previous"]) == (2, "", "")
    assert [row["repo_name"] for row in page["results"]] == ["redis", "bitnami/redis"]
    assert set(page["results"][0]) == {
        *("repo_name", "short_description", "star_count", "pull_count"),
        *("repo_owner", "is_automated", "is_official"),
    }
    assert [row["is_official"] for row in page["results"]] == [True, False]


@pytest.mark.parametrize(
    ("path", "errinfo"),
    [
        ("/v2/namespaces/nobody/repositories", {"namespace": "nobody"}),
        (
            "/v2/namespaces/bitnami/repositories/none",
            {"namespace": "bitnami", "repository": "none"},
        ),
        ("/v2/repositories/nobody/none/tags", {"namespace": "nobody", "repository": "none"}),
        (
            "/v2/repositories/library/nginx/tags/none",
            {"namespace": "library", "repository": "nginx"},
        ),
    ],
)
def test_what_is_not_there_is_404(hub: StandIn, path: str, errinfo: dict[str, str]) -> None:
    answer = ask(hub.url + path)
    assert answer.status == 404
    message = "httperror 404: object not found"
    assert answer.json == {"message": message, "errinfo": errinfo}


def test_unknown_namespace_may_be_empty_instead(hub: StandIn) -> None:
    hub.options.unknown_namespace_empty = True
    answer = ask(f"{hub.url}/v2/namespaces/nobody/repositories")
    assert (answer.status, answer.json["count"], answer.json["results"]) == (200, 0, [])


def test_empty_repository_has_an_empty_first_page(hub: StandIn) -> None:
    empty = next(each for each in hub.world.repositories("bitnami") if not each.tag_count)
    answer = ask(f"{hub.url}/v2/namespaces/bitnami/repositories/{empty.name}/tags")
    assert answer.json == {"count": 0, "next": None, "previous": None, "results": []}


def test_head_has_headers_and_no_body(hub: StandIn) -> None:
    url = f"{hub.url}/v2/namespaces/library/repositories/nginx"
    for path in ("", "/tags", "/tags/latest"):
        answer = ask(url + path, method="HEAD")
        assert (answer.status, answer.body) == (200, b"")
        assert int(answer.headers["content-length"]) > 100
    assert ask(f"{url}none", method="HEAD").status == 404


def test_people_and_categories(hub: StandIn) -> None:
    assert ask(f"{hub.url}/v2/orgs/bitnami").json["orgname"] == "bitnami"
    assert ask(f"{hub.url}/v2/users/bitnami").status == 404
    hub.world.add_namespace("ada", 1, 1, user=True)
    assert ask(f"{hub.url}/v2/users/ada").json["type"] == "User"
    assert len(ask(f"{hub.url}/v2/categories/").json) == 16
