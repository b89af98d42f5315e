"""The look itself: one proposal after the other, each kept only when everything that was asked of it held."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType

from ...worker import lint
from ...worker.edits import apply
from ...worker.report import Reporter
from .evidence import CHEAPER, DEARER, SLACK, Bench, Compared
from .patterns import propose
from .program import Program
from .proposal import Proposal
from .replaying import Cost
from .ruff import Found, NoRuff, security
from .rules import safer
from .rules.advice import advice
from .suite import Ran, Suite, Unit

MOST = 80
"""Proposals that are tried."""
NO_COST = Cost(0, 0)


class Failed(Exception):
    """The proposal does not hold; the sentence says why."""


@dataclass
class Shown:
    """What was found out about one proposal; the fields of `agents.improving.Evidence`."""

    compared: Compared
    skipped: int = 0
    scaled: int = 0
    scale: int = 0
    before: Cost = NO_COST
    after: Cost = NO_COST
    rule_gone: bool = False


class Look:
    """One look at some files for improvements of one kind."""

    def __init__(self, files: dict[str, str], suite: Suite, bench: Bench, reporter: Reporter, end: float) -> None:
        self.files = dict(files)
        self.changed: dict[str, str] = {}
        self._suite = suite
        self._bench = bench
        self._reporter = reporter
        self._end = end
        self._tried: set[tuple[str, str, str, str]] = set()
        self._done: set[tuple[str, int, str]] = set()

    def performance(self) -> str:
        """Try all patterns; why it ended early, where it did."""
        for proposal in self._fresh(self._patterns):
            if time.monotonic() > self._end or len(self._tried) > MOST:
                return "there was no time for all proposals"
            if (proposal.path, proposal.line, proposal.pattern) in self._done:
                continue
            self._say(proposal)
            try:
                self._accept(proposal, "performance", self._faster(proposal))
            except Failed as why:
                self._reject(proposal, "performance", str(why))
        return ""

    def security(self) -> str:
        """Try all rewrites for what ruff finds, and tell of the rest."""
        try:
            reasons: dict[tuple[str, str], str] = {}
            for proposal in self._fresh(self._rewrites):
                if time.monotonic() > self._end or len(self._tried) > MOST:
                    return "there was no time for all proposals"
                self._say(proposal)
                try:
                    self._accept(proposal, "security", self._safer(proposal))
                except Failed as why:
                    self._reject(proposal, "security", str(why))
                    reasons[proposal.path, proposal.rule] = f"; not rewritten: {why}"
            for path in self._python():
                for found in security(path, self.files[path]):
                    self._advise(path, found, reasons.get((path, found.rule), ""))
        except NoRuff:
            return "ruff gave no readable answer"
        return ""

    def _python(self) -> list[str]:
        return [path for path in sorted(self.files) if path.endswith(".py")]

    def _programs(self) -> Iterator[Program]:
        for path in self._python():
            try:
                yield Program(path, self.files[path])
            except (SyntaxError, ValueError, RecursionError):
                continue

    def _patterns(self) -> Iterator[Proposal]:
        for program in self._programs():
            yield from propose(program)

    def _rewrites(self) -> Iterator[Proposal]:
        for program in self._programs():
            for found in security(program.path, program.text):
                if not found.waived:
                    yield from safer(program, found)

    def _fresh(self, proposals: Callable[[], Iterator[Proposal]]) -> Iterator[Proposal]:
        """What is proposed and was not tried before; looked for anew after each change, because everything has moved."""
        while True:
            state = dict(self.changed)
            for proposal in list(proposals()):
                touched = "".join(self.files[proposal.path][e.start : e.end] + e.text for e in proposal.edits)
                key = (proposal.path, proposal.pattern, proposal.note, touched)
                if key in self._tried:
                    continue
                self._tried.add(key)
                yield proposal
                if state != self.changed:
                    break
            if state == self.changed:
                return

    def _faster(self, proposal: Proposal) -> Shown:
        after = self._sound(proposal)
        if proposal.unit is None:
            raise Failed("it stands in no function, so that nothing can be compared")
        unit = (proposal.path, proposal.unit)
        shown = self._compared(after, unit)
        if not shown.compared.compared:
            raise Failed("no call of the tests can be replayed, so that nothing can be compared")
        if shown.compared.differing:
            raise Failed(f"it changes what the program does: {shown.compared.differing[0]}")
        self._measure(after, unit, shown, warm=proposal.warm)
        return shown

    def _safer(self, proposal: Proposal) -> Shown:
        before = security(proposal.path, self.files[proposal.path])
        after = self._sound(proposal)
        left = security(proposal.path, after[proposal.path])
        if _count(left, proposal.rule) >= _count(before, proposal.rule):
            raise Failed(f"ruff still reports {proposal.rule} there")
        more = {found.rule for found in left if _count(left, found.rule) > _count(before, found.rule)} - {
            "S603",
            "S607",
        }
        if more:
            raise Failed(f"ruff reports {', '.join(sorted(more))} instead")
        shown = Shown(Compared())
        if proposal.unit is not None:
            shown = self._compared(after, (proposal.path, proposal.unit))
            if shown.compared.differing and not proposal.on_purpose:
                raise Failed(f"it changes what the program does: {shown.compared.differing[0]}")
        shown.rule_gone = True
        return shown

    def _sound(self, proposal: Proposal) -> dict[str, str]:
        """The files with *proposal* made, with which the tests are green and run what changed; raises Failed."""
        was = self.files[proposal.path]
        text = apply(was, proposal.edits)
        try:
            program = Program(proposal.path, text)
        except (SyntaxError, ValueError) as error:
            raise Failed("the result does not parse") from error
        after = {**self.files, proposal.path: text}
        if lint.new(proposal.path, lint.findings(proposal.path, was), text, parsed=True):
            raise Failed("ruff has a new finding in the result")
        ran = self._suite.run(after)
        if ran is None:
            raise Failed("the tests did not come to their end")
        if not ran.green:
            raise Failed(f"a test is red: {min(ran.red) if ran.red else 'none passed'}"[:300])
        silent = _silent(program, was, ran)
        if silent:
            raise Failed(f"no test runs line {silent} of the result, so that nothing could be shown")
        return after

    def _compared(self, after: dict[str, str], unit: Unit) -> Shown:
        compared = self._bench.compare(self.files, after, unit)
        known = self._bench.known(self.files, unit)
        return Shown(compared, skipped=known.skipped + len(known.calls) - compared.compared)

    def _measure(self, after: dict[str, str], unit: Unit, shown: Shown, *, warm: bool) -> None:
        larger = self._bench.larger(self.files, unit, warm=warm)
        costs, answers = self._bench.again(self.files, after, unit, larger, warm=warm)
        after_costs = []
        for one, now, answer in zip(larger, costs, answers, strict=True):
            if now is None:
                raise Failed("a larger call fails, or takes more steps than are counted")
            if one.answer is not None and (answer is None or answer.digest != one.answer.digest):
                raise Failed("it changes what the program does on a larger call")
            if now.steps > DEARER * one.cost.steps + SLACK:
                raise Failed(f"a call takes {now.steps} steps in place of {one.cost.steps}")
            after_costs.append(now)
            shown.scaled += 1
            shown.scale = max(shown.scale, one.scale)
        shown.before, shown.after = _sum([one.cost for one in larger]), _sum(after_costs)
        if not shown.scaled:
            raise Failed("no call could be counted")
        if shown.after.steps > CHEAPER * shown.before.steps:
            raise Failed(f"it is not clearly less work: {shown.before.steps} steps before, {shown.after.steps} after")

    def _accept(self, proposal: Proposal, kind: str, shown: Shown) -> None:
        text = apply(self.files[proposal.path], proposal.edits)
        self.files[proposal.path] = text
        self.changed[proposal.path] = text
        self._done.add((proposal.path, proposal.line, proposal.pattern))
        if proposal.unit is not None:
            self._bench.forget((proposal.path, proposal.unit), answers=bool(shown.compared.differing))
        evidence = {
            "compared": shown.compared.compared,
            "skipped": shown.skipped,
            "changed": shown.compared.differing[:5],
            "changes": len(shown.compared.differing),
            "scaled": shown.scaled,
            "scale": shown.scale,
            "before": vars(shown.before),
            "after": vars(shown.after),
            "rule_gone": shown.rule_gone,
        }
        improvement = {
            **_named(proposal, kind), "rule": proposal.rule, "on_purpose": proposal.on_purpose, "evidence": evidence,
        }  # fmt: skip
        self._reporter.say("improvement", improvement=improvement, files=self.changed)

    def _reject(self, proposal: Proposal, kind: str, why: str) -> None:
        self._reporter.say("rejected", rejected={**_named(proposal, kind), "why": why[:900]})

    def _say(self, proposal: Proposal) -> None:
        self._reporter.say("progress", message=f"{proposal.path}:{proposal.line}: {proposal.note}"[:400])

    def _advise(self, path: str, found: Found, reason: str) -> None:
        told = {
            "rule": found.rule, "path": path, "line": found.line, "message": found.message[:500],
            "advice": f"{advice(found.rule, found.message)}{reason}"[:900], "waived": found.waived,
        }  # fmt: skip
        self._reporter.say("advice", advice=told)


def _named(proposal: Proposal, kind: str) -> dict[str, object]:
    return {
        "kind": kind, "pattern": proposal.pattern, "path": proposal.path, "line": proposal.line, "note": proposal.note[:500],
    }  # fmt: skip


def _count(found: list[Found], rule: str) -> int:
    return sum(one.rule == rule for one in found)


def _sum(costs: list[Cost]) -> Cost:
    return Cost(sum(cost.instructions for cost in costs), sum(cost.elements for cost in costs))


def _silent(program: Program, was: str, ran: Ran) -> int:
    """The first line of a changed region of which no line ran, as the judge counts it; 0 where there is none."""
    executable = set(_lines(compile(program.text, program.path, "exec")))
    executed = {line for path, line in ran.lines if path == program.path}
    blocks = difflib.SequenceMatcher(None, was.splitlines(), program.text.splitlines(), autojunk=False).get_opcodes()
    for tag, _, _, start, end in blocks:
        lines = executable.intersection(range(start + 1, end + 1)) if tag in {"replace", "insert"} else set()
        if lines and not lines & executed:
            return min(lines)
    return 0


def _lines(code: CodeType) -> Iterator[int]:
    for _, _, line in code.co_lines():
        if line:
            yield line
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _lines(const)
