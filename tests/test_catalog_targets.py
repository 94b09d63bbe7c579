from __future__ import annotations

import pytest

from dockerhub.catalog_targets import ALPHABET, CatalogTargets, read_catalog
from dockerhub.errors import ArgumentError


def test_by_default_it_is_everything() -> None:
    assert read_catalog({}) == CatalogTargets(prefix="", alphabet=ALPHABET, max_requests=None)


def test_what_is_given_is_read() -> None:
    found = read_catalog({"prefix": " my-app", "alphabet": "abba-", "max_requests": "12"})

    assert found == CatalogTargets(prefix="my-app", alphabet="ab-", max_requests=12)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("prefix", ""),
        ("prefix", "-a"),
        ("prefix", "a b"),
        ("prefix", "Ä"),
        ("prefix", "a" * 65),
        ("alphabet", ""),
        ("alphabet", "a,b"),
        ("alphabet", "aA"),
        ("max_requests", "0"),
        ("max_requests", "-1"),
        ("max_requests", "x"),
    ],
)
def test_what_cannot_be_is_refused(argument: str, value: str) -> None:
    with pytest.raises(ArgumentError, match=f"spider argument {argument}: expected "):
        read_catalog({argument: value})


def test_one_crawl_is_told_from_another_by_its_prefix_alone() -> None:
    whole, bounded = CatalogTargets(), CatalogTargets(alphabet="ab", max_requests=9)

    assert repr(whole) == repr(bounded) != repr(CatalogTargets(prefix="a"))
