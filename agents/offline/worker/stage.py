"""A process with the tests collected, which runs them against one candidate after the other.

It is forked from the search, imports the code under repair once, and forks again for everything it is asked,
so that no candidate can spoil what it holds.
"""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import pickle
import random
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from .board import DIED, RECORD, Board
from .codes import Where, by_name
from .failure import Failure, describe
from .fence import adopt, fence
from .folders import Folders, Watch
from .fresh import Nest
from .guard import Lines, OutOfSteps, Steps, arm, disarm, limit_memory
from .harmless import Held, Proof
from .kinds import Kinds
from .processes import KEPT, ask, hear, reap, spawn, sweep, tell
from .suite import Aside, Suite
from .trial import Idle, Runnable, Trial, hush

FIRST_STEPS = 200_000
"""Steps that a test may take while nothing is known about it."""
MOST_STEPS = 1_000_000
"""Steps that a test may take before it is called endless."""
DOUBTS = 2
"""Endless tests after which the next ones that take their `FIRST_STEPS` are believed to be endless too."""
SOONER = 5
"""How much sooner that is believed then."""
TOGETHER = 50
"""Candidates that share a process, one after the other, where each is known to leave nothing behind."""
LOOK, WALL = 4.0, 6.0
"""Seconds of work and of wall clock that one test or candidate may take where counting steps does not stop it."""


@dataclass
class Profile:
    """How one test ended on the code as handed in."""

    id: str
    passed: bool
    lines: set[tuple[str, int]] = field(default_factory=set)
    steps: int = 0
    hung: bool = False
    skipped: bool = False
    failure: Failure | None = None
    seconds: float = 0.0
    kinds: Kinds = field(default_factory=dict)


@dataclass
class Collected:
    """What collecting found."""

    ids: list[str]
    failures: list[Failure]
    lines: set[tuple[str, int]]
    """Lines that ran while the files were imported."""


@dataclass(frozen=True)
class Score:
    """How one candidate did."""

    status: int
    green: int
    """Failing tests that it turned green, a bit for each of the first `COUNTED`; up to the first red one, unless thorough."""
    killer: int
    """Index of the test that ended it."""
    moved: int = 0
    """`MOVED` where that test failed in another way than on the files as handed in, `FOUND` where another test that
    failed for want of something is green, `BROKEN` with it where a passing test is red."""


@dataclass(frozen=True)
class Orders:
    """How a batch is to be run."""

    failing: list[int]
    """Tests by index."""
    passing: list[int]
    budgets: dict[int, int]
    """Steps that each test may take."""
    cpu: float
    """Seconds of work that one candidate may take."""
    each: float
    """Seconds of wall clock that one candidate may take."""
    bare: bool
    """Whether candidates may signal nobody, and failed assertions say nothing."""
    apart: bool
    """Whether also those have a process each that are known to leave nothing behind."""
    wall: float
    """Seconds for the whole batch."""
    thorough: bool = False
    """Run all failing tests of each candidate, to see what it mends of several faults."""


@dataclass(frozen=True)
class Manner:
    """How the tests may be run without changing what comes out."""

    ordered: bool = True
    """Only as they stand."""
    bare: bool = False
    """Where they may signal nobody, and failed assertions say nothing."""


@dataclass
class Lineup:
    """The tests by index, in the order in which the next candidate meets them."""

    failing: list[int]
    passing: list[int]

    def hurry(self, score: Score) -> None:
        """Put what ended this candidate first: it is likely to end the next."""
        order = self.failing if score.killer in self.failing else self.passing
        if score.status in (RED, SLOW) and score.killer in order:
            order.remove(score.killer)
            order.insert(0, score.killer)


@dataclass(frozen=True)
class Candidate:
    """A change of one file: functions to exchange, or a statement to run again."""

    path: str
    change: dict[Where, CodeType] | CodeType


UNTRIED, RED, GREEN, SLOW, _, UNFIT = range(6)
MOVED, FOUND, SPOILT, BROKEN = 1, 2, 4, 8
COUNTED = 32


class _Unimportable(Exception):
    """The module could not be imported with this candidate."""


