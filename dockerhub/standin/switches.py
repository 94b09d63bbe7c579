"""Switches that are set from outside: JSON read into fields of `Options`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from dockerhub.standin.drift import Drift
from dockerhub.standin.guard import Block
from dockerhub.standin.options import Options
from dockerhub.standin.retry_after import RetryAfter
from dockerhub.standin.service import ServiceName

_PLAIN = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
# What Options itself imports for its types alone.
_NAMES = {
    "Callable": Callable,
    "Drift": Drift,
    "Block": Block,
    "RetryAfter": RetryAfter,
    "ServiceName": ServiceName,
}


def set_switches(options: Options, body: bytes) -> None:
    """Set the fields of *options* that *body* names, all of them or none.

    *body* is a JSON object of names and values; `Limit` and `Drift` are objects of their own
    fields, sets are lists.

    :raises ValueError: if a name or a value is wrong
    """
    content = json.loads(body)
    if not isinstance(content, dict):
        finding = f"expected an object of switches and values, got {json.dumps(content)}"
        raise ValueError(finding)  # noqa: TRY004  (the caller's fault, like the others)
    given: dict[str, Any] = {name: _value(name, value) for name, value in content.items()}
    # Made anew, so that the values are checked before any is set.
    replace(options, **given)
    for name, value in given.items():
        setattr(options, name, value)


def _value(name: str, value: object) -> object:
    hints = get_type_hints(Options, localns=_NAMES)
    # A clock cannot be sent.
    if name not in hints or name == "clock":
        raise ValueError(f"{name}: no such switch")
    try:
        return _read(hints[name], value)
    except TypeError:
        expected, got = _expected(hints[name]), json.dumps(value)
        raise ValueError(f"{name}: expected {expected}, got {got}") from None


def _read(hint: Any, value: Any) -> object:
    """Return *value* as *hint* wants it.

    :raises TypeError: if it is something else
    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _read_any(inner, value)
    if origin is dict and isinstance(value, dict):
        return {_read(inner[0], key): _read(inner[1], each) for key, each in value.items()}
    if origin is frozenset and isinstance(value, list):
        return frozenset(_read(inner[0], each) for each in value)
    if is_dataclass(hint) and isinstance(value, dict):
        return _read_fields(hint, value)
    if hint is float and type(value) is int:
        return float(value)
    if (origin is Literal and value in inner) or type(value) is hint:
        return value
    raise TypeError


def _read_fields(made: Any, value: dict[str, Any]) -> object:
    types = get_type_hints(made)
    return made(**{key: _read(types.get(key, NoneType), each) for key, each in value.items()})


def _read_any(hints: tuple[Any, ...], value: object) -> object:
    for hint in hints:
        try:
            return _read(hint, value)
        except TypeError:
            continue
    raise TypeError


def _expected(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(map(_expected, inner))
    if origin is Literal:
        return "one of " + " ".join(map(str, inner))
    if origin is dict:
        return f"an object with {_expected(inner[1])} for each name"
    if origin is frozenset:
        return "a list of texts"
    if is_dataclass(hint):
        return "an object of " + " ".join(field.name for field in fields(hint))
    return _PLAIN.get(hint, "null")
