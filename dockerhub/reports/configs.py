"""What two image configs say differently. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dockerhub.reports.quoting import as_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dockerhub.store.images_reader import StoredConfig


class ConfigChange(NamedTuple):
    """One thing that a config says: `env` with the key `PATH`, `user` without one."""

    field: str
    key: str | None
    old: str | None
    """None: it was not said"""
    new: str | None
    """None: it is not said any more"""


def config_changes(
    old: StoredConfig | None, new: StoredConfig | None
) -> tuple[ConfigChange, ...] | None:
    """Return what is said differently, in the order of a config; None if one is not known.

    When an image was built is left out: that is never the same.
    """
    if old is None or new is None:
        return None
    before, after = _facts(old), _facts(new)
    names = dict.fromkeys([*before, *after])
    fields = list(dict.fromkeys(field for field, _ in names))
    return tuple(
        ConfigChange(field, key, before.get((field, key)), after.get((field, key)))
        for field, key in sorted(names, key=lambda name: fields.index(name[0]))
        if before.get((field, key)) != after.get((field, key))
    )


def _facts(config: StoredConfig) -> Mapping[tuple[str, str | None], str]:
    facts: dict[tuple[str, str | None], str | None] = {
        ("entrypoint", None): _list(config.entrypoint),
        ("cmd", None): _list(config.cmd),
        ("user", None): config.user or None,
        ("working_dir", None): config.working_dir or None,
        ("stop_signal", None): config.stop_signal or None,
        ("os_version", None): config.os_version or None,
        ("author", None): config.author or None,
    }
    facts |= {("env", pair.partition("=")[0]): pair.partition("=")[2] for pair in config.env}
    facts |= {("port", port): "" for port in config.exposed_ports}
    facts |= {("volume", volume): "" for volume in config.volumes}
    facts |= {("label", name): value for name, value in sorted(config.labels.items())}
    return {name: value for name, value in facts.items() if value is not None}


def _list(words: Iterable[str] | None) -> str | None:
    return None if words is None else as_list(list(words))
