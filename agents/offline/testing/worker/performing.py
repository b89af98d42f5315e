"""Does a call and says what came of it, as text that can cross between processes and be written into a test."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import opcode
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from itertools import islice
from types import CodeType, ModuleType, TracebackType
from typing import Any

from ...worker.guard import OutOfSteps, Steps
from .calls import Call, Maker, Stand, make
from .spelling import Spelling, Unspeakable, digest
from .targets import Target, split

MOST_YIELDED = 200
STEPS = 10_000
"""Calls and jumps that one call may take while the code is explored."""
_BRANCHES = 2
_RAISE = frozenset({opcode.opmap["RAISE_VARARGS"]})
_ASSERTED = frozenset({"returns", "yields", "raises"})


@dataclass(frozen=True)
class Outcome:
    """What one call did."""

    kind: str
    """returns, yields, raises (by a statement of the code's own), crashes, or hangs."""
    digest: str
    """Equal where a test cannot tell the difference."""
    expected: str | None = None
    """The answer's source; None where there is none."""
    same: bool = False
    """Whether the answer is one of the objects that were given, and nothing that equals it."""
    error: str = ""
    message: str = ""
    line: int = 0
    rounded: bool = False
    imports: frozenset[tuple[str, str]] = frozenset()
    changed: tuple[tuple[int, str], ...] = ()
    """Arguments that are others afterwards, with their source then."""
    state: tuple[tuple[int, str, str], ...] = ()
    """Attributes of the given objects that are others afterwards."""
    features: frozenset[tuple[str, int, int, int]] = frozenset()
    """Branches taken: file, line of the function, offset, destination."""
    entered: frozenset[tuple[str, int]] = frozenset()
    """Functions that ran, by file and line."""
    steps: int = 0
    repr: str = ""
    """The answer as an interpreter shows it, bounded."""

    @property
    def asserted(self) -> bool:
        """Whether a test can say it."""
        return self.kind in _ASSERTED and (self.kind == "raises" or self.expected is not None)


class Watch:
    """Notes which branches are taken in the files under test."""

    def __init__(self, files: dict[str, str]) -> None:
        """*files* gives the path for each name that code may have."""
        self.features: set[tuple[str, int, int, int]] = set()
        self.entered: set[tuple[str, int]] = set()
        monitoring: Any = getattr(sys, "monitoring")  # noqa: B009  # the host may run a Python that has none yet
        monitoring.use_tool_id(_BRANCHES, "mendbox-branches")
        events = monitoring.events

        def branch(code: CodeType, offset: int, destination: int) -> object:
            path = files.get(code.co_filename)
            if path is None:
                return monitoring.DISABLE
            self.features.add((path, code.co_firstlineno, offset, destination))
            return None

        def begin(code: CodeType, _offset: int) -> object:
            path = files.get(code.co_filename)
            if path is None:
                return monitoring.DISABLE
            self.entered.add((path, code.co_firstlineno))
            return None

        monitoring.register_callback(_BRANCHES, events.BRANCH, branch)
        monitoring.register_callback(_BRANCHES, events.PY_START, begin)
        monitoring.set_events(_BRANCHES, events.BRANCH | events.PY_START)

    def start(self) -> None:
        self.features.clear()
        self.entered.clear()


class Performer:
    """Performs calls in this process, which has the code under test to import."""

    def __init__(
        self,
        targets: list[Target],
        makers: dict[int, Maker],
        files: dict[str, str],
        project: frozenset[str],
        steps: Steps,
        *,
        watching: bool,
    ) -> None:
        self._targets = targets
        self._parameters = {(each.module, each.owner, each.name): each.parameters for each in targets}
        self._makers = makers
        self._files = files
        self._project = project
        self._watch = Watch(files) if watching else None
        self._steps = steps

    def perform(self, call: Call, steps: int = STEPS) -> Outcome:
        """What *call* does within so many *steps*."""
        target = self._targets[call.target]
        try:
            module = _module(target.module)
            create = self._creator(call)
        except Exception as error:  # noqa: BLE001  # the module cannot be imported; a mutant may see to that
            return Outcome("crashes", f"import {type(error).__name__}", error=type(error).__name__)
        if self._watch is not None:
            self._watch.start()
        written = io.StringIO()
        self._steps.start(steps)
        try:
            with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
                found = self._do(module, target, call, create)
            if self._steps.spent:
                found = Outcome("hangs", "hangs")
        except OutOfSteps:
            found = Outcome("hangs", "hangs")
        spent = self._steps.count
        self._steps.start(1 << 61)
        if self._watch is None:
            return found
        return replace(
            found,
            steps=spent,
            features=frozenset(self._watch.features),
            entered=frozenset(self._watch.entered),
        )

    def _creator(self, call: Call) -> Any:  # noqa: ANN401  # a class of any kind
        maker = self._makers.get(call.target)
        if not call.objects or maker is None or not maker.module:
            return Stand
        return getattr(_module(maker.module), maker.name)

    def _do(self, module: ModuleType, target: Target, call: Call, create: Any) -> Outcome:  # noqa: ANN401
        try:
            made, parts = make(call, create)
        except OutOfSteps:
            raise
        except BaseException as error:  # noqa: BLE001  # such an object cannot be made
            return Outcome("crashes", "unmade", error=type(error).__name__)
        known = {id(thing): f"node_{number}" for number, thing in enumerate(made)}
        before = [digest(value, known) for value in parts["args"]]
        attributes = [{name: digest(value, known) for name, value in vars(thing).items()} for thing in made]
        kind, value = self._value(module, target, parts)
        if kind not in {"returns", "yields"}:
            return self._failed(kind, value)  # type: ignore[arg-type]  # an exception, by what kind it is
        changed = self._changed(parts["args"], before, known)
        state = self._state(made, attributes, known)
        text = f"{kind}|{digest(value, known)}|{changed}|{state}"
        spelling = Spelling(known, self._project)
        try:
            expected: str | None = spelling.source(value)
            after = tuple((place, spelling.source(each)) for place, each in changed)
            fields = tuple((number, name, spelling.source(each)) for number, name, each in state)
        except Unspeakable:
            expected, after, fields = None, (), ()
        text = f"{kind}|{digest(value, known)}"
        text += "".join(f"|{place}={digest(each, known)}" for place, each in changed)
        text += "".join(f"|{number}.{name}={digest(each, known)}" for number, name, each in state)
        return Outcome(
            kind,
            text,
            expected=expected,
            same=id(value) in known,
            rounded=spelling.rounded,
            imports=frozenset(spelling.imports),
            changed=after,
            state=fields,
            repr=repr(value)[:300] if kind == "returns" and not known else "",
        )

    def _value(self, module: ModuleType, target: Target, parts: dict[str, Any]) -> tuple[str, object]:
        try:
            owner: Any = module
            if parts["init"] is not None:
                kind: Any = reduce(getattr, target.owner.split("."), module)
                given, named = split(target.init or (), parts["init"])
                owner = kind(*given, **named)
                for name, args in parts["steps"]:
                    given, named = split(self._parameters[target.module, target.owner, name], args)
                    getattr(owner, name)(*given, **named)
            elif target.owner:
                owner = reduce(getattr, target.owner.split("."), module)
            given, named = split(target.parameters, parts["args"])
            value: Any = getattr(owner, target.name)(*given, **named)
            if inspect.iscoroutine(value):
                value = asyncio.run(value)
            if isinstance(value, Iterator):
                value = list(islice(value, MOST_YIELDED + 1))
                if len(value) > MOST_YIELDED:
                    return "hangs", OutOfSteps()
                return "yields", value
        except OutOfSteps:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the code raises is its answer
            return "raised", error
        return "returns", value

    def _failed(self, kind: str, error: BaseException) -> Outcome:
        if kind == "hangs":
            return Outcome("hangs", "hangs")
        name, message = type(error).__name__, _message(error)
        frame, own = _last(error.__traceback__, self._files)
        meant = own and frame is not None and _raises(frame) and not isinstance(error, (AssertionError, RecursionError))
        module = type(error).__module__
        imports = frozenset() if module == "builtins" else frozenset({(module, name)})
        if meant and module != "builtins" and "." in type(error).__qualname__:
            meant = False
        return Outcome(
            "raises" if meant else "crashes",
            f"raises {name}: {message}" if meant else f"crashes {name}",
            error=name,
            message=message,
            line=frame.tb_lineno if frame is not None and own else 0,
            imports=imports,
        )

    @staticmethod
    def _changed(args: list[object], before: list[str], known: dict[int, str]) -> list[tuple[int, object]]:
        after = [digest(value, known) for value in args]
        return [(place, args[place]) for place, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]

    @staticmethod
    def _state(
        made: list[object], before: list[dict[str, str]], known: dict[int, str]
    ) -> list[tuple[int, str, object]]:
        return [
            (number, name, value)
            for number, thing in enumerate(made)
            for name, value in vars(thing).items()
            if before[number].get(name) != digest(value, known)
        ]


def _module(name: str) -> ModuleType:
    return sys.modules.get(name) or reduce(getattr, name.split(".")[1:], __import__(name))


def _message(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except Exception:  # noqa: BLE001  # an error that cannot be shown
        return ""


def _last(trace: TracebackType | None, files: dict[str, str]) -> tuple[TracebackType | None, bool]:
    """The last frame of the code under test, and whether it is the last of all."""
    found, own = None, False
    while trace is not None:
        own = trace.tb_frame.f_code.co_filename in files
        found = trace if own else found
        trace = trace.tb_next
    return found, own


def _raises(trace: TracebackType) -> bool:
    code = trace.tb_frame.f_code.co_code
    return trace.tb_lasti < len(code) and code[trace.tb_lasti] in _RAISE
