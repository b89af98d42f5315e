"""The candidate's process: imports the submitted modules when asked, and does what the tests' process asks of them.

``python candidate.py FOLDER...``: the folders that go on the import path. Standard input is the socket of the conversation.
Nothing that this process says is believed: whatever runs here could say it too. It holds no test, no expected value and
no pytest.
"""

from __future__ import annotations

import importlib
import io
import os
import socket
import sys
import types
from typing import Any


def main() -> None:
    """Serve until the tests' process is gone."""
    above = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path.insert(0, above)
    sys.pycache_prefix = "/opt/mendbox/pyc"
    from apart import far, owner, peer  # noqa: PLC0415 (the path is only now what it has to be)

    # its own descriptor, and nothing that can be read under the number that programs read from
    stream = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    folders = sys.argv[1:]
    os.chdir(folders[0])
    sys.path.remove(above)
    sys.pycache_prefix = None
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [*folders, *(path for path in sys.path if path != here)]
    sys.argv = [""]
    sys.modules["__main__"] = types.ModuleType("__main__")
    for name in [name for name in sys.modules if name == "apart" or name.startswith("apart.")]:
        del sys.modules[name]
    sys.dont_write_bytecode = True

    end = peer.Peer(stream, side="candidate", export=lambda p, value: _export(p, value, far, owner), permit=_anything)
    far.Side.candidate = True
    words = _Words(end)
    end.tell, end.hear = words.take, words.follow
    end.operations = {
        **owner.operations(end),
        "import": importlib.import_module,
        "public names": _public_names,
        "new function": lambda number, *about: _stub(end, number, *about),
        "new module": lambda _number, name: importlib.import_module(name),
    }
    # whoever is forked off must not answer in our place
    os.register_at_fork(after_in_child=stream.close)
    try:
        end.serve()
    except peer.Gone:
        pass
    finally:
        # what goes wrong here is told where it can be read
        sys.stderr = sys.__stderr__


def _anything(_operation: str, _target: Any, _arguments: list[Any]) -> None:
    """The tests may do everything to the candidate's objects."""


def _public_names(module: types.ModuleType) -> list[str]:
    listed = getattr(module, "__all__", None)
    return list(listed) if listed is not None else [name for name in vars(module) if not name.startswith("_")]


def _export(end: Any, value: Any, far: Any, owner: Any) -> Any:
    kind = type(value)
    if id(value) in end.stubs:
        return ["h", end.stubs[id(value)]]
    if kind is owner.Bound:
        return ["Y", end.encode(value.owner), value.name]
    if isinstance(value, BaseException):
        return far.encode_exception(end, value)
    if isinstance(value, type):
        return far.describe(end, value)
    if isinstance(value, types.ModuleType):
        return ["M", end.number_of(value), value.__name__]
    if kind in (types.FunctionType, types.BuiltinFunctionType, types.MethodType):
        doc = value.__doc__ if type(value.__doc__) is str else None
        return [
            "F",
            end.number_of(value),
            str(value.__name__),
            str(value.__qualname__),
            str(value.__module__),
            doc,
            None,
        ]
    return ["o", end.number_of(value), far.describe(end, kind)]


def _stub(end: Any, number: int, name: str, qualname: str, module: str, doc: Any, parameters: Any) -> Any:
    """A real function that calls a function of the tests."""

    def stub(*arguments: Any, **named: Any) -> Any:
        return end.ask("call", stub, arguments, tuple(named.items()))

    stub.__name__, stub.__qualname__, stub.__module__, stub.__doc__ = name, qualname, module, doc
    if parameters is not None:
        import inspect  # noqa: PLC0415 (slow to import, and rarely needed)

        stub.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(word, inspect._ParameterKind(kind), **({"default": default} if has else {}))  # noqa: SLF001
                for word, kind, has, default in parameters
            ]
        )
    # the peer keeps the stub, so its id stays its own
    end.stubs[id(stub)] = number
    return stub


class _Words:
    """What the candidate prints, warns of and logs, on its way to the tests; and the tests' folder and environment."""

    def __init__(self, end: Any) -> None:
        self._end = end
        self._said: list[Any] = []
        self._logging = False
        self._hear_all_warnings: Any = None
        sys.stdout = _Told(self._said, "out", 1)
        sys.stderr = _Told(self._said, "err", 2)
        self._listen()

    def take(self) -> list[Any]:
        # slow to import, so it is listened to only once somebody has
        if not self._logging and "logging" in sys.modules:
            self._logging = True
            self._listen_to_logs(sys.modules["logging"])
        said = self._said[:]
        self._said.clear()
        return said

    def follow(self, told: list[Any]) -> None:
        # the tests' own filters decide, whatever the candidate has set for all of its process
        self._hear_all_warnings()
        for what, *values in told:
            if what == "cwd":
                os.chdir(values[0])
            elif what == "env":
                os.environ.clear()
                os.environ.update(values[0])

    def _listen(self) -> None:
        import warnings  # noqa: PLC0415 (part of start-up, in this order)

        def show(message: Any, _category: Any, filename: str, lineno: int, *_: Any, **__: Any) -> None:
            self._said.append(["warning", self._end.encode(message), str(filename), int(lineno)])

        warnings.showwarning = show  # type: ignore[assignment]
        self._hear_all_warnings = lambda: warnings.simplefilter("always")

    def _listen_to_logs(self, logging: Any) -> None:
        said, end = self._said, self._end

        class Told(logging.Handler):  # type: ignore[misc]
            def emit(self, record: Any) -> None:
                place = (record.pathname, record.lineno, record.funcName)
                raised = end.encode(record.exc_info[1]) if record.exc_info else None
                said.append(["log", record.name, record.levelno, record.getMessage(), *place, raised])

        logging.root.addHandler(Told())
        # the tests' own loggers decide what is heard
        logging.root.setLevel(1)


class _Told(io.TextIOBase):
    """Standard output or error: its text goes along with the next answer, to be captured there."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, said: list[Any], which: str, descriptor: int) -> None:
        self._said = said
        self._which = which
        self._descriptor = descriptor
        self.buffer = _Bytes(self)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._said.append([self._which, str.__str__(text)])
        return len(text)

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    @property
    def name(self) -> str:
        return f"<{'stdout' if self._which == 'out' else 'stderr'}>"


class _Bytes(io.RawIOBase):
    def __init__(self, text: _Told) -> None:
        self._text = text

    def write(self, content: Any) -> int:
        self._text.write(bytes(content).decode("utf-8", "replace"))
        return len(content)

    def writable(self) -> bool:
        return True


if __name__ == "__main__":
    main()
