"""What is read of a repository, how it is parted, and what never leaves it."""

from __future__ import annotations

import base64
import os
import socket
import time

import pytest

from engine.errors import BadInput
from engine.repository.project import Project
from engine.repository.reading import limits_for, read_project
from sandboxes.base import Limits
from tests.engine.repository.trees import CODE, as_nobody, commit, git, lay, open_to_all, repository


def told(project: Project, word: str) -> list[str]:
    return [note for note in project.notes if word in note]


def everything(project: Project) -> set[str]:
    return {*project.files, *project.tests, *project.data}


def test_an_ordinary_project_is_parted_into_code_and_frozen_tests(tmp_path):
    """Code may be changed; tests, and what stands among them, may not; settings are read once."""
    root = repository(
        tmp_path / "p", CODE | {"tests/expected.json": "{}", "tests/conftest.py": "", "README.md": "# P\n"}
    )

    project = read_project(root)

    assert set(project.files) == {"pyproject.toml", "src/calc/__init__.py", "src/calc/core.py", "README.md"}
    assert set(project.tests) == {"tests/test_core.py", "tests/expected.json", "tests/conftest.py"}
    assert project.collected == ("tests/test_core.py",)
    assert project.suite.path == ("src",)
    assert project.suite.options["testpaths"] == "tests"
    assert project.manifests == ("pyproject.toml",)
    assert project.commit == git(root, "rev-parse", "HEAD")
    assert project.origins["src/calc/core.py"].path == root / "src/calc/core.py"


def test_what_git_ignores_stays_and_what_is_new_goes_in(tmp_path):
    """A file that was not added yet belongs to the project; an ignored one does not, and neither does what was deleted."""
    root = repository(tmp_path / "p", CODE | {".gitignore": "*.log\nbuild/\n", "old.py": "x = 1\n"})
    lay(root, {"a.log": "x", "build/made.py": "x = 1\n", "new.py": "y = 1\n"})
    (root / "old.py").unlink()

    project = read_project(root)

    assert "new.py" in project.files
    assert not everything(project) & {"a.log", "build/made.py", "old.py"}
    assert told(project, "not there")


SECRETS = {
    ".env": "TOKEN=marker-1",
    "conf/.env.local": "TOKEN=marker-1",
    "deploy/id_rsa": "marker-1",
    ".npmrc": "marker-1",
    ".pypirc": "marker-1",
    "home/.netrc": "marker-1",
    "credentials.json": '{"k": "marker-1"}',
    "vault.kdbx": "marker-1",
    "server.pem": "-----BEGIN PRIVATE KEY-----\n" + "MIIEvmarker1" * 8 + "\n-----END PRIVATE KEY-----\n",
    "notes.txt": "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEvmarker1" * 8 + "\n",
    "deploy/settings.toml": 'token = "ghp_' + "aB3dE6gH9j" * 4 + '"\n',
    ".aws/config": "marker-1",
}


def test_secrets_never_go_in_and_are_told_by_name_only(tmp_path):
    """By name or by what they hold; tracked or not. The note says which file, and never what is in it."""
    root = repository(tmp_path / "p", CODE | SECRETS | {".env.example": "TOKEN=\n"})

    project = read_project(root)

    assert not everything(project) & SECRETS.keys()
    assert ".env.example" in everything(project)
    for name in SECRETS:
        assert told(project, repr(name)), name
    assert not told(project, "marker")
    assert not told(project, "aB3dE6gH9j")


def test_a_key_that_tests_were_committed_with_is_their_data(tmp_path):
    """Suites of libraries for keys have some of their own; a new file there may be anybody's, and stays."""
    key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvAIBADANBgkq" * 8 + "\n-----END PRIVATE KEY-----\n"
    root = repository(
        tmp_path / "p", CODE | {"tests/keys/one.pem": key, "src/calc/cacert.pem": "-----BEGIN CERTIFICATE-----\nMII\n"}
    )
    lay(root, {"tests/keys/mine.pem": key})

    project = read_project(root)

    assert "tests/keys/one.pem" in project.tests
    assert "src/calc/cacert.pem" in project.files
    assert "tests/keys/mine.pem" not in everything(project)
    assert told(project, "data of theirs")


