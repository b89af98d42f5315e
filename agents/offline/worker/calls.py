"""The calls that tests make into the files under repair, recorded while the tests run, to be made again with other data."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import CodeType, FrameType, FunctionType
from typing import Any, Literal

from .scripts import Script, Step
from .values import Made, NotPlain, kept

_TOOL = 2
MOST_CALLS = 40
"""Calls of one function that are kept."""
MOST_STEPS = 12
"""Calls on one object that are kept."""
_NO_CALL = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


@dataclass(frozen=True)
class Callee:
    """A function that can be reached by a name."""

    module: str
    owner: type | None
    name: str
    function: FunctionType
    way: Literal["function", "method", "classmethod", "property"]


def reach(code: CodeType, module: Any, name: str) -> Callee | None:  # noqa: ANN401  # a module has whatever it has
    """Who is called when *code* runs, if it can be named from outside of *module* (called *name*)."""
    parts = code.co_qualname.split(".") if sys.version_info >= (3, 11) else [code.co_name]
    if "<locals>" in parts or code.co_flags & _NO_CALL or any(part.startswith("<") for part in parts):
        return None
    owner: type | None = None
    holder: object = module
    for part in parts[:-1]:
        holder = getattr(holder, part, None)
        if not isinstance(holder, type):
            return None
        owner = holder
    found = inspect.getattr_static(holder, parts[-1], None)
    way: Literal["function", "method", "classmethod", "property"] = "method" if owner else "function"
    if isinstance(found, property):
        found, way = found.fget, "property"
    elif isinstance(found, staticmethod):
        found, way = found.__func__, "function"
    elif isinstance(found, classmethod):
        found, way = found.__func__, "classmethod"
    function = inspect.unwrap(found) if callable(found) else None
    if not isinstance(function, FunctionType) or function.__code__ is not code:
        return None
    return Callee(name, owner, code.co_qualname if owner is None or way != "method" else parts[-1], function, way)


class Recorder:
    """Notes the outermost calls into some files while it is on."""

    def __init__(self, names: frozenset[str]) -> None:
        """*names* are the files' names, as code objects have them."""
        self.names = names
        self.test = ""
        self.scripts: list[Script] = []
        self._counts: dict[CodeType, int] = {}
        self._callees: dict[CodeType, Callee | None] = {}
        self._objects: dict[int, tuple[object, Made]] = {}
        self._steps: dict[int, list[Step]] = {}
        self._tests: dict[int, str] = {}

    def start(self) -> None:
        monitoring: Any = getattr(sys, "monitoring")  # noqa: B009  # the host may run a Python that has none yet
        monitoring.use_tool_id(_TOOL, "mendbox-calls")

        def begun(code: CodeType, _: int) -> object:
            if code.co_filename not in self.names:
                return monitoring.DISABLE
            return None if self.began(sys._getframe(1)) else monitoring.DISABLE  # noqa: SLF001  # the frame that the event is of

        monitoring.register_callback(_TOOL, monitoring.events.PY_START, begun)
        monitoring.set_events(_TOOL, monitoring.events.PY_START)

    def stop(self) -> None:
        monitoring: Any = getattr(sys, "monitoring")  # noqa: B009  # as above
        monitoring.set_events(_TOOL, 0)
        monitoring.free_tool_id(_TOOL)

    def found(self) -> list[Script]:
        """All that was noted, with the calls of each object together."""
        of_objects = [
            Script(made.module, tuple(self._steps[key]), made, self._tests[key])
            for key, (_, made) in self._objects.items()
            if self._steps.get(key)
        ]
        return [*self.scripts, *of_objects]

    def began(self, frame: FrameType) -> bool:
        """A function of the files has been entered; whether there is any use in hearing of it again."""
        code = frame.f_code
        if code not in self._callees:
            self._callees[code] = self._reach(frame)
        callee = self._callees[code]
        if callee is None or self._counts.get(code, 0) >= MOST_CALLS:
            return False
        if self._inner(frame.f_back):
            return True
        self._counts[code] = self._counts.get(code, 0) + 1
        try:
            self._note(callee, frame)
        except NotPlain:
            if callee.way in ("method", "property") and code.co_argcount:
                # what follows on this object depends on what cannot be told
                self._forget(frame.f_locals.get(code.co_varnames[0]))
        return True

    @staticmethod
    def _reach(frame: FrameType) -> Callee | None:
        name = frame.f_globals.get("__name__", "")
        module = sys.modules.get(name)
        return reach(frame.f_code, module, name) if module is not None else None

    def _inner(self, frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code.co_filename in self.names:
                return True
            frame = frame.f_back
        return False

    def _note(self, callee: Callee, frame: FrameType) -> None:
        known = {key: made for key, (_, made) in self._objects.items()}
        positional, named = _given(callee.function, frame)
        if callee.way in ("function", "classmethod"):
            given = positional[1:] if callee.way == "classmethod" else positional
            step = _step(callee.name, given, named, known)
            self.scripts.append(Script(callee.module, (step,), test=self.test))
            return
        if not positional:
            raise NotPlain
        this = positional[0]
        if callee.name == "__init__":
            if id(this) not in self._objects:
                step = _step("__init__", positional[1:], named, known)
                self._remember(this, step.args, step.kwargs)
            return
        if id(this) not in self._objects:
            self._remember(this, *_fields(this))
        step = _step(callee.name, positional[1:], named, known)
        if callee.way == "property":
            step = replace(step, name=step.name.rsplit(".", 1)[-1], kind="get")
        steps = self._steps.setdefault(id(this), [])
        if len(steps) < MOST_STEPS:
            steps.append(step)

    def _remember(self, this: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> None:
        kind = type(this)
        if "<locals>" in kind.__qualname__:
            raise NotPlain
        self._objects[id(this)] = (this, Made(kind.__module__, kind.__qualname__, args, kwargs))
        self._tests[id(this)] = self.test

    def _forget(self, this: object) -> None:
        self._objects.pop(id(this), None)
        self._steps.pop(id(this), None)


def _step(name: str, positional: tuple[object, ...], named: Mapping[str, object], known: Mapping[int, Made]) -> Step:
    args = tuple(kept(value, known) for value in positional)
    return Step(name, args, {key: kept(value, known) for key, value in named.items()})


def _fields(this: object) -> tuple[tuple[object, ...], dict[str, object]]:
    """How an object was made that no code of the files made: a data class, or one without any state.

    Raises:
        NotPlain: That cannot be told.
    """
    if dataclasses.is_dataclass(this) and not isinstance(this, type):
        return (), {field.name: kept(getattr(this, field.name)) for field in dataclasses.fields(this) if field.init}
    if type(this).__init__ is object.__init__ and not getattr(this, "__dict__", None):
        return (), {}
    raise NotPlain


def _given(function: FunctionType, frame: FrameType) -> tuple[tuple[object, ...], dict[str, object]]:
    """What a call was given, without what its defaults gave: a default that is shared between calls is part of the code."""
    code, local = frame.f_code, frame.f_locals
    names = code.co_varnames
    count = code.co_argcount
    rest = count + code.co_kwonlyargcount
    values = [local[name] for name in names[:count] if name in local]
    if len(values) < count:
        raise NotPlain  # taken into a cell that is not filled yet
    extra: tuple[object, ...] = ()
    if code.co_flags & inspect.CO_VARARGS:
        extra = tuple(local[names[rest]])
        rest += 1
    defaults = function.__defaults__ or ()
    named: dict[str, object] = {}
    if not extra:
        first = count - len(defaults)
        kept_apart = [i for i in range(first, count) if values[i] is not defaults[i - first]]
        if len(kept_apart) < len(defaults):
            positional_until = next((i for i in range(first, count) if i not in kept_apart), count)
            named = {names[i]: values[i] for i in kept_apart if i > positional_until}
            values = values[:positional_until]
    keyword_defaults = function.__kwdefaults__ or {}
    for name in names[count : count + code.co_kwonlyargcount]:
        if name not in keyword_defaults or local[name] is not keyword_defaults[name]:
            named[name] = local[name]
    if code.co_flags & inspect.CO_VARKEYWORDS:
        named.update(local[names[rest]])
    return (*values, *extra), named
