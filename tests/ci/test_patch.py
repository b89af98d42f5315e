"""The patch: git itself applies it, byte by byte."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from engine.ci.patch import patch


def applied(folder: Path, before: dict[str, bytes], text: bytes) -> dict[str, bytes]:
    """What ``git apply`` makes of *before*."""
    for name, raw in before.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    environment = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True, env=environment)
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=folder,
        input=text,
        capture_output=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"a.py": b"x = 1\ny = 2\n"}, {"a.py": b"x = 1\ny = 3\n"}, id="a line"),
        pytest.param({"a.py": b"x = 1\r\ny = 2\r\n"}, {"a.py": b"x = 1\r\ny = 3\r\n"}, id="CRLF"),
        pytest.param({"a.py": b"x\r\ny\nz\r"}, {"a.py": b"x\r\nq\nz\r"}, id="mixed line ends"),
        pytest.param({"a.py": b"x = 1"}, {"a.py": b"x = 2"}, id="no newline at the end"),
        pytest.param({"a.py": b"x = 1"}, {"a.py": b"x = 1\n"}, id="a newline more"),
        pytest.param({"a.py": b"x = 1\n"}, {"a.py": b"x = 1"}, id="a newline less"),
        pytest.param({}, {"new/b.py": b"x = 1\n"}, id="a new file"),
        pytest.param({}, {"new/b.py": b""}, id="a new empty file"),
        pytest.param({"a.py": b"x\n", "b.py": b"y\n"}, {"b.py": b"y\n"}, id="a removed file"),
        pytest.param({"a.py": b"", "b.py": b"y\n"}, {"b.py": b"y\n"}, id="a removed empty file"),
        pytest.param({"a.py": b"\xef\xbb\xbf# \xe9\n"}, {"a.py": b"\xef\xbb\xbf# \xe8\n"}, id="no UTF-8"),
        pytest.param(
            {"a.py": b"a\x0cb\x1cc\x85d\n1\n"}, {"a.py": b"a\x0cb\x1cc\x85d\n2\n"}, id="signs that end no line"
        ),
        pytest.param({"a b.py": b"1\n"}, {"a b.py": b"2\n"}, id="a blank in the name"),
        pytest.param({'ü "q"\t.py': b"1\n"}, {'ü "q"\t.py': b"2\n"}, id="a name that is quoted"),
        pytest.param({"a.py": b"-- a\n++ b\n"}, {"a.py": b"-- c\n++ d\n"}, id="lines like headers"),
        pytest.param(
            {"a.py": b"\n".join(b"%d" % n for n in range(90)), "c/d.py": b"1\n2\n"},
            {"a.py": b"\n".join(b"%d" % n for n in range(3, 80)), "c/d.py": b"2\n3\n"},
            id="several places and files",
        ),
    ],
)
def test_git_makes_exactly_the_verified_files_of_it(
    tmp_path: Path, before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    """Whatever the line ends, encodings and names are."""
    assert applied(tmp_path, before, patch(before, after)) == after


def test_nothing_changed_is_no_patch() -> None:
    """An empty one, which a script can test for."""
    assert patch({"a": b"x"}, {"a": b"x"}) == b""


def test_a_removed_program_keeps_its_mode(tmp_path: Path) -> None:
    """git refuses to remove a file under another mode than it has."""
    (tmp_path / "run.sh").write_bytes(b"x\n")
    (tmp_path / "run.sh").chmod(0o755)

    assert applied(tmp_path, {"run.sh": b"x\n"}, patch({"run.sh": b"x\n"}, {}, modes={"run.sh": "100755"})) == {}
