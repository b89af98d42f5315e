"""Does a call and says what came of it, as text that can cross between processes and be written into a test."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import opcode
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial, reduce
from itertools import islice
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from ...worker.guard import OutOfSteps, Steps
from .calls import Call, Maker, Stand, files, make
from .outcomes import ANSWERED, Outcome, Said
from .spelling import Spelling, Unspeakable, digest
from .targets import Target, spread
from .watching import Watch

MOST_YIELDED = 200
STEPS = 10_000
"""Calls and jumps that one call may take while the code is explored."""
_RAISE = frozenset({opcode.opmap["RAISE_VARARGS"]})
_LONGEST_PRINTED = 400
_SHOWN = 12
"""Attributes of one object that a test looks at."""


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
            with (
                contextlib.ExitStack() as until,
                contextlib.redirect_stdout(written),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                folder = _Folder(until)
                found = self._done(module, target, call, create, folder)
                printed = written.getvalue()
                if printed and len(printed) <= _LONGEST_PRINTED and not call.whole and found.kind in ANSWERED:
                    found = replace(found, printed=printed, digest=f"{found.digest}|printed {printed}")
                changed = folder.changed(call)
                if changed is None:
                    found = replace(found, expected=None)
                elif changed:
                    found = replace(found, files=changed, digest=f"{found.digest}|files {changed}")
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

    def _done(self, module: ModuleType, target: Target, call: Call, create: Any, folder: _Folder) -> Outcome:  # noqa: ANN401
        if call.script:
            return self._scripted(module, call)
        try:
            made, parts = make(call, create, folder)
        except OutOfSteps:
            raise
        except BaseException as error:  # noqa: BLE001  # such an object cannot be made
            return Outcome("crashes", "unmade", error=type(error).__name__)
        if call.whole:
            return self._whole(module, target, parts)
        return self._do(module, target, parts, made)

    def _do(self, module: ModuleType, target: Target, parts: dict[str, Any], made: list[object]) -> Outcome:
        known = {id(thing): f"node_{number}" for number, thing in enumerate(made)}
        before = [digest(value, known) for value in parts["args"]]
        attributes = [{name: digest(value, known) for name, value in vars(thing).items()} for thing in made]
        had: dict[str, str] = {}
        kind, value, owner = self._value(module, target, parts, had)
        if kind not in ANSWERED:
            return self._failed(kind, value)  # type: ignore[arg-type]  # an exception, by what kind it is
        changed = self._changed(parts["args"], before, known)
        state = self._state(made, attributes, known)
        viewed = kind == "returns" and self._told_by_attributes(value)
        shown = attributes_of(value) if viewed else value
        spelling = Spelling(known, self._project)
        try:
            expected: str | None = spelling.source(shown)
            after = tuple((place, spelling.source(each)) for place, each in changed)
            fields = tuple((number, name, spelling.source(each)) for number, name, each in state)
        except Unspeakable:
            expected, after, fields = None, (), ()
        now = tuple(
            (name, each)
            for name, each in ({} if owner is None else attributes_of(owner)).items()
            if had.get(name) != digest(each, known)
        )
        text = f"{kind}|{digest(shown, known)}"
        text += "".join(f"|{place}={digest(each, known)}" for place, each in changed)
        text += "".join(f"|{number}.{name}={digest(each, known)}" for number, name, each in state)
        told = _spelt(spelling, now)
        text += "".join(f"|.{name}={digest(each, known)}" for name, each in now if name in dict(told))
        return Outcome(
            kind,
            text,
            expected=expected,
            same=id(value) in known,
            rounded=spelling.rounded,
            imports=frozenset(spelling.imports),
            changed=after,
            state=fields,
            owner=told,
            viewed=viewed,
            repr=repr(value)[:300] if kind == "returns" and not known else "",
        )

    def _told_by_attributes(self, value: object) -> bool:
        """Whether *value* is an object of the project's that does not say what it equals."""
        kind = type(value)
        return (
            kind.__module__ in self._project
            and kind.__eq__ is object.__eq__
            and bool(getattr(value, "__dict__", None))
            and not isinstance(value, BaseException)
        )

    def _owner(self, module: ModuleType, target: Target, parts: dict[str, Any]) -> Any:  # noqa: ANN401
        if parts["init"] is None:
            return reduce(getattr, target.owner.split("."), module) if target.owner else module
        kind: Any = reduce(getattr, target.owner.split("."), module)
        given, named = spread(target.init or (), parts["init"])
        return kind(*given, **named)

    def _value(
        self, module: ModuleType, target: Target, parts: dict[str, Any], had: dict[str, str]
    ) -> tuple[str, object, object]:
        """How it ended, the answer, and the object whose method was called; *had* is filled with its attributes before."""
        try:
            owner = self._owner(module, target, parts)
            for name, args in parts["steps"]:
                given, named = spread(self._parameters[target.module, target.owner, name], args)
                getattr(owner, name)(*given, **named)
            made = parts["init"] is not None
            if made:
                had |= {name: digest(each, {}) for name, each in attributes_of(owner).items()}
            kind, value = self._answer(owner, target, parts["args"])
        except OutOfSteps:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the code raises is its answer
            return "raised", error, None
        return kind, value, owner if made else None

    @staticmethod
    def _answer(owner: Any, target: Target, args: Sequence[object]) -> tuple[str, object]:  # noqa: ANN401
        if target.reads:
            return "returns", getattr(owner, target.name)
        given, named = spread(target.parameters, args)
        value: Any = getattr(owner, target.name)(*given, **named)
        if inspect.iscoroutine(value):
            value = asyncio.run(value)
        if isinstance(value, contextlib.AbstractAsyncContextManager):
            return "enters later", asyncio.run(_entered(value))
        if isinstance(value, contextlib.AbstractContextManager) and not isinstance(value, io.IOBase):
            with value as inner:
                return "enters", inner
        if isinstance(value, AsyncIterator):
            found = asyncio.run(_streamed(value))
        elif isinstance(value, Iterator):
            found = list(islice(value, MOST_YIELDED + 1))
        else:
            return "returns", value
        if len(found) > MOST_YIELDED:
            return "hangs", OutOfSteps()
        return "streams" if isinstance(value, AsyncIterator) else "yields", found

    def _whole(self, module: ModuleType, target: Target, parts: dict[str, Any]) -> Outcome:
        """All steps, each with what it did, and the object's attributes at the end."""
        try:
            owner = self._owner(module, target, parts)
        except OutOfSteps:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the code raises is its answer
            return self._failed("raised", error)
        spelling = Spelling({}, self._project)
        said, text = [], []
        for name, args in [*parts["steps"], (target.name, parts["args"])]:
            given, named = spread(self._parameters[target.module, target.owner, name], args)
            reads = any(
                each.reads
                for each in self._targets
                if (each.module, each.owner, each.name) == (target.module, target.owner, name)
            )
            step, told = self._step(
                partial(getattr, owner, name) if reads else partial(getattr(owner, name), *given, **named), spelling
            )
            if step is None:
                return Outcome("crashes", "crashes a step")
            said.append(step)
            text.append(told)
        now = attributes_of(owner)
        shown = _spelt(spelling, tuple(now.items()))
        text += [f".{name}={digest(now[name], {})}" for name, _ in shown]
        return Outcome(
            "tells",
            "|".join(text),
            expected="",
            said=tuple(said),
            owner=shown,
            rounded=spelling.rounded,
            imports=frozenset(spelling.imports),
        )

    def _scripted(self, module: ModuleType, call: Call) -> Outcome:
        """Statements in a row, each with what it answers."""
        space = dict(vars(module))
        spelling = Spelling({}, self._project)
        said, text = [], []
        for source, _ in call.script:
            node = ast.parse(source).body[0]
            code = compile(source, "script", "eval" if isinstance(node, ast.Expr) else "exec", dont_inherit=True)
            step, told = self._step(partial(eval, code, space), spelling)
            if step is None:
                return Outcome("crashes", "crashes a step")
            said.append(replace(step, source=source))
            text.append(told)
        return Outcome(
            "tells", "|".join(text), expected="", said=tuple(said), imports=frozenset(spelling.imports),
            rounded=spelling.rounded,
        )  # fmt: skip

    def _step(  # noqa: PLR0911  # one way for each that it can end
        self, work: Callable[[], Any], spelling: Spelling
    ) -> tuple[Said | None, str]:
        """What *work* did, and a text that is the same where it did the same; None where it fell over."""
        try:
            value = work()
            if inspect.iscoroutine(value):
                value = asyncio.run(value)
            if isinstance(value, Iterator):
                value = list(islice(value, MOST_YIELDED))
                return Said("yields", spelling.source(value)), f"yields {digest(value, {})}"
        except OutOfSteps:
            raise
        except Unspeakable:
            return Said("nothing"), "nothing"
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the code raises is its answer
            failed = self._failed("raised", error)
            if failed.kind != "raises":
                return None, failed.digest
            spelling.imports |= failed.imports
            return Said("raises", error=failed.error, message=failed.message), failed.digest
        if value is None:
            return Said("nothing"), "None"
        if self._told_by_attributes(value):
            shown = _spelt(spelling, tuple(attributes_of(value).items()))
            return Said("views", attributes=shown), f"views {shown}"
        try:
            return Said("returns", spelling.source(value)), f"returns {digest(value, {})}"
        except Unspeakable:
            return Said("nothing"), digest(value, {})

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


