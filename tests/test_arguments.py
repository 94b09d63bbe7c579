from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.arguments import (
    SHARED_ARGUMENTS,
    Depth,
    Scope,
    read_scope,
    refuse_unknown,
    written_arguments,
)
from dockerhub.errors import ArgumentError

OWN = {"repo": "a repository"}
ALL_NAMES = "repo, depth, platforms, tags, max_tags, fresh, strict"
GLOBS = 'spider argument tags: expected tag names or patterns with commas, got "'
NUMBER = 'spider argument max_tags: expected a whole number above 0, got "'
PLATFORM = 'spider argument platforms: expected os/architecture[/variant] with commas, got "'
DEPTHS = "spider argument depth: expected repositories or tags or layers or configs, got "


def test_each_depth_holds_the_one_above_it() -> None:
    assert [depth.name for depth in sorted(Depth)] == ["REPOSITORIES", "TAGS", "LAYERS", "CONFIGS"]


def test_nothing_said_is_all_tags_of_all() -> None:
    scope = read_scope({})
    assert scope == Scope()
    assert (scope.depth, scope.max_tags, scope.fresh, scope.strict) == (
        Depth.TAGS,
        None,
        False,
        False,
    )
    assert (scope.walk_arguments, scope.tag_filter) == ("", "")
    assert scope.wants_tag("anything")


@pytest.mark.parametrize(
    ("given_arguments", "expected"),
    [
        pytest.param({"depth": "repositories"}, Scope(depth=Depth.REPOSITORIES), id="depth"),
        pytest.param({"depth": "layers"}, Scope(depth=Depth.LAYERS), id="down to layers"),
        pytest.param({"depth": "configs"}, Scope(depth=Depth.CONFIGS), id="down to configs"),
        pytest.param(
            {"platforms": "linux/amd64, linux/arm/v7"},
            Scope(platforms=("linux/amd64", "linux/arm/v7")),
            id="platforms",
        ),
        pytest.param(
            {"tags": "b, a,b"},
            Scope(tag_names=("b", "a"), walk_arguments="tags=a,b"),
            id="tags by name",
        ),
        pytest.param(
            {"tags": "latest,1.*"},
            Scope(tag_patterns=("latest", "1.*"), walk_arguments="tags=1.*,latest"),
            id="names beside patterns",
        ),
        pytest.param(
            {"max_tags": "010"}, Scope(max_tags=10, walk_arguments="max_tags=10"), id="max_tags"
        ),
        pytest.param(
            {"max_tags": "7", "tags": "1*"},
            Scope(max_tags=7, tag_patterns=("1*",), walk_arguments="tags=1* max_tags=7"),
            id="what decides the rows, in one order",
        ),
        pytest.param({"fresh": "1", "strict": "Yes"}, Scope(fresh=True, strict=True), id="yes"),
        pytest.param({"fresh": "0", "strict": ""}, Scope(), id="no"),
        pytest.param({"repo": "a/b", "_job": "1"}, Scope(), id="what others read"),
    ],
)
def test_scopes_are_read(given_arguments: dict[str, str], expected: Scope) -> None:
    assert read_scope(given_arguments) == expected


