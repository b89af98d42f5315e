"""Tests written for code as it is: a tester writes them in its own box, and the judge's session has the last word on each."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agents.base import Usage
from agents.errors import AuthorError
from agents.testing import Framework, Mutation, Survivor, Suspected, Tester, TestType, Wanted, Written
from engine.admission.cutting import functions_in, without
from engine.admission.sessions import Session, Sessions
from engine.checks.ways import Way
from engine.domain import Task, Value
from engine.errors import BadInput
from engine.mutants import make
from engine.plain_tests import is_plain

if TYPE_CHECKING:
    from sandboxes.base import Box

MUTANTS = 300
"""Mutants of one program, at most; fewer where its files are large."""
AGAIN = 2
"""Mutants that are tried once more by the judge, to see whether what the tester counted holds there."""
OFFLINE = "offline"
"""Name of the tester that asks no model: what it writes was written in a box."""
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
        BadInput: The framework is of another language than the code.
        SandboxError: The machinery failed; nothing was learnt about the code.
    """
    began = time.monotonic()
    wanted = wanted or Wanted()
    _refuse(task.files, wanted)
    path = path_of_tests(task.files)
    mutations = mutations_of(task.files)
    try:
        written = await tester.write(task.files, mutations, wanted=wanted, seconds=seconds)
    except AuthorError as error:
        written = Written(
            author=error.author, usage=error.usage, reason=f"{error.what}{error.hint and f' ({error.hint})'}"[:1_000]
        )
    written = _checked(written, mutations)
    dropped = [
        DroppedTest(what=f"{count} call{'' if count == 1 else 's'}" if count else "", why=why)
        for why, count in written.dropped.items()
    ]
    if written.kept:
        written = written.model_copy(update={"text": _only(written.text, written.kept)})
    if not written.text:
        return _told(path, written, task.files, wanted, dropped, began)
    if written.author == OFFLINE and not is_plain(written.text, task.files):
        refused = written.model_copy(
            update={"text": "", "reason": "what came out of the box is no file of plain tests"}
        )
        return _told(path, refused, task.files, wanted, dropped, began)
    # only now, because two boxes at once may be more than there is room for
    async with open_box() as box:
        sessions, text, red = await _judged(task, path, written.text, box)
        dropped += red
        again = await _again(sessions, task.files, {path: text}, mutations, written) if text and not red else None
    if red:
        told = f"the judge dropped {len(red)}" if text else "the judge kept none of the tests"
        left = (
            await tester.measure(task.files, mutations, text, seconds=seconds)
            if text
            else Written(reason=told, survivors=written.survivors, mutants=written.mutants)
        )
        # the text that was judged, whatever the box says
        kept = {name: getattr(written, name) for name in ("suspects", "author", "model", "usage")}
        written = left.model_copy(update={**kept, "text": text})
    return _told(path, written, task.files, wanted, dropped, began, again=again)


class Again(Value):
    """Mutants that the tester counts as killed, tried once more in the judge's own sessions."""

    tried: int
    green: tuple[str, ...] = ()
    """Those that no test noticed there."""


