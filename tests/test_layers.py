"""Which imports may point where: the table of rooms, held against every file's imports.

A change of the table is a decision, and goes in a commit of its own.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

ROOT = Path(__file__).parents[1] / "dockerhub"

WORDS = "words"
"""The single files that are no component, and the package itself with its version."""

# Files directly under dockerhub/ that are rooms of their own.
COMPONENTS = {"settings", "scheduler", "feeds", "answer_command"}


class Room(NamedTuple):
    """What a room may import: of ours, and of others beside the standard library."""

    ours: AbstractSet[str]
    others: AbstractSet[str] = frozenset()


# Twisted is Scrapy's own ground: who may import the one may import the other.
SCRAPY = {"scrapy", "twisted"}
ROOMS = {
    "settings": Room(set()),
    WORDS: Room({WORDS}),
    "payloads": Room({WORDS}, {"msgspec"}),
    "auth": Room({WORDS}),
    "limits": Room({WORDS}),
    "walks": Room({WORDS}),
    "exits": Room({WORDS, "limits"}, {"rotating_proxies"}),
    "scheduler": Room({WORDS, "limits", "exits"}, SCRAPY),
    "store": Room({WORDS}, {"psycopg"}),
    "spiders": Room({WORDS, "payloads", "store", "walks"}, SCRAPY),
    "middlewares": Room({WORDS, "auth", "limits", "exits"}, {*SCRAPY, "rotating_proxies"}),
    "pipelines": Room({WORDS, "store"}, {*SCRAPY, "itemadapter"}),
    "extensions": Room({WORDS, "store", "limits"}, {*SCRAPY, "rich", "prometheus_client"}),
    "feeds": Room({WORDS}, {*SCRAPY, "itemadapter"}),
    "reports": Room({WORDS, "store", "walks"}, {"rich", "rapidfuzz", "feedgen", "pyarrow"}),
    "jobs": Room({WORDS, "store"}, {"procrastinate", "psycopg_pool"}),
    "answer_command": Room({WORDS, "reports"}, SCRAPY),
    # What `scrapy serve` shows: titles, canned queries, charts.
    "pages": Room({WORDS, "store", "reports"}, {"datasette", "jinja2", "markupsafe", "uvicorn"}),
    # Telling others what changed.
    "webhooks": Room({WORDS, "store"}, {"aiohttp"}),
    "commands": Room(
        {
            *(WORDS, "answer_command", "payloads", "store", "reports", "limits", "jobs"),
            *("pages", "webhooks", "standin"),
        },
        {*SCRAPY, "rich"},
    ),
    "standin": Room({WORDS}, {"aiohttp", "cryptography"}),
}
# Words that name Scrapy's types, and never need Scrapy to run.
SEE_SCRAPY_AS_TYPES = {"outcome.py", "settings_check.py"}
LOADED_BY_SCRAPY = {"spiders", "middlewares", "pipelines", "extensions", "commands"}
PURE = {"payloads", "auth", "limits", "walks", "exits"}
IMPURE = {"time", "random", "os", "socket", "asyncio", "secrets", "urllib.request", "subprocess"}
SPIDER_PARTS = {
    *("base", "list_walks", "tag_walks", "refusals", "witnesses", "stored_items"),
    *("contents", "manifest_reading", "blob_reading", "tag_heads", "tag_names"),
    *("catalog_bound", "catalog_discovery", "catalog_lists", "catalog_search"),
    *("catalog_telling", "catalog_witness"),
}
PARTS = {
    "spiders": SPIDER_PARTS,
    "middlewares": {"account", "breakers", "exit_wait", "token_desk", "pull_probe"},
    "extensions": {"metric_families"},
    "commands": {"few_requests", "quota_spider", "plan_spider"},
}
NAMELESS = {"utils", "helpers", "common", "misc"}


class Import(NamedTuple):
    """One imported module, and whether it is there for its types alone."""

    module: str
    for_types: bool


def module_imports(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    module = "." * node.level + (node.module or "")
    # `from dockerhub import names` names a module; `from dockerhub.names import x` does not.
    return [f"{module}.{alias.name}" for alias in node.names] if module == "dockerhub" else [module]


def is_for_types(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def imports_of(path: Path) -> set[Import]:
    found: set[Import] = set()

    def visit(node: ast.AST, for_types: bool) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(Import(module, for_types) for module in module_imports(node))
        for child in ast.iter_child_nodes(node):
            visit(child, for_types or is_for_types(node))

    visit(ast.parse(path.read_text(encoding="utf-8")), for_types=False)
    return found


def room_of(parts: tuple[str, ...]) -> str:
    """Return the room of a module, whose name is cut at the dots, without the leading package."""
    first = parts[0] if parts else ""
    is_room = first in ROOMS or (ROOT / first).is_dir()
    return first if first and is_room else WORDS


FILES = {
    path.relative_to(ROOT).as_posix(): path
    for path in sorted(ROOT.rglob("*.py"))
    if "__pycache__" not in path.parts
}


def room_of_file(name: str) -> str:
    return room_of(tuple(name.removesuffix(".py").split("/")))


def test_every_room_is_in_the_table() -> None:
    assert {room_of_file(name) for name in FILES} <= set(ROOMS)
    assert {room_of_file(name) for name in FILES} >= {*PURE, *LOADED_BY_SCRAPY, WORDS} - {"exits"}
    assert {name for name in COMPONENTS if f"{name}.py" in FILES} == COMPONENTS


@pytest.mark.parametrize("name", FILES)
def test_imports_point_where_they_may(name: str) -> None:
    room = room_of_file(name)
    allowed, wrong = ROOMS[room], []
    for module, for_types in imports_of(FILES[name]):
        top, *rest = module.split(".")
        if not top:
            wrong.append(f"relative import of {module}")
        elif top == "dockerhub":
            target = room_of(tuple(rest))
            if target != room and target not in allowed.ours:
                wrong.append(module)
        elif top in sys.stdlib_module_names or top in allowed.others:
            continue
        elif not (top == "scrapy" and for_types and name in SEE_SCRAPY_AS_TYPES):
            wrong.append(module)
    assert wrong == []


@pytest.mark.parametrize("name", [name for name in FILES if room_of_file(name) in PURE])
def test_pure_rooms_have_no_clock_no_chance_and_no_world(name: str) -> None:
    imported = {module for module, for_types in imports_of(FILES[name]) if not for_types}
    assert {m for m in imported if m in IMPURE or m.split(".")[0] in IMPURE} == set()
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    words = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "dockerhub.moments"
        for alias in node.names
    }
    assert "now" not in words


@pytest.mark.parametrize("name", FILES)
def test_nobody_imports_what_scrapy_loads(name: str) -> None:
    room = room_of_file(name)
    parts = {f"dockerhub.{room}.{part}" for part in PARTS.get(room, ())}
    loaded = {
        module
        for module, _ in imports_of(FILES[name])
        if module.startswith("dockerhub.") and module.split(".")[1] in LOADED_BY_SCRAPY
    }
    assert loaded - parts == set()


def test_rooms_are_not_imported_in_a_circle() -> None:
    points: dict[str, set[str]] = {room: set() for room in ROOMS}
    for name, path in FILES.items():
        room = room_of_file(name)
        for module, _ in imports_of(path):
            top, *rest = module.split(".")
            if top == "dockerhub" and room_of(tuple(rest)) != room:
                points[room].add(room_of(tuple(rest)))
    while ends := [room for room, targets in points.items() if not targets & set(points)]:
        for room in ends:
            del points[room]
    assert points == {}


def test_files_are_named_after_a_subject() -> None:
    assert [name for name in FILES if Path(name).stem in NAMELESS] == []


SPIDERS = sorted(
    Path(name).stem
    for name in FILES
    if name.startswith("spiders/") and Path(name).stem not in {*SPIDER_PARTS, "__init__"}
)


def test_the_spiders_of_the_design_are_there() -> None:
    assert set(SPIDERS) == {"org", "repos", "search", "tags", "manifests", "catalog"}


@pytest.mark.parametrize("name", SPIDERS)
def test_a_spider_is_named_after_its_file_and_says_what_it_costs(name: str) -> None:
    module = importlib.import_module(f"dockerhub.spiders.{name}")
    kind = getattr(module, f"{name.title().replace('_', '')}Spider")
    assert kind.name == name
    assert kind.__module__ == module.__name__
    lines = inspect.cleandoc(kind.__doc__ or "").splitlines()
    headings = [line.partition(":")[0] for line in lines if line[:1].isalpha() and ": " in line]
    assert headings == ["Yields", "Arguments", "Cost", "API"]
    assert all(argument in kind.__doc__ for argument in kind.ARGUMENTS)