@pytest.mark.parametrize(
    ("argument", "text", "message"),
    [
        pytest.param("depth", "everything", DEPTHS + '"everything"', id="depth"),
        pytest.param("depth", "", DEPTHS + '""', id="no depth"),
        pytest.param("depth", "TAGS", DEPTHS + '"TAGS"', id="depth in capitals"),
        pytest.param("depth", "2", DEPTHS + '"2"', id="depth as a number"),
        pytest.param("platforms", "amd64", PLATFORM + 'amd64"', id="platform without os"),
        pytest.param("platforms", "linux/amd64,", PLATFORM + '"', id="comma at the end"),
        pytest.param("platforms", "linux/a/b/c", PLATFORM + 'linux/a/b/c"', id="four parts"),
        pytest.param("tags", "", GLOBS + '"', id="no tag"),
        pytest.param("tags", "a,,b", GLOBS + '"', id="empty tag"),
        pytest.param("tags", "a/b", GLOBS + 'a/b"', id="slash in a tag"),
        pytest.param("max_tags", "0", NUMBER + '0"', id="none"),
        pytest.param("max_tags", "-1", NUMBER + '-1"', id="negative"),
        pytest.param("max_tags", "1.5", NUMBER + '1.5"', id="fraction"),
        pytest.param("max_tags", "many", NUMBER + 'many"', id="word"),
        pytest.param("max_tags", "1000000000", NUMBER + '1000000000"', id="beyond all lists"),
        pytest.param("max_tags", "\u0663", NUMBER + r'\u0663"', id="other digits"),
        pytest.param(
            "fresh", "maybe", 'spider argument fresh: expected 1 or 0, got "maybe"', id="fresh"
        ),
        pytest.param(
            "strict", "2", 'spider argument strict: expected 1 or 0, got "2"', id="strict"
        ),
    ],
)
def test_a_wrong_argument_is_named(argument: str, text: str, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_scope({argument: text})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("given_arguments", "text"),
    [
        pytest.param({}, "{}", id="nothing"),
        pytest.param({"repo": "a/b"}, '{"repo": "a/b"}', id="one"),
        pytest.param(
            {"tags": "1*", "org": "bitnami", "fresh": "1"},
            '{"fresh": "1", "org": "bitnami", "tags": "1*"}',
            id="by name",
        ),
        pytest.param({"query": 'a "b"\n'}, '{"query": "a \\"b\\"\\n"}', id="quotes and lines"),
        pytest.param({"query": "caf\u00e9"}, '{"query": "caf\\u00e9"}', id="other letters"),
    ],
)
def test_arguments_are_written_in_one_order(given_arguments: dict[str, str], text: str) -> None:
    assert written_arguments(given_arguments) == text
    assert written_arguments(dict(reversed(given_arguments.items()))) == text


@pytest.mark.parametrize(
    ("name", "hint"),
    [("max_tag", " (did you mean max_tags?)"), ("rpo", " (did you mean repo?)"), ("zzz", "")],
)
def test_an_unknown_argument_is_refused_with_the_nearest_name(name: str, hint: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        refuse_unknown("tags", ["repo", name], OWN)
    assert str(caught.value) == (
        f'spider tags: expected an argument out of {ALL_NAMES}, got "{name}{hint}"'
    )


@pytest.mark.parametrize("name", ["repo", "_job", *SHARED_ARGUMENTS])
def test_known_arguments_and_scrapyds_own_pass(name: str) -> None:
    refuse_unknown("tags", [name], OWN)
    with pytest.raises(ArgumentError):
        refuse_unknown("tags", [name, "other"], OWN)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        pytest.param("1.*", "1.27", "2.1", id="star"),
        pytest.param("1.?", "1.2", "1.27", id="question mark"),
        pytest.param("v[0-9]", "v1", "vx", id="set"),
        pytest.param("v[!0-9]", "vx", "v1", id="all but a set"),
        pytest.param("*,latest", "anything", None, id="all of them"),
        pytest.param("latest,1*", "latest", "LATEST", id="capitals count"),
    ],
)
def test_patterns_choose_tags(text: str, wanted: str, unwanted: str | None) -> None:
    scope = read_scope({"tags": text})
    assert scope.wants_tag(wanted)
    assert unwanted is None or not scope.wants_tag(unwanted)


@pytest.mark.parametrize(
    ("text", "containing"),
    [
        ("1.27*", "1.27"),
        ("*-alpine*", "-alpine"),
        ("a*slim", "slim"),
        ("v[0-9].x", ".x"),
        ("[]a]x", "x"),
        ("*", ""),
        ("1.*,2.*", ""),
        ("latest", ""),
    ],
)
def test_the_longest_letters_of_a_lone_pattern_are_asked_for(text: str, containing: str) -> None:
    assert read_scope({"tags": text}).tag_filter == containing


@settings(derandomize=True, deadline=None)
@given(
    st.text("ab.*?[]!-", min_size=1, max_size=8),
    st.lists(st.text("ab.-", min_size=1, max_size=5), max_size=20),
)
def test_every_wanted_tag_contains_what_is_asked_for(pattern: str, names: list[str]) -> None:
    scope = Scope(tag_patterns=(pattern,))
    assert [n for n in names if scope.wants_tag(n) and scope.tag_filter not in n] == []
