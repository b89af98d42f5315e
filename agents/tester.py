"""The tester that asks a model: it is told what the code is for and what its interface is, and its tests are tried in a box."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Annotated, Protocol

from pydantic import Field

from agents.answering import Text
from agents.base import Allowance, Message, Provider, Usage, Value
from agents.errors import AuthorError, NothingToOffer, UnusableReply
from agents.interface import interfaces, module_of
from agents.prompts import excerpt, fence, fill
from agents.testing import Mutation, Red, Suspected, Tester, Wanted, Written

ROUNDS = 3
"""Files that it is asked for: the first, and further tests for what that does not notice."""
_SAID = 8_000
_MAY_IMPORT = frozenset(
    "asyncio collections contextlib copy csv dataclasses datetime decimal enum fractions functools hypothesis io itertools"
    " json math operator pathlib pytest random re statistics string tempfile textwrap types typing unittest".split()
)
"""Beside the code: what a file that somebody will run on a machine of their own has no reason to go beyond."""
_LONGEST = 200_000
_BENCH = 0.6
"""Part of the time that is left which one trial in the box may take."""


class TestsAnswer(Value):
    """What a model answers with."""

    __test__ = False
    note: Text = ""
    text: Annotated[Text, Field(max_length=_LONGEST)]


class Bench(Protocol):
    """Where tests are tried."""

    async def keep(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], text: str, *, seconds: float
    ) -> Written:
        """Which tests of *text* are worth being kept, by name; those that are red on *files*, and why."""

    async def measure(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], text: str, *, seconds: float
    ) -> Written:
        """What the tests *text* are worth; see `agents.testing.Tester`."""


class Purse:
    """What all models that are asked for one file of tests may cost together."""

    def __init__(self, *, tokens: int | None = None, usd: float | None = None) -> None:
        self._tokens = tokens
        self._usd = usd
        self._spent = Usage()

    def pay(self, usage: Usage) -> None:
        self._spent += usage

    def left(self, seconds: float) -> Allowance:
        """What is there for the next question, which may take so many *seconds*."""
        return Allowance(
            seconds=max(0.5, seconds),
            tokens=None if self._tokens is None else self._tokens - self._spent.tokens,
            usd=None if self._usd is None else max(0.0, self._usd - self._spent.usd),
        )


class ModelTester:
    """A `Tester` over a `Provider`. It never sees a body of the code, nor any change of it."""

    def __init__(
        self,
        provider: Provider,
        bench: Bench,
        *,
        purse: Purse | None = None,
        rounds: int = ROUNDS,
        tell: Callable[[str], None] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Ask *provider* up to *rounds* times, as far as *purse* goes, and try its tests at *bench*."""
        self.name = provider.name
        self._provider = provider
        self._bench = bench
        self._purse = purse or Purse()
        self._rounds = rounds
        self._tell = tell or (lambda _: None)
        self._clock = clock

    async def write(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], *, wanted: Wanted, seconds: float
    ) -> Written:
        """As `Tester.write` promises; `Written.kept` names the tests of `text` that are worth being kept."""
        ends = self._clock() + seconds
        said = [*opening(files, wanted)]
        text, best, spent, model, why = "", Written(), Usage(), self._provider.model, ""
        for number in range(1, self._rounds + 1):
            left = self._purse.left(ends - self._clock())
            if number > 1 and left.seconds <= 1:
                break
            self._tell(f"round {number} of {self._rounds}: asking {self.name}")
            try:
                completion = await self._provider.complete(said, TestsAnswer, allowance=left)
            except UnusableReply as error:
                self._purse.pay(error.usage)
                spent, why = spent + error.usage, error.what
                said += _unfit(error.reply, why)
                continue
            except AuthorError as error:
                self._purse.pay(error.usage)
                if best.kept or (isinstance(error, NothingToOffer) and spent.calls):
                    why = f"{self.name}: {error.what}"
                    break
                error.usage = spent + error.usage
                raise
            self._purse.pay(completion.usage)
            spent, model = spent + completion.usage, completion.model
            answered = completion.answer.text
            why = unfit(answered, files, wanted)
            if why:
                said += _unfit(answered, why)
                continue
            whole = joined(text, answered)
            tried = await self._bench.keep(files, mutations, whole, seconds=max(5.0, _BENCH * (ends - self._clock())))
            if not tried.loaded:
                why = tried.reason or "the file could not be loaded"
                said += _unfit(answered, why)
                continue
            gained = len(tried.kept) > len(best.kept) or len(tried.survivors) < len(best.survivors)
            text, best = whole, tried
            self._tell(f"round {number}: {len(best.kept)} tests kept, {len(best.survivors)} changes not noticed")
            if not best.survivors or (number > 1 and not gained):
                break
            said += [
                Message(role="assistant", content=excerpt(answered, _SAID)),
                Message(role="user", content=_more(best, files)),
            ]
        reason = best.reason or ("" if best.kept else why or "none of its tests was worth being kept")
        return told(best, text, files).model_copy(
            update={"author": self.name, "model": model, "usage": spent, "reason": reason}
        )

    async def measure(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], text: str, *, seconds: float
    ) -> Written:
        """What the tests *text* are worth; see `agents.testing.Tester`."""
        return await self._bench.measure(files, mutations, text, seconds=seconds)


