"""One end of the conversation between the tests' process and the candidate's: requests, answers, and what they name.

A message is a length and a JSON list ``[kind, number, changes, told, body]``; kind is ``ask``, ``answer`` or ``raise``.
While one side waits for an answer it serves what the other asks meanwhile (a callback), so both talk strictly in turns.
Nothing that is received is ever executed, imported outside of the standard library, or unpickled.
"""

from __future__ import annotations

import builtins
import importlib
import json
import select
import socket
import struct
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

from . import far
from .mirror import MIRROR_TAGS, Mirror, is_mirrored
from .plain import VALUE_TAGS, Wire, decode_value, encode_value, whole

_LENGTH = struct.Struct(">I")
LONGEST = 64 << 20
"""Bytes of one message."""
_DEEPEST = 200
"""Callbacks within callbacks."""
_NO_CLASSES = frozenset(
    {"unittest", "bdb", "doctest", "antigravity", "this", "idlelib", "turtledemo", "turtle", "tkinter"}
)
_BARRED = frozenset({"eval", "exec", "compile", "open", "input", "breakpoint", "__import__", "exit", "quit", "help"})
HARMLESS = frozenset(
    """builtins enum collections collections.abc _collections abc io _io numbers datetime decimal fractions pathlib
    pathlib._local uuid re types typing string array itertools functools json ipaddress zoneinfo random textwrap""".split()
)
"""Modules whose classes can be made and asked without doing anything but that."""
_FUNCTION_HOMES = frozenset({"builtins", "math", "operator", "_operator", "cmath"})


class Gone(Exception):
    """The other process has ended, or what it said is no message of this conversation."""


class Peer:
    """One end. The two keyword arguments decide what this side lets the other do and see.

    *export* gives what stands for an object that cannot cross by value: a wire form; it may raise.
    *permit* says whether the other side may do an operation to one of our objects; it raises `PermissionError`.
    """

    def __init__(
        self,
        stream: socket.socket,
        *,
        side: str,
        export: Callable[[Peer, Any], Wire],
        permit: Callable[[str, Any, list[Any]], None],
    ) -> None:
        self._stream = stream
        self.side = side
        self._export = export
        self._permit = permit
        self._turn = threading.RLock()
        self._number = 0
        self._unsaid: list[Wire] = []
        self._depth = 0
        self._mirror = Mirror(self.encode, self.decode, first=0 if side == "tests" else 1)
        self._mine: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._theirs: dict[int, Any] = {}
        self._their_classes: dict[int, type] = {}
        self._described: set[int] = set()
        self.stubs: dict[int, int] = {}
        """Numbers of the functions here that stand for functions of the other side, by their id."""
        self.operations: dict[str, Callable[..., Any]] = {}
        self.may_know: Callable[[type], bool] = lambda _: True
        """Whether the other side may be told of a class of this side, as the base of another."""
        self.tell: Callable[[], list[Wire]] = list
        """What goes along with the next message: output, warnings, log records."""
        self.hear: Callable[[list[Wire]], None] = lambda _: None
        self.wait: Callable[[int], None] | None = None
        """Called with the descriptor before each read; may raise to stop waiting."""

    # --- speaking -------------------------------------------------------------------------------------------------

    def ask(self, operation: str, *arguments: object) -> Any:
        """What the other side answers; what it raises is raised here.

        Raises:
            Gone: It has ended, or speaks another language.
        """
        with self._turn:
            self._number += 1
            number = self._number
            self._send("ask", number, lambda: [operation, [self.encode(argument) for argument in arguments]])
            while True:
                kind, other, body = self._receive()
                if kind == "ask":
                    self._serve(other, body)
                    continue
                if other != number:
                    raise Gone("an answer to a question that was not asked")
                if kind == "answer":
                    return self.decode(body)
                raise self.decode(body)

    def serve(self) -> None:
        """Answer until the other side is gone."""
        while True:
            kind, number, body = self._receive()
            if kind != "ask":
                raise Gone("an answer to a question that was not asked")
            with self._turn:
                self._serve(number, body)

    def _serve(self, number: int, body: Wire) -> None:
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise RecursionError("callbacks are nested too deeply")  # noqa: TRY301 (told like any other)
            operation, arguments = body
            values = [self.decode(argument) for argument in arguments]
            result = self.operations[operation](*values)
        except Gone:
            raise
        except BaseException as error:  # noqa: BLE001 (whatever it is belongs to whoever asked)
            raised = error
            self._send("raise", number, lambda: far.encode_exception(self, raised))
        else:
            self._answer(number, result)
        finally:
            self._depth -= 1

    def _answer(self, number: int, result: Any) -> None:
        try:
            self._send("answer", number, lambda: self.encode(result))
        except (Gone, far.Unseparable):
            raise
        except Exception as error:  # noqa: BLE001 (it cannot be told: that is the answer)
            raised = error
            self._send("raise", number, lambda: far.encode_exception(self, raised))

    def _send(self, kind: str, number: int, body: Callable[[], Wire]) -> None:
        # The changes first, on both sides: what they define is then known to the body.
        # What could not be said stays to be said: the other side must not miss that a container is forgotten.
        self._unsaid += self._mirror.changes()
        told = self.tell()
        text = json.dumps([kind, number, self._unsaid, told, body()]).encode()
        self._unsaid = []
        if len(text) > LONGEST:
            raise Gone(f"a message of {len(text)} bytes is more than may cross")
        try:
            self._stream.sendall(_LENGTH.pack(len(text)) + text)
        except OSError as error:
            raise Gone("the other process has ended") from error

    def _receive(self) -> tuple[str, int, Wire]:
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > LONGEST:
            raise Gone(f"a message of {length} bytes is more than may cross")
        try:
            kind, number, changes, told, body = json.loads(self._exactly(length))
            self._mirror.apply(changes)
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise Gone(f"what the other process said is no message: {type(error).__name__}") from error
        # may raise, where the tests have turned a warning into an error
        self.hear(told)
        return kind, number, body

    def _exactly(self, count: int) -> bytes:
        got = bytearray()
        while len(got) < count:
            if self.wait is not None:
                self.wait(self._stream.fileno())
            try:
                piece = self._stream.recv(min(count - len(got), 1 << 20))
            except OSError as error:
                raise Gone("the other process has ended") from error
            if not piece:
                raise Gone("the other process has ended")
            got += piece
        return bytes(got)

    # --- what crosses ---------------------------------------------------------------------------------------------

    def encode(self, value: Any) -> Wire:
        kind = type(value)
        if value is None or kind is str or kind is bool or kind is float:
            return value
        if kind is int:
            return whole(value)
        wire = self._mirror.encode(value)
        if wire is None and kind is types.BuiltinMethodType and is_mirrored(value.__self__):
            wire = ["bm", self.encode(value.__self__), value.__name__]
        if wire is None:
            wire = encode_value(value, self.encode)
        if wire is None:
            wire = far.home(self, value)
        if wire is None:
            wire = self.named(value)
        return self._export(self, value) if wire is None else wire

    def decode(self, wire: Wire) -> Any:
        if type(wire) is not list:
            return wire
        tag = wire[0]
        if tag in MIRROR_TAGS:
            return self._mirror.decode(wire)
        if tag in VALUE_TAGS:
            return decode_value(wire, self.decode)
        if tag == "g":
            return find_named(wire[1], wire[2], homes=HARMLESS if self.side == "tests" else None)
        if tag == "h":
            return self._mine[wire[1]]
        if tag == "bm":
            owner, name = self.decode(wire[1]), str(wire[2])
            if not is_mirrored(owner) or name.startswith("_"):
                raise ValueError("a method of something that does not cross")
            return getattr(owner, name)
        if tag == "hm":
            self.permit("get", self._mine[wire[1]], [wire[2]])
            return getattr(self._mine[wire[1]], wire[2])
        return far.decode(self, wire)

    def number_of(self, value: Any) -> int:
        """The number under which the other side knows *value*, which is kept for as long as the conversation lasts."""
        number = self._numbers.get(id(value))
        if number is None:
            number = len(self._mine) + 1
            self._mine[number] = value
            self._numbers[id(value)] = number
        return number

    def mine(self, number: int) -> Any:
        return self._mine[number]

    def permit(self, operation: str, target: Any, arguments: list[Any]) -> None:
        """Raise where the other side may not do this: also for whatever it was never given a handle of."""
        if id(target) not in self._numbers and not (
            isinstance(target, types.MethodType) and id(target.__self__) in self._numbers
        ):
            raise PermissionError("nothing that was handed over")
        self._permit(operation, target, arguments)

    def named(self, value: Any) -> Wire | None:
        """The wire form of what the other side knows by its name."""
        return named(value, homes=HARMLESS if self.side == "candidate" else None)

    @property
    def theirs(self) -> dict[int, Any]:
        return self._theirs

    @property
    def their_classes(self) -> dict[int, type]:
        return self._their_classes

    def is_described(self, number: int) -> bool:
        """Whether the other side was told already what this class is; from now on it was."""
        if number in self._described:
            return True
        self._described.add(number)
        return False


