from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.reports.layout import command_lines
from tests.reports.reading import read_dockerfile


def laid_out(command: str) -> str:
    return "\n".join(command_lines(command))


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        pytest.param("make install", ["make install"], id="short"),
        pytest.param(
            "apt-get update && apt-get install -y curl",
            ["apt-get update && apt-get install -y curl"],
            id="short with a joint",
        ),
        pytest.param(
            "apt-get update     && apt-get install -y --no-install-recommends     curl     wget"
            "     && rm -rf /var/lib/apt/lists/*",
            [
                "apt-get update \\",
                "    && apt-get install -y --no-install-recommends \\",
                "    curl \\",
                "    wget \\",
                "    && rm -rf /var/lib/apt/lists/*",
            ],
            id="gaps where lines ended",
        ),
        pytest.param(
            "set -x \t&& buildDeps=' \t\tgcc \t\tmake \t' \t&& apt-get install -y $buildDeps",
            [
                "set -x \\",
                "\t&& buildDeps=' \\",
                "\t\tgcc \\",
                "\t\tmake \\",
                "\t' \\",
                "\t&& apt-get install -y $buildDeps",
            ],
            id="tabs, in quotes too",
        ),
        pytest.param(
            "install-the-package --from somewhere && configure-it --prefix /usr/local"
            " && test-it || exit 1",
            [
                "install-the-package --from somewhere \\",
                "    && configure-it --prefix /usr/local \\",
                "    && test-it \\",
                "    || exit 1",
            ],
            id="long without gaps",
        ),
        pytest.param("make     install", ["make install"], id="short with a gap"),
        pytest.param(
            "echo 'a     b'", ["echo 'a \\", "    b'"], id="a gap that may mean something"
        ),
        pytest.param(
            f"bash -c '{'x' * 80} && two' && y",
            [f"bash -c '{'x' * 80} && two' \\", "    && y"],
            id="a joint in quotes",
        ),
        pytest.param(
            f'echo "$(one && two "a && b")" {"x" * 80} && y',
            [f'echo "$(one && two "a && b")" {"x" * 80} \\', "    && y"],
            id="a joint in a substitution",
        ),
        pytest.param(
            f"( one && two ) {'x' * 80} && y",
            [f"( one && two ) {'x' * 80} \\", "    && y"],
            id="a joint in brackets",
        ),
        pytest.param(
            f"echo it's {'x' * 80} && y", [f"echo it's {'x' * 80} && y"], id="an open quote"
        ),
        pytest.param("make   #all", ["make   #all"], id="what would become a comment"),
        pytest.param("make all \\", ["make all"], id="what would swallow the next line"),
        pytest.param(
            "set -e\napt-get update\n",
            ["<<EOF", "set -e", "apt-get update", "EOF"],
            id="several lines",
        ),
        pytest.param(
            "cat <<EOF > /etc/x\nhello\nEOF",
            ["cat <<EOF > /etc/x", "hello", "EOF"],
            id="a heredoc of its own",
        ),
        pytest.param(
            "cat <<-'A' > /x && cat <<B > /y\na\n\tA\nb\nB",
            ["cat <<-'A' > /x && cat <<B > /y", "a", "\tA", "b", "B"],
            id="two heredocs of its own",
        ),
        pytest.param(
            "cat <<EOF\nhello\nEOF\nFROM evil",
            ["<<EOFF", "cat <<EOF", "hello", "EOF", "FROM evil", "EOFF"],
            id="more behind its heredoc",
        ),
        pytest.param(
            "cat <<EOF > /etc/x hello",
            ["<<EOF", "cat <<EOF > /etc/x hello", "EOF"],
            id="a heredoc that never ends",
        ),
        pytest.param("echo $((1 << 3))", ["echo $((1 << 3))"], id="no heredoc"),
        pytest.param("cat <<< word", ["cat <<< word"], id="a here-string"),
    ],
)
def test_a_command_is_laid_out(command: str, lines: list[str]) -> None:
    assert command_lines(command) == lines


def test_windows_continues_a_line_with_a_backtick() -> None:
    command = r"Invoke-WebRequest https://x -OutFile C:\x.zip;     Expand-Archive C:\x.zip C:\app\ "

    assert command_lines(command.strip(), "`") == [
        r"Invoke-WebRequest https://x -OutFile C:\x.zip; `",
        "    Expand-Archive C:\\x.zip C:\\app\\",
    ]


WORDS = st.sampled_from(
    ["a", "&&", "||", ";", "'", '"', "$(", ")", "`", "\\", "#", "<<A", "A", "(", "{", "}", "|"]
)
GAPS = st.sampled_from([" ", " ", "  ", "     ", "\t", " \t\t", "\n", "\n\n"])


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(WORDS, GAPS), max_size=40), st.booleans())
def test_its_lines_are_one_instruction_whatever_the_command(
    parts: list[tuple[str, str]], is_long: bool
) -> None:
    command = "make " + ("x" * 90 + " " if is_long else "") + "".join(map("".join, parts)).strip()

    found = read_dockerfile(f"RUN {laid_out(command)}\nCMD next\n")

    assert [keyword for keyword, _ in found] == ["RUN", "CMD"]
    assert found[1] == ("CMD", "next")


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "'b'", "&&", "-x"]), GAPS), min_size=1))
def test_nothing_but_gaps_is_changed(parts: list[tuple[str, str]]) -> None:
    command = "make " + "".join(map("".join, parts)).strip().replace("\n", " ")

    (found,) = read_dockerfile(f"RUN {laid_out(command)}\n")

    assert found[1].split() == command.split()


def test_what_had_gaps_comes_out_as_it_was() -> None:
    command = (
        "set -eux; \t\tsavedAptMark=\"$(apt-mark showmanual)\"; \t# x \tif [ -n 'a   b' ]; then"
    )

    (found,) = read_dockerfile(f"RUN {laid_out(command)}\n")

    assert found == ("RUN", command)
