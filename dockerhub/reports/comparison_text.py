"""A comparison of images as lines and as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerhub.names import digest_text
from dockerhub.redact import harmless, plain
from dockerhub.reports.sizes import difference_text, size_text
from dockerhub.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerhub.reports.compare import ComparedLayer, Comparison, PlatformComparison
    from dockerhub.reports.configs import ConfigChange
    from dockerhub.reports.printing import Line

_ADDED, _REMOVED, _TITLE = "green", "red", "bold"
_MOST_TEXT = 100
_SHORT_DIGEST = len("sha256:") + 12


def comparison_lines(comparison: Comparison) -> Iterator[Line]:
    """Yield the lines of a comparison: `-` for what only the old image has, `+` for the new one."""
    yield f"{plain(comparison.old)} -> {plain(comparison.new)}", _TITLE
    for platform in comparison.platforms:
        yield "", ""
        yield from _platform_lines(platform)
    only = ((comparison.old, comparison.only_old), (comparison.new, comparison.only_new))
    for name, platforms in only:
        if platforms:
            yield "", ""
            yield f"only {plain(name)} has {', '.join(map(plain, platforms))}", ""


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as a program reads it."""
    return {
        "old": comparison.old,
        "new": comparison.new,
        "platforms": [_platform_json(platform) for platform in comparison.platforms],
        "only_old": list(comparison.only_old),
        "only_new": list(comparison.only_new),
        "not_compared": [str(error) for error in comparison.unread],
    }


def _platform_lines(platform: PlatformComparison) -> Iterator[Line]:
    yield plain(platform.platform), _TITLE
    if platform.is_same:
        yield f"  the same image, {digest_text(platform.old_digest)}", ""
        return
    yield f"  size    {_sizes(platform)}", ""
    yield f"  layers  {_layer_counts(platform)}", ""
    for layers, mark, style in (
        (platform.removed, "-", _REMOVED),
        (platform.added, "+", _ADDED),
    ):
        yield from ((f"    {mark} {_layer(layer)}", style) for layer in layers)
    yield f"  steps   {_changed(len(platform.steps))}", ""
    for change in platform.steps:
        mark, style = ("+", _ADDED) if change.is_added else ("-", _REMOVED)
        yield f"    {mark} {plain(change.instruction.text, _MOST_TEXT)}", style
    if platform.config is None:
        yield "  config  not read: add --fetch", ""
        return
    yield f"  config  {_changed(len(platform.config))}", ""
    for config in platform.config:
        yield from _config_lines(config)


def _sizes(platform: PlatformComparison) -> str:
    old, new = platform.old_size, platform.new_size
    shown = " -> ".join("unknown" if size is None else size_text(size) for size in (old, new))
    return shown if old is None or new is None else f"{shown} ({difference_text(old, new)})"


def _layer_counts(platform: PlatformComparison) -> str:
    parts = (("shared", platform.shared), ("removed", platform.removed), ("added", platform.added))
    return ", ".join(f"{len(layers)} {name}{_total(layers)}" for name, layers in parts)


def _total(layers: Sequence[ComparedLayer]) -> str:
    sizes = [layer.size for layer in layers if layer.size is not None]
    return f" ({size_text(sum(sizes))})" if sizes and len(sizes) == len(layers) else ""


def _layer(layer: ComparedLayer) -> str:
    size = "unknown" if layer.size is None else size_text(layer.size)
    digest = digest_text(layer.digest)[:_SHORT_DIGEST]
    text = "" if layer.instruction is None else plain(layer.instruction.text, _MOST_TEXT)
    return f"{digest}  {size:>9}  {text}".rstrip()


def _changed(number: int) -> str:
    return counted(number, "change") if number else "the same"


def _config_lines(change: ConfigChange) -> Iterator[Line]:
    name = plain(f"{change.field} {change.key}" if change.key is not None else change.field)
    for value, mark, style in ((change.old, "-", _REMOVED), (change.new, "+", _ADDED)):
        if value is not None:
            yield f"    {mark} {name}{'=' + plain(value, _MOST_TEXT) if value else ''}", style


def _platform_json(platform: PlatformComparison) -> dict[str, Any]:
    old, new = platform.old_size, platform.new_size
    config = platform.config
    return {
        "platform": platform.platform,
        "is_same": platform.is_same,
        "old_digest": digest_text(platform.old_digest),
        "new_digest": digest_text(platform.new_digest),
        "old_size_bytes": old,
        "new_size_bytes": new,
        "size_difference_bytes": None if old is None or new is None else new - old,
        "layers": {
            "shared": [_layer_json(layer) for layer in platform.shared],
            "removed": [_layer_json(layer) for layer in platform.removed],
            "added": [_layer_json(layer) for layer in platform.added],
        },
        "steps": [
            {
                "change": "added" if change.is_added else "removed",
                "instruction": harmless(change.instruction.text),
            }
            for change in platform.steps
        ],
        "config": None
        if config is None
        else [
            {
                "field": change.field,
                "key": change.key,
                "change": _kind(change),
                "old": change.old,
                "new": change.new,
            }
            for change in config
        ],
    }


def _kind(change: ConfigChange) -> str:
    if change.old is None:
        return "added"
    return "removed" if change.new is None else "changed"


def _layer_json(layer: ComparedLayer) -> dict[str, Any]:
    return {
        "digest": digest_text(layer.digest),
        "size_bytes": layer.size,
        "instruction": layer.instruction and harmless(layer.instruction.text),
    }
