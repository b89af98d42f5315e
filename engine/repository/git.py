"""Git, asked about a work tree that nobody vouches for: what its own configuration says to run does not run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from engine.errors import BadInput

SECONDS = 60.0
"""Longest that one question may take."""
MOST_BYTES = 256 * 2**20
_HARMLESS = {
    # these name programs or hooks, and a repository's own configuration may set them
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.sshCommand": "false",
    "core.askPass": "",
    "credential.helper": "",
    "log.showSignature": "false",
    "gpg.program": "false",
    "diff.external": "",
    # these change what is listed, or how
    "core.quotePath": "false",
    "core.precomposeUnicode": "false",
    "submodule.recurse": "false",
    "log.showRoot": "true",
    "log.follow": "false",
}
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # no protocol is called so: nothing is fetched, whatever the configuration allows
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C.UTF-8",
}
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT", "TMPDIR")
"""The user's own configuration counts: it says what the user wants ignored. GIT_DIR and its like do not."""


class GitFailed(Exception):
    """Git answered with an error: its first line."""


class Git:
    """Questions about the work tree that holds *folder*; none of them changes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
        """What git says, raw; it reads *stdin*, and *environment* is added to its own.

        Raises:
            GitFailed: It said no.
            BadInput: There is no git, or it does not end.
        """
        settings = {**_HARMLESS, "safe.directory": "*"}
        command = ["git", "--no-pager", "--literal-pathspecs", "-C", str(self._folder)]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        inherited = {name: os.environ[name] for name in _KEPT if name in os.environ} | _ENVIRONMENT
        try:
            done = subprocess.run(
                [*command, *arguments],
                env=inherited | dict(environment or {}),
                input=stdin,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise BadInput(
                f"{str(self._folder)!r} is in a git work tree, and there is no program git",
                hint="install git, or name the files",
            ) from None
        except subprocess.TimeoutExpired:
            raise BadInput(
                f"git did not answer within {SECONDS:g} s about {str(self._folder)!r}",
                hint="look at `git status` there",
            ) from None
        if done.returncode != 0:
            raise GitFailed(done.stderr.decode("utf-8", "replace").strip().partition("\n")[0][:300])
        if len(done.stdout) > MOST_BYTES:
            raise BadInput(f"git has too much to say about {str(self._folder)!r}", hint="name the part that matters")
        return done.stdout

    def listed(self, *arguments: str) -> list[bytes]:
        """What git says, cut at its NUL bytes."""
        return [piece for piece in self.ask(*arguments).split(b"\0") if piece]

    def head(self) -> str:
        """The commit that is checked out; empty where there is none yet."""
        try:
            return self.ask("rev-parse", "--verify", "--quiet", "HEAD").decode().strip()
        except GitFailed:
            return ""


def in_work_tree(folder: Path) -> bool:
    """Whether *folder* belongs to a git work tree: it, or a folder above it, holds a `.git`."""
    return any((above / ".git").exists() for above in (folder, *folder.parents))
