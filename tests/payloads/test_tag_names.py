from __future__ import annotations

import pytest

from dockerhub.errors import PayloadError
from dockerhub.names import RepositoryName
from dockerhub.payloads.tag_names import is_signature_tag, next_names, read_tag_names
from tests.payloads.from_file import payload
from tests.payloads.registry import json_of

SIGNATURE = f"sha256-{'ab' * 32}"


def test_names_are_read_in_the_order_they_came() -> None:
    names, refusals = read_tag_names(payload("tag_names"))
    assert names == ("1.0", "1.0-rc.1", "latest", f"{SIGNATURE}.sig", "v2")
    assert refusals == (
        '$.tags[4]: expected a tag, got "bad tag"',
        '$.tags[5]: expected a tag, got ".hidden"',
        '$.tags[6]: expected a tag, got "7"',
        '$.tags[7]: expected a tag, got "null"',
    )


@pytest.mark.parametrize("tags", [None, [], ""])
def test_a_repository_may_have_no_tags(tags: object) -> None:
    assert read_tag_names(json_of(name="a/b", tags=tags)) == ((), ())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            json_of(errors=[{"code": "DENIED"}]),
            "$: object missing required field `tags`",
            id="an error with status 200",
        ),
        pytest.param(json_of(tags={}), "$.tags: expected `array`, got `object`", id="object"),
        pytest.param(b"[]", "$: expected `object`, got `array`", id="list"),
        pytest.param(
            json_of(tags=["a"] * 100_001),
            "$.tags: expected at most 100000 names, got 100001",
            id="far too many",
        ),
    ],
)
def test_what_is_no_page_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        read_tag_names(body)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        (SIGNATURE, True),
        (f"{SIGNATURE}.sig", True),
        (f"{SIGNATURE}.att", True),
        (f"{SIGNATURE}.sbom", True),
        (f"{SIGNATURE}.exe", False),
        (f"{SIGNATURE}\n", False),
        (f"{SIGNATURE[:-1]}", False),
        (f"{SIGNATURE}a", False),
        (SIGNATURE.upper(), False),
        (f"x{SIGNATURE}", False),
        ("latest", False),
    ],
)
def test_tags_that_are_attached_to_images_are_told(name: str, is_one: bool) -> None:
    assert is_signature_tag(name) is is_one


PATH = "/v2/library/x/tags/list"
HOME = f"https://registry.example{PATH}"


def following(link: str | None, after: str | None = None) -> tuple[str | None, str | None]:
    return next_names(
        link,
        origin="https://registry.example",
        repository=RepositoryName("library", "x"),
        after=after,
    )


@pytest.mark.parametrize(
    ("link", "last"),
    [
        pytest.param(f'<{PATH}?n=1000&last=17.9>; rel="next"', "17.9", id="as Hub has it"),
        pytest.param(f'<{PATH}?last=17.9&n=1000>; rel="next"', "17.9", id="the other order"),
        pytest.param(f"<{PATH}?last=17.9>;rel=next", "17.9", id="bare"),
        pytest.param(f'<{PATH}?last=17.9>; title="a"; REL="NEXT"', "17.9", id="more"),
        pytest.param(f"<{PATH}?last=17.9>; rel=next; title=a", "17.9", id="more behind"),
        pytest.param(f'<{PATH}?last=17.9>; rel="last next"', "17.9", id="two words"),
        pytest.param(
            f'<{PATH}?last=0>; rel="prev", <{PATH}?last=17.9>; rel="next"', "17.9", id="two links"
        ),
        pytest.param(f'<{HOME}?last=17.9>; rel="next"', "17.9", id="same origin"),
        pytest.param('<?n=1000&last=17.9>; rel="next"', "17.9", id="query alone"),
        pytest.param(f'<{PATH}?last=a%2Db>; rel="next"', "a-b", id="escaped"),
        pytest.param(None, None, id="no header"),
        pytest.param("", None, id="empty header"),
        pytest.param(f'<{PATH}?last=17.9>; rel="prev"', None, id="another relation"),
        pytest.param(f'<{PATH}?last=17.9>; title="rel=next"', None, id="in a title"),
        pytest.param(f"<{PATH}?last=17.9>; rel=nextish", None, id="another word"),
        pytest.param(f"{PATH}?last=17.9; rel=next", None, id="no link"),
    ],
)
def test_the_next_page_begins_after_a_name(link: str | None, last: str | None) -> None:
    assert following(link) == (last, None)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("https://evil.example/v2/library/x/tags/list?last=a", id="elsewhere"),
        pytest.param("//evil.example/v2/library/x/tags/list?last=a", id="elsewhere, no scheme"),
        pytest.param(f"http://registry.example{PATH}?last=a", id="plain"),
        pytest.param(f"https://registry.example:444{PATH}?last=a", id="port"),
        pytest.param(f"https://user@registry.example{PATH}?last=a", id="user"),
        pytest.param(f"https://registry.example.evil.example{PATH}?last=a", id="longer host"),
        pytest.param("/v2/library/y/tags/list?last=a", id="repository"),
        pytest.param("/v2/library/y/../x/../y/tags/list?last=a", id="dots"),
        pytest.param("/v2/library%2Fx/tags/list?last=a", id="escaped slash"),
        pytest.param("/v2/_catalog?last=a", id="catalog"),
        pytest.param("https://[::1?last=a", id="broken host"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_page_of_something_else_is_not_believed(target: str) -> None:
    last, refusal = following(f'<{target}>; rel="next"')
    assert last is None
    if target:
        assert refusal is not None
        assert refusal.startswith(f"Link: expected a page of {HOME}, got ")
    else:
        assert refusal == 'Link: expected one tag as last, got ""'


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        pytest.param("n=5", "Link: expected one tag as last, got", id="none"),
        pytest.param("last=", "Link: expected one tag as last, got", id="blank"),
        pytest.param("last=a&last=b", "Link: expected one tag as last, got", id="two"),
        pytest.param("last=../a", "Link: expected one tag as last, got", id="no tag"),
        pytest.param("&".join(["a=1"] * 50), "Link: expected a page of", id="many"),
        pytest.param("last=17.9", 'Link: expected a page after "17.9", got the same', id="loop"),
    ],
)
def test_a_page_must_go_on(query: str, refusal: str) -> None:
    last, found = following(f'<{PATH}?{query}>; rel="next"', after="17.9")
    assert last is None
    assert found is not None
    assert found.startswith(refusal)
