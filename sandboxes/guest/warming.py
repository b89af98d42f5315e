"""Warm commands: a fork of this interpreter, with pytest already imported, that then is like a new ``python -I``."""

from __future__ import annotations

import _thread
import atexit
import contextlib
import gc
import importlib
import io
import os
import runpy
import signal
import sys
import time
import types
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from typing import NoReturn

_OWN = os.path.dirname(os.path.abspath(__file__))
_TOOLS = "/box/tools/"
_COMPILED = "/opt/mendbox/pyc"
"""Where the image keeps bytecode apart from the sources; nobody in a box can write there."""


class Become(BaseException):
    """Raised in a forked child: unwinds the guest's stack so that the child ends like any interpreter."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job


def is_warm(argv: Sequence[str]) -> bool:
    """Whether *argv* can be run by a fork: ``python script.py ...`` or ``python -m module ...``."""
    words = _without_flags(argv)
    return (
        argv[0] == "python" and bool(words) and (not words[0].startswith("-") or (words[0] == "-m" and len(words) > 1))
    )


def preload() -> None:
    """Import pytest and what it always imports itself, so that a test sees the same modules as without us, and what
    measures which lines ran.
    """
    try:
        config = importlib.import_module("_pytest.config")
        importlib.import_module("pytest")
    except ImportError:
        return  # an image without pytest
    for plugin in config.default_plugins:
        with contextlib.suppress(ImportError):
            importlib.import_module(f"_pytest.{plugin}")
    with contextlib.suppress(ImportError):
        importlib.import_module("coverage")
    # What is frozen is not looked at by the garbage collector of a child: nothing to copy, nothing to scan.
    gc.collect()
    gc.freeze()


class Job:
    """What a forked child has to run."""

    def __init__(self, argv: Sequence[str]) -> None:
        words = _without_flags(argv)
        self._module = words[1] if words[0] == "-m" else None
        self._argv = words[1:] if self._module else words

    def run(self) -> NoReturn:
        """Run it as ``__main__``, and end as an interpreter ends."""
        before = set(sys.modules)
        _end(self._run(), before)

    def _run(self) -> int:
        """The exit code."""
        self._look_new()
        try:
            if self._module:
                # what the interpreter itself calls for -m; there is no public name for it
                runpy._run_module_as_main(self._module)  # type: ignore[attr-defined]  # noqa: SLF001
            else:
                _run_script(self._argv[0])
        except SystemExit as leaving:
            if leaving.code is None or isinstance(leaving.code, int):
                return leaving.code or 0
            print(leaving.code, file=sys.stderr)
            return 1
        except BaseException as error:  # noqa: BLE001  (the top of a program: whatever it raised is printed, as Python does)
            trace = error.__traceback__
            while trace and trace.tb_frame.f_code.co_filename.startswith(_OWN):
                trace = trace.tb_next
            sys.excepthook(type(error), error.with_traceback(trace), trace)
            return 130 if isinstance(error, KeyboardInterrupt) else 1
        return 0

    def _look_new(self) -> None:
        for name in [name for name in sys.modules if name == "guest" or name.startswith("guest.")]:
            del sys.modules[name]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.argv = list(self._argv)
        main = types.ModuleType("__main__")
        main.__dict__["__builtins__"] = sys.modules["builtins"]
        sys.modules["__main__"] = main


def _end(code: int, before: set[str]) -> NoReturn:
    """End in the interpreter's own order, but leave standing what was imported before the fork.

    Threads are joined, exit handlers run, the program's own modules taken down (which closes its forgotten files and
    calls its finalizers), output flushed. Taking down pytest as well would cost more time than most commands.
    """
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()  # noqa: SLF001  (what the interpreter calls; there is no public name)
    for _ in range(100):
        if not _thread._count():  # noqa: SLF001
            break
        time.sleep(0.001)  # a thread that was joined is counted for a moment longer
    else:
        _flush_forgotten()
        sys.exit(code)  # only the interpreter itself can stop daemon threads: let it do all the rest as well
    atexit._run_exitfuncs()  # noqa: SLF001  (as above)
    # the frames of the program itself are held by the last exception
    for name in ("last_exc", "last_value", "last_traceback"):
        setattr(sys, name, None)
    _take_down({name for name in sys.modules if name == "__main__" or name not in before})
    os._exit((code if _flushed() else 120) & 0xFF)


def _take_down(own: set[str]) -> None:
    _flush_forgotten()
    for name in own:
        del sys.modules[name]
    # what nobody else refers to goes as a whole, so that its finalizers still find their names
    gc.collect()
    for names in gc.get_objects():
        if type(names) is dict and "__builtins__" in names and names.get("__name__") in own:
            for name in sorted(names, key=lambda name: not str(name).startswith("_")):
                if name != "__builtins__":
                    names[name] = None
    gc.collect()


def _flush_forgotten() -> None:
    """Write out the files that the program left open, whoever still refers to them."""
    for file in gc.get_objects():
        # by its true type: the program may have objects that lie about theirs
        if issubclass(type(file), (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            with contextlib.suppress(OSError, ValueError):
                file.flush()


def _flushed() -> bool:
    """Whether all output could be written; where not, an interpreter ends with 120."""
    well = True
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except Exception:  # noqa: BLE001  (the program may have put anything in its place)
            well = False
    return well


def _run_script(path: str) -> None:
    main = sys.modules["__main__"]
    path = os.path.abspath(path)
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"python: can't open file {path!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        raise SystemExit(2) from None
    loader = SourceFileLoader("__main__", path)
    main.__dict__.update(__file__=path, __cached__=None, __loader__=loader)
    exec(_code_of_ours(path) or compile(source, path, "exec", dont_inherit=True), main.__dict__)


def _code_of_ours(path: str) -> types.CodeType | None:
    """Bytecode of a tool, as the image has it of just this text."""
    if not path.startswith(_TOOLS):
        return None
    usual, sys.pycache_prefix = sys.pycache_prefix, _COMPILED
    try:
        return SourceFileLoader("__main__", path).get_code("__main__")
    finally:
        sys.pycache_prefix = usual


def _without_flags(argv: Sequence[str]) -> list[str]:
    """The words after ``python``; ``-I`` is what a fork is anyway."""
    words = list(argv[1:])
    while words and words[0] == "-I":
        words.pop(0)
    return words
