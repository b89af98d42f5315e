"""The folder of the reports: checked before any work is done, emptied of what an earlier run left, kept out of git."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from engine.errors import BadInput
from engine.receipts.storing import write_whole
from engine.repository.git import Git, GitFailed, in_work_tree

USUAL = ".mendbox-ci"
JUNIT, SARIF, QUALITY = "junit.xml", "mendbox.sarif", "codequality.json"
COVERAGE, COVERAGE_AFTER = "coverage.xml", "coverage-after.xml"
SUMMARY, PATCH, ACCOUNT = "summary.md", "mendbox.patch", "mendbox.json"
FILES = (JUNIT, SARIF, QUALITY, COVERAGE, COVERAGE_AFTER, SUMMARY, PATCH, ACCOUNT)
RECEIPTS = "receipts"
RECEIPT = re.compile(r"cause-\d+\.json(\.blobs)?")
IGNORE = ".gitignore"
IGNORED = b"# Written by mendbox ci: nothing in this folder belongs into git.\n*\n"


class Folder:
    """Where reports go; `notes` say what a person should know of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: tuple[str, ...] = ()
        self.written: list[str] = []

    def prepare(self) -> None:
        """Make it, and take away what an earlier run wrote: a report of yesterday is worse than none.

        Raises:
            BadInput: It cannot be written to, or git keeps files of these names in it.
        """
        if os.path.lexists(self.path) and not self.path.is_dir():
            raise BadInput(f"cannot write reports to {str(self.path)!r}: it is no folder", hint="see --out")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            ours = not any(self.path.iterdir())
            self._keep_out_of_git(ours=ours)
            self._clear()
            (self.path / RECEIPTS).mkdir(exist_ok=True)
        except OSError as error:
            what = f"cannot write reports to {str(self.path)!r}: {error.strerror}"
            raise BadInput(what, hint="name another folder with --out") from error

    def write(self, name: str, text: str | bytes) -> None:
        """Write the report *name*, whole or not at all. Raises `OSError` where it cannot be."""
        write_whole(self.path / name, text if isinstance(text, bytes) else text.encode(errors="backslashreplace"))
        self.written.append(name)

    def receipt(self, number: int) -> Path:
        """Where the receipt of the cause with this number goes."""
        return self.path / RECEIPTS / f"cause-{number:02}.json"

    def _keep_out_of_git(self, *, ours: bool) -> None:
        if not in_work_tree(self.path.resolve()):
            return
        git = Git(self.path)
        if tracked := git.listed("ls-files", "-z", "--", *FILES, RECEIPTS):
            name = tracked[0].decode(errors="replace")
            what = f"git keeps {name!r} in {str(self.path)!r}, and the report of that name would be written over it"
            raise BadInput(what, hint="name another folder with --out")
        if ours:
            write_whole(self.path / IGNORE, IGNORED)
            return
        try:
            # this one question git does not answer of paths that are taken literally
            git.ask("--no-literal-pathspecs", "check-ignore", "-q", "--", JUNIT)
        except GitFailed:
            self.notes = (f"the reports in {str(self.path)!r} are not ignored by git",)

    def _clear(self) -> None:
        for name in FILES:
            (self.path / name).unlink(missing_ok=True)
        receipts = self.path / RECEIPTS
        if receipts.is_dir():
            for inside in receipts.iterdir():
                if RECEIPT.fullmatch(inside.name):
                    _remove(inside)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        with suppress(FileNotFoundError):
            path.unlink()
