"""What is watched beside green JavaScript tests: wrong copies of them, the language's own objects, and a repeat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from engine.checks import overfit
from engine.checks.base import Subject
from engine.checks.build import build
from engine.checks.javascript import tests, twins
from engine.checks.javascript.asking import Way
from engine.checks.javascript.paths import runner_of
from engine.checks.javascript.survey import Surveyed
from engine.checks.javascript.tests import Sitting
from engine.domain import Finding, Proof, Report, Value
from engine.isolation import BEYOND_THE_TESTS, KNOWS_THE_BOX
from engine.proofs import repeat_agrees
from sandboxes.base import Box

NAME = "isolation"
BESIDE = (
    "The code shares a process with its tests. Twins, locked assertions and a look at the language's own objects make "
    "deceit there hard, but code written against this judge could still change what is reported."
)
ANSWERS = "Whether the code has the tests' answers in it: only plain tables, conditions and lists of literals are seen as such."
NO_LINTER = (
    "No linter looked at the code, as there is none among its packages: it is only shown that every file parses."
)
LAID_OUT = "What a page looks like, and whether a real browser runs it: its tests ran in jsdom, which lays nothing out."
MOCKED = (
    "What stands behind a module that the frozen tests replace by vi.mock: the real one need not do what its mock does."
)

Lay = Callable[[Box, Subject], Awaitable[None]]
"""Empties a box and writes a draft, its frozen tests and our programs there."""


class Watched(Value):
    """What was seen."""

    report: Report
    proofs: tuple[Proof, ...]
    without: tuple[str, ...] = ()
    """What could not be watched, in sentences."""


class _Seen(Value):
    """What became of the twins."""

    green: tuple[str, ...] = ()
    """Node ids of twins that passed, or paths of files of which none was red."""
    had: frozenset[str] = frozenset()
    """Node ids of tests that had a twin."""


class Watching:
    """Watches over a draft whose tests are green already, in the box that they ran in, emptied before every session."""

    def __init__(self, lay: Lay) -> None:
        self._lay = lay

    async def examine(self, subject: Subject, surveyed: Surveyed, box: Box, first: Sitting) -> Watched:
        """Twins first; then what was replaced, and a repeat."""
        seen = await self._twins(subject, surveyed, box, first)
        shown = [_twins_red(subject, first, seen)]
        message = ""
        if seen.green:
            message = (
                f"{seen.green[0]} passes although its expectation was made wrong: what it tests says yes to everything"
            )
        elif new := await self._newly_replaced(subject, surveyed, box, first):
            message = f"what runs the tests, or what they judge by, was replaced while they ran: {', '.join(new[:5])}"
        if message:
            finding = Finding(check=NAME, rule="tampered", message=message[:900])
            accused = Report(check=NAME, status="failed", summary=message[:300], findings=(finding,))
            return Watched(report=accused, proofs=tuple(shown))
        shown.append(await self._repeat(subject, surveyed, box, first))
        report = Report(
            check=NAME, status="passed", summary="beside the code: twins were red, and nothing was replaced"
        )
        return Watched(report=report, proofs=tuple(shown), without=tuple(_without(surveyed, first, seen)))

    async def _twins(self, subject: Subject, surveyed: Surveyed, box: Box, first: Sitting) -> _Seen:
        """Sessions with wrong copies of the tests, until a twin is green in one of them."""
        had: frozenset[str] = frozenset()
        for one in twins.make(subject.case.tests, surveyed, first.report.executed, rounds=_rounds(subject)):
            tests_ = {**subject.case.tests, **one.files}
            other = subject.model_copy(update={"case": subject.case.model_copy(update={"tests": tests_})})
            await self._prepare(other, box)
            sitting = await tests.sit(other, surveyed, box)
            passed = {test.node_id for test in sitting.report.tests if test.ended == "passed"}
            others = {
                path: {t.node_id for t in sitting.report.tests if f"{t.node_id}::".startswith(f"{path}::")} - one.tests
                for path in one.loose
            }
            unmoved = [path for path, nodes in sorted(others.items()) if nodes and nodes <= passed]
            had = had.union(one.tests, *others.values())
            if green := (*sorted(one.tests & passed), *unmoved):
                return _Seen(green=green, had=had)
        return _Seen(green=await self._contrary(subject, surveyed, box), had=had)

    async def _contrary(self, subject: Subject, surveyed: Surveyed, box: Box) -> tuple[str, ...]:
        """Tests that passed although every assertion failed. Their text is the usual one: nobody knows them by it."""
        if not surveyed.asserting:
            return ()
        await self._prepare(subject, box)
        sitting = await tests.sit(subject, surveyed, box, Way(contrary=True))
        passed = {test.node_id for test in sitting.report.tests if test.ended == "passed"}
        return tuple(sorted(surveyed.asserting & passed))

    async def _newly_replaced(self, subject: Subject, surveyed: Surveyed, box: Box, first: Sitting) -> tuple[str, ...]:
        """What was replaced with the draft, and is not with the code as handed in, nor by the tests themselves."""
        texts = "\n".join(subject.case.tests.values())
        replaced = frozenset(name for name in first.replaced if not _by_tests(name, texts))
        if _by_vitest(subject) and (not replaced or subject.case.stand_in):
            return tuple(sorted(replaced))
        if not first.replaced or subject.case.stand_in:
            return tuple(sorted(first.replaced))
        earlier = subject.model_copy(update={"files": subject.case.before})
        await self._prepare(earlier, box)
        usual = await tests.sit(earlier, surveyed, box)
        return tuple(sorted(first.replaced - usual.replaced))

    async def _repeat(self, subject: Subject, surveyed: Surveyed, box: Box, first: Sitting) -> Proof:
        await self._prepare(subject, box)
        again = await tests.sit(subject, surveyed, box, Way(turned=True))
        proof = repeat_agrees(first.report, again.report, None)
        if proof.held:
            return proof.model_copy(update={"detail": "in new processes, the files in the opposite order"})
        if not _by_vitest(subject):
            return proof
        # There the tests of each file were in another order as well, on which they may depend.
        await self._prepare(subject, box)
        same = await tests.sit(subject, surveyed, box)
        agreed = repeat_agrees(first.report, again.report, same.report)
        return agreed.model_copy(update={"detail": agreed.detail.replace("with another hash seed", "in new processes")})

    async def _prepare(self, subject: Subject, box: Box) -> None:
        await self._lay(box, subject)
        await build(subject, box)


def not_shown(subject: Subject, *, linted: bool = True) -> tuple[str, ...]:
    """What no verdict on JavaScript rules out."""
    texts = subject.case.tests.values()
    page = _by_vitest(subject) and ("index.html" in subject.files or any("@testing-library/" in text for text in texts))
    mocked = any("vi.mock(" in text for text in texts)
    lines = (BESIDE, ANSWERS, *([] if linted else [NO_LINTER]), *([LAID_OUT] if page else []))
    return (*lines, *([MOCKED] if mocked else []), BEYOND_THE_TESTS, KNOWS_THE_BOX)


def _by_vitest(subject: Subject) -> bool:
    return any(runner_of(path, text) == "vitest" for path, text in subject.case.tests.items())


def _rounds(subject: Subject) -> int:
    return twins.ROUNDS_OF_VITEST if _by_vitest(subject) else twins.ROUNDS


def _by_tests(name: str, texts: str) -> bool:
    """Whether the frozen tests are known to replace *name*: a clock, or what gives random numbers."""
    root, _, part = name.partition(".")
    if root == "Date":
        return "useFakeTimers" in texts or "setSystemTime" in texts or "Date" in texts
    return name in {"Math.random", "process.hrtime", "process.nextTick", "crypto.randomUUID"} and part in texts


def looks(surveyed: Surveyed) -> Proof:
    """Whether nothing that is new reaches for what runs the tests, or for the language's own objects."""
    name = "does not look for its judge"
    for path, words in sorted(surveyed.looks.items()):
        return Proof(name=name, held=False, detail=f"{path} reaches for {', '.join(words[:5])}")
    return Proof(name=name, held=True, detail="no new code names what runs the tests")


