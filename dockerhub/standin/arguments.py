"""The command line of ``python -m dockerhub.standin``, read into a world and options."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any, NoReturn, get_args

from dockerhub.standin.options import Limit, RetryAfter
from dockerhub.standin.shape import PLAIN, ShapeOptions
from dockerhub.standin.world import World


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line and ends with status 2."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(2)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = OneLineParser(prog="python -m dockerhub.standin", description="A local Docker Hub.")
    add = made.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0: any free one")
    add("--seed", type=int, default=1)
    add("--namespace", action="append", default=[], type=_namespace, metavar="NAME=REPOSxTAGS")
    add("--repository", action="append", default=[], type=_repository, metavar="NS/NAME=TAGS")
    add("--platforms", type=int, default=4, help="Linux platforms of an image, 1 to 7")
    add("--names-per-digest", type=int, default=4)
    add("--plain", action="store_true", help="no oddities: exact numbers of tags and images")
    add("--limit", type=_limit, metavar="REQUESTS/SECONDS", help="for each address")
    add("--account-limit", type=_account_limit, default="same", metavar="REQUESTS/SECONDS")
    add("--window", choices=("first", "aligned"), default="first")
    add("--reset", choices=("ceil", "floor"), default="ceil")
    add("--retry-after", choices=get_args(RetryAfter), default="seconds")
    add("--account", action="append", default=[], type=_account, metavar="NAME:SECRET")
    add("--token-seconds", type=float, default=600.0)
    add("--no-token-endpoint", action="store_true", help="/v2/auth/token answers 404")
    add("--no-caps", action="store_true", help="anonymous callers may page to the end")
    add("--caps", type=_caps, default=(100, 1000), metavar="LIST/TAGS", help="row offsets")
    add("--unknown-namespace-empty", action="store_true", help="answers 200 and count 0")
    add("--cheap", action="store_true", help="never compress, keep rendered pages")
    add("--warm", action="store_true", help="with --cheap: render pages of 100 before the start")
    return made


def build_world(given: argparse.Namespace) -> World:
    """Return the world that the command line asks for; by default a small one.

    :raises ValueError: if a number or name does not fit
    """
    world = World(given.seed)
    shape = ShapeOptions(names_per_digest=given.names_per_digest, platforms=given.platforms)
    if given.plain:
        shape = ShapeOptions(**shape, **PLAIN)
    if not given.namespace and not given.repository:
        given.namespace = [("bitnami", 24, 40), ("library", 6, 120)]
    for name, repositories, tags in given.namespace:
        empty = 0 if given.plain else None
        world.add_namespace(name, repositories, tags, never_pushed=empty, **shape)
    for name, tags in given.repository:
        world.add_repository(name, tags, **shape)
    return world


def read_options(given: argparse.Namespace) -> dict[str, Any]:
    """Return what the command line says as fields of `Options`."""
    lists, tags = (None, None) if given.no_caps else given.caps
    return {
        "accounts": dict(given.account),
        "token_seconds": given.token_seconds,
        "token_endpoint_status": 404 if given.no_token_endpoint else None,
        "list_cap": lists,
        "search_cap": lists,
        "tag_cap": tags,
        "limit": given.limit,
        "account_limit": given.account_limit,
        "window": given.window,
        "reset": given.reset,
        "retry_after": given.retry_after,
        "unknown_namespace_empty": given.unknown_namespace_empty,
        "cheap": given.cheap,
    }


def _matched(pattern: str, text: str, expected: str) -> re.Match[str]:
    found = re.fullmatch(pattern, text)
    if found is None:
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return found


def _namespace(text: str) -> tuple[str, int, int]:
    found = _matched(r"([^/=]+)=(\d+)x(\d+)", text, "name=24x40 (repositories x tags)")
    return found[1], int(found[2]), int(found[3])


def _repository(text: str) -> tuple[str, int]:
    found = _matched(r"([^/=]+/[^/=]+)=(\d+)", text, "namespace/name=40 (tags)")
    return found[1], int(found[2])


def _account(text: str) -> tuple[str, str]:
    found = _matched(r"([^:]+):(.+)", text, "name:secret")
    return found[1], found[2]


def _caps(text: str) -> tuple[int, int]:
    found = _matched(r"(\d+)/(\d+)", text, "100/1000 (rows of lists / of tags)")
    return int(found[1]), int(found[2])


def _limit(text: str) -> Limit | None:
    if text == "none":
        return None
    expected = "180/60 (requests/seconds) or none"
    found = _matched(r"([1-9]\d*)/(\d+(?:\.\d+)?)", text, expected)
    if not float(found[2]):
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return Limit(int(found[1]), float(found[2]))


def _account_limit(text: str) -> Limit | str | None:
    # argparse sends a default that is text through the type, too.
    return text if text == "same" else _limit(text)
