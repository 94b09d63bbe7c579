from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerhub.reports.instructions import Known, read_instructions
from tests.reports.reading import read_dockerfile
from tests.reports.steps import LINUX, SUM, WINDOWS


def table(cases: dict[str, tuple[str | None, str]]) -> list[object]:
    return [pytest.param(*case, id=name) for name, case in cases.items()]


@pytest.mark.parametrize(("step", "written"), table(LINUX))
def test_a_step_is_an_instruction(step: str | None, written: str) -> None:
    (found,) = read_instructions([step])

    assert "\n".join(found.lines()) == written


@pytest.mark.parametrize(("step", "written"), table(WINDOWS))
def test_a_step_of_windows_is_an_instruction(step: str, written: str) -> None:
    (found,) = read_instructions([step], is_windows=True)

    assert "\n".join(found.lines("`")) == written


def written(steps: list[str], *, is_windows: bool = False, known: Known | None = None) -> list[str]:
    escape = "`" if is_windows else "\\"
    found = read_instructions(steps, is_windows=is_windows, known=known)
    return ["\n".join(one.lines(escape)) for one in found]


def test_a_shell_holds_until_the_next_one() -> None:
    steps = [
        "RUN /bin/sh -c one # buildkit",
        "SHELL [/bin/bash -o pipefail -c]",
        "RUN /bin/bash -o pipefail -c two | three # buildkit",
        "RUN /bin/sh -c four # buildkit",
        'CMD ["/bin/bash" "-o" "pipefail" "-c" "five"]',
    ]

    assert written(steps) == [
        "RUN one",
        'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
        "RUN two | three",
        'RUN ["/bin/sh", "-c", "four"]',
        "CMD five",
    ]


def test_the_classic_builder_tells_the_shell_of_each_step() -> None:
    # The SHELL itself was said in the base image, and lost when that was flattened.
    steps = [
        "/bin/bash -o pipefail -c #(nop)  ENV A=1",
        "/bin/bash -o pipefail -c make",
        '/bin/bash -o pipefail -c #(nop)  CMD ["x"]',
    ]

    assert written(steps) == ["ENV A=1", "RUN make", 'CMD ["x"]']


def test_what_powershell_does_before_each_command_is_the_shells() -> None:
    shell = "powershell -Command $ErrorActionPreference = 'Stop'; $ProgressPreference = 'x';"
    steps = [
        f"cmd /S /C #(nop)  SHELL [{shell}]",
        f"{shell} Write-Host hi",
        f"{shell} #(nop)  ENV A=1",
        f"RUN {shell} Write-Host ho # buildkit",
    ]

    assert written(steps, is_windows=True)[1:] == [
        "RUN Write-Host hi",
        "ENV A=1",
        "RUN Write-Host ho",
    ]


def test_build_arguments_are_told_once_and_where_they_differ_from_their_defaults() -> None:
    steps = [
        "ARG VERSION",
        "ARG MODE=fast",
        "RUN |2 VERSION=1.2 MODE=fast /bin/sh -c make # buildkit",
        "RUN |2 VERSION=1.2 MODE=fast /bin/sh -c make test # buildkit",
        "RUN |2 VERSION=1.2 MODE=slow and sure /bin/sh -c make docs # buildkit",
        "|2 VERSION=2 MODE=fast /bin/sh -c make more",
    ]

    found = read_instructions(steps)

    assert [one.note for one in found] == [
        None,
        None,
        "build arguments: VERSION=1.2",
        None,
        'build arguments: MODE="slow and sure"',
        "build arguments: VERSION=2",
    ]
    assert [one.text for one in found[2:]] == [
        "RUN make",
        "RUN make test",
        "RUN make docs",
        "RUN make more",
    ]


def test_an_argument_may_look_like_another_one() -> None:
    steps = ["ARG OPTIONS", "ARG LAST", "RUN |2 OPTIONS=-a b=c LAST=d /bin/sh -c make # buildkit"]

    assert read_instructions(steps)[2].note == 'build arguments: OPTIONS="-a b=c", LAST=d'


def test_what_the_image_runs_in_the_end_tells_what_was_quoted() -> None:
    known = Known(
        env={"REQUIRE": "cuda>=12 brand=tesla"},
        labels={"about": "an app key=value"},
        cmd=("nginx", "-g", "daemon off;"),
    )
    steps = [
        "ENV REQUIRE=cuda>=12 brand=tesla",
        "LABEL about=an app key=value",
        "/bin/sh -c #(nop) CMD [nginx -g daemon off;]",
    ]

    assert written(steps, known=known) == [
        'ENV REQUIRE="cuda>=12 brand=tesla"',
        'LABEL about="an app key=value"',
        'CMD ["nginx", "-g", "daemon off;"]',
    ]


def test_a_checksum_in_the_place_of_a_name_is_known() -> None:
    steps = [
        f"ADD file:{SUM} in / ",
        "COPY a /b # buildkit",
        f"ADD {SUM} in /x ",
        "CMD file:01234567",
    ]

    assert [one.is_opaque for one in read_instructions(steps)] == [True, False, True, False]


PARTS = st.sampled_from(
    [
        *(
            "RUN ",
            "/bin/sh -c ",
            "#(nop) ",
            "CMD ",
            "ENV A=",
            "COPY ",
            "ONBUILD ",
            "LABEL ",
            "|1 A=b ",
        ),
        *("<<E", "E", "\n", "\\", "`", '"', "'", "#", "[", "]", "=", " ", "\t", "x", "&&", "$("),
        *("FROM evil", "# buildkit", "\r\n", "\u2028", "\x85", "HEALTHCHECK ", "SHELL ", "{", "}"),
    ]
)


@settings(derandomize=True, deadline=None)
@given(st.lists(PARTS, max_size=14).map("".join), st.booleans())
def test_no_step_says_more_than_one_instruction(step: str, is_windows: bool) -> None:
    (found,) = read_instructions([step], is_windows=is_windows)
    escape = "`" if is_windows else "\\"
    lines = found.lines(escape)

    start = "# escape=`\n" if is_windows else "#\n"
    read = read_dockerfile(start + "\n".join([*lines, "STOPSIGNAL 9", ""]))

    assert [keyword for keyword, _ in read] == [
        *([found.keyword] if found.keyword else []),
        "STOPSIGNAL",
    ]
    assert read[-1] == ("STOPSIGNAL", "9")
    assert all(line.isprintable() or "\t" in line for line in lines)
