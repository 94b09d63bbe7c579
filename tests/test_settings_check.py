from __future__ import annotations

from contextlib import nullcontext

import pytest
from scrapy.settings import BaseSettings

from dockerhub.errors import ArgumentError
from dockerhub.settings_check import check_settings

GOOD = {
    "DOCKERHUB_HUB_URL": "https://hub.docker.com",
    "DOCKERHUB_REGISTRY_URL": "https://registry-1.docker.io",
    "DOCKERHUB_AUTH_URL": "https://auth.docker.io",
    "DOCKERHUB_HUB_RATE": "120",
    "DOCKERHUB_REGISTRY_RATE": "600",
    "DOCKERHUB_PULL_RESERVE": "20",
    "DOCKERHUB_PULL_WAIT": "false",
    "DOCKERHUB_LAYERS_FROM": "auto",
    "DOCKERHUB_CATALOG_MIN_YIELD": "0.2",
    "DOCKERHUB_CATALOG_WINDOW": "1000",
    "DOCKERHUB_JOB_TRIES": "5",
    "DOCKERHUB_JOB_BACKOFF": "30",
    "DOCKERHUB_WORKER_SILENCE": "30",
    "DOCKERHUB_TAG_DETAILS": "200",
    "DOCKERHUB_REST_SECONDS": "300",
    "DOCKERHUB_FULL_WALK_DAYS": "30",
    "DOCKERHUB_DATABASE_URL": "sqlite:///dockerhub.db",
    "DOCKERHUB_PROXIES": "",
    "DOCKERHUB_PROXY_FILE": "",
    "DOCKERHUB_PROXY_SESSION_REQUESTS": "80",
    "ROTATING_PROXY_PAGE_RETRY_TIMES": 5,
    "DOCKERHUB_PROXY_PATIENCE": "600",
    "DOCKERHUB_TOTAL_RATE": "0",
    "ROTATING_PROXY_BACKOFF_BASE": 5,
    "ROTATING_PROXY_BACKOFF_CAP": 300,
}
REST = "setting DOCKERHUB_REST_SECONDS: expected seconds, 0 or more, got "
RATE = "setting DOCKERHUB_HUB_RATE: expected requests a minute, 0 or more, got "
PULLS = "setting DOCKERHUB_PULL_RESERVE: expected a whole number of pulls, 0 or more, got "
DETAILS = "setting DOCKERHUB_TAG_DETAILS: expected a whole number of tags, 0 or more, got "
LAYERS = "setting DOCKERHUB_LAYERS_FROM: expected auto or hub or registry, got "
TOTAL = "setting DOCKERHUB_TOTAL_RATE: expected requests a minute, 0 or more, got "
SESSION = (
    "setting DOCKERHUB_PROXY_SESSION_REQUESTS: expected a whole number of requests, 1 or more, got "
)
PATIENCE = "setting DOCKERHUB_PROXY_PATIENCE: expected seconds, 0 or more, got "
BACKOFF = "setting ROTATING_PROXY_BACKOFF_BASE: expected seconds, 0.1 or more, got "
LONGEST = (
    "setting ROTATING_PROXY_BACKOFF_CAP: expected seconds,"
    " ROTATING_PROXY_BACKOFF_BASE or more, got "
)
PROXY = "expected http://[user:password@]host:port or direct, got "
ORIGIN = "expected an origin such as https://hub.docker.com (http only for loopback hosts, no path)"
DATABASE = (
    "setting DOCKERHUB_DATABASE_URL: expected sqlite:///FILE or postgresql://HOST/DATABASE, got "
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("DOCKERHUB_HUB_RATE", "120", id="as they are"),
        pytest.param("DOCKERHUB_HUB_RATE", "0", id="no ceiling"),
        pytest.param("DOCKERHUB_HUB_RATE", 12.5, id="a number"),
        pytest.param("DOCKERHUB_REST_SECONDS", "0", id="no rest"),
        pytest.param("DOCKERHUB_REST_SECONDS", 0.5, id="half a second"),
        pytest.param("DOCKERHUB_REST_SECONDS", "86400", id="a day of rest"),
        pytest.param("DOCKERHUB_FULL_WALK_DAYS", "0.5", id="half a day"),
        pytest.param("DOCKERHUB_HUB_URL", "http://127.0.0.1:8080", id="loopback"),
        pytest.param("DOCKERHUB_REGISTRY_URL", "http://[::1]:5000/", id="registry on loopback"),
        pytest.param("DOCKERHUB_AUTH_URL", "https://hub.docker.com", id="tokens where the hub is"),
        pytest.param("DOCKERHUB_REGISTRY_RATE", "0", id="no ceiling at the registry"),
        pytest.param("DOCKERHUB_PULL_RESERVE", "0", id="nothing left to others"),
        pytest.param("DOCKERHUB_PULL_RESERVE", 999_999_999, id="all left to others"),
        pytest.param("DOCKERHUB_PULL_WAIT", "true", id="wait"),
        pytest.param("DOCKERHUB_PULL_WAIT", "0", id="do not wait"),
        pytest.param("DOCKERHUB_PULL_WAIT", True, id="wait, as Python says it"),
        pytest.param("DOCKERHUB_LAYERS_FROM", "hub", id="layers from the hub"),
        pytest.param("DOCKERHUB_LAYERS_FROM", "registry", id="layers from the registry"),
        pytest.param("DOCKERHUB_LAYERS_FROM", "AUTO", id="in capitals"),
        pytest.param("DOCKERHUB_TAG_DETAILS", "0", id="no single tags"),
        pytest.param("DOCKERHUB_TOTAL_RATE", "90.5", id="a cap for the whole crawl"),
        pytest.param("DOCKERHUB_PROXIES", "http://ada:s3cret@gw:7000, direct", id="proxies"),
        pytest.param("DOCKERHUB_PROXY_SESSION_REQUESTS", "1", id="a session a request"),
        pytest.param("DOCKERHUB_PROXY_PATIENCE", "0", id="no patience"),
        pytest.param("ROTATING_PROXY_BACKOFF_BASE", 0.1, id="short rests"),
        pytest.param("ROTATING_PROXY_BACKOFF_CAP", "5", id="rests that do not grow"),
    ],
)
def test_good_settings_pass_and_stay_as_they_are(name: str, value: object) -> None:
    settings = BaseSettings({**GOOD, name: value})
    check_settings(settings)
    assert settings[name] == value


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("DOCKERHUB_HUB_RATE", "fast", RATE + '"fast"', id="rate is a word"),
        pytest.param("DOCKERHUB_HUB_RATE", "-1", RATE + '"-1"', id="rate below 0"),
        pytest.param("DOCKERHUB_HUB_RATE", "nan", RATE + '"nan"', id="rate is no number"),
        pytest.param("DOCKERHUB_HUB_RATE", "inf", RATE + '"inf"', id="rate without end"),
        pytest.param("DOCKERHUB_HUB_RATE", None, RATE + '"None"', id="rate is missing"),
        pytest.param("DOCKERHUB_HUB_RATE", "0.05", RATE + '"0.05"', id="rate that never ends"),
        pytest.param("DOCKERHUB_REST_SECONDS", "long", REST + '"long"', id="rest is a word"),
        pytest.param("DOCKERHUB_REST_SECONDS", "-0.1", REST + '"-0.1"', id="rest below 0"),
        pytest.param("DOCKERHUB_REST_SECONDS", "nan", REST + '"nan"', id="rest is no number"),
        pytest.param("DOCKERHUB_REST_SECONDS", "inf", REST + '"inf"', id="rest without end"),
        pytest.param("DOCKERHUB_REST_SECONDS", None, REST + '"None"', id="rest is missing"),
        pytest.param(
            "DOCKERHUB_FULL_WALK_DAYS",
            "monthly",
            'setting DOCKERHUB_FULL_WALK_DAYS: expected days, 0 or more, got "monthly"',
            id="days are a word",
        ),
        pytest.param(
            "DOCKERHUB_HUB_URL",
            "http://hub.docker.com",
            f'setting DOCKERHUB_HUB_URL: {ORIGIN}, got "http://hub.docker.com"',
            id="hub without https",
        ),
        pytest.param(
            "DOCKERHUB_REGISTRY_URL",
            "https://registry-1.docker.io/v2",
            f'setting DOCKERHUB_REGISTRY_URL: {ORIGIN}, got "https://registry-1.docker.io/v2"',
            id="registry with a path",
        ),
        pytest.param(
            "DOCKERHUB_AUTH_URL",
            "https://ada:s3cret@auth.docker.io",
            f'setting DOCKERHUB_AUTH_URL: {ORIGIN}, got "https://***@auth.docker.io"',
            id="token service with a password",
        ),
        pytest.param(
            "DOCKERHUB_REGISTRY_URL",
            "https://HUB.docker.com/",
            "setting DOCKERHUB_REGISTRY_URL: expected another origin than DOCKERHUB_HUB_URL,"
            ' got "https://hub.docker.com"',
            id="registry where the hub is",
        ),
        pytest.param(
            "DOCKERHUB_REGISTRY_RATE",
            "-1",
            RATE.replace("_HUB_", "_REGISTRY_") + '"-1"',
            id="rate of the registry below 0",
        ),
        pytest.param("DOCKERHUB_PULL_RESERVE", "-1", PULLS + '"-1"', id="reserve below 0"),
        pytest.param("DOCKERHUB_PULL_RESERVE", "1.5", PULLS + '"1.5"', id="half a pull"),
        pytest.param("DOCKERHUB_PULL_RESERVE", "", PULLS + '""', id="reserve is empty"),
        pytest.param(
            "DOCKERHUB_PULL_RESERVE", "1000000000", PULLS + '"1000000000"', id="reserve too long"
        ),
        pytest.param(
            "DOCKERHUB_PULL_RESERVE", "\u0663", PULLS + r'"\u0663"', id="reserve in other digits"
        ),
        pytest.param("DOCKERHUB_TAG_DETAILS", "many", DETAILS + '"many"', id="details are a word"),
        pytest.param("DOCKERHUB_TOTAL_RATE", "-1", TOTAL + '"-1"', id="cap below 0"),
        pytest.param("DOCKERHUB_TOTAL_RATE", "0.01", TOTAL + '"0.01"', id="cap of days"),
        pytest.param(
            "DOCKERHUB_PROXY_SESSION_REQUESTS", "0", SESSION + '"0"', id="sessions of nothing"
        ),
        pytest.param(
            "DOCKERHUB_PROXY_SESSION_REQUESTS", "few", SESSION + '"few"', id="session is a word"
        ),
        pytest.param("DOCKERHUB_PROXY_PATIENCE", "inf", PATIENCE + '"inf"', id="endless patience"),
        pytest.param("ROTATING_PROXY_BACKOFF_BASE", 0, BACKOFF + '"0"', id="rests of nothing"),
        pytest.param("ROTATING_PROXY_BACKOFF_CAP", "4", LONGEST + '"4"', id="rests that shrink"),
        pytest.param("ROTATING_PROXY_BACKOFF_CAP", "0", LONGEST + '"0"', id="longest rest is none"),
        pytest.param(
            "DOCKERHUB_PROXIES",
            "direct ada:s3cret",
            "setting DOCKERHUB_PROXIES, entry 2: " + PROXY + '"no port from 1 to 65535"',
            id="a password for a port",
        ),
        pytest.param(
            "DOCKERHUB_PROXIES",
            " , ",
            "setting DOCKERHUB_PROXIES: " + PROXY + '"no entry"',
            id="no proxy",
        ),
        pytest.param(
            "DOCKERHUB_PROXY_FILE",
            "http://ada:s3cret@gw:7000",
            "setting DOCKERHUB_PROXY_FILE: expected a file that can be read"
            ' (No such file or directory), got "***"',
            id="a proxy for a file",
        ),
        pytest.param("DOCKERHUB_LAYERS_FROM", "cdn", LAYERS + '"cdn"', id="layers from elsewhere"),
        pytest.param("DOCKERHUB_LAYERS_FROM", "", LAYERS + '""', id="layers from nowhere"),
        pytest.param(
            "DOCKERHUB_PULL_WAIT",
            "maybe",
            'setting DOCKERHUB_PULL_WAIT: expected true or false, got "maybe"',
            id="wait is a word",
        ),
        pytest.param(
            "DOCKERHUB_DATABASE_URL", "dockerhub.db", DATABASE + '"dockerhub.db"', id="a bare path"
        ),
        pytest.param(
            "DOCKERHUB_DATABASE_URL",
            "mysql://ada:s3cret@db.example/hub",
            DATABASE + '"mysql://***@db.example/hub"',
            id="another server",
        ),
        pytest.param(
            "DOCKERHUB_DATABASE_URL",
            "mysql://ada:s3/cret@db.example/hub",
            DATABASE + '"***"',
            id="a password with a slash",
        ),
        pytest.param(
            "DOCKERHUB_USERNAME",
            "ada",
            'setting DOCKERHUB_USERNAME: expected an environment variable, got "a setting (-s)"',
            id="user name as a setting",
        ),
        pytest.param(
            "DOCKERHUB_PASSWORD",
            "s3cret",
            'setting DOCKERHUB_PASSWORD: expected an environment variable, got "a setting (-s)"',
            id="password as a setting",
        ),
    ],
)
def test_a_wrong_setting_is_named_without_its_secrets(
    name: str, value: object, message: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        check_settings(BaseSettings({**GOOD, name: value}))
    assert str(caught.value) == message
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("registry", "is_refused"),
    [
        ("https://hub.docker.com", True),
        ("http://hub.docker.com", True),
        ("https://hub.docker.com:8443", False),
        ("https://hub.docker.io", False),
    ],
)
def test_hub_and_registry_are_told_apart_by_their_origins(registry: str, is_refused: bool) -> None:
    settings = BaseSettings({**GOOD, "DOCKERHUB_REGISTRY_URL": registry})
    with pytest.raises(ArgumentError) if is_refused else nullcontext():
        check_settings(settings)


@pytest.mark.parametrize("value", ["true", "false", "True", "False", "1", "0", True, False, 1, 0])
def test_whether_to_wait_is_read_by_scrapy_as_it_was_checked(value: object) -> None:
    settings = BaseSettings({**GOOD, "DOCKERHUB_PULL_WAIT": value})
    check_settings(settings)
    assert settings.getbool("DOCKERHUB_PULL_WAIT") is (str(value).lower() in {"true", "1"})


@pytest.mark.parametrize("value", ["TRUE", "fALSE", "yes", ""])
def test_what_scrapy_cannot_read_is_refused(value: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        check_settings(BaseSettings({**GOOD, "DOCKERHUB_PULL_WAIT": value}))
    assert str(caught.value) == (
        f'setting DOCKERHUB_PULL_WAIT: expected true or false, got "{value}"'
    )
