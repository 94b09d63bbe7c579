"""The data dictionary as people and programs read it."""

from __future__ import annotations

import re

from dockerhub.reports.dictionary import dictionary_json, dictionary_markdown
from dockerhub.store.dictionary import data_dictionary

ROW = re.compile(r"^\| (\w+) \| (\w+) \| (\S.*) \|$")


def test_markdown_has_every_column_of_everything() -> None:
    read: dict[str, dict[str, tuple[str, str]]] = {}
    name = ""
    for line in dictionary_markdown().splitlines():
        if line.startswith("### "):
            name = line[4:]
            read[name] = {}
        elif (row := ROW.match(line)) and row[1] != "column":
            read[name][row[1]] = (row[2], row[3].replace("\\|", "|"))
    assert read == {
        name: {
            column: (entry.kinds[column].value, about) for column, about in entry.columns.items()
        }
        for name, entry in data_dictionary().items()
    }


def test_markdown_begins_with_the_views() -> None:
    lines = dictionary_markdown().splitlines()
    assert lines[0] == "# Data dictionary"
    assert lines.index("## Views") < lines.index("### tags") < lines.index("## Tables")
    assert lines.index("## Tables") < lines.index("### tag")
    place = lines.index("### tags")
    assert lines[place + 1 : place + 7] == [
        "",
        "The tags that are there now.",
        "",
        "| column | kind | meaning |",
        "|---|---|---|",
        "| repo_name | text | full name of the repository |",
    ]


def test_no_cell_ends_a_row_too_early() -> None:
    lines = [line for line in dictionary_markdown().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}
    assert (
        "| architectures | text | architectures in the order of the images, joined with \\| |"
        in (lines)
    )


def test_json_has_the_same() -> None:
    said = dictionary_json()
    read = {
        each["name"]: (each["kind"], each["about"], [tuple(c.values()) for c in each["columns"]])
        for each in said["entries"]
    }
    assert read == {
        name: (
            "view" if entry.is_view else "table",
            entry.about,
            [(column, entry.kinds[column].value, about) for column, about in entry.columns.items()],
        )
        for name, entry in data_dictionary().items()
    }
    assert said["about"].startswith("What every view, table and column of a dockerhub database")
