"""Tests written for code as it is: a tester writes them in its own box, and the judge's session has the last word on each."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agents.base import Usage
from agents.testing import Framework, Mutation, Survivor, Suspected, Tester, TestType, Wanted, Written
from engine.admission.cutting import without
from engine.admission.sessions import Session, Sessions
from engine.checks.tests import Way
from engine.domain import Task, Value
from engine.mutants import make
from engine.plain_tests import is_plain

if TYPE_CHECKING:
    from sandboxes.base import Box

MUTANTS = 300
"""Mutants of one program, at most; fewer where its files are large."""
_CHARACTERS = 6_000_000
"""Of all mutants together, as they are sent into a box."""


class DroppedTest(Value):
    """What became no test, and why."""

    what: str
    why: str


class Surviving(Value):
    """A mutant that no test notices."""

    name: str
    diff: str
    """What it changes, as a unified diff: where that does the same as the code, no test can notice it."""


class Generated(Value):
    """Tests, and what they are worth."""

    path: str
    """Name of the test file."""
    type: TestType = "unit"
    framework: Framework = "pytest"
    author: str = "offline"
    model: str | None = None
    usage: Usage = Usage()
    text: str = ""
    """The file; empty where no test was worth being kept."""
    cases: int = 0
    lines: int = 0
    all_lines: int = 0
    branches: int = 0
    all_branches: int = 0
    mutants: int = 0
    survivors: tuple[Surviving, ...] = ()
    dropped: tuple[DroppedTest, ...] = ()
    suspects: tuple[Suspected, ...] = ()
    """Crashes, calls without an end and contradictions with the docstring: nothing that a test says is right."""
    rate: float = 0.0
    """Mutants a second of one core on which the file was run."""
    reason: str = ""
    """Why there is none, or why the tester ended before it was through; empty otherwise."""
    seconds: float = 0.0
    not_shown: tuple[str, ...] = ()
    """What all this does not show."""

    @property
    def killed(self) -> int:
        return self.mutants - len(self.survivors)

    @property
    def mutation_score(self) -> float | None:
        """Part of the mutants that a test notices; None where there are none."""
        return self.killed / self.mutants if self.mutants else None

    @property
    def line_coverage(self) -> float | None:
        return self.lines / self.all_lines if self.all_lines else None

    @property
    def branch_coverage(self) -> float | None:
        """Part of the branches that are taken; None where the code has none."""
        return self.branches / self.all_branches if self.all_branches else None


async def write_tests(
    task: Task,
    tester: Tester,
    open_box: Callable[[], AbstractAsyncContextManager[Box]],
    *,
    seconds: float,
    wanted: Wanted | None = None,
) -> Generated:
    """Tests of `task.files` as they are, written by *tester* within *seconds* and judged in a box of *open_box*.

    Raises:
        SandboxError: The machinery failed; nothing was learnt about the code.
    """
    began = time.monotonic()
    path = path_of_tests(task.files)
    mutations = _mutations(task.files)
    wanted = wanted or Wanted()
    written = await tester.write(task.files, mutations, wanted=wanted, seconds=seconds)
    dropped = [DroppedTest(what=f"{count} calls", why=why) for why, count in written.dropped.items()]
    if not written.text:
        return _told(path, written, task.files, wanted, dropped, began)
    if not is_plain(written.text, task.files):
        refused = written.model_copy(
            update={"text": "", "reason": "what came out of the box is no file of plain tests"}
        )
        return _told(path, refused, task.files, wanted, dropped, began)
    # only now, because two boxes at once may be more than there is room for
    async with open_box() as box:
        text, red = await _judged(task, path, written.text, box)
    dropped += red
    if red:
        told = f"the judge dropped {len(red)}" if text else "the judge kept none of the tests"
        written = (
            await tester.measure(task.files, mutations, text, seconds=seconds)
            if text
            else Written(suspects=written.suspects, reason=told)
        ).model_copy(update={"suspects": written.suspects})
    return _told(path, written, task.files, wanted, dropped, began)


def path_of_tests(files: Mapping[str, str]) -> str:
    """The name of the tests' file: the module's where there is one module."""
    python = [path for path in files if path.endswith(".py") and not path.endswith("__init__.py")]
    name = PurePosixPath(python[0]).stem if len(python) == 1 else "generated"
    path = f"test_{name}.py"
    return path if path not in files else f"test_{name}_as_it_is.py"


def _mutations(files: Mapping[str, str]) -> list[Mutation]:
    longest = max((len(text) for text in files.values()), default=1)
    most = max(10, min(MUTANTS, _CHARACTERS // max(1, longest)))
    made = make(files, most=most)[:most]
    return [Mutation(path=each.path, line=each.line, name=each.name[:1_000], text=each.text) for each in made]


async def _judged(task: Task, path: str, text: str, box: Box) -> tuple[str, list[DroppedTest]]:
    """*text* without the tests that are not green in the judge's own sessions, in either order and with any hash seed."""
    dropped: list[DroppedTest] = []
    for _ in range(3):
        sessions = Sessions(box, task.model_copy(update={"tests": {path: text}}))
        await sessions.read()
        red: dict[str, str] = {}
        for seed, reverse in ((0, False), (1, True)):
            session = await sessions.run(task.files, {path: text}, _way(task, seed, reverse=reverse))
            red |= _red(session)
        if not red:
            return text, dropped
        dropped += [DroppedTest(what=name, why=why) for name, why in red.items()]
        cut = without(text, [name.split("::", 1)[1] for name in red])
        if cut is None or "def test_" not in cut:
            return "", dropped
        text = cut
    return "", dropped


def _red(session: Session) -> dict[str, str]:
    names = [name for name in session.functions if session.spoilt or name not in session.passed]
    return {name: (session.spoilt or session.why(name))[:300] for name in names}


def _way(task: Task, seed: int, *, reverse: bool) -> Way:
    return Way(
        hang_seconds=task.budget.test_seconds / 2,
        reverse=reverse,
        fresh_interpreter=True,
        environment={"PYTHONHASHSEED": str(seed)},
    )


def _told(  # noqa: PLR0917  # all that is told
    path: str, written: Written, files: Mapping[str, str], wanted: Wanted, dropped: list[DroppedTest], began: float
) -> Generated:
    return Generated(
        path=path,
        type=wanted.type,
        framework=wanted.framework,
        author=written.author,
        model=written.model,
        usage=written.usage,
        text=written.text,
        cases=written.cases,
        lines=written.lines,
        all_lines=written.all_lines,
        branches=written.branches,
        all_branches=written.all_branches,
        mutants=written.mutants,
        survivors=tuple(_surviving(each, files[each.path]) for each in written.survivors),
        dropped=tuple(dropped),
        suspects=written.suspects,
        rate=written.rate,
        reason=written.reason,
        seconds=time.monotonic() - began,
    )


def _surviving(survivor: Survivor, text: str) -> Surviving:
    lines = difflib.unified_diff(
        text.splitlines(keepends=True),
        survivor.text.splitlines(keepends=True),
        f"a/{survivor.path}",
        f"b/{survivor.path}",
        n=1,
    )
    return Surviving(name=survivor.name, diff="".join(lines)[:4_000])
