from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from dockerhub.names import read_image_name
from dockerhub.reports.compare import Comparison, changed_places, compare
from dockerhub.reports.comparison_text import comparison_json, comparison_lines
from dockerhub.reports.stored_images import NotStored
from tests.reports.images import Build
from tests.store.made import digest_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from dockerhub.reports.stored_images import Stored
    from tests.reports.images import Images, Made

    Open = Callable[[], Stored]

AMD64, ARM64 = "linux/amd64", "linux/arm64"
BASE: list[Made] = [("ADD rootfs / # buildkit", "rootfs", 29_000_000), 'CMD ["sh"]']
OLD = Build(
    steps=[
        *BASE,
        "ENV NGINX_VERSION=1.26.2",
        ("RUN /bin/sh -c install-nginx # buildkit", "nginx 1.26", 8_000_000),
        ("COPY entry.sh / # buildkit", "entry", 1_500),
        "EXPOSE map[80/tcp:{}]",
    ],
    labels={"maintainer": "Jo", "version": "1.26"},
    run={
        "env": ("PATH=/bin", "NGINX_VERSION=1.26.2", "OLD=1"),
        "cmd": ("nginx",),
        "exposed_ports": ("80/tcp",),
        "user": "root",
    },
)
NEW = Build(
    steps=[
        *BASE,
        "ENV NGINX_VERSION=1.27.0",
        ("RUN /bin/sh -c install-nginx # buildkit", "nginx 1.27", 9_000_000),
        ("COPY entry.sh / # buildkit", "entry", 1_500),
        ("COPY more.sh / # buildkit", "more", 500),
        "EXPOSE map[80/tcp:{}]",
    ],
    labels={"version": "1.27"},
    run={
        "env": ("PATH=/bin", "NGINX_VERSION=1.27.0"),
        "cmd": ("nginx", "-g", "daemon off;"),
        "exposed_ports": ("80/tcp", "443/tcp"),
        "volumes": ("/data",),
    },
)


def compared(stored: Open, *, platform: str | None = None) -> Comparison:
    return compare(
        stored(), read_image_name("nginx:1.26"), read_image_name("nginx:1.27"), platform=platform
    )


def text(comparison: Comparison) -> list[str]:
    return [line for line, _ in comparison_lines(comparison)]


def test_what_is_different_is_shown(images: Images, stored: Open) -> None:
    images.put("nginx:1.26", {AMD64: OLD})
    images.put("nginx:1.27", {AMD64: NEW})

    layer = {
        name: digest_text(f"layer {name}")[:19] for name in ("nginx 1.26", "nginx 1.27", "more")
    }
    assert text(compared(stored)) == [
        "nginx:1.26 -> nginx:1.27",
        "",
        "linux/amd64",
        "  size    37.0 MB -> 38.0 MB (+1.0 MB)",
        "  layers  2 shared (29.0 MB), 1 removed (8.0 MB), 2 added (9.0 MB)",
        f"    - {layer['nginx 1.26']}     8.0 MB  RUN install-nginx",
        f"    + {layer['nginx 1.27']}     9.0 MB  RUN install-nginx",
        f"    + {layer['more']}      500 B  COPY more.sh /",
        "  steps   3 changes",
        "    - ENV NGINX_VERSION=1.26.2",
        "    + ENV NGINX_VERSION=1.27.0",
        "    + COPY more.sh /",
        "  config  8 changes",
        '    - cmd=["nginx"]',
        '    + cmd=["nginx", "-g", "daemon off;"]',
        "    - user=root",
        "    - env NGINX_VERSION=1.26.2",
        "    + env NGINX_VERSION=1.27.0",
        "    - env OLD=1",
        "    + port 443/tcp",
        "    - label maintainer=Jo",
        "    - label version=1.26",
        "    + label version=1.27",
        "    + volume /data",
    ]


def test_the_same_is_in_the_json(images: Images, stored: Open) -> None:
    images.put("nginx:1.26", {AMD64: OLD, ARM64: OLD, "linux/386": OLD})
    images.put("nginx:1.27", {AMD64: NEW, "linux/s390x": NEW})

    found = json.loads(json.dumps(comparison_json(compared(stored))))

    assert (found["old"], found["new"]) == ("nginx:1.26", "nginx:1.27")
    assert (found["only_old"], found["only_new"]) == ([ARM64, "linux/386"], ["linux/s390x"])
    (platform,) = found["platforms"]
    assert platform["size_difference_bytes"] == 1_000_500
    assert [len(platform["layers"][kind]) for kind in ("shared", "removed", "added")] == [2, 1, 2]
    assert platform["layers"]["removed"] == [
        {
            "digest": digest_text("layer nginx 1.26"),
            "size_bytes": 8_000_000,
            "instruction": "RUN install-nginx",
        }
    ]
    assert platform["steps"][0] == {
        "change": "removed",
        "instruction": "ENV NGINX_VERSION=1.26.2",
    }
    changes = {(one["field"], one["key"]): one for one in platform["config"]}
    assert changes["env", "NGINX_VERSION"] == {
        "field": "env",
        "key": "NGINX_VERSION",
        "change": "changed",
        "old": "1.26.2",
        "new": "1.27.0",
    }
    assert changes["port", "443/tcp"]["change"] == "added"
    assert changes["label", "maintainer"]["change"] == "removed"


def test_platforms_that_only_one_has_are_named(images: Images, stored: Open) -> None:
    images.put("nginx:1.26", {AMD64: OLD, "linux/386": OLD})
    images.put("nginx:1.27", {AMD64: NEW, "linux/s390x": NEW, ARM64: NEW})

    assert text(compared(stored))[-4:] == [
        "",
        "only nginx:1.26 has linux/386",
        "",
        "only nginx:1.27 has linux/s390x, linux/arm64",
    ]


