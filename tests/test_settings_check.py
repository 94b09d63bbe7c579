from __future__ import annotations

import pytest
from scrapy.settings import BaseSettings

from dockerhub.errors import ArgumentError
from dockerhub.settings_check import check_settings

GOOD = {
    "DOCKERHUB_HUB_URL": "https://hub.docker.com",
    "DOCKERHUB_HUB_RATE": "120",
    "DOCKERHUB_REST_SECONDS": "300",
    "DOCKERHUB_FULL_WALK_DAYS": "30",
    "DOCKERHUB_DATABASE_URL": "sqlite:///dockerhub.db",
}
REST = "setting DOCKERHUB_REST_SECONDS: expected seconds, 0 or more, got "
RATE = "setting DOCKERHUB_HUB_RATE: expected requests a minute, 0 or more, got "
DATABASE = (
    "setting DOCKERHUB_DATABASE_URL: expected sqlite:///FILE"
    " (PostgreSQL is not supported by this version yet), got "
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
            "setting DOCKERHUB_HUB_URL: expected an origin such as https://hub.docker.com"
            ' (http only for loopback hosts, no path), got "http://hub.docker.com"',
            id="hub without https",
        ),
        pytest.param(
            "DOCKERHUB_DATABASE_URL", "dockerhub.db", DATABASE + '"dockerhub.db"', id="a bare path"
        ),
        pytest.param(
            "DOCKERHUB_DATABASE_URL",
            "postgresql://ada:s3cret@db.example/hub",
            DATABASE + '"postgresql://***@db.example/hub"',
            id="PostgreSQL",
        ),
        pytest.param(
            "DOCKERHUB_DATABASE_URL",
            "postgresql://ada:s3/cret@db.example/hub",
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
