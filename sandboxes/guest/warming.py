"""Warm commands: a fork of this interpreter, with pytest already imported, that then is like a new ``python -I``."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import runpy
import signal
import sys
import types
from collections.abc import Sequence

_OWN = os.path.dirname(os.path.abspath(__file__))


class Become(BaseException):
    """Raised in a forked child: unwinds the guest's stack so that the child ends like any interpreter."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job


def is_warm(argv: Sequence[str]) -> bool:
    """Whether *argv* can be run by a fork: ``python script.py ...`` or ``python -m module ...``."""
    words = _without_flags(argv)
    return bool(words) and (not words[0].startswith("-") or (words[0] == "-m" and len(words) > 1))


def preload() -> None:
    """Import pytest and what it always imports itself, so that a test sees the same modules as without us."""
    try:
        config = importlib.import_module("_pytest.config")
        importlib.import_module("pytest")
    except ImportError:
        return  # an image without pytest
    for plugin in config.default_plugins:
        with contextlib.suppress(ImportError):
            importlib.import_module(f"_pytest.{plugin}")
    # What is frozen is not looked at by the garbage collector of a child: nothing to copy, nothing to scan.
    gc.collect()
    gc.freeze()


class Job:
    """What a forked child has to run."""

    def __init__(self, argv: Sequence[str]) -> None:
        words = _without_flags(argv)
        self._module = words[1] if words[0] == "-m" else None
        self._argv = words[1:] if self._module else words

    def run(self) -> None:
        """Run it as ``__main__``; raises SystemExit."""
        self._look_new()
        try:
            if self._module:
                # what the interpreter itself calls for -m; there is no public name for it
                runpy._run_module_as_main(self._module)  # type: ignore[attr-defined]  # noqa: SLF001
            else:
                _run_script(self._argv[0])
        except SystemExit:
            raise
        except BaseException as error:  # noqa: BLE001  (the top of a program: whatever it raised is printed, as Python does)
            trace = error.__traceback__
            while trace and trace.tb_frame.f_code.co_filename.startswith(_OWN):
                trace = trace.tb_next
            sys.excepthook(type(error), error.with_traceback(trace), trace)
            raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1) from None

    def _look_new(self) -> None:
        for name in [name for name in sys.modules if name == "guest" or name.startswith("guest.")]:
            del sys.modules[name]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.argv = list(self._argv)
        main = types.ModuleType("__main__")
        main.__dict__["__builtins__"] = sys.modules["builtins"]
        sys.modules["__main__"] = main


def _run_script(path: str) -> None:
    main = sys.modules["__main__"]
    path = os.path.abspath(path)
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"python: can't open file {path!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        raise SystemExit(2) from None
    loader = importlib.import_module("importlib.machinery").SourceFileLoader("__main__", path)
    main.__dict__.update(__file__=path, __cached__=None, __loader__=loader)
    exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)


def _without_flags(argv: Sequence[str]) -> list[str]:
    """The words after ``python``; ``-I`` is what a fork is anyway."""
    words = list(argv[1:])
    while words and words[0] == "-I":
        words.pop(0)
    return words