def test_like_platforms_are_compared_however_they_are_written(images: Images, stored: Open) -> None:
    old = {"linux/arm64/v8": OLD, "linux/arm/v7": OLD, "linux/arm/v6": OLD}
    images.put("nginx:1.26", old)
    images.put("nginx:1.27", {"linux/arm": NEW, "linux/arm64": NEW, "linux/arm/v6": NEW})

    found = compared(stored)

    assert [one.platform for one in found.platforms] == [ARM64, "linux/arm", "linux/arm/v6"]
    assert found.only_old == found.only_new == ()


def test_builds_of_one_windows_are_compared(images: Images, stored: Open) -> None:
    old = Build(steps=[("x", "old", 1)], os_version="10.0.20348.2340")
    new = Build(steps=[("x", "new", 1)], os_version="10.0.20348.9999")
    images.put("nginx:1.26", {"windows/amd64": old})
    images.put("nginx:1.27", {"windows/amd64": new})

    (found,) = compared(stored).platforms

    assert found.platform == "windows/amd64 10.0.20348"
    assert found.config is not None
    assert [(one.field, one.old, one.new) for one in found.config] == [
        ("os_version", "10.0.20348.2340", "10.0.20348.9999")
    ]


def test_one_platform_may_be_asked_for(images: Images, stored: Open) -> None:
    images.put("nginx:1.26", {AMD64: OLD, ARM64: OLD})
    images.put("nginx:1.27", {AMD64: NEW, ARM64: NEW})

    found = compared(stored, platform=ARM64)

    assert [one.platform for one in found.platforms] == [ARM64]


def test_an_image_is_the_same_as_itself(images: Images, stored: Open) -> None:
    images.put("nginx:1.26", {AMD64: Build(steps=BASE, is_read=False)})
    name = read_image_name("nginx:1.26")

    found = compare(stored(), name, name)

    assert text(found) == [
        "nginx:1.26 -> nginx:1.26",
        "",
        AMD64,
        f"  the same image, {digest_text('nginx:1.26 linux/amd64 None')}",
    ]


def test_layers_that_are_there_twice_count_twice(images: Images, stored: Open) -> None:
    step: Made = ("RUN touch x", "x", 10)
    images.put("nginx:1.26", {AMD64: Build(steps=[*BASE, step, step])})
    images.put("nginx:1.27", {AMD64: Build(steps=[*BASE, step])})

    (found,) = compared(stored).platforms

    assert (len(found.shared), len(found.removed), len(found.added)) == (2, 1, 0)
    assert text(compared(stored))[3] == "  size    29.0 MB -> 29.0 MB (-10 B)"


def test_a_config_that_was_not_read_is_told(images: Images, stored: Open) -> None:
    images.put("nginx:1.26", {AMD64: OLD})
    images.put("nginx:1.27", {AMD64: Build(steps=NEW.steps, has_config=False)})

    (found,) = compared(stored).platforms

    assert found.config is None
    assert text(compared(stored))[-1] == "  config  not read: add --fetch"


def test_what_could_not_be_compared_is_told_beside_what_could(images: Images, stored: Open) -> None:
    images.put("nginx:1.26", {AMD64: OLD, ARM64: Build(steps=BASE, is_read=False)})
    images.put("nginx:1.27", {AMD64: NEW, ARM64: NEW})

    found = compared(stored)

    assert [one.platform for one in found.platforms] == [AMD64]
    assert [str(one).partition(";")[0] for one in found.unread] == [
        "nginx:1.26 linux/arm64: expected its layers in the database, they were not read"
    ]
    assert found.fetch == {"repo": "nginx:1.26", "platforms": ARM64}
    assert len(comparison_json(found)["not_compared"]) == 1


def test_an_image_that_is_not_there_is_named(images: Images, stored: Open) -> None:
    images.put("nginx:1.26", {AMD64: OLD})

    with pytest.raises(NotStored, match="^nginx:1.27: expected it in the database, "):
        compared(stored)


def test_images_without_a_common_platform_are_told_apart(images: Images, stored: Open) -> None:
    images.put("nginx:1.26", {AMD64: OLD})
    images.put("nginx:1.27", {ARM64: NEW})

    assert text(compared(stored)) == [
        "nginx:1.26 -> nginx:1.27",
        "",
        "only nginx:1.26 has linux/amd64",
        "",
        "only nginx:1.27 has linux/arm64",
    ]


def test_nothing_hostile_reaches_a_terminal(images: Images, stored: Open) -> None:
    bad = "\x1b[2J\u202e\x9b1m\r\n[red]"
    build = Build(
        steps=[*BASE, (f"RUN {bad}", "bad", 1), f"ENV {bad}"],
        labels={bad: bad},
        run={"env": (f"A={bad}",), "cmd": (bad,), "volumes": (bad,), "user": bad},
    )
    images.put("nginx:1.26", {AMD64: OLD})
    images.put("nginx:1.27", {AMD64: build})

    lines = text(compared(stored))

    assert all(line.isprintable() for line in lines)
    assert any("[red]" in line for line in lines)


@pytest.mark.parametrize(
    ("old", "new"),
    [(["a", "b"] * 1000, ["b", "a", "a"] * 600), (["a"] * 2000, ["b", "a"] * 1000)],
)
def test_lists_that_mean_harm_take_no_time(old: list[str], new: list[str]) -> None:
    started = time.monotonic()
    places = list(changed_places(old, new))
    assert time.monotonic() - started < 1

    left = [line for place, line in enumerate(old) if (False, place) not in set(places)]
    kept = [line for place, line in enumerate(new) if (True, place) not in set(places)]
    assert sorted(left) == sorted(kept)
