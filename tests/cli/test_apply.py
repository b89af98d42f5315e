"""Writing a mended program back: exactly what was mended, all of it or nothing."""

from __future__ import annotations

import errno
import os
import resource
import stat
from pathlib import Path

import pytest

from engine.cli.apply import NotApplied, apply
from engine.domain import Run
from engine.inputs.reading import Inputs, read_inputs
from tests.cli import runs


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_bytes(b"x = 1\r\ny = 2\r\n")
    (tmp_path / "b.py").write_bytes(b"z = 3\n")
    (tmp_path / "data.csv").write_bytes(b"1,2\r\n")
    return tmp_path


def mended(inputs: Inputs, **changes: str | None) -> Run:
    """A verified run in which *changes*, by name with ``__`` for a dot, were made."""
    after: dict[str, str] = dict(inputs.files)
    for name, text in changes.items():
        path = name.replace("__", ".").replace("_in_", "/")
        if text is None:
            del after[path]
        else:
            after[path] = text
    return runs.run(inputs.files, after)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_changed_files_are_written_and_keep_mode_and_line_ends(project: Path) -> None:
    """A script stays executable, CRLF stays CRLF; what was not changed is not touched."""
    (project / "a.py").chmod(0o751)
    untouched = (project / "b.py").stat()
    inputs = read_inputs([str(project)])

    written = apply(mended(inputs, a__py="x = 1\ny = 3\nw = 4\n", data__csv="1,3\r\n"), inputs)

    assert written == ("a.py", "data.csv")
    assert (project / "a.py").read_bytes() == b"x = 1\r\ny = 3\r\nw = 4\r\n"
    assert (project / "data.csv").read_bytes() == b"1,3\r\n"
    assert stat.S_IMODE((project / "a.py").stat().st_mode) == 0o751
    assert (project / "b.py").stat() == untouched
    assert len(snapshot(project)) == 3


def test_new_files_are_written_in_new_folders_and_dropped_ones_removed(project: Path) -> None:
    """A draft is a whole set of files."""
    inputs = read_inputs([str(project)])

    apply(mended(inputs, new_in_deep_in_c__py="c = 1\n", b__py=None), inputs)

    assert (project / "new/deep/c.py").read_bytes() == b"c = 1\n"
    assert stat.S_IMODE((project / "new/deep/c.py").stat().st_mode) == 0o644
    assert not (project / "b.py").exists()


def test_a_link_is_written_through_and_stays_a_link(project: Path) -> None:
    """The file behind it is mended, under whichever name it was changed."""
    (project / "link.py").symlink_to("b.py")
    inputs = read_inputs([str(project / "link.py"), str(project / "a.py")])

    apply(mended(inputs, link__py="z = 4\n"), inputs)

    assert (project / "link.py").is_symlink()
    assert (project / "b.py").read_bytes() == b"z = 4\n"


def test_one_file_mended_differently_under_two_names_is_refused(project: Path) -> None:
    """There is no telling which one is meant."""
    (project / "link.py").symlink_to("b.py")
    inputs = read_inputs([str(project)])
    before = snapshot(project)

    with pytest.raises(NotApplied, match="are one file"):
        apply(mended(inputs, link__py="z = 4\n", b__py="z = 5\n"), inputs)

    assert snapshot(project) == before


@pytest.mark.parametrize(
    ("meddle", "said"),
    [
        pytest.param(lambda at: (at / "b.py").write_text("z = 9\n"), "was changed since", id="changed"),
        pytest.param(lambda at: (at / "b.py").unlink(), "was changed since", id="removed"),
        pytest.param(
            lambda at: ((at / "b.py").unlink(), (at / "b.py").symlink_to("a.py")), "was changed since", id="now a link"
        ),
        pytest.param(lambda at: (at / "new.py").write_text("mine"), "exists already", id="a new file exists by now"),
        pytest.param(
            lambda at: (at / "new.py").symlink_to("/nowhere"), "exists already", id="a dangling link is there"
        ),
    ],
)
def test_newer_work_on_disk_is_never_overwritten(project: Path, meddle: object, said: str) -> None:
    """Nothing at all is written then, not even the files that are as they were."""
    inputs = read_inputs([str(project)])
    run = mended(inputs, a__py="x = 2\n", b__py="z = 4\n", new__py="n = 1\n")
    assert callable(meddle)
    meddle(project)
    before = snapshot(project)

    with pytest.raises(NotApplied, match=said):
        apply(run, inputs)

    assert snapshot(project) == before


def test_nothing_is_written_outside_the_root(project: Path) -> None:
    """Neither by dots, nor by an absolute path, nor through a linked folder."""
    inner = project / "inner"
    inner.mkdir()
    (inner / "c.py").write_text("c = 1\n")
    inputs = read_inputs([str(inner)])
    (inner / "out").symlink_to(project)

    for name in ("../d.py", "/tmp/mendbox-d.py", "out/d.py"):
        with pytest.raises(NotApplied, match="outside"):
            apply(runs.run(inputs.files, {**inputs.files, name: "d = 1\n"}), inputs)

    assert not (project / "d.py").exists()


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_when_one_write_fails_the_others_are_put_back(
    project: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """A disk that fills up half way leaves the program as it was."""
    inputs = read_inputs([str(project)])
    run = mended(inputs, a__py="x = 2\n", b__py=None, new_in_c__py="c = 1\n", data__csv="2\r\n")
    before = snapshot(project)
    replace, calls = Path.replace, 0

    def full(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)

    with pytest.raises(NotApplied, match="cannot be written: No space left"):
        apply(run, inputs)

    assert snapshot(project) == before
    assert not (project / "new").exists()


def test_a_folder_that_may_not_be_written_is_told(project: Path) -> None:
    """In place of a new file's folder there is a file."""
    inputs = read_inputs([str(project / "a.py"), str(project / "b.py")])
    before = snapshot(project)

    with pytest.raises(NotApplied, match="cannot be written"):
        apply(mended(inputs, data__csv_in_d__py="d = 1\n", a__py="x = 2\n"), inputs)

    assert snapshot(project) == before


def test_a_disk_that_is_full_is_told_with_the_file_and_leaves_nothing_behind(project: Path) -> None:
    """No half of a copy stays beside the file, whose whole name is in the sentence."""
    inputs = read_inputs([str(project)])
    run = mended(inputs, a__py="x = 9\ny = 2\n", b__py="z = 4\n")
    before = snapshot(project)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    # as with a disk that is full, a write comes to its end in the middle of a file
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, hard))
    try:
        with pytest.raises(NotApplied, match=r"a\.py' cannot be written: File too large"):
            apply(run, inputs)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert snapshot(project) == before
