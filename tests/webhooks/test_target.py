"""Where a webhook is, and what is shown of it."""

from __future__ import annotations

import pytest

from dockerhub.errors import ArgumentError
from dockerhub.webhooks.target import read_target, user_agent

HTTPS = "an https:// URL, or env:NAME of a variable that holds one"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://hooks.example.com/s3cret?token=t", "https://hooks.example.com"),
        ("https://user:pass@hooks.example.com:8443/x", "https://hooks.example.com:8443"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]"),
        (" HTTPS://Hooks.Example.COM/x ", "https://hooks.example.com"),
    ],
)
def test_only_the_origin_is_shown(text: str, origin: str) -> None:
    target = read_target(text, {}, allow_private=False)

    assert target.origin == origin
    assert target.url.reveal() == text.strip()
    assert "s3cret" not in repr(target)
    assert "pass" not in repr(target)


def test_a_url_comes_from_the_environment() -> None:
    variables = {"HOOK": "https://hooks.example.com/s3cret"}

    target = read_target("env:HOOK", variables, allow_private=False)

    assert target.url.reveal() == "https://hooks.example.com/s3cret"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("env:NONE", '--webhook env:NONE: expected a URL in that environment variable, got ""'),
        ("env:EMPTY", "--webhook env:EMPTY: expected a URL in that environment variable"),
        ("env:BAD", f'--webhook env:BAD: expected {HTTPS}, got "no such URL"'),
        ("env:https://s3cret", "--webhook: expected env: and the name of a variable"),
        ("", f'--webhook: expected {HTTPS}, got "no such URL"'),
        ("hooks.example.com/s3cret", f'--webhook: expected {HTTPS}, got "no such URL"'),
        ("ftp://h/s3cret", f'--webhook: expected {HTTPS}, got "no such URL"'),
        ("file:///etc/s3cret", f'--webhook: expected {HTTPS}, got "no such URL"'),
        ("https://[::1/s3cret", f'--webhook: expected {HTTPS}, got "no URL"'),
        ("https://h:port/s3cret", f'--webhook: expected {HTTPS}, got "no URL"'),
        ("https://a b/s3cret", f'--webhook: expected {HTTPS}, got "no such URL"'),
        ("https://a\\@127.0.0.1/s3cret", f'--webhook: expected {HTTPS}, got "no such URL"'),
        ("https://h/s3cret\r\nX: y", f'--webhook: expected {HTTPS}, got "no such URL"'),
        ("https:///s3cret", f"--webhook: expected {HTTPS}"),
        ("https://b\u00fccher.example/s3cret", f'--webhook: expected {HTTPS}, got "no such URL"'),
        ("https://h/#s3cret", f"--webhook: expected {HTTPS}"),
        (
            "http://h/s3cret",
            f'--webhook: expected {HTTPS} (http needs --allow-private), got "http"',
        ),
    ],
)
def test_what_is_none_is_refused_without_being_shown(text: str, message: str) -> None:
    variables = {"EMPTY": " ", "BAD": "s3cret"}

    with pytest.raises(ArgumentError) as refused:
        read_target(text, variables, allow_private=False)

    assert str(refused.value).startswith(message.removesuffix(', got ""'))
    assert "s3cret" not in str(refused.value)


def test_http_is_for_where_private_is_allowed() -> None:
    assert read_target("http://h/x", {}, allow_private=True).origin == "http://h"


def test_the_fingerprint_stands_for_url_and_filter() -> None:
    one = read_target("https://h/x", {}, allow_private=False)
    other = read_target("https://h/y", {}, allow_private=False)

    prints = {one.fingerprint("a"), one.fingerprint("b"), other.fingerprint("a")}
    assert len(prints) == 3
    assert one.fingerprint("a") in prints
    assert {len(each) for each in prints} == {32}


def test_who_we_are() -> None:
    assert user_agent("").startswith("dockerhub/")
    assert user_agent("me@example.com").endswith(" (+me@example.com)")
