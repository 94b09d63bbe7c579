"""The command line of ``python -m dockerhub.standin``, read into a world and options."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn, get_args

from dockerhub.standin.argument_forms import (
    account_argument,
    account_limit_argument,
    caps_argument,
    drift_argument,
    fault_argument,
    gone_argument,
    limit_argument,
    namespace_argument,
    repository_argument,
)
from dockerhub.standin.guard import Block
from dockerhub.standin.options import Limit
from dockerhub.standin.retry_after import RetryAfter
from dockerhub.standin.service import ServiceName
from dockerhub.standin.shape import PLAIN, ShapeOptions
from dockerhub.standin.world import World

_OTHER_PORTS = ("registry_port", "auth_port", "cdn_port")


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
    add("--port", type=int, default=0, help="of the Hub API; 0: any free one")
    for name in _OTHER_PORTS:
        add(f"--{name.replace('_', '-')}", type=int, default=0)
    add("--seed", type=int, default=1)
    add(
        "--namespace",
        action="append",
        default=[],
        type=namespace_argument,
        metavar="NAME=REPOSxTAGS",
    )
    add(
        "--repository",
        action="append",
        default=[],
        type=repository_argument,
        metavar="NS/NAME=TAGS",
    )
    add("--platforms", type=int, default=4, help="Linux platforms of an image, 1 to 7")
    add("--names-per-digest", type=int, default=4)
    add("--plain", action="store_true", help="no oddities: exact numbers of tags and images")
    add("--limit", type=limit_argument, metavar="REQUESTS/SECONDS", help="for each address")
    add("--account-limit", type=account_limit_argument, default="same", metavar="REQUESTS/SECONDS")
    add("--window", choices=("first", "aligned"), default="first")
    add("--reset", choices=("ceil", "floor"), default="ceil")
    add("--retry-after", choices=get_args(RetryAfter), default="seconds")
    add("--account", action="append", default=[], type=account_argument, metavar="NAME:SECRET")
    add("--token-seconds", type=float, default=600.0)
    add("--no-token-endpoint", action="store_true", help="/v2/auth/token answers 404")
    add("--no-caps", action="store_true", help="anonymous callers may page to the end")
    add("--caps", type=caps_argument, default=(100, 1000), metavar="LIST/TAGS", help="row offsets")
    add("--crowd", type=int, default=0, metavar="REPOSITORIES", help="of small publishers")
    add("--search-depth", type=int, metavar="ROWS", help="hits that anybody may see")
    add("--unknown-namespace-empty", action="store_true", help="answers 200 and count 0")
    add("--cheap", action="store_true", help="never compress, keep rendered pages")
    add("--warm", action="store_true", help="with --cheap: render pages of 100 before the start")
    add("--hidden", action="append", default=[], metavar="NS/NAME", help="a private repository")
    _add_registry(made)
    _add_what_goes_wrong(made)
    return made


def _add_registry(made: argparse.ArgumentParser) -> None:
    add = made.add_argument_group("the registry").add_argument
    limit = "PULLS/SECONDS"
    add("--pull-limit", type=limit_argument, metavar=limit, help="for each address")
    add("--account-pull-limit", type=account_limit_argument, default="same", metavar=limit)
    add("--pull-headers", choices=("x", "plain", "both"), default="x")
    add("--pull-header-space", action="store_true", help="a space after the ; in them")
    add("--announced-pull-seconds", type=int, help="what they say instead of the truth")
    add("--auth-limit", type=limit_argument, default=Limit(3000, 60.0), metavar="REQUESTS/SECONDS")
    add("--registry-token-seconds", type=float, default=300.0)
    add("--registry-token-expiry-untold", action="store_true", help="a token lives a minute")
    add("--registry-service", default="registry.docker.io")
    add("--registry-issuer", default="auth.docker.io")
    add("--grant-push", action="store_true", help="for a real registry that trusts the tokens")
    add("--no-redirect", action="store_true", help="blobs come from the registry itself")
    add("--cdn-seconds", type=float, default=3000.0, help="how long an address there is good")


def _add_what_goes_wrong(made: argparse.ArgumentParser) -> None:
    add = made.add_argument_group("what goes wrong").add_argument
    faults, gone = "KIND=RATE", "ENDPOINT=FORM"
    add("--fault", action="append", default=[], type=fault_argument, metavar=faults)
    add("--fault-seed", type=int, default=1, help="which answers are spoilt")
    add("--abuse", type=limit_argument, metavar="REQUESTS/SECONDS", help="bare 429 above it")
    add("--block", choices=get_args(Block), help="the answer to everything but signing in")
    add("--block-after", type=int, metavar="REQUESTS", help="of anybody")
    add("--bot-guard-after", type=int, metavar="REQUESTS", help="of one address")
    for option in ("--blocked-service", "--guarded-service"):
        add(option, action="append", choices=get_args(ServiceName), help="this one and not all")
    add("--gone", action="append", default=[], type=gone_argument, metavar=gone)
    add("--drift", type=drift_argument, metavar="every=3,repository=NS/NAME,pushed=2,...")
    add("--lying-images", type=float, default=0.0, metavar="SHARE", help="with a wrong layer")
    add("--drop-digests", type=float, default=0.0, metavar="SHARE", help="of images and tags")


def build_world(given: argparse.Namespace) -> World:
    """Return the world that the command line asks for; by default a small one.

    :raises ValueError: if a number or name does not fit
    """
    world = World(given.seed)
    shape = ShapeOptions(names_per_digest=given.names_per_digest, platforms=given.platforms)
    if given.plain:
        shape = ShapeOptions(**shape, **PLAIN)
    if not given.namespace and not given.repository and not given.crowd:
        given.namespace = [("bitnami", 24, 40), ("library", 6, 120)]
    for name, repositories, tags in given.namespace:
        empty = 0 if given.plain else None
        world.add_namespace(name, repositories, tags, never_pushed=empty, **shape)
    for name, tags in given.repository:
        world.add_repository(name, tags, **shape)
    if given.crowd:
        world.add_crowd(given.crowd)
    drifting = given.drift.repository if given.drift else None
    if drifting and drifting not in [state.full_name for state in world.states()]:
        raise ValueError(f"drift: repository: there is no {drifting}")
    return world


def read_ports(given: argparse.Namespace) -> dict[str, Any]:
    """Return where the command line says to listen, as arguments of `StandIn`."""
    return {name: getattr(given, name) for name in ("host", "port", *_OTHER_PORTS)}


def read_options(given: argparse.Namespace) -> dict[str, Any]:
    """Return what the command line says as fields of `Options`."""
    lists, tags = (None, None) if given.no_caps else given.caps
    return {
        "accounts": dict(given.account),
        "token_seconds": given.token_seconds,
        "token_endpoint_status": 404 if given.no_token_endpoint else None,
        "list_cap": lists,
        "search_cap": lists,
        "search_depth": given.search_depth,
        "tag_cap": tags,
        "limit": given.limit,
        "account_limit": given.account_limit,
        "window": given.window,
        "reset": given.reset,
        "retry_after": given.retry_after,
        "unknown_namespace_empty": given.unknown_namespace_empty,
        "cheap": given.cheap,
        "faults": dict(given.fault),
        "fault_seed": given.fault_seed,
        "abuse": given.abuse,
        "block": given.block,
        "block_after": given.block_after,
        "bot_guard_after": given.bot_guard_after,
        "blocked_services": _some(given.blocked_service),
        "guarded_services": _some(given.guarded_service),
        "gone": dict(given.gone),
        "drift": given.drift,
        "hidden": frozenset(given.hidden),
        "lying_images": given.lying_images,
        "drop_digests": given.drop_digests,
        "pull_limit": given.pull_limit,
        "account_pull_limit": given.account_pull_limit,
        "pull_headers": given.pull_headers,
        "pull_header_space": given.pull_header_space,
        "announced_pull_seconds": given.announced_pull_seconds,
        "auth_limit": given.auth_limit,
        "registry_token_seconds": given.registry_token_seconds,
        "registry_token_expiry_told": not given.registry_token_expiry_untold,
        "registry_service": given.registry_service,
        "registry_issuer": given.registry_issuer,
        "grant_push": given.grant_push,
        "redirect_blobs": not given.no_redirect,
        "cdn_seconds": given.cdn_seconds,
    }


def _some(named: list[str] | None) -> frozenset[str] | None:
    return None if named is None else frozenset(named)