class _Folder:
    """The folder of one call, which is made where it is asked for."""

    def __init__(self, until: contextlib.ExitStack) -> None:
        self._until = until
        self._made: Path | None = None

    def __call__(self) -> Path:
        if self._made is None:
            self._made = Path(self._until.enter_context(tempfile.TemporaryDirectory()))
        return self._made

    def changed(self, call: Call) -> tuple[tuple[str, str], ...] | None:
        """Files that are others now, with their text; None where one cannot be read or is too long."""
        if self._made is None:
            return ()
        before = {file.name: file.text for file in files(call)}
        found = []
        for path in sorted(self._made.rglob("*")):
            name = path.relative_to(self._made).as_posix()
            try:
                text = path.read_text(encoding="utf-8") if path.is_file() else None
            except (OSError, ValueError):
                return None
            if text is not None and text != before.get(name):
                if len(text) > _LONGEST_PRINTED:
                    return None
                found.append((name, text))
        return tuple(found)


def attributes_of(thing: object) -> dict[str, object]:
    """Those that others may look at."""
    found = {name: value for name, value in getattr(thing, "__dict__", {}).items() if not name.startswith("_")}
    return found if len(found) <= _SHOWN else {}


def _spelt(spelling: Spelling, now: Sequence[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    """Attributes as source, without those that have none."""
    found = []
    for name, each in now:
        with contextlib.suppress(Unspeakable):
            found.append((name, spelling.source(each)))
    return tuple(found)


async def _entered(value: contextlib.AbstractAsyncContextManager[object]) -> object:
    async with value as inner:
        return inner


async def _streamed(value: AsyncIterator[object]) -> list[object]:
    found = []
    async for each in value:
        found.append(each)
        if len(found) > MOST_YIELDED:
            break
    return found


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
