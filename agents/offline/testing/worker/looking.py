"""The whole look: explore, see what is repeatable, kill mutants, choose, write, and prove what was written."""

from __future__ import annotations

import ast
import resource
import time
from collections.abc import Mapping, Sequence

from ...worker.report import Reporter
from . import strategies
from .annotations import classes
from .calls import Call, Maker
from .choosing import Candidate, choose, worth_most
from .examples import examples, literals, scripts
from .exploring import Explorer
from .framing import as_unittest
from .holding import ON_MUTANTS, Holding
from .killing import Children
from .outcomes import Outcome
from .properties import file_of
from .proving import Covered, Proof
from .slips import slips
from .spanning import Spans
from .suspecting import contradiction, contradicts, crashes, denied, shown
from .targets import Target
from .task import Mutant, Task
from .wording import tidied
from .writing import Writer

FIRST_STEPS = 1_500
"""Calls and jumps of a call while it is not known yet what a target takes."""
POOL = 60
"""Calls of one target that are tried on every mutant."""
BATCH = 120
"""Calls that are made anew for the mutants that survive."""
IDLE = 4
"""Rounds without a kill after which no other is tried."""
FOR_PROOF = 0.25
"""Part of the seconds that is left for running what was written."""


class Look:
    """Works through one task."""

    def __init__(
        self, task: Task, targets: Sequence[Target], makers: Mapping[int, Maker], children: Children,
        *, reporter: Reporter, began: float,
    ) -> None:  # fmt: skip
        self._task = task
        self._targets = targets
        self._makers = makers
        self._children = children
        self._reporter = reporter
        self._began = began
        texts = task.python
        own = classes(texts, task.names)
        said = {path: literals(text) for path, text in texts.items()}
        self._explorer = Explorer(targets, makers, said, own, whole=task.type == "regression")
        self._spans = (
            Spans(texts, modules=len({target.path for target in targets}) > 1) if task.type == "integration" else None
        )
        self._mutants = [*task.mutants]
        if not task.text:
            self._mutants += slips(texts, {mutant.text for mutant in task.mutants})
        self._owners = [_owner(texts.get(mutant.path, ""), mutant) for mutant in self._mutants]
        self._suspects: list[dict[str, object]] = []
        self._dropped: dict[str, int] = {}
        self._spent = 0.0
        """Seconds in which mutants were run."""
        self._known: set[int] = set()
        """Numbers of mutants that a chosen call was seen to notice."""

    def look(self) -> str:
        """Why it ended before it was through; empty where it came to its end."""
        if self._task.text:
            return self._keep(self._task.text) if self._task.keep else self._measure(self._task.text)
        self._explore()
        if self._task.type == "property":
            return self._hold()
        if self._task.type == "regression":
            self._rehearse()
        pool = self._pool()
        self._say("explored", f"{len(pool)} calls are worth trying")
        candidates = [Candidate(call, outcome, set()) for call, outcome in pool]
        candidates += self._chase(candidates)
        if not candidates:
            self._measure("")
            return self._spans.nothing if self._spans else "no call was found whose answer a test can state"
        chosen = choose(candidates)
        self._drop("adds nothing to the others", len(candidates) - len(chosen))
        self._prove(chosen)
        return ""

    def _left(self) -> float:
        return self._task.seconds * (1 - FOR_PROOF) - (time.monotonic() - self._began)

    def _whole_left(self) -> float:
        return self._task.seconds - (time.monotonic() - self._began)

    def _say(self, kind: str, message: str) -> None:
        self._reporter.say("progress", message=f"{kind}: {message}")

    def _drop(self, why: str, count: int = 1) -> None:
        if count:
            self._dropped[why] = self._dropped.get(why, 0) + count

    def _explore(self) -> None:
        explorer = self._explorer
        calls = explorer.examples(examples(self._task.python))
        for call, outcome in zip(calls, self._children.observe(calls), strict=True):
            if contradicts(call, outcome):
                self._suspects.append(contradiction(self._targets[call.target], call, outcome))
            else:
                explorer.note([(call, outcome)])
        for target in self._targets:
            for told in (True, False):
                tried = explorer.first(target, told=told)
                flat = [call for _, some in tried for call in some]
                outcomes = iter(self._children.observe(flat, FIRST_STEPS))
                explorer.settle(target, [(each, [(call, next(outcomes)) for call in some]) for each, some in tried])
                if explorer.seen[target.number].combinations:
                    break
        rounds, kept_back = (1, 0.6) if self._task.type == "property" else (3, 0.4)
        for _ in range(rounds):
            for target in self._targets:
                if self._left() < self._task.seconds * kept_back:
                    return
                self._observe(explorer.more(target, BATCH))

    def _rehearse(self) -> None:
        """Do what stands in docstrings as several lines, or in the code as a program."""
        first: dict[str, Target] = {}
        for target in self._targets:
            first.setdefault(target.path, target)
        calls = [
            Call(first[path].number, (), origin=origin, script=lines)
            for path, lines, origin in scripts(self._task.python)
            if path in first
        ]
        for call, outcome in zip(calls, self._children.observe(calls), strict=True):
            wrong = denied(call, outcome)
            if wrong is not None:
                target = self._targets[call.target]
                self._suspects.append(
                    {
                        "what": "contradiction",
                        "path": target.path,
                        "line": 0,
                        "call": wrong[0][:400],
                        "detail": wrong[1][:400],
                    }
                )
            elif outcome.kind == "tells":
                self._explorer.note([(call, outcome)])
            else:
                self._drop(
                    f"what stands in a row in the code did not come to its end ({shown(self._targets[call.target], call)[:60]})"
                )

    def _hold(self) -> str:
        """Write what holds of the code whatever it is given."""
        for target in self._targets:
            seen = self._explorer.seen[target.number]
            self._suspects += crashes(target, seen.calls, seen.crashes)
        own = strategies.classes(self._task.python, self._task.names)
        holding = Holding(self._children, self._targets, self._explorer.seen, own)
        holds = holding.found()
        self._say("explored", f"{len(holds)} of {holding.proposed} properties hold")
        self._drop("a property that some input denies", holding.wrong)
        began = _processor()
        mutants = self._task.mutants
        worth = holding.worth(holds, mutants, self._owners[: len(mutants)], self._left)
        spent, kept = _processor() - began, worth.kept
        self._drop("adds nothing to the others", len(holds) - len(kept))
        self._drop("a mutant that was not tried for want of time", worth.untried)
        if not kept:
            self._measure("")
            return "no property was found that holds and notices a mutant; ask for unit tests"
        text = file_of(kept)
        if self._task.framework == "unittest":
            text = as_unittest(text, class_name(self._targets))
        self._measure(tidied(text), worth.survivors, spent)
        return ""

    def _fits(self, outcome: Outcome) -> bool:
        return self._spans is None or self._spans.several(outcome)

    def _observe(self, calls: list[Call]) -> list[tuple[Call, Outcome]]:
        found = list(zip(calls, self._children.observe(calls), strict=True))
        self._explorer.note(found)
        return found

    def _pool(self) -> list[tuple[Call, Outcome]]:
        """Of each target the calls that take other branches, then short ones; only those that do the same once more."""
        found: list[tuple[Call, Outcome]] = []
        for target in self._targets:
            seen = self._explorer.seen[target.number]
            self._suspects += crashes(target, seen.calls, seen.crashes)
            features: set[object] = set()
            first: list[tuple[Call, Outcome]] = []
            rest: list[tuple[Call, Outcome]] = []
            told: set[str] = set()
            for call, outcome in sorted(seen.calls, key=lambda each: (not each[0].origin, len(repr(each[0].args)))):
                if call.told in told or not self._fits(outcome):
                    continue
                told.add(call.told)
                (first if outcome.features - features or call.origin else rest).append((call, outcome))
                features |= outcome.features
            spread = rest[:: max(1, len(rest) // POOL)]
            found += (first + spread)[: max(POOL, len(first))]
        return self._stable(found)

    def _stable(self, found: list[tuple[Call, Outcome]]) -> list[tuple[Call, Outcome]]:
        """Those that answer the same in the opposite order."""
        again = self._children.observe([call for call, _ in found][::-1])[::-1]
        stable = [each for each, other in zip(found, again, strict=True) if each[1].digest == other.digest]
        self._drop("not the same in another order", len(found) - len(stable))
        return stable

    def _chase(self, candidates: list[Candidate]) -> list[Candidate]:
        """Fill in what *candidates* kill, and make further calls for the mutants that survive them."""
        mutants = self._mutants
        self._kill(candidates, range(len(mutants)), all_=True)
        killed = set[int]().union(*(each.kills for each in candidates))
        new: list[Candidate] = []
        idle = 0
        while len(killed) < len(mutants) and idle < IDLE and self._left() > 0:
            idle += 1
            survivors = [number for number in range(len(mutants)) if number not in killed]
            paths = {mutants[number].path for number in survivors}
            calls = [
                call
                for target in self._targets
                if target.path in paths and (len(self._targets) < 4 or self._enters(target, survivors))
                for call in self._explorer.more(target, BATCH)
            ]
            good = [
                Candidate(*each, set()) for each in self._observe(calls) if each[1].asserted and self._fits(each[1])
            ]
            self._kill(good, survivors, all_=False)
            found = [each for each in good if each.kills]
            stable = self._stable([(each.call, each.outcome) for each in found])
            kept = {id(call) for call, _ in stable}
            found = [each for each in found if id(each.call) in kept]
            if found:
                idle = 0
                killed |= set[int]().union(*(each.kills for each in found))
                new += found
        self._kill(new, range(len(mutants)), all_=True)
        return new

    def _enters(self, target: Target, survivors: Sequence[int]) -> bool:
        entered = {each for _, outcome in self._explorer.seen[target.number].calls for each in outcome.entered}
        return any(self._owners[number] is None or self._owners[number] in entered for number in survivors)

    def _kill(self, candidates: Sequence[Candidate], mutants: Sequence[int], *, all_: bool) -> None:
        began = time.monotonic()
        for number in mutants:
            if self._left() < 0:
                break
            owner = self._owners[number]
            some = [each for each in candidates if owner is None or owner in each.outcome.entered]
            if some:
                calls = [(each.call, each.outcome) for each in some]
                for place in self._children.kills(self._mutants[number], calls, all_=all_):
                    some[place].kills.add(number)
        self._spent += time.monotonic() - began

    def _prove(self, chosen: list[Candidate]) -> None:
        """Write the file, drop what is red on the code after all, and tell what the rest of it is worth."""
        project = frozenset(self._task.names.values())
        text, cases = "", []
        for _ in range(3):
            text = self._text(chosen, project)
            ended = Proof(self._children, text).cases()
            cases = ended or []
            red = [name for name, why in cases if why]
            if ended is not None and not red:
                break
            before = len(chosen)
            chosen = [each for each in chosen if not self._is_red(each, project)]
            self._drop("red on the code when it was run as a test", before - len(chosen))
        self._known = set[int]().union(*(each.kills for each in chosen))
        self._measure(text if cases else "")

    def _text(self, chosen: Sequence[Candidate], project: frozenset[str]) -> str:
        text = Writer(self._targets, self._makers, project).write(chosen)
        if self._task.framework == "unittest":
            text = as_unittest(text, class_name(self._targets))
        return tidied(text)

    def _keep(self, text: str) -> str:
        """Tell which tests of *text* are worth being kept; what is kept is worth as much as all that are green."""
        proof = Proof(self._children, text, examples=ON_MUTANTS)
        ended, why = proof.reds()
        red = {each.function: each for each in ended if each.why}
        green = {at: each for at, each in enumerate(ended) if each.function not in red}
        kills: dict[str, set[int]] = {each.function: set() for each in green.values()}
        began, untried = _processor(), 0
        for number, mutant in enumerate(self._task.mutants):
            owner = self._owners[number]
            only = {at for at, each in green.items() if owner is None or owner in each.entered}
            if self._whole_left() <= 0:
                untried += 1
            elif only:
                for at in proof.killed(mutant, len(ended), only):
                    kills[ended[at].function].add(number)
        spent = _processor() - began
        self._drop("a mutant that was not tried for want of time", untried)
        features: dict[str, set[object]] = {}
        for each in green.values():
            features.setdefault(each.function, set()).update(each.features)
        kept = worth_most(kills, features)
        self._drop("adds nothing to the others", len(kills) - len(kept))
        killed = set[int]().union(*(kills[name] for name in kept))
        cases = [each.name for each in green.values() if each.function in kept]
        covered = proof.covered(self._children.files, cases) if kept else Covered()
        self._reporter.say(
            "written",
            kept=kept,
            loaded=not why,
            cases=len(cases),
            reds=[
                {
                    "name": name,
                    "why": each.why[:900],
                    "error": each.error,
                    "inside": each.inside,
                    "path": each.path,
                    "line": each.line,
                }
                for name, each in red.items()
            ],
            mutants=len(self._task.mutants),
            survivors=[
                {"name": each.name, "path": each.path, "text": each.text, "line": each.line}
                for number, each in enumerate(self._task.mutants)
                if number not in killed
            ],
            lines=covered.lines,
            all_lines=covered.all_lines,
            branches=covered.branches,
            all_branches=covered.all_branches,
            dropped=self._dropped,
            rate=round(len(self._task.mutants) / spent, 1) if spent else 0.0,
            runs=len(self._task.mutants),
            kill_seconds=round(spent, 3),
            seconds=round(time.monotonic() - self._began, 3),
        )
        return why

    def _measure(self, text: str, survivors: Sequence[Mutant] | None = None, spent: float = 0.0) -> str:
        """Tell what *text* is worth; the *survivors* where they are known, and in what time they were found. Why it ended
        before it was through is empty.
        """
        proof = Proof(self._children, text)
        cases = (proof.cases() or []) if text else []
        if survivors is None:
            began = _processor()
            survivors, untried = [*self._task.mutants], 0
            if text:
                quick = Proof(self._children, text, examples=ON_MUTANTS)
                survivors, untried = quick.survivors(
                    self._task.mutants, self._owners, len(cases), self._whole_left, self._known
                )
            self._drop("a mutant that was not tried for want of time", untried)
            spent = _processor() - began
        covered = proof.covered(self._children.files) if cases else Covered()
        self._reporter.say(
            "written",
            text=text,
            cases=len(cases),
            red=[name for name, why in cases if why],
            mutants=len(self._task.mutants),
            survivors=[
                {"name": each.name, "path": each.path, "text": each.text, "line": each.line} for each in survivors
            ],
            lines=covered.lines,
            all_lines=covered.all_lines,
            branches=covered.branches,
            all_branches=covered.all_branches,
            dropped=self._dropped,
            suspects=self._suspects[:50],
            rate=round(len(self._task.mutants) / spent, 1) if spent else 0.0,
            runs=self._children.performed,
            kill_seconds=round(self._spent, 3),
            seconds=round(time.monotonic() - self._began, 3),
        )
        return ""

    def _is_red(self, candidate: Candidate, project: frozenset[str]) -> bool:
        try:
            text = self._text([candidate], project)
        except Exception:  # noqa: BLE001  # what cannot be written is no test
            return True
        ended = Proof(self._children, text).cases()
        return not ended or any(why for _, why in ended)


def class_name(targets: Sequence[Target]) -> str:
    """Name of the class of tests: the module's where there is one module."""
    modules = sorted({target.module.rpartition(".")[2] for target in targets})
    words = modules[0].split("_") if len(modules) == 1 else ["together"]
    return f"Test{''.join(word.capitalize() for word in words)}"


def _processor() -> float:
    """Seconds of processor time, of this process and of the children that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _owner(text: str, mutant: Mutant) -> tuple[str, int] | None:
    """The innermost function in whose body the change is, by file and first line; None where it is in none."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    best: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = node.body[0].lineno <= mutant.line <= (node.end_lineno or 0)
            if inside and (best is None or node.lineno > best.lineno):
                best = node
    if best is None:
        return None
    return mutant.path, min([best.lineno, *(mark.lineno for mark in best.decorator_list)])