def test_links_stand_for_files_inside_and_never_lead_out(tmp_path):
    """A link to a file of the project stands for its text; others are told and left out, also behind a linked folder."""
    lay(tmp_path, {"outside/secret.py": "s = 1\n"})
    root = repository(
        tmp_path / "p", CODE | {".gitignore": "ignored.py\n", "ignored.py": "i = 1\n", "gone/deep.py": "d = 1\n"}
    )
    for name, target in {
        "same.py": "src/calc/core.py",
        "out.py": "../outside/secret.py",
        "folder": "src",
        "nowhere.py": "nothing.py",
        "to_ignored.py": "ignored.py",
        "round.py": "round.py",
    }.items():
        (root / name).symlink_to(target)
    (root / "gone/deep.py").unlink()
    (root / "gone").rmdir()
    (root / "gone").symlink_to("../outside")
    lay(tmp_path, {"outside/deep.py": "d = 2\n"})

    project = read_project(root)

    assert project.files["same.py"] == CODE["src/calc/core.py"]
    assert project.origins["same.py"].real == root / "src/calc/core.py"
    assert not everything(project) & {"out.py", "folder", "nowhere.py", "to_ignored.py", "round.py", "gone/deep.py"}
    assert all(
        told(project, repr(name)) for name in ("out.py", "folder", "nowhere.py", "to_ignored.py", "round.py", "gone")
    )


def test_nothing_that_a_repository_configures_is_run(tmp_path):
    """A repository is somebody else's: what its configuration names as a program is not started by reading it."""
    root = repository(tmp_path / "p")
    trap, hooks = tmp_path / "trap", root / "hooks"
    hooks.mkdir()
    for name in ("run", "post-index-change", "fsmonitor-watchman"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {trap}\n")
        (hooks / name).chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "gpg.program", "diff.external", "core.sshCommand", "filter.x.clean"):
        git(root, "config", name, str(hooks / "run"))
    git(root, "config", "core.hooksPath", str(hooks))
    git(root, "config", "log.showSignature", "true")
    (root / ".gitattributes").write_text("*.py filter=x\n")
    trap.unlink(missing_ok=True)

    project = read_project(root)

    assert "src/calc/core.py" in project.files
    assert not trap.exists()


def test_another_owner_and_a_hook_s_environment_do_not_matter(tmp_path, monkeypatch):
    """In a pipeline the checkout is often another user's; inside a hook, git's own variables point elsewhere."""
    root = repository(tmp_path / "p")
    other = repository(tmp_path / "other", {"x.py": ""})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    for path in (root, *root.rglob("*")):
        os.chown(path, 12345, 12345)

    project = read_project(root)

    assert "src/calc/core.py" in project.files


def test_line_ends_marks_and_encodings_are_read_as_python_reads_them(tmp_path):
    """Text is text; what is no text is kept byte by byte, and so is a frozen file that a test may read itself."""
    latin = "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1")
    root = repository(
        tmp_path / "p",
        CODE
        | {
            "src/calc/crlf.py": b"a = 1\r\nb = 2\r\n",
            "src/calc/mark.py": b"\xef\xbb\xbfa = 1\n",
            "src/calc/latin.py": latin,
            "src/calc/broken.py": b"a = '\xff\xfe'\n",
            "src/calc/words.txt": "é".encode("latin-1"),
            "tests/data/crlf-specimen.py": b"a = 1\r\n",
            "tests/data/blob.bin": bytes(range(256)),
        },
    )

    project = read_project(root)

    assert project.files["src/calc/crlf.py"] == "a = 1\nb = 2\n"
    assert project.files["src/calc/mark.py"] == "a = 1\n"
    assert "é" in project.files["src/calc/latin.py"]
    for name in ("src/calc/broken.py", "src/calc/words.txt", "tests/data/crlf-specimen.py", "tests/data/blob.bin"):
        assert base64.b64decode(project.data[name]) == (root / name).read_bytes()


