"""What a repository says about itself apart from its tags, generated from its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerhub.standin.categories import CATEGORIES
from dockerhub.standin.chance import number
from dockerhub.standin.formats import DOCKER, INDEX_TYPES, SCHEMA1
from dockerhub.standin.moments import DAY, START, microseconds, moment_text

if TYPE_CHECKING:
    from dockerhub.standin.truth import Category

MIGRATED = "2024-10-16T13:48:34.145251Z"
"""``last_modified`` of most repositories on Docker Hub: a migration touched them all.

Source: docker/docs hub latest.yaml, example of listNamespaceRepositories.
"""

_NAMES = (
    "nginx redis postgresql kafka airflow vault grafana mongodb rabbitmq memcached jenkins "
    "wordpress ghost harbor keycloak consul etcd minio spark solr thanos traefik mariadb haproxy "
    "fluentd logstash kibana zookeeper cassandra drupal magento moodle odoo phpmyadmin ruby node "
    "python golang openjdk rust"
)
_PRODUCTS = _NAMES.split()
_PARTS = ("", "exporter", "operator", "proxy", "agent", "backup", "cli", "sidecar")
_STRIDE = 8 * 365 * DAY


def product_name(order: int) -> str:
    """Return the name of the *order*-th repository of a namespace; all are distinct."""
    part, product = divmod(order, len(_PRODUCTS))
    name = _PRODUCTS[product]
    if part < len(_PARTS):
        return f"{name}-{_PARTS[part]}".rstrip("-")
    return f"{name}-{part}"


def registered_at(order: int, key: str) -> int:
    """Return when the *order*-th repository of a namespace was made, in microseconds.

    Later ones are younger, and none is younger than eight years after June 2014, however many
    there are: so there is room for their tags.
    """
    bent = 1 - 1 / (1 + order / 300)
    return microseconds(2014, 6) + int(_STRIDE * bent) + number(key, "registered") % 900_000


def newest_at(key: str) -> int:
    """Return when the newest generated tag was pushed, in microseconds."""
    return START - DAY - number(key, "newest") % (600 * DAY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """The facts of one repository that no push changes."""

    id: int
    repository_type: str | None
    status: int
    status_description: str
    description: str
    full_description: str | None
    star_count: int
    pull_count: int
    last_modified: str | None
    media_types: tuple[str | None, ...]
    categories: tuple[Category, ...]
    immutable_tags_enabled: bool
    immutable_tags_rules: tuple[str, ...]
    storage_size: int
    collaborator_count: int


def profile(key: str, namespace: str, name: str, order: int) -> Profile:
    """Return the facts of the *order*-th repository of *namespace*.

    The oddities stand at fixed places, so that a namespace of twelve has them all: the first was
    pulled more than 2^32 times, the second has no type, the fourth legacy media types (``null``
    among them), the fifth no description, the sixth is archived, the eighth has immutable tags.
    """
    throw = number(key, "profile")
    archived = order % 40 == 5
    immutable = order % 40 == 7
    return Profile(
        id=number(key, "id") % 1_200_000_000 + 1,
        repository_type=None if order % 3 == 1 else "image",
        status=6 if archived else 1,
        status_description="archived" if archived else "active",
        description=_description(namespace, name, order),
        full_description=_full_description(namespace, name, order),
        star_count=_stars(throw),
        pull_count=_pulls(throw, order),
        last_modified=_modified(throw),
        media_types=_media_types(order),
        categories=_categories(throw),
        immutable_tags_enabled=immutable,
        immutable_tags_rules=(r"^\d+\.\d+\.\d+$",) if immutable else (".*",),
        storage_size=10_000_000 + throw % 400_000_000_000,
        collaborator_count=throw % 3,
    )


def star_count(key: str) -> int:
    """Return the stars of a repository, without all the rest."""
    return _stars(number(key, "profile"))


def _stars(throw: int) -> int:
    return throw % 4_000


def _description(namespace: str, name: str, order: int) -> str:
    if order % 9 == 4:
        return ""
    extra = ' - "small" & <quick>, naïve defaults' if order % 9 == 7 else ""
    return f"Container of {name} as built by {namespace}{extra}"[:100]


def _full_description(namespace: str, name: str, order: int) -> str | None:
    if order % 9 == 4:
        return None
    usage = f"```console\n$ docker run --rm {namespace}/{name}\n```\n"
    return f"# {name}\n\nHow {namespace} packs {name}.\n\n## Usage\n\n{usage}" * (1 + order % 5)


def _pulls(throw: int, order: int) -> int:
    magnitude: int = 10 ** (1 + throw % 8)
    return throw % (9 * magnitude) + (2**32 if order == 0 else 0)


def _modified(throw: int) -> str | None:
    if throw % 16 == 1:
        return None
    return MIGRATED if throw % 5 else moment_text(START - throw % (700 * DAY))


def _media_types(order: int) -> tuple[str | None, ...]:
    if order % 40 == 3:
        return (None, SCHEMA1)
    return (DOCKER.config_type, *INDEX_TYPES)


def _categories(throw: int) -> tuple[Category, ...]:
    first = throw // 5 % len(CATEGORIES)
    second = (first + 1 + throw // 80 % 5) % len(CATEGORIES)
    return ((), (CATEGORIES[first],), (CATEGORIES[first], CATEGORIES[second]))[throw // 7 % 3]