def no_table(surveyed: Surveyed) -> Proof:
    """Whether nothing new carries the literal answers of the tests."""
    for path, told in sorted(surveyed.tables.items()):
        return Proof(name=overfit.NAME, held=False, detail=f"{path} {told}")
    return Proof(name=overfit.NAME, held=True, detail="no new code carries the literal answers of the tests")


def _twins_red(subject: Subject, first: Sitting, seen: _Seen) -> Proof:
    """Twins are all that tells right answers from a yes to everything: what was red has to have one."""
    before = subject.case.ended_before()
    mended = {
        test.node_id
        for test in first.report.tests
        if test.ended == "passed" and not (before.get(test.node_id) and before[test.node_id].ended == "passed")
    }
    if subject.case.green_before or not mended:
        # Nothing was red but types.
        mended = set(before)
    if seen.green:
        detail = f"a twin whose expectation is wrong was green: {seen.green[0]}"
    elif mended & seen.had:
        detail = f"twins of {len(seen.had)} tests, whose expectations are wrong, were red"
    else:
        detail = "no twin could be made of a test that was red: nothing tells whether it would say yes to everything"
    return Proof(name="twins red", held=not seen.green and bool(mended & seen.had), detail=detail)


def _without(surveyed: Surveyed, first: Sitting, seen: _Seen) -> list[str]:
    without = sorted({test.node_id for test in first.report.tests if test.ended == "passed"} - seen.had)
    more = [f"No twin could be made for {_some(without)}."] if without else []
    if surveyed.unread:
        more.append(f"What {_some(surveyed.unread)} reaches for, and which of its lines ran: no parser here reads it.")
    return more


def _some(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