class Stage:
    """The plugin that takes over once pytest has collected."""

    def __init__(
        self, paths: Mapping[str, str], watched: Collection[str], originals: Mapping[str, CodeType],
        reading: int, writing: int, *, roots: Sequence[Path], strict: bool = False,
    ) -> None:  # fmt: skip
        self._strict = strict
        self.paths = paths
        self._roots = roots
        self.folders = Folders(())
        self.originals = originals
        self.reading, self.writing = reading, writing
        self.failures: list[Failure] = []
        self.trials: list[Trial] = []
        self.functions: dict[str, dict[Where, list[FunctionType]]] = {}
        self.misses: dict[int, str] = {}
        """What each failing test misses: a name, an attribute, a module, for tests that fail for want of one."""
        self.missed = ""
        self.steps = Steps(frozenset(watched))
        self.lines = Lines(frozenset(paths))
        self.steps.start(MOST_STEPS)

    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        if call.excinfo is not None:
            self.failures.append(describe(call.excinfo.value, call.excinfo.tb, self.paths))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.steps.start(1 << 62)
        imported = {(self.paths[name], line) for name, line in self.lines.seen}
        self.lines.stop()
        self.trials = [Trial(item, strict=self._strict) for item in session.items]
        self._find_functions()
        self.steps.narrow(_watched_codes(self.steps.names))
        self.folders = Folders(self._roots)
        adopt()
        gc.collect()
        gc.freeze()
        tell(self.writing, Collected([t.id for t in self.trials], self.failures, imported))
        self._serve()
        return True

    def _serve(self) -> None:
        while True:
            try:
                name, *arguments = hear(self.reading, 86_400)
            except (EOFError, pickle.UnpicklingError):
                return
            tell(self.writing, getattr(self, name)(*arguments))

    def _find_functions(self) -> None:
        """Every function object made from the files under repair, by where it was written."""
        known: dict[str, dict[CodeType, Where]] = {}
        for name, path in self.paths.items():
            code = self.originals.get(path)
            if code is not None:
                known[name] = {function: where for where, function in by_name(code).items()}
        for thing in gc.get_objects():
            if type(thing) is FunctionType and thing.__code__.co_filename in known:
                name = thing.__code__.co_filename
                where = known[name].get(thing.__code__)
                if where is not None:
                    self.functions.setdefault(self.paths[name], {}).setdefault(where, []).append(thing)

    # -- what the search asks for -------------------------------------------------------------

    def _clean(self) -> None:
        """End what was left running, and put back what was written."""
        sweep()
        self.folders.restore()

    def profile(self, seconds: float) -> list[Profile]:
        """Every test once, in the suite's own order; after one that ended its process, the rest in a new one."""
        end = time.monotonic() + seconds
        found: list[Profile] = []
        endless = 0
        while len(found) < len(self.trials) and time.monotonic() < end:
            begin = len(found)
            child, fd = spawn(partial(self._profile_from, begin=begin, steps=FIRST_STEPS), self.reading, self.writing)
            try:
                while len(found) < len(self.trials):
                    found.append(hear(fd, WALL))
            except EOFError:
                found.append(Profile(self.trials[len(found)].id, passed=False, hung=True))
            finally:
                os.close(fd)
                reap(child)
        for index, profile in enumerate(found):
            if profile.hung and profile.steps and endless < DOUBTS and time.monotonic() < end:
                look = partial(self._profile_from, begin=index, steps=MOST_STEPS, count=1)
                told: Profile | None = ask(look, WALL, self.reading, self.writing)
                found[index] = told or profile
                endless += found[index].hung
            if profile.failure is not None and profile.failure.name:
                self.misses[index] = f"{profile.failure.type} {profile.failure.name}"
        self._clean()
        return found

    def _profile_from(self, fd: int, begin: int, steps: int, count: int = 1 << 30) -> None:
        limit_memory()
        lines = Lines(frozenset(self.paths))
        endless = 0
        for trial in self.trials[begin : begin + count]:
            arm(LOOK, WALL)
            told = self._profile_one(trial, lines, steps if endless < DOUBTS else steps // SOONER)
            endless += told.hung
            tell(fd, told)

    def _profile_one(self, trial: Trial, lines: Lines, given: int) -> Profile:
        self.failures.clear()
        failure, began = None, time.perf_counter()
        lines.start()
        self.steps.start(given)
        try:
            trial.run()
        except BaseException as error:  # noqa: BLE001  # the test may raise anything at all
            failure = self.failures[-1] if self.failures else describe(error, error.__traceback__, self.paths)
        spent, steps = self.steps.spent, self.steps.count
        self.steps.start(1 << 62)
        seen = {(self.paths[name], line) for name, line in lines.seen}
        skipped = failure is not None and failure.type in ("Skipped", "Red") and not self.failures
        kinds = {(self.paths[name], line, function): held for (name, line, function), held in lines.kinds.items()}
        took = time.perf_counter() - began
        return Profile(trial.id, failure is None and not spent, seen, steps, spent, skipped, failure, took, kinds)

    def calibrate(self, outcomes: dict[str, bool], budget: int) -> Manner:
        """Whether the tests end the same in another order, and `bare`."""
        for bare in (True, False):
            work = partial(self._calibrate, outcomes=outcomes, budget=budget, bare=bare)
            manner: Manner | None = ask(work, 20.0, self.reading, self.writing)
            self._clean()
            if manner is not None:
                return manner
        return Manner()

    def _calibrate(self, fd: int, outcomes: dict[str, bool], budget: int, *, bare: bool) -> None:
        """Tells nothing where the tests in their own order end otherwise than before."""
        limit_memory()
        arm(8.0, 16.0)
        if bare:
            fence()
            hush()
        order = [t for t in self.trials if t.id in outcomes]
        if any(self._passes(trial, budget)[0] != outcomes[trial.id] for trial in order):
            return
        agree = True
        for _ in range(2):
            random.Random(7).shuffle(order)  # noqa: S311  # an order, not a secret
            for trial in order:
                agree = agree and (self._passes(trial, budget)[0] == outcomes[trial.id])
        disarm()
        tell(fd, Manner(ordered=not agree, bare=bare))

    def _passes(self, trial: Runnable, budget: int) -> tuple[bool, bool]:
        """Whether the test passes, and whether it was stopped for its number of steps."""
        self.steps.start(budget)
        try:
            trial.run()
        except BaseException as error:  # noqa: BLE001  # the code under repair may raise anything at all
            self.missed = _miss(error)
            return False, self.steps.spent or isinstance(error, OutOfSteps)
        finally:
            spent = self.steps.spent
            self.steps.limit = 1 << 62
        return not spent, spent

    def batch(self, candidates: Sequence[tuple[str, bytes]], orders: Orders) -> list[Score]:
        """How each candidate does, in a process of its own: failing tests first, up to the first red one."""
        board = Board(len(candidates))
        at = 0
        end = time.monotonic() + orders.wall
        while at < len(candidates) and time.monotonic() < end:
            work = partial(self._run_each, board=board, candidates=candidates, at=at, orders=orders)
            child, fd = spawn(work, self.reading, self.writing)
            try:
                hear(fd, max(0.2, min(orders.each * (len(candidates) - at), end - time.monotonic() + 0.5)))
            except EOFError:
                pass  # the child says nothing: it writes on the board, and goes
            finally:
                os.close(fd)
                reap(child)
            at = board.reached(beyond=at)
            self._clean()
        return [Score(*record) for record in board.records()]

    def _run_each(
        self, fd: int, board: Board, candidates: Sequence[tuple[str, bytes]], at: int, orders: Orders
    ) -> None:
        board.claim()
        nest = Nest(Watch(self.folders), fenced=orders.bare, close=(fd,))
        if orders.bare:
            hush()
        for idle in (Idle(), Idle(1)):
            self._passes(idle, FIRST_STEPS)  # what has run once here runs faster in every child
        lineup = Lineup(list(orders.failing), list(orders.passing))
        proof = (
            Proof([trial.reached for trial in self.trials], modules=_modules(self.paths))
            if orders.bare and not orders.apart
            else None
        )
        held = proof.held if proof is not None and proof.holds else Held()
        while at < len(candidates):
            group = self._next(candidates, at, proof)
            for score in self._try(nest, board, at, group, lineup, orders, held):
                lineup.hurry(score)
                at += 1
            if nest.spoilt():
                return

    def _next(self, candidates: Sequence[tuple[str, bytes]], at: int, proof: Proof | None) -> list[Candidate]:
        """The next candidate, or the next ones where each is known to leave nothing behind."""
        group: list[Candidate] = []
        for path, codes in candidates[at : at + TOGETHER]:
            candidate = Candidate(path, marshal.loads(codes))  # noqa: S302  # made by the search a moment ago
            harmless = proof is not None and proof.holds and self._is_harmless(candidate, proof)
            if harmless or not group:
                group.append(candidate)
            if not harmless:
                return group
        return group

    def _is_harmless(self, candidate: Candidate, proof: Proof) -> bool:
        if isinstance(candidate.change, CodeType):
            return False
        functions = self.functions.get(candidate.path, {})
        return all(
            proof.covers(code, function.__globals__)
            for where, code in candidate.change.items()
            for function in functions.get(where, ())
        )

    def _try(  # noqa: PLR0917  # all that there is to know of a batch
        self, nest: Nest, board: Board, at: int, group: Sequence[Candidate], lineup: Lineup, orders: Orders,
        held: Held,
    ) -> Iterator[Score]:  # fmt: skip
        """How they do, up to the first that ends its process or changes what is *held*; each is on the board at once."""
        alone = len(group) == 1
        # to exchange code runs none of it, so that it is done where the memory is warm, and undone
        before = self._put_in(group[0]) if alone and isinstance(group[0].change, dict) else []

        def work() -> Iterator[bytes]:
            for candidate in group:
                try:
                    undo = before if alone and isinstance(candidate.change, dict) else self._put_in(candidate)
                    score = Score(UNFIT, 0, 0) if undo is None else self._run_tests(lineup, orders)
                except _Unimportable:
                    undo, score = [], Score(RED, 0, lineup.failing[0])
                spoilt = 0 if alone or held.unchanged() else SPOILT
                yield RECORD.pack(score.status, score.green, score.killer, score.moved | spoilt)
                if spoilt:
                    return  # the next one begins in a process where everything is as it was
                _take_out(undo)
                lineup.hurry(score)

        told = spoilt = 0
        board.begin(at)
        for record in nest.ask(work, size=RECORD.size, most=len(group), cpu=orders.cpu, wall=orders.each):
            status, green, killer, moved = RECORD.unpack(record)
            spoilt = moved & SPOILT
            score = Score(status, green, killer, moved & ~SPOILT)
            board.end(at + told, score.status, score.green, score.killer, score.moved)
            told += 1
            if told < len(group) and not spoilt:
                board.begin(at + told)
            yield score
        if told < len(group) and not spoilt:
            board.end(at + told, DIED, 0, 0, 0)
            yield Score(DIED, 0, 0)
        _take_out(before)

    def _put_in(self, candidate: Candidate) -> list[tuple[FunctionType, CodeType]] | None:
        """Let the candidate be in the place of the code as handed in; None where that cannot be done."""
        if isinstance(candidate.change, CodeType):
            return [] if self._rebuild(candidate.path, candidate.change) else None
        return self._install(candidate.path, candidate.change)

    def _run_tests(self, lineup: Lineup, orders: Orders) -> Score:
        """Failing tests first, up to the first red one.

        Where the orders are thorough, all of the failing ones, and the passing ones where some were turned green.
        """
        green = found = 0
        ended: Score | None = None
        for index in lineup.failing:
            passed, spent = self._passes(self.trials[index], orders.budgets[index])
            if passed:
                green |= self._bit(index, orders)
                found = FOUND if index in self.misses else found
            elif ended is None:
                moved = MOVED if index in self.misses and self.missed not in ("", self.misses[index]) else 0
                ended = Score(SLOW if spent else RED, green, index, moved)
            if ended is not None and (ended.status == SLOW or not orders.thorough):
                break
        if ended is not None and not (orders.thorough and green):
            return Score(ended.status, green, ended.killer, found or ended.moved)
        for index in lineup.passing:
            passed, spent = self._passes(self.trials[index], orders.budgets[index])
            if not passed and ended is not None:
                return Score(ended.status, green, ended.killer, (found or ended.moved) | BROKEN)
            if not passed:
                return Score(SLOW if spent else RED, green, index, BROKEN)
        return (
            Score(GREEN, green, 0) if ended is None else Score(ended.status, green, ended.killer, found or ended.moved)
        )

    @staticmethod
    def _bit(index: int, orders: Orders) -> int:
        at = orders.failing.index(index)
        return 1 << at if at < COUNTED else 0

    def _install(self, path: str, codes: dict[Where, CodeType]) -> list[tuple[FunctionType, CodeType]] | None:
        """Put the new code into the functions; what was there before, or None where it does not fit."""
        undo: list[tuple[FunctionType, CodeType]] = []
        fitted = False
        for where, code in codes.items():
            for function in self.functions.get(path, {}).get(where, ()):
                old = function.__code__
                new = _placed(code, old.co_filename)
                self.steps.watch(new)
                try:
                    function.__code__ = new
                except ValueError:  # another number of free variables
                    continue
                undo.append((function, old))
                fitted = True
        return undo if fitted else None

    def _rebuild(self, path: str, code: CodeType) -> bool:
        """Run a top-level statement again, and let everybody who holds what it made before hold what it makes now.

        There is no way back; False where it cannot be done.
        """
        module = next((m for m in _modules(self.paths) if self.paths[str(m.__file__)] == path), None)
        if module is None:
            return False
        space = vars(module)
        before = dict(space)
        name = str(module.__file__)
        placed = _placed(code, name)
        self.steps.watch(placed)
        try:
            exec(placed, space)  # noqa: S102  # running candidates is what this process is for
        except BaseException as error:  # whatever it raises, it would raise on import
            raise _Unimportable from error
        for key, new in list(space.items()):
            old = before.get(key)
            if old is new:
                continue
            if (
                type(old) is FunctionType
                and type(new) is FunctionType
                and len(old.__code__.co_freevars) == len(new.__code__.co_freevars)
            ):
                old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
                space[key] = old
            elif isinstance(old, type) and isinstance(new, type):
                _take_over(old, new)
                space[key] = old
            else:
                for other in list(sys.modules.values()):
                    if getattr(other, "__dict__", {}).get(key) is old and key in vars(other):
                        vars(other)[key] = new
        return True


def _take_out(undo: list[tuple[FunctionType, CodeType]] | None) -> None:
    for function, code in undo or ():
        function.__code__ = code


def _miss(error: BaseException) -> str:
    """The failure's type and what it misses."""
    return f"{type(error).__name__} {getattr(error, 'name', '') or ''}"


def _placed(code: CodeType, name: str) -> CodeType:
    """*code* and all below it as of the file *name*."""
    consts = tuple(_placed(c, name) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_filename=name, co_consts=consts)


def _take_over(old: type, new: type) -> None:
    """Give the class *old* what *new* has, so that those who imported it see the change."""
    for name, value in vars(new).items():
        if name not in ("__dict__", "__weakref__", "__doc__", "__module__", "__qualname__"):
            with contextlib.suppress(AttributeError, TypeError):
                setattr(old, name, value)


def _watched_codes(names: Collection[str]) -> list[CodeType]:
    functions = (thing for thing in gc.get_objects() if type(thing) is FunctionType)
    return [function.__code__ for function in functions if function.__code__.co_filename in names]


def _modules(paths: Mapping[str, str]) -> list[ModuleType]:
    return [m for m in list(sys.modules.values()) if getattr(m, "__file__", None) in paths]


class StageClient:
    """The search's end of a stage."""

    def __init__(
        self, paths: Mapping[str, str], watched: Collection[str], originals: Mapping[str, CodeType], arguments: Sequence[str],
        seconds: float, *, roots: Sequence[Path], suite: Suite,
    ) -> None:  # fmt: skip
        """Fork it and let it collect; raises EOFError where it dies over that."""
        down, self._asking = os.pipe()

        def work(fd: int) -> None:
            os.close(self._asking)
            arm(seconds, seconds * 2)
            plugin = Stage(paths, watched, originals, down, fd, roots=roots, strict=suite.strict)

            class Disarm:
                @staticmethod
                @pytest.hookimpl(tryfirst=True)
                def pytest_collection_finish() -> None:
                    disarm()

            pytest.main([*arguments], plugins=[plugin, Disarm(), Aside(suite.aside)])

        self._child, self._hearing = spawn(work)
        KEPT.add(self._child)
        os.close(down)
        self.seconds = seconds
        try:
            self.collected: Collected = hear(self._hearing, seconds * 2)
        except EOFError:
            self.close()
            raise

    def ask(self, name: str, *arguments: object, seconds: float) -> Any:  # noqa: ANN401  # one answer type for each question
        """Raises EOFError where the stage has died."""
        tell(self._asking, (name, *arguments))
        return hear(self._hearing, seconds)

    def close(self) -> None:
        for fd in (self._asking, self._hearing):
            os.close(fd)
        reap(self._child)
        KEPT.discard(self._child)


def original_codes(texts: Mapping[str, str], root: Path) -> dict[str, CodeType]:
    """Each file compiled as the import system does it."""
    return {path: compile(text, str(root / path), "exec", dont_inherit=True) for path, text in texts.items()}