async def _again(
    sessions: Sessions,
    files: Mapping[str, str],
    tests: Mapping[str, str],
    mutations: Sequence[Mutation],
    written: Written,
) -> Again:
    alive = {(each.path, each.text) for each in written.survivors}
    killed = [each for each in mutations if (each.path, each.text) not in alive]
    some = killed[:: max(1, len(killed) // AGAIN)][:AGAIN]
    way = Way(hang_seconds=2.0, stop_after_hangs=1)
    green = []
    for each in some:
        session = await sessions.run({**files, each.path: each.text}, tests, way)
        if not session.spoilt and session.passed >= session.tests:
            green.append(each.name)
    return Again(tried=len(some), green=tuple(green))


def _refuse(files: Mapping[str, str], wanted: Wanted) -> None:
    if not any(path.endswith(".py") for path in files):
        raise BadInput(
            f"there is no Python file to write {wanted.framework} tests for",
            hint="name files that end with .py, or ask for vitest with JavaScript or TypeScript",
        )


def _checked(written: Written, mutations: Sequence[Mutation]) -> Written:
    """*written* without survivors that are none of our *mutations*: a box may say what it likes."""
    ours = {(each.path, each.text) for each in mutations}
    survivors = tuple(each for each in written.survivors if (each.path, each.text) in ours)
    return written.model_copy(update={"survivors": survivors, "mutants": min(written.mutants, len(mutations))})


def _only(text: str, kept: Collection[str]) -> str:
    """*text* without the tests that are not among the *kept*; what is no test stays."""
    tests = [name for name in functions_in(text) if name.rpartition("::")[2].startswith("test")]
    return without(text, [name for name in tests if name not in kept]) or ""


def path_of_tests(files: Mapping[str, str]) -> str:
    """The name of the tests' file: the module's where there is one module."""
    python = [path for path in files if path.endswith(".py") and not path.endswith("__init__.py")]
    name = PurePosixPath(python[0]).stem if len(python) == 1 else "generated"
    path = f"test_{name}.py"
    return path if path not in files else f"test_{name}_as_it_is.py"


def mutations_of(files: Mapping[str, str]) -> list[Mutation]:
    """Small changes of *files*, by which it is seen whether a test tests anything; fewer where the files are large."""
    longest = max((len(text) for text in files.values()), default=1)
    most = max(10, min(MUTANTS, _CHARACTERS // max(1, longest)))
    made = make(files, most=most)[:most]
    return [Mutation(path=each.path, line=each.line, name=each.name[:1_000], text=each.text) for each in made]


async def _judged(task: Task, path: str, text: str, box: Box) -> tuple[Sessions, str, list[DroppedTest]]:
    """*text* without the tests that are not green in the judge's own sessions, in either order and with any hash seed; and
    the sessions that know its tests.
    """
    dropped: list[DroppedTest] = []
    for _ in range(3):
        sessions = Sessions(box, task.model_copy(update={"tests": {path: text}}))
        await sessions.read()
        red: dict[str, str] = {}
        for seed, reverse in ((0, False), (1, True)):
            session = await sessions.run(task.files, {path: text}, _way(task, seed, reverse=reverse))
            red |= _red(session)
        if not red:
            return sessions, text, dropped
        dropped += [DroppedTest(what=name, why=why) for name, why in red.items()]
        cut = without(text, [name.split("::", 1)[1] for name in red])
        if cut is None or "def test_" not in cut:
            return sessions, "", dropped
        text = cut
    return sessions, "", dropped


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


def _not_shown(written: Written, again: Again | None) -> tuple[str, ...]:
    """What a reader could take for shown, and is not."""
    if not written.text:
        return ()
    said = [
        "that the code is right: the tests say what it does as it stands"
        if written.author == OFFLINE
        else "that the code is right where no test looks: a model wrote them by the interface, and only what is green was kept",
        "that the numbers are beyond the code's reach: lines, branches and mutants were counted in a box in which it ran too",
    ]
    if again is not None and again.green:
        said.append(
            f"that the mutation score holds: of {again.tried} mutants counted as killed, {len(again.green)} were green"
            f" in the judge's own sessions: {'; '.join(again.green)[:500]}"
        )
    elif again is not None:
        said.append(
            f"that all killed mutants are killed: {again.tried} of them were tried again in the judge's own sessions, and were red"
        )
    return tuple(said)


def _told(  # noqa: PLR0917  # all that is told
    path: str,
    written: Written,
    files: Mapping[str, str],
    wanted: Wanted,
    dropped: list[DroppedTest],
    began: float,
    *,
    again: Again | None = None,
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
        survivors=tuple(surviving(each, files[each.path]) for each in written.survivors),
        dropped=tuple(dropped),
        suspects=written.suspects,
        rate=written.rate,
        reason=written.reason,
        seconds=time.monotonic() - began,
        not_shown=_not_shown(written, again),
    )


def surviving(survivor: Survivor, text: str) -> Surviving:
    """*survivor* with what it changes of *text*."""
    lines = difflib.unified_diff(
        text.splitlines(keepends=True),
        survivor.text.splitlines(keepends=True),
        f"a/{survivor.path}",
        f"b/{survivor.path}",
        n=1,
    )
    return Surviving(name=survivor.name, diff="".join(lines)[:4_000])
