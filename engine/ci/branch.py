"""The branch that proposes what is proven: made beside the work tree, which stays as it is, like the index and the hooks.

Git's plumbing alone writes it: objects, an index of our own elsewhere, a commit for each cause, and the branch last.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.ci import contents
from engine.ci.shown import line
from engine.domain import Value
from engine.errors import BadInput
from engine.repository.git import Git, GitFailed, in_work_tree
from engine.repository.project import Project
from engine.repository.result import Healed, RepositoryResult

FOLDER = "mendbox/"
"""Every branch of ours is below this name."""
TRAILER = "Mendbox-Run"
PLAIN = frozenset({"100644", "100755"})
NOTHING = "0" * 40
MOST_TESTS = 50
_IDENTITY = {
    f"GIT_{who}_{what}": said
    for who in ("AUTHOR", "COMMITTER")
    for what, said in (("NAME", "Mendbox"), ("EMAIL", "mendbox@localhost"))
}
_OWN_INDEX = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.splitIndex", "GIT_CONFIG_VALUE_0": "false"}


class NotProposed(Exception):
    """There is no branch, and why; the patch has all that it would have held."""


class Proposed(Value):
    """A branch that holds what is proven."""

    name: str
    commit: str
    commits: int
    notes: tuple[str, ...] = ()


class _Entry(Value):
    """One file of a commit."""

    mode: str
    blob: str


def require_possible(root: Path, given: str | None) -> str:
    """The name of the branch: *given*, below our folder, or one that tells the commit. Asked before any work is done.

    Raises:
        BadInput: There is no commit to build on, the name is none, or the branch is somebody else's.
    """
    git = Git(root)
    commit = git.head() if in_work_tree(root.resolve()) else ""
    if not commit:
        raise BadInput(f"--propose needs a commit to build on, and {str(root)!r} has none checked out")
    name = given or f"fix-{commit[:12]}"
    name = name if name.startswith(FOLDER) else f"{FOLDER}{name}"
    try:
        git.ask("check-ref-format", "--branch", name)
        _require_ours(git, name)
    except GitFailed:
        raise BadInput(f"{name!r} is no name of a branch", hint="choose another with --branch") from None
    except NotProposed as error:
        raise BadInput(str(error), hint="choose another with --branch") from error
    return name


def propose(project: Project, result: RepositoryResult, name: str) -> Proposed:
    """Make, or move, the branch *name*: the commit that was checked, and a commit on it for each verified cause.

    Raises:
        NotProposed: Nothing was written but loose objects, which git clears away.
    """
    git = Git(project.root)
    try:
        old = _require_ours(git, name)
        head = git.head()
        if head != project.commit:
            raise NotProposed(f"{head[:12]} is checked out by now, and {project.commit[:12]} is what was judged")
        _require_clean(git)
        prefix = git.ask("rev-parse", "--show-prefix").decode().rstrip("\n")
        commit, commits = _commit_all(git, project, result, prefix)
        git.ask("update-ref", "-m", "mendbox: propose", "--no-deref", f"refs/heads/{name}", commit, old or NOTHING)
        beside = _not_committed(git, project)
    except (GitFailed, OSError, BadInput) as error:
        raise NotProposed(f"git could not make the branch {name!r}: {error}") from error
    notes = (f"judged together with files that are in no commit: {', '.join(beside)}",) if beside else ()
    return Proposed(name=name, commit=commit, commits=commits, notes=notes)


def _require_ours(git: Git, name: str) -> str:
    """The commit that the branch is at; empty where there is none. Raises `NotProposed` where it is not ours to move."""
    ref = f"refs/heads/{name}"
    try:
        old = git.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    except GitFailed:
        return ""
    message = git.ask("log", "-1", "--format=%(trailers:key=" + TRAILER + ",valueonly)%x00%cn", old).decode()
    if not message.partition("\0")[0].strip() or message.partition("\0")[2].strip() != "Mendbox":
        raise NotProposed(f"the branch {name!r} is there already, and its last commit is not Mendbox's")
    if f"branch {ref}" in git.ask("worktree", "list", "--porcelain").decode(errors="replace").split("\n"):
        raise NotProposed(f"the branch {name!r} is checked out, and moving it would leave that work tree behind")
    return old


def _require_clean(git: Git) -> None:
    changed = git.listed("status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=all", "--", ".")
    if changed:
        first = changed[0][3:].decode(errors="replace")
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise NotProposed(f"the work tree is not what is committed: {line(first)}{more} differs; commit it first")


def _not_committed(git: Git, project: Project) -> list[str]:
    kept = {
        name.decode(errors="replace") for name in git.listed("ls-tree", "-r", "-z", "--name-only", "HEAD", "--", ".")
    }
    beside = sorted(name for name in (*project.files, *project.tests, *project.data) if name not in kept)
    return [line(name) for name in beside[:5]] + ([f"and {len(beside) - 5} more"] if len(beside) > 5 else [])


def _commit_all(git: Git, project: Project, result: RepositoryResult, prefix: str) -> tuple[str, int]:
    """The last of the commits, and how many there are."""
    parent, commits = project.commit, 0
    with tempfile.TemporaryDirectory(prefix="mendbox-index-") as folder:
        environment = {"GIT_INDEX_FILE": str(Path(folder) / "index"), **_OWN_INDEX, **_IDENTITY}
        git.ask("read-tree", parent, environment=environment)
        for healed in result.healed:
            if not healed.verified:
                continue
            rows = list(_entries(git, project, healed, prefix))
            if not rows:
                continue
            git.ask("update-index", "-z", "--index-info", stdin=b"".join(rows), environment=environment)
            tree = git.ask("write-tree", environment=environment).decode().strip()
            message = _message(healed).encode(errors="replace")
            made = git.ask("commit-tree", tree, "-p", parent, "-F", "-", stdin=message, environment=environment)
            parent, commits = made.decode().strip(), commits + 1
    if not commits:
        raise NotProposed("nothing is verified, so there is nothing to propose")
    return parent, commits


def _entries(git: Git, project: Project, healed: Healed, prefix: str) -> Iterator[bytes]:
    """The lines for the index, of every file that this cause's fix made another one."""
    was, is_ = healed.run.task.files, healed.run.files
    changed = [name for name in sorted({*was, *is_}) if was.get(name) != is_.get(name)]
    texts = {name: is_[name] for name in changed if name in is_}
    after, before = contents.after(project, texts), contents.before(project, tuple(changed))
    known = _known(git, changed)
    for name in changed:
        path = f"{prefix}{name}".encode()
        if name not in after:
            yield b"0 " + NOTHING.encode() + b"\t" + path + b"\0"
            continue
        raw, mode = after[name], "100644"
        if name in known:
            mode = known[name].mode
            raw = _as_kept(git, name, known[name], before.get(name, b""), raw)
        elif name in before:
            raise NotProposed(f"{line(name)} is changed by the fix, and is in no commit; commit it first")
        blob = git.ask("hash-object", "-w", "--no-filters", "--stdin", stdin=raw).decode().strip()
        yield f"{mode} {blob}".encode() + b"\t" + path + b"\0"