class InTurn:
    """Testers who are asked one after the other, until one has tests."""

    def __init__(self, testers: Sequence[Tester]) -> None:
        """The last of *testers* is the one that asks nobody."""
        self._testers = testers

    async def write(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], *, wanted: Wanted, seconds: float
    ) -> Written:
        """Those of the first who has any; what the others said before is told."""
        tried: dict[str, int] = {}
        usage = Usage()
        suspects: tuple[Suspected, ...] = ()
        ends = monotonic() + seconds
        for tester in self._testers[:-1]:
            left = max(1.0, (ends - monotonic()) / 2)
            try:
                written = await tester.write(files, mutations, wanted=wanted, seconds=left)
            except AuthorError as error:
                usage += error.usage
                tried[f"asked before, in vain: {error.author}: {error.what}"[:900]] = 0
                continue
            if written.text:
                return _after(written, tried, usage, suspects)
            usage += written.usage
            suspects += written.suspects
            tried[f"asked before, in vain: {written.author}: {written.reason}"[:900]] = 0
        written = await self._testers[-1].write(files, mutations, wanted=wanted, seconds=max(5.0, ends - monotonic()))
        return _after(written, tried, usage, suspects)

    async def measure(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], text: str, *, seconds: float
    ) -> Written:
        """What the tests *text* are worth; see `agents.testing.Tester`."""
        return await self._testers[-1].measure(files, mutations, text, seconds=seconds)


def _after(written: Written, tried: Mapping[str, int], usage: Usage, suspects: tuple[Suspected, ...]) -> Written:
    return written.model_copy(
        update={
            "dropped": {**dict(list(tried.items())[:5]), **written.dropped},
            "usage": usage + written.usage,
            "suspects": (*suspects, *written.suspects)[:100],
        }
    )


def opening(files: Mapping[str, str], wanted: Wanted) -> tuple[Message, Message]:
    """What a model is told first: the goal and the interfaces, each in a fence of its own."""
    shown = "\n\n".join(
        fence(f"interface of module {module_of(path)}", text) for path, text in interfaces(files).items()
    )
    goal = (
        fence("what the code is for", wanted.goal) if wanted.goal else "What the code is for is said by its docstrings."
    )
    task = fill("tester_task", type=wanted.type, framework=wanted.framework, goal=goal, interface=shown)
    return Message(role="system", content=fill("tester_system")), Message(role="user", content=task, cache=True)


