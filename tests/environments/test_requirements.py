"""Requirement lines: what may be handed to pip, and what of a project may not."""

from __future__ import annotations

import pytest

from sandboxes.environments.identity import key_of, read_plan
from sandboxes.environments.requirements import read_lines
from sandboxes.environments.wanted import Unresolved, Wanted

HASH = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        pytest.param("--index-url https://elsewhere.test/simple", "invalid", id="an option"),
        pytest.param("attrs --index-url https://elsewhere.test/simple", "invalid", id="an option behind a name"),
        pytest.param("-r /etc/passwd", "invalid", id="another file"),
        pytest.param("attrs\n--trusted-host elsewhere.test", "invalid", id="two lines in one"),
        pytest.param("attrs --hash=sha256:12", "invalid", id="a hash that is none"),
        pytest.param("./local", "invalid", id="a path"),
        pytest.param("local @ file:///srv/local-1-py3-none-any.whl", "not allowed", id="a path as an address"),
        pytest.param("tool @ git+https://code.test/tool.git", "not allowed", id="a repository"),
        pytest.param("tool @ https://code.test/${AWS_SECRET_ACCESS_KEY}.whl", "not allowed", id="a variable"),
        pytest.param("tool @ ftp://code.test/tool.whl", "not allowed", id="another scheme"),
    ],
)
def test_what_is_no_release_of_an_index_is_refused(line: str, cause: str) -> None:
    """A project's lines are data: they are no options of pip, read no file and run no program of this machine."""
    with pytest.raises(Unresolved) as refused:
        read_lines([line])

    assert refused.value.cause == cause


def test_a_refusal_never_shows_a_credential() -> None:
    """Not in its sentence, and not in the requirement it names."""
    with pytest.raises(Unresolved) as refused:
        read_lines(["tool @ git+https://me:hunt@er2@code.test/tool.git"])

    assert "er2" not in refused.value.message + refused.value.requirement
    assert "***@code.test" in refused.value.message


def test_releases_archives_markers_and_hashes_are_read() -> None:
    """What may be asked for comes through as it stands."""
    lines = read_lines(
        [
            "Foo.Bar[fast]>=1; python_version < '3.14'",
            f"attrs==25.1.0 --hash={HASH} --hash={HASH}",
            "tool @ https://files.test/tool-1-py3-none-any.whl",
            "attrs==25.1.0 ",
            "attrs==25.1.0",
        ]
    )

    assert [line.name for line in lines] == ["foo-bar", "attrs", "tool", "attrs"]
    assert lines[1].hashes == (HASH, HASH)
    assert lines[2].url == "https://files.test/tool-1-py3-none-any.whl"


@pytest.mark.parametrize("python", ["<3.12", ">=3.14", "==3.11.*"])
def test_a_project_for_another_python_is_told_which_one_the_boxes_have(python: str) -> None:
    """Nothing is resolved for a Python that is not there."""
    with pytest.raises(Unresolved, match=r"boxes have Python 3\.13") as refused:
        read_plan(Wanted(requires_python=python))

    assert refused.value.cause == "python"


def test_equal_wishes_have_one_name_in_whatever_order_they_stand() -> None:
    """So that the second project that wants the same finds it; whatever else differs makes another."""
    plan = read_plan(Wanted(requirements=("b>=2", "a"), requires_python=">=3.10"))

    assert key_of(plan, "x") == key_of(read_plan(Wanted(requirements=("a", "b>=2"))), "x")
    assert key_of(plan, "x") != key_of(plan, "y")
    for other in (
        Wanted(requirements=("a", "b>=3")),
        Wanted(requirements=("a", "b>=2"), constraints=("b==2",)),
        Wanted(requirements=("a", "b>=2"), build_requirements=("c",)),
        Wanted(requirements=("a", "b>=2"), compiler=True),
    ):
        assert key_of(read_plan(other), "x") != key_of(plan, "x")