def _known(git: Git, names: Sequence[str]) -> Mapping[str, _Entry]:
    found = {}
    for row in git.listed("ls-tree", "-z", "HEAD", "--", *names):
        facts, _, name = row.partition(b"\t")
        mode, _, blob = facts.decode().split(" ")
        found[name.decode(errors="replace")] = _Entry(mode=mode, blob=blob)
    return found


def _as_kept(git: Git, name: str, entry: _Entry, read: bytes, raw: bytes) -> bytes:
    """*raw* as git keeps this file, which may be with other line ends than it is laid out with."""
    if entry.mode not in PLAIN:
        raise NotProposed(f"{line(name)} is no plain file in git")
    kept = git.ask("cat-file", "blob", entry.blob)
    if kept == read:
        return raw
    if kept == read.replace(b"\r\n", b"\n"):
        return raw.replace(b"\r\n", b"\n")
    raise NotProposed(f"{line(name)} is kept in git otherwise than it lies in the work tree; apply the patch instead")


def _message(healed: Healed) -> str:
    tests = [f"* {line(test, limit=200)}" for test in healed.cause.tests[:MOST_TESTS]]
    more = [f"* and {len(healed.cause.tests) - MOST_TESTS} more"] if len(healed.cause.tests) > MOST_TESTS else []
    said = line(healed.run.summary, limit=400)
    return "\n".join(
        [
            f"Mend: {line(healed.cause.name, limit=66)}",
            "",
            "Red before, and green with this commit:",
            *tests,
            *more,
            "",
            f"{said} What is proven, and what is not, is in the receipt of this run.",
            "",
            f"{TRAILER}: {healed.run.id}",
            "",
        ]
    )
