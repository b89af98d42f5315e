"""A process with the tests collected, which runs them against one candidate after the other.

It is forked from the search, imports the code under repair once, and forks again for everything it is asked,
so that no candidate can spoil what it holds.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import marshal
import os
import pickle
import random
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from .board import DIED, RECORD, Board
from .failure import Failure, describe
from .fence import adopt, fence
from .folders import Folders, Watch
from .fresh import Nest
from .guard import Lines, OutOfSteps, Steps, arm, disarm, limit_memory
from .harmless import Held, Proof
from .orders import (
    BROKEN,
    COUNTED,
    CUT,
    FOUND,
    GREEN,
    MOVED,
    RED,
    SLOW,
    SPOILT,
    UNFIT,
    Collected,
    Lineup,
    Manner,
    Orders,
    Profile,
    Score,
)
from .processes import ask, hear, reap, spawn, sweep, tell
from .reach import Reach, within
from .running import Candidate, Running, Unimportable, take_out
from .sharing import Fixtures, can_fork, hold
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
PATIENCE = 3
LEAST_PATIENCE = 1.0
LOOK, WALL = 4.0, 6.0
"""Seconds of work and of wall clock that one test or candidate may take where counting steps does not stop it."""


class Stage:
    """The plugin that takes over once pytest has collected."""

    def __init__(
        self, paths: Mapping[str, str], watched: Collection[str], texts: Mapping[str, str],
        reading: int, writing: int, *, roots: Sequence[Path], strict: bool = False,
    ) -> None:  # fmt: skip
        self._strict = strict
        # what plugins put around a test may take long by the clock where others keep the machine busy
        self._patience = WALL * (PATIENCE if strict else 1)
        self._began = time.perf_counter()
        self.paths = paths
        self._roots = roots
        self.folders = Folders(())
        self.reading, self.writing = reading, writing
        self.failures: list[Failure] = []
        self.trials: list[Trial] = []
        self.misses: dict[int, str] = {}
        """What each failing test misses: a name, an attribute, a module, for tests that fail for want of one."""
        self.missed = ""
        self.fixtures = Fixtures()
        self._shared: set[str] = set()
        self.reach: Reach | None = None
        self.steps = Steps(frozenset(watched))
        self.running = Running(paths, texts, self.steps)
        self.lines = Lines(frozenset(paths))
        self.steps.start(MOST_STEPS)

    def pytest_exception_interact(self, call: pytest.CallInfo[Any]) -> None:
        if call.excinfo is not None:
            self.failures.append(describe(call.excinfo.value, call.excinfo.tb, self.paths))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.steps.start(1 << 62)
        imported = {(self.paths[name], line) for name, line in self.lines.seen}
        self.lines.stop()
        took = time.perf_counter() - self._began
        self._session = session
        self.running.gather()
        self.trials = [Trial(item, strict=self._strict) for item in session.items]
        self.steps.narrow(_watched_codes(self.steps.names))
        self.folders = Folders(self._roots)
        adopt()
        gc.collect()
        gc.freeze()
        tell(self.writing, Collected([t.id for t in self.trials], self.failures, imported, took))
        self._serve()
        return True

    def _serve(self) -> None:
        while True:
            try:
                name, *arguments = hear(self.reading, 86_400)
            except (EOFError, pickle.UnpicklingError):
                return
            tell(self.writing, getattr(self, name)(*arguments))

    # -- what the search asks for -------------------------------------------------------------

    def _clean(self) -> None:
        """End what was left running, and put back what was written."""
        sweep()
        self.folders.restore()

    def collect(self, seconds: float, files: Sequence[str]) -> list[str]:
        """Collect the tests of more files; the ids of all tests that are known now. The process ends where it takes longer."""
        arm(seconds, 2 * seconds)
        self.failures.clear()
        self.steps.start(MOST_STEPS)
        known = {trial.id for trial in self.trials}
        try:
            self._session.perform_collect(list(files))
        finally:
            self.steps.start(1 << 62)
            disarm()
        gc.unfreeze()
        self.running.gather()
        self.trials += [Trial(item, strict=self._strict) for item in self._session.items if item.nodeid not in known]
        self.steps.narrow(_watched_codes(self.steps.names))
        self._clean()
        gc.collect()
        gc.freeze()
        return [trial.id for trial in self.trials]

    def profile(self, seconds: float, tests: Sequence[int] | None = None) -> list[Profile]:
        """Every test once, or these by index, in the suite's own order; after one that ended its process, the rest in a new
        one. Those that there is no time for are missing at the end.
        """
        end = time.monotonic() + seconds
        order = list(range(len(self.trials)) if tests is None else tests)
        found = self._profiles(order, end)
        endless = 0
        for at, index in enumerate(order[: len(found)]):
            if found[at].hung and found[at].steps and endless < DOUBTS and time.monotonic() < end:
                look = partial(self._profile_from, order=[index], steps=MOST_STEPS)
                told: Profile | None = ask(look, WALL, self.reading, self.writing)
                found[at] = told or found[at]
                endless += found[at].hung
            failure = found[at].failure
            if failure is not None and failure.name:
                self.misses[index] = f"{failure.type} {failure.name}"
        self._clean()
        self._import(name for profile in found for name in profile.modules)
        self._keep_own(dict(zip(order, found, strict=False)), end)
        if self._strict:
            for index, profile in zip(order, found, strict=False):
                self._share(self.trials[index].item, profile.shared)
        return found

    def look(self, seconds: float, tests: Sequence[int], reach: Reach) -> list[Profile]:
        """These tests once, and of the lines that they run only which ones *reach* has."""
        found = self._profiles(tests, time.monotonic() + seconds, reach)
        self._clean()
        self._import(name for profile in found for name in profile.modules)
        return found

    def keep(self, reach: Reach) -> None:
        """Run candidates only against the passing tests that run what they change."""
        self.reach = reach

    def _share(self, item: pytest.Item, names: Sequence[str]) -> None:
        """Make and keep what the session's tests share, where a child shows that it can be kept across a fork, and that nothing
        under repair runs for it.
        """
        wanted = [name for name in names if name not in self._shared]
        if not wanted:
            return

        def work(fd: int) -> None:
            limit_memory()
            arm(LOOK, self._patience)
            lines = Lines(frozenset(self.paths), values=False)
            hold(item, wanted)
            tell(fd, can_fork() and not lines.seen)

        self._shared.update(wanted)
        kept = ask(work, self._patience, self.reading, self.writing)
        self._clean()
        if kept:
            hold(item, wanted)
            self.folders = Folders(self._roots, earlier=self.folders)
            gc.freeze()

    def _import(self, modules: Iterable[str]) -> None:
        """Import what tests import as they run, so that not every candidate has to do it again."""
        wanted = [name for name in dict.fromkeys(modules) if name not in sys.modules]
        if not wanted:
            return
        gc.unfreeze()
        for name in wanted:
            with contextlib.suppress(BaseException):  # it may be there under conditions that a test made
                importlib.import_module(name)
        self.running.gather()
        self.steps.narrow(_watched_codes(self.steps.names))
        gc.collect()
        gc.freeze()

    def _keep_own(self, found: Mapping[int, Profile], end: float) -> None:
        """Import those of the task's own modules as well that only running tests have imported, as web frameworks do with what
        answers requests: code is exchanged where it is. A child has to show that every test ends as it did, and that none
        imports them anew, so that what is exchanged is what runs.
        """
        wanted = [name for name in dict.fromkeys(n for p in found.values() for n in p.own) if name not in sys.modules]
        if not wanted or any(profile.hung for profile in found.values()):
            return

        def work(fd: int) -> None:
            limit_memory()
            arm(LOOK, self._patience)
            self.steps.start(MOST_STEPS)
            held = {name: importlib.import_module(name) for name in wanted}
            alike = True
            for index, profile in found.items():
                arm(LOOK, self._patience)
                alike = alike and self._passes(self.trials[index], MOST_STEPS)[0] == profile.passed
            tell(fd, alike and all(sys.modules.get(name) is module for name, module in held.items()))

        kept = ask(work, max(self._patience, end - time.monotonic()), self.reading, self.writing)
        self._clean()
        if kept:
            self._import(wanted)

    def _own(self) -> set[str]:
        """Modules of the task's own that are imported."""
        names = self.steps.names
        return {name for name, module in list(sys.modules.items()) if getattr(module, "__file__", None) in names}

    def _imported(self) -> set[str]:
        """Modules that are imported; none of the task's own, unless plugins such as a web framework's import those late."""
        own = frozenset[str]() if self._strict else self.steps.names
        return {name for name, module in list(sys.modules.items()) if getattr(module, "__file__", None) not in own}

    def _profiles(self, order: Sequence[int], end: float, reach: Reach | None = None) -> list[Profile]:
        found: list[Profile] = []
        while len(found) < len(order) and time.monotonic() < end:
            work = partial(self._profile_from, order=order[len(found) :], steps=FIRST_STEPS, reach=reach)
            child, fd = spawn(work, self.reading, self.writing)
            try:
                while len(found) < len(order) and time.monotonic() < end:
                    found.append(hear(fd, min(self._patience, max(LEAST_PATIENCE, end - time.monotonic()))))
            except EOFError:
                found.append(Profile(self.trials[order[len(found)]].id, passed=False, hung=True))
            finally:
                os.close(fd)
                reap(child)
        return found

    def _profile_from(self, fd: int, order: Sequence[int], steps: int, reach: Reach | None = None) -> None:
        limit_memory()
        names = frozenset(self.paths)
        if reach is not None:
            paths = {path for path, _ in reach.bits}
            names = frozenset(name for name, path in self.paths.items() if path in paths)
        lines = Lines(names, values=reach is None)
        endless = 0
        for index in order:
            arm(LOOK, self._patience)
            told = self._profile_one(self.trials[index], lines, steps if endless < DOUBTS else steps // SOONER)
            if reach is not None:
                told.mask, told.lines = reach.mask(told.lines), set()
            endless += told.hung
            tell(fd, told)

    def _profile_one(self, trial: Trial, lines: Lines, given: int) -> Profile:
        self.failures.clear()
        known, own, before = self._imported(), self._own(), len(sys.modules)
        failure, began = None, time.perf_counter()
        lines.start()
        self.fixtures.take()
        self.steps.start(given)
        try:
            trial.run()
        except BaseException as error:  # noqa: BLE001  # the test may raise anything at all
            failure = self.failures[-1] if self.failures else describe(error, error.__traceback__, self.paths)
        spent, steps = self.steps.spent, self.steps.count
        took = time.perf_counter() - began
        self.steps.start(1 << 62)
        more = len(sys.modules) != before
        modules = tuple(self._imported() - known) if more else ()
        seen = {(self.paths[name], line) for name, line in lines.seen}
        skipped = failure is not None and failure.type in ("Skipped", "Red") and not self.failures
        kinds = {(self.paths[name], line, function): held for (name, line, function), held in lines.kinds.items()}
        passed = failure is None and not spent
        return Profile(
            trial.id,
            passed,
            seen,
            steps,
            spent,
            skipped,
            failure,
            took,
            kinds,
            shared=self.fixtures.take(),
            modules=modules,
            own=tuple(self._own() - own) if more and not self._strict else (),
        )

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
        self.running.find({path for path, _ in candidates})
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
            Proof(
                [self.trials[index].reached for index in (*orders.failing, *orders.passing)],
                modules=self.running.modules(),
            )
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
        functions = self.running.functions(candidate.path)
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
        before = self.running.put_in(group[0]) if alone and isinstance(group[0].change, dict) else []

        def work() -> Iterator[bytes]:
            for candidate in group:
                try:
                    undo = before if alone and isinstance(candidate.change, dict) else self.running.put_in(candidate)
                    score = Score(UNFIT, 0, 0) if undo is None else self._run_tests(lineup, orders, candidate)
                except Unimportable:
                    undo, score = [], Score(RED, 0, lineup.failing[0])
                spoilt = 0 if alone or held.unchanged() else SPOILT
                yield RECORD.pack(score.status, score.green, score.killer, score.moved | spoilt)
                if spoilt:
                    return  # the next one begins in a process where everything is as it was
                take_out(undo)
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
        take_out(before)

    def _run_tests(self, lineup: Lineup, orders: Orders, candidate: Candidate) -> Score:
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
        others, cut = self._touched(lineup.passing, orders, candidate)
        for index in others:
            passed, spent = self._passes(self.trials[index], orders.budgets[index])
            if not passed and ended is not None:
                return Score(ended.status, green, ended.killer, (found or ended.moved) | BROKEN)
            if not passed:
                return Score(SLOW if spent else RED, green, index, BROKEN)
        return (
            Score(GREEN, green, 0, CUT if cut else 0)
            if ended is None
            else Score(ended.status, green, ended.killer, found or ended.moved)
        )

    def _touched(self, passing: Sequence[int], orders: Orders, candidate: Candidate) -> tuple[list[int], bool]:
        """The passing tests that the candidate may break, as far as the orders have time; whether some were left out."""
        if self.reach is None:
            return list(passing), False
        mask = 0
        if isinstance(candidate.change, dict):
            functions = self.running.functions(candidate.path)
            for where in candidate.change:
                for function in functions.get(where, ())[:1]:
                    mask |= self.reach.between(candidate.path, *_extent(function))
        touched = set(self.reach.tests(mask))
        return within((index for index in passing if index in touched), self.reach.seconds, orders.bound)

    @staticmethod
    def _bit(index: int, orders: Orders) -> int:
        at = orders.failing.index(index)
        return 1 << at if at < COUNTED else 0


def _miss(error: BaseException) -> str:
    """The failure's type and what it misses."""
    return f"{type(error).__name__} {getattr(error, 'name', '') or ''}"


def _extent(function: FunctionType) -> tuple[int, int]:
    """First and last line of its code, inner functions included."""
    first, lines = function.__code__.co_firstlineno, [function.__code__.co_firstlineno]
    todo = [function.__code__]
    while todo:
        code = todo.pop()
        lines += [line for _, _, line in code.co_lines() if line]
        todo += [const for const in code.co_consts if isinstance(const, CodeType)]
    return first, max(lines)


def _watched_codes(names: Collection[str]) -> list[CodeType]:
    functions = (thing for thing in gc.get_objects() if type(thing) is FunctionType)
    return [function.__code__ for function in functions if function.__code__.co_filename in names]