def unfit(text: str, files: Mapping[str, str], wanted: Wanted) -> str:  # noqa: PLR0911  # a row of reasons
    """Why *text* is no file of tests of what is *wanted*; empty where it is one."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"it does not parse: {error}"[:300]
    functions = [node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    if not any(name.startswith("test") for name in functions):
        return "it has no function that begins with `test`"
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    own = {module_of(path) for path in files if path.endswith(".py")}
    further = sorted({each for each in imported if each.partition(".")[0] not in _MAY_IMPORT} - own - {"__future__"})
    if further:
        return (
            f"it imports {', '.join(further)[:200]}: beside the code, tests may import {', '.join(sorted(_MAY_IMPORT))}"
        )
    if not imported & own:
        return f"it imports none of the modules {', '.join(sorted(own))[:300]}"
    if wanted.framework == "unittest" and not re.search(r"\bTestCase\b", text):
        return "it has no class of unittest.TestCase"
    if wanted.type == "property" and not re.search(r"\bhypothesis\b", text):
        return "it has no test of hypothesis"
    return ""


def joined(first: str, second: str) -> str:
    """Both files of tests as one; of a name that both have, the second one is called otherwise."""
    if not first:
        return second
    known = {node.name for node in ast.parse(first).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    tree = ast.parse(second)
    lines = second.splitlines()
    imports: list[ast.Import | ast.ImportFrom] = []
    rest: list[str] = []
    for node in tree.body:
        begin = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", []))])
        part = "\n".join(lines[begin - 1 : node.end_lineno])
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(node)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in known:
            rest.append(re.sub(rf"\b(def|class) {node.name}\b", rf"\1 {_other(node.name, known)}", part, count=1))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            rest.append(part)
    there = [node for node in ast.parse(first).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    at = max((node.end_lineno or 0 for node in there), default=0)
    before = first.splitlines()
    had = {part for node in there for part in _named(node)}
    new = [part for node in imports for part in _named(node) if part not in had]
    return "\n".join([*before[:at], *new, *before[at:]]).rstrip() + "\n\n\n" + "\n\n\n".join(rest) + "\n"


def _named(node: ast.Import | ast.ImportFrom) -> list[str]:
    """One import for each name."""
    return [
        ast.unparse(
            ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], node.level)
        )
        for alias in node.names
    ]


def _other(name: str, known: set[str]) -> str:
    number = next(number for number in range(2, 10_000) if f"{name}_{number}" not in known)
    known.add(f"{name}_{number}")
    return f"{name}_{number}"


def told(tried: Written, text: str, files: Mapping[str, str]) -> Written:
    """*tried* with the *text*, and with what its red tests say: a promise that the code does not keep is suspected to be
    a bug, and nothing else of them is.
    """
    path = next((path for path in sorted(files) if path.endswith(".py")), "")
    suspects, dropped = list(tried.suspects), dict(tried.dropped)
    for red in tried.reds:
        what = _suspicion(red)
        if what is None:
            dropped[f"{red.name}: red on the code by an error of its own: {red.why}"[:900]] = 1
        elif len(suspects) < 100:
            place = red.path if red.path in files else path
            suspects.append(Suspected(what=what, path=place, line=red.line, call=red.name[:900], detail=red.why[:900]))
    return tried.model_copy(
        update={
            "text": text if tried.kept else "",
            "suspects": tuple(suspects),
            "dropped": dict(list(dropped.items())[:20]),
        }
    )


def _suspicion(red: Red) -> str | None:
    if red.error in ("AssertionError", "Failed"):
        return "contradiction"
    return "crash" if red.inside else None


def _unfit(said: str, why: str) -> list[Message]:
    return [
        Message(role="assistant", content=excerpt(said, _SAID) or "(nothing)"),
        Message(role="user", content=fill("tester_unfit", why=why)),
    ]


def _more(tried: Written, files: Mapping[str, str]) -> str:
    """How many changes of which function are not noticed; no change is shown, because that would show the code."""
    counted = Counter(
        _function_at(files.get(each.path, ""), each.line) or "the module itself" for each in tried.survivors
    )
    missed = "\n".join(f"- {name}: {count}" for name, count in counted.most_common(30))
    return fill("tester_more", kept=str(len(tried.kept)), missed=fence("not noticed", missed))


def _function_at(text: str, line: int) -> str:
    """The public name of the function around *line*; empty where it is in none, or in a private one."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    for node in tree.body:
        inside = [node] if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else []
        owner = ""
        if isinstance(node, ast.ClassDef):
            inside = [each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
            owner = f"{node.name}."
        for each in inside:
            if each.lineno <= line <= (each.end_lineno or 0) and not f"{owner}{each.name}".startswith("_"):
                return "" if each.name.startswith("_") and each.name != "__init__" else f"{owner}{each.name}"
    return ""
