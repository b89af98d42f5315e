"""Several versions of the same files in one process, one after the other: imported from memory, run on scripts, forgotten."""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Protocol

from .documented import Check, same
from .outcomes import Behaviour, Consumed, Outcome, bounded, state
from .scripts import Script, Step
from .values import Made, holds_objects, text

STEPS = 20_000
"""Calls and jumps that one input may take."""
IMPORT_STEPS = 200_000


class Counter(Protocol):
    """Stops code that takes too many steps by raising in it; see `guard.Steps`."""

    @property
    def spent(self) -> bool: ...

    def start(self, limit: int) -> None: ...


class Versions(MetaPathFinder, Loader):
    """Finds the modules of the version in force before anything on disk does."""

    def __init__(self, root: Path, modules: Mapping[str, str], counter: Counter | None = None) -> None:
        """*modules* gives each module's file below *root*."""
        self._root = root
        self._modules = modules
        self._counter = counter
        self._compiled: dict[tuple[str, str], CodeType] = {}
        self._texts: Mapping[str, str] = {}
        self._others = set(sys.modules) - set(modules)

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002  # the import system's signature
        file = self._modules.get(fullname)
        if file is None or file not in self._texts:
            return None
        spec = ModuleSpec(fullname, self, origin=str(self._root / file), is_package=file.endswith("__init__.py"))
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(str((self._root / file).parent))
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """The usual kind of module will do."""

    def exec_module(self, module: ModuleType) -> None:
        file = self._modules[module.__name__]
        source = self._texts[file]
        code = self._compiled.get((file, source))
        if code is None:
            code = compile(source, str(self._root / file), "exec", dont_inherit=True)
            self._compiled[file, source] = code
        exec(code, vars(module))  # noqa: S102  # this is what importing does

    def run(
        self, texts: Mapping[str, str], scripts: Sequence[Script], checks: Sequence[Check] = (), *, until: float = 0.0
    ) -> Behaviour:
        """What the version of these *texts* does; scripts not reached *until* that much of this process's CPU time have ended ``unasked``."""
        self._texts = texts
        sys.meta_path.insert(0, self)
        outcomes: list[Outcome] = []
        seconds: list[float] = []
        try:
            for script in scripts:
                began = time.process_time()
                if until and time.process_time() > until:
                    outcomes.append(Outcome("unasked", ""))
                else:
                    outcomes.append(self._outcome(script))
                seconds.append(time.process_time() - began)
            agrees = tuple(self._check(checks)) if checks else ()
        finally:
            sys.meta_path.remove(self)
            self._forget()
        return Behaviour(tuple(outcomes), agrees, tuple(seconds))

    def _forget(self) -> None:
        here = str(self._root)
        for name, module in list(sys.modules.items()):
            if name in self._modules or (
                name not in self._others and str(getattr(module, "__file__", "")).startswith(here)
            ):
                del sys.modules[name]

    def _module(self, name: str) -> ModuleType:
        if name not in sys.modules:
            self._start(IMPORT_STEPS)
            __import__(name)
        return sys.modules[name]

    def _start(self, limit: int) -> None:
        if self._counter is not None:
            self._counter.start(limit)

    def _outcome(self, script: Script) -> Outcome:
        random.seed(0)  # what draws from it draws the same in every version
        try:
            self._module(script.module)
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                outcome = self._steps(script)
        except BaseException as error:  # noqa: BLE001  # the code under repair may raise anything at all
            spent = self._spent()
            self._start(1 << 62)
            recursion = isinstance(error, (RecursionError, MemoryError))
            return Outcome("steps" if spent or recursion else "raises", type(error).__name__)
        spent = self._spent()
        self._start(1 << 62)
        if spent:
            return Outcome("steps", "")
        said = printed.getvalue()
        return bounded(outcome, said)

    def _spent(self) -> bool:
        return self._counter is not None and self._counter.spent

    def _steps(self, script: Script) -> tuple[str, str, str]:
        """The last answer's type, all that can be seen, and the last answer."""
        self._start(STEPS)
        this = self._make(script.maker) if script.maker is not None else None
        seen: list[str] = []
        last, kind = "", "None"
        for place, step in enumerate(script.steps):
            answer, after = self._step(script, step, this)
            last, kind = "itself" if this is not None and answer is this else text(answer), type(answer).__name__
            seen.append(last + after)
            if place + 1 < len(script.steps):
                self._start(STEPS)
        if this is not None:
            seen.append(state(this))
        return kind, "; ".join(seen), last

    def _step(self, script: Script, step: Step, this: object) -> tuple[Any, str]:
        holder: object = this if script.maker is not None else sys.modules[script.module]
        for part in step.name.split("."):
            holder = getattr(holder, part)
        if step.kind == "get":
            return holder, ""
        args = [self._build(value) for value in step.args]
        kwargs = {name: self._build(value) for name, value in step.kwargs.items()}
        answer = holder(*args, **kwargs)  # type: ignore[operator]  # it was called when it was recorded
        if isinstance(answer, Iterator):
            answer = Consumed(text(answer), type(answer).__name__)
        changed = [
            text(after)
            for before, after in zip((*step.args, *step.kwargs.values()), (*args, *kwargs.values()), strict=True)
            if isinstance(before, (list, dict, set, Made)) and (isinstance(before, Made) or before != after)
        ]
        return answer, f" and leaves {', '.join(changed)}" if changed else ""

    def _build(self, value: object) -> object:
        if isinstance(value, Made):
            return self._make(value)
        if not holds_objects(value):
            return copy.deepcopy(value)
        if isinstance(value, dict):
            return {key: self._build(inner) for key, inner in value.items()}
        return type(value)(self._build(inner) for inner in value)  # type: ignore[call-arg, attr-defined]  # a list or tuple

    def _make(self, made: Made) -> object:
        __import__(made.module)
        kind: Any = sys.modules[made.module]
        for part in made.name.split("."):
            kind = getattr(kind, part)
        return kind(*map(self._build, made.args), **{name: self._build(value) for name, value in made.kwargs.items()})

    def _check(self, checks: Sequence[Check]) -> Iterator[bool | None]:
        """Examples of one docstring share their names."""
        spaces: dict[tuple[str, str], dict[str, Any]] = {}
        names = {file: name for name, file in self._modules.items()}
        for check in checks:
            try:
                module = self._module(names[check.path])
            except BaseException:  # noqa: BLE001  # as above
                yield None
                continue
            space = spaces.setdefault((check.path, check.where), dict(vars(module)))
            yield self._holds(check, space)
            self._start(1 << 62)

    def _holds(self, check: Check, space: dict[str, Any]) -> bool | None:
        random.seed(0)
        self._start(STEPS)
        try:
            tree = ast.parse(check.source)
            single = len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)
            code = compile(check.source, "<example>", "eval" if single else "exec", dont_inherit=True)
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                answer = eval(code, space)  # noqa: S307  # it is an example of the code that is run here anyway
                said = printed.getvalue() + ("" if answer is None else repr(answer))
        except (SyntaxError, NameError):
            return None
        except BaseException as error:  # noqa: BLE001  # as above
            return type(error).__name__ == check.raises if check.raises or check.want else None
        if self._spent():
            return False
        if check.raises:
            return False
        return same(said, check.want) if check.want else None