def named(value: Any, *, homes: frozenset[str] | None = None) -> Wire | None:
    """The wire form of a class or compiled function of the standard library, by its name; None for anything else."""
    if isinstance(value, types.MethodDescriptorType):
        module, name = value.__objclass__.__module__, value.__qualname__
    elif isinstance(value, (type, types.BuiltinFunctionType)):
        module, name = value.__module__, value.__qualname__
    else:
        return None
    if type(module) is not str or type(name) is not str:
        return None
    try:
        found = find_named(module, name, homes=homes)
    except (ValueError, AttributeError, ImportError):
        return None
    return ["g", module, name] if found is value else None


def find_named(module: str, name: str, *, homes: frozenset[str] | None = None) -> Any:
    """The class or compiled function that `named` named, if it is of one of *homes* or an exception.

    Raises:
        ValueError: It is nothing that may cross by its name.
    """
    top = module.split(".", maxsplit=1)[0]
    if top not in sys.stdlib_module_names or top in _NO_CLASSES or name in _BARRED:
        raise ValueError(f"{module}.{name} may not cross")
    found: Any = builtins if module == "builtins" else importlib.import_module(module)
    for part in name.split("."):
        found = vars(found).get(part) if isinstance(found, type) else getattr(found, part)
    if isinstance(found, type) and (homes is None or module in homes or issubclass(found, BaseException)):
        return found
    if isinstance(found, (types.BuiltinFunctionType, types.MethodDescriptorType)) and module in _FUNCTION_HOMES:
        return found
    raise ValueError(f"{module}.{name} may not cross")


def ready(descriptor: int, seconds: float) -> bool:
    """Whether something can be read within this time."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