def test_odd_entries_are_each_told_or_right(tmp_path):
    """Names with control characters, pipes, sockets and a second side of a case clash end nothing."""
    root = repository(tmp_path / "p", CODE | {"src/calc/Core.py": "x = 1\n", "bad\nname.py": "x = 1\n"})
    os.mkfifo(root / "src/calc/pipe.py")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(root / "src/calc/sock.py"))
    lay(root, {os.fsdecode(b"src/calc/\xff.py"): "x = 1\n"})

    project = read_project(root)

    listening.close()
    assert len(everything(project) & {"src/calc/Core.py", "src/calc/core.py"}) == 1
    assert told(project, "by case only")
    assert told(project, "bad\\nname.py")
    assert told(project, "no valid UTF-8")
    assert not any("pipe.py" in name or "sock.py" in name for name in everything(project))


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    """Whoever may not read it is told so, and the rest is read."""
    root = repository(tmp_path / "p", CODE | {"src/calc/closed.py": "x = 1\n"})
    (root / "src/calc/closed.py").chmod(0)
    open_to_all(root)

    said = as_nobody(f"p = read_project(Path({str(root)!r}))\nprint(p.notes, sorted(p.files))")

    assert "'src/calc/closed.py': it cannot be read: Permission denied" in said
    assert "src/calc/core.py" in said


def test_a_file_of_two_gigabytes_is_told_and_never_read(tmp_path):
    """Its size is enough to know."""
    root = repository(tmp_path / "p")
    with (root / "model.bin").open("wb") as file:
        file.truncate(2 * 2**30)

    began = time.monotonic()
    project = read_project(root)

    assert "model.bin" not in everything(project)
    assert told(project, "'model.bin': 2048 MiB")
    assert time.monotonic() - began < 30


@pytest.mark.slow
def test_twenty_thousand_files_leave_out_what_no_test_needs_with_one_note(tmp_path):
    """Code and tests go in; the rest is one note, and it fits the bound."""
    root = repository(tmp_path / "p")
    for folder in ("docs", "assets", "src/calc"):
        (root / folder).mkdir(exist_ok=True)
    for number in range(20_000):
        (root / ("docs" if number % 2 else "assets") / f"{number}.txt").write_text("x")

    project = read_project(root)

    assert len(everything(project)) <= 4_000
    assert everything(project) >= CODE.keys()
    assert len(told(project, "left out")) == 1
    assert "16004 files" in told(project, "left out")[0]


def test_twenty_thousand_python_files_are_one_clear_line(tmp_path):
    """What cannot be chosen among is for the user to name."""
    root = repository(tmp_path / "p")
    for number in range(5_000):
        (root / f"src/calc/m{number}.py").write_text("")

    with pytest.raises(BadInput, match=r"5004 files of code and tests.*name the folders that matter"):
        read_project(root)

    assert "src/calc/core.py" in read_project(root, only=["src/calc/core.py", "tests"]).files


def test_submodules_are_told_and_read_only_where_they_are_checked_out(tmp_path):
    """A checked-out one may hold what the tests need; it is another repository, and never changed."""
    library = repository(tmp_path / "library", {"lib.py": "x = 1\n"})
    root = repository(tmp_path / "p")
    git(root, "submodule", "--quiet", "add", str(library), "vendored")
    git(root, "submodule", "--quiet", "add", str(library), "absent")
    commit(root)
    git(root, "submodule", "--quiet", "deinit", "--force", "absent")

    project = read_project(root)

    head = git(library, "rev-parse", "HEAD")[:12]
    assert project.tests["vendored/lib.py"] == "x = 1\n"
    assert not any(name.startswith("absent/") for name in everything(project))
    assert any(head in note and "not checked out" in note for note in told(project, "'absent'"))
    assert any(head in note and "never changed" in note for note in told(project, "'vendored'"))


def test_a_repository_inside_that_is_no_submodule_is_told(tmp_path):
    """It is somebody's clone, and no part of this project."""
    root = repository(tmp_path / "p")
    repository(root / "clone", {"x.py": "x = 1\n"})

    project = read_project(root)

    assert not any(name.startswith("clone") for name in everything(project))
    assert told(project, "'clone/'")


