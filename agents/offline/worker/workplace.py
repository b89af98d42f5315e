"""Where a search works: the folder, the tests' session, the counts, and whom it tells."""

from __future__ import annotations

import gc
import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from os.path import commonprefix
from pathlib import Path

from _pytest.config import get_config

from . import lint
from .edits import Change
from .fence import adopt, hide
from .job import Job
from .localise import Line, Suspicion
from .report import Reporter
from .session import Sessions, arguments, settle
from .sources import FEW
from .suite import Suite
from .syntax import parse_error
from .templates.catalogue import CATALOGUE

FAMILIES = {template.name: template.write.__module__.rpartition(".")[2] for template in CATALOGUE}
"""The part of the language that a template is about, which is its file's name."""
EVERY = 0.5
"""Seconds between two words about the progress."""
BOX = Path("/box")
"""Where a box keeps all that can be written, but for the usual places for temporary files."""


def hash_files(files: Mapping[str, str]) -> str:
    """The content hash by which an answer is recognised."""
    lines = (f"{path}\0{_sha256(text)}\n" for path, text in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@cache
def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def broken(job: Job) -> set[str]:
    """Files that do not parse; of a project only those that the judge's words are about, as some are no programs at all."""
    if job.suite is None or not job.failing:
        return {path for path, text in job.python.items() if parse_error(text, path) is not None}
    if not any(word in job.failure for word in ("SyntaxError", "IndentationError", "TabError")):
        return set()
    named = [path for path in job.python if path in job.failure]
    found = {path for path in named if parse_error(job.python[path], path) is not None}
    return found or {path for path, text in job.python.items() if parse_error(text, path) is not None}


@dataclass(frozen=True)
class Offered:
    """A plausible patch that was told of."""

    sha256: str
    """Content hash of all files with it."""
    files: Mapping[str, str]
    """The changed files' whole text."""
    bits: float
    line: Line
    """Where it changes something first."""
    shift: float = 0.0
    """The part of the price that earlier repairs have put on it."""


class Workplace:
    """What all searches of one job share."""

    def __init__(self, job: Job, reporter: Reporter, root: Path, tools: Path, end: float) -> None:
        self.job = job
        self.reporter = reporter
        self.root = root
        self.end = end
        self.began = time.monotonic()
        # a program that is run by its path, and not imported, has just that path for its code's file name
        self.names = {name: path for path in job.python for name in (str(root / path), path)}
        self.watched = frozenset([*self.names, *(str(root / path) for path in job.tests)])
        self.suite = job.suite or Suite()
        self._tools = tools
        self.files: tuple[str, ...] | None = None
        """The test files that count, where not all of them do."""
        self.told: Suspicion | None = None
        """What was last said of where the fault may be."""
        settle(root, job)
        get_config()  # imports pytest's own plugins once, for all sessions forked from here
        gc.collect()
        gc.freeze()
        adopt()
        hide()
        self.writable = _writable(root, tools)
        self.sessions = Sessions(root, self.names, self.watched, self.called, self.writable, aside=self.suite.aside)
        self.unparsed = broken(job)
        self.kinds: Counter[str] = Counter()
        """Candidates tried, by family of edits."""
        self.found = 0
        self.mended: dict[Line, float] = {}
        """Lines at which some change mended what fails, and how much of it."""
        self.failure = ""
        """Kind of the first failure, by the name of its exception."""
        self.passing: set[str] = set()
        """Node ids of tests that pass on the files as handed in."""
        self.plausible: list[Offered] = []
        self.partial: list[tuple[int, Mapping[str, str]]] = []
        """How many failing tests some changed files turned green; passing ones may have become red."""
        self._findings: dict[str, Counter[str]] = {}
        self._said = 0.0
        self._offered: set[str] = set(job.known)

    def called(self, files: Sequence[str] | None = None) -> list[str]:
        """Arguments of pytest for these test files; without any, for those that count."""
        return arguments(self._tools, self.job, self.files if files is None else files)

    @property
    def tests(self) -> Mapping[str, str]:
        """The texts of the test files that count, and of what stands beside them where those are few."""
        if self.files is None and len(self.job.tests) <= FEW:
            return self.job.tests
        red = {node.split("::", 1)[0] for node in self.job.failing}
        return {path: text for path, text in self.job.tests.items() if path in red or path.endswith("/conftest.py")}

    @property
    def tried(self) -> int:
        return self.kinds.total()

    def count(self, template: str) -> None:
        """One more candidate was tried."""
        self.kinds["pairs" if "+" in template else FAMILIES.get(template, template)] += 1

    @cached_property
    def linted(self) -> Mapping[str, lint.Looked]:
        """What ruff says of the Python files as handed in."""
        return lint.look(self.job.python)

    def findings_before(self, path: str) -> Counter[str]:
        if len(self.job.python) <= FEW:
            return self.linted[path].findings
        if path not in self._findings:
            self._findings[path] = lint.findings(path, self.job.python[path])
        return self._findings[path]

    def lay(self, files: Mapping[str, str]) -> None:
        """Let the files on disk be *files*."""
        for path, text in files.items():
            (self.root / path).write_text(text, encoding="utf-8", newline="")

    def suspects(self, suspicion: Suspicion) -> None:
        self.told = suspicion if suspicion.scores else self.told
        lines = [{"path": path, "line": line, "score": round(score, 3)} for path, line, score in suspicion.top()]
        self.reporter.say("suspects", lines=lines, failure=self.failure)

    def mending(self, change: Change, share: float) -> None:
        """Note that *change* mended a *share*, from 0 to 1, of what fails."""
        line = (change.path, change.line)
        self.mended[line] = max(share, self.mended.get(line, 0.0))

    def progress(self, message: str = "") -> None:
        now = time.monotonic()
        if message or now - self._said > EVERY:
            self._said = now
            self.reporter.say("progress", tried=self.tried, found=self.found, kinds=dict(self.kinds), message=message)

    def offer(
        self,
        files: Mapping[str, str],
        changes: Sequence[Change],
        bits: float,
        *,
        reached: int | None = None,
        linted: bool = False,
    ) -> bool:
        """Tell of a plausible patch, found when *reached* candidates were tried; False where it was known, or brings new findings.

        Whether it brings any is known already where it is *linted*.
        """
        whole = hash_files({**self.job.files, **files})
        if whole in self._offered:
            return False
        self._offered.add(whole)
        for path, text in files.items() if not linted else ():
            parsed = path not in self.unparsed
            if path.endswith(".py") and lint.new(path, self.findings_before(path), text, parsed=parsed):
                return False
        self.found += 1
        self.plausible.append(
            Offered(whole, dict(files), bits, (changes[-1].path, changes[-1].line), sum(c.shift for c in changes))
        )
        edits = [
            {
                "path": c.path,
                "line": c.line,
                "template": c.template,
                "note": c.note[:500],
                **replaced(self.job.files.get(c.path, ""), files.get(c.path, "")),
                "suspicion": round(c.suspicion, 3),
            }
            for c in changes
        ]
        self.reporter.say(
            "plausible",
            files=dict(files),
            edits=edits,
            bits=round(bits, 3),
            tried=self.tried if reached is None else reached,
            seconds=round(time.monotonic() - self.began, 3),
        )
        return True


def replaced(before: str, after: str) -> dict[str, str]:
    """The smallest part of a file that differs, in whole words: what went and what came."""
    head = len(commonprefix([before, after]))  # noqa: RUF071  # character by character is what is wanted
    rest = min(len(before), len(after)) - head
    tail = len(commonprefix([before[::-1][:rest], after[::-1][:rest]]))  # noqa: RUF071  # as above
    while head and (before[head - 1].isalnum() or before[head - 1] == "_"):
        head -= 1
    while tail and (before[-tail].isalnum() or before[-tail] == "_"):
        tail -= 1
    return {"old": before[head : len(before) - tail][:600], "new": after[head : len(after) - tail][:600]}


def _writable(work: Path, tools: Path) -> tuple[Path, ...]:
    """The folders that every candidate finds as the first one did: in a box all that can be written, elsewhere these two."""
    if (work, tools) != (BOX / "work", BOX / "tools"):
        return (work, tools)
    return (BOX, Path("/tmp"), Path("/dev/shm"))  # noqa: S108  # nothing is made there, only put back