def test_a_worktree_and_a_folder_of_one_are_read_alike(tmp_path):
    """`.git` may be a file, and may stand above the folder that was named."""
    root = repository(tmp_path / "p", {f"part/{name}": text for name, text in CODE.items()} | {"other.py": "x = 1\n"})
    git(root, "worktree", "add", "--quiet", str(tmp_path / "w"))

    project = read_project(tmp_path / "w" / "part")

    assert set(project.files) == {"pyproject.toml", "src/calc/__init__.py", "src/calc/core.py"}
    assert project.commit == git(root, "rev-parse", "HEAD")


def test_without_git_a_folder_is_walked(tmp_path):
    """Hidden files and environments are nobody's code; the note says that there is no git to go by."""
    lay(
        tmp_path, CODE | {".venv/x.py": "", "env/pyvenv.cfg": "", "env/y.py": "", ".secret": "", "__pycache__/z.py": ""}
    )

    project = read_project(tmp_path)

    assert everything(project) == CODE.keys()
    assert told(project, "no git work tree")


def test_without_git_what_git_would_ignore_is_left_out(tmp_path):
    """Whoever downloads an archive of a repository has its .gitignore, and what it names was never meant for others."""
    lay(
        tmp_path,
        CODE | {".gitignore": "/out/\n*.local\n", "out/x.py": "", "src/calc/b.local": "", "src/calc/out/y.py": ""},
    )
    lay(tmp_path / "src", {".gitignore": "z.py\n", "calc/z.py": ""})

    project = read_project(tmp_path)

    assert everything(project) == {*CODE, "src/calc/out/y.py"}
    assert told(project, ".gitignore")
    assert not (tmp_path / ".git").exists()


def test_what_was_published_is_the_project_whatever_its_gitignore_says(tmp_path):
    """A source distribution holds what its build made, which the repository ignores."""
    lay(tmp_path, CODE | {".gitignore": "_version.py\n", "src/calc/_version.py": "", "PKG-INFO": "Name: calc\n"})

    assert "src/calc/_version.py" in read_project(tmp_path).files


def test_a_part_of_pytest_is_told_that_its_tests_run_on_another_copy(tmp_path):
    """pytest has loaded it before the first test, so that a change would never run."""
    lay(tmp_path, CODE | {"pyproject.toml": '[project]\nname = "pluggy"\nversion = "9"\n'})

    assert told(read_project(tmp_path), "pytest's own copy")


def test_a_repository_without_a_commit_is_read(tmp_path):
    """Nothing is checked out yet, and the files are there all the same."""
    git(tmp_path, "init", "--quiet")
    lay(tmp_path, dict(CODE))

    project = read_project(tmp_path)

    assert project.commit == ""
    assert everything(project) == CODE.keys()


@pytest.mark.parametrize(
    ("files", "line"),
    [
        pytest.param({"README.md": "x"}, "no Python file", id="no code"),
        pytest.param({"tests/test_x.py": "def test_x(): pass\n"}, "no Python file", id="only tests"),
    ],
)
def test_what_holds_nothing_to_mend_is_one_line(tmp_path, files, line):
    root = repository(tmp_path / "p", files)

    with pytest.raises(BadInput, match=line):
        read_project(root)


def test_a_broken_repository_is_one_line(tmp_path):
    """What git says is passed on."""
    root = repository(tmp_path / "p")
    (root / ".git/index").write_bytes(b"nonsense")

    with pytest.raises(BadInput, match="git cannot list"):
        read_project(root)


def test_boxes_are_made_as_large_as_the_project_needs(tmp_path):
    """A small project changes nothing but what costs nothing; a large one gets room to write in, too."""
    small = read_project(repository(tmp_path / "small"))
    large = read_project(repository(tmp_path / "large", CODE | {f"tests/{n}.bin": bytes(4 * 2**20) for n in range(7)}))

    assert limits_for(small, Limits()).work_mib == Limits().work_mib
    assert limits_for(large, Limits()).work_mib >= 2 * 28
    assert limits_for(large, Limits()).memory_mib > Limits().memory_mib + 28
