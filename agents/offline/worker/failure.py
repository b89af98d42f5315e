"""What a failure says: its type, its message, and the names that it misses."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType

from .kinds import Kinds
from .localise import Line
from .signatures import Signatures, called
from .site import Hints

_MOST = 400
_EXCEPTIONS = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)
) - {"AssertionError", "SyntaxError", "IndentationError", "TabError", "NameError", "UnboundLocalError"}
"""Built-in exceptions that a program may well mean to catch."""
_KEYWORD = re.compile(r"([\w.<>]+)\(\) got an unexpected keyword argument '(\w+)'(?:\. Did you mean '(\w+)'\?)?")
_FORGOTTEN = re.compile(r"([\w.<>]+)\(\) missing \d+ required (?:positional|keyword-only) arguments?: (.+)")
_EXPECTED = re.compile(r"\b(?:raises|assertRaises|assertRaisesRegex)\(\s*([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Failure:
    """One exception, in plain data."""

    type: str
    message: str = ""
    name: str = ""
    """The name, attribute or module that was missing."""
    module: str = ""
    """The module that an import looked into."""
    has: tuple[str, ...] = ()
    """What the object or module does have; after a missing key, keys of the dicts in reach."""
    key: str = ""
    """The key that was missing."""
    frames: tuple[Line, ...] = field(default=())
    """The lines of the files handed in that it passed through, innermost last."""


def describe(error: BaseException, trace: TracebackType | None, paths: Mapping[str, str]) -> Failure:
    """*error* in plain data; *paths* gives the path handed in for each file name on disk."""
    cause = error.__cause__
    if type(error).__name__ == "CollectError" and cause is not None:
        # pytest's own wrapping of what went wrong while it imported a test file
        error, trace = cause, cause.__traceback__
    name = getattr(error, "name", None)
    module = ""
    has: tuple[str, ...] = ()
    if isinstance(error, ImportError):
        module = name or ""
        wanted = getattr(error, "name_from", None)
        has = _names(sys.modules.get(module)) if wanted else ()
        name = wanted or name
    elif isinstance(error, AttributeError):
        has = _names(getattr(error, "obj", None))
    key = error.args[0] if isinstance(error, KeyError) and len(error.args) == 1 else ""
    if isinstance(key, str) and key:
        has = _keys(trace, paths)
    try:
        message = str(error)[:_MOST]
    except Exception:  # noqa: BLE001  # the program's own __str__ may do anything
        message = ""
    return Failure(
        type(error).__name__,
        message,
        name if isinstance(name, str) else "",
        module,
        has,
        key if isinstance(key, str) else "",
        tuple(_frames(trace, paths)),
    )


def _keys(trace: TracebackType | None, paths: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of the dicts that the innermost function of the files handed in holds, or has in the lists it holds."""
    held: Iterable[object] = ()
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in paths:
            held = list(trace.tb_frame.f_locals.values())
        trace = trace.tb_next
    found: dict[str, None] = {}
    for value in held:
        for one in (value, *(value[:3] if isinstance(value, (list, tuple)) else ())):
            if isinstance(one, dict):
                found |= dict.fromkeys(key for key in islice(dict.keys(one), _MOST) if type(key) is str)
    return tuple(found)[:_MOST]


def _names(owner: object) -> tuple[str, ...]:
    try:
        return tuple(n for n in dir(owner) if isinstance(n, str))[:_MOST]
    except Exception:  # noqa: BLE001  # the program's own __dir__ may do anything
        return ()


def _frames(trace: TracebackType | None, paths: Mapping[str, str]) -> Iterable[Line]:
    count = 0
    while trace is not None and count < _MOST:
        path = paths.get(trace.tb_frame.f_code.co_filename)
        if path is not None:
            yield path, trace.tb_lineno
        trace = trace.tb_next
        count += 1


def hints(
    failures: Sequence[Failure],
    tests: Mapping[str, str],
    modules: tuple[str, ...],
    *,
    kinds: Kinds | None = None,
    signatures: Signatures | None = None,
) -> Hints:
    """What the templates should know."""
    attributes: dict[str, tuple[str, ...]] = {}
    crashes: dict[Line, dict[str, None]] = {}
    keys: dict[str, tuple[str, ...]] = {}
    for failure in failures:
        if failure.frames and failure.type in _EXCEPTIONS:
            crashes.setdefault(failure.frames[-1], {})[failure.type] = None
        if failure.key:
            keys[failure.key] = failure.has
        elif failure.has and failure.name:
            attributes[failure.name] = failure.has
    return Hints(
        names=tuple(dict.fromkeys(f.name for f in failures if f.type in ("NameError", "UnboundLocalError") and f.name)),
        attributes=attributes,
        modules=tuple(dict.fromkeys(f.name for f in failures if f.type == "ModuleNotFoundError")),
        imports=tuple(dict.fromkeys((f.module, f.name) for f in failures if f.type == "ImportError" and f.name)),
        arguments=any(f.type == "TypeError" and "argument" in f.message for f in failures),
        keywords=_keywords(failures, signatures),
        forgotten=_forgotten(failures),
        keys=keys,
        steps=signatures.steps() if signatures is not None else (),
        literals=_literals(tests),
        raised=tuple(dict.fromkeys(f.type for f in failures if f.type in _EXCEPTIONS)),
        expected=_expected(tests),
        kinds=kinds or {},
        crashes={line: tuple(kinds) for line, kinds in crashes.items()},
        module_names=modules,
    )


def _keywords(failures: Sequence[Failure], signatures: Signatures | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for failure in failures:
        said = _KEYWORD.match(failure.message) if failure.type == "TypeError" else None
        if said is not None:
            function, unknown, meant = said.groups()
            known = signatures.parameters(function) if signatures is not None else ()
            found[unknown] = tuple(dict.fromkeys((*([meant] if meant else []), *known)))
    return found


def _forgotten(failures: Sequence[Failure]) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for failure in failures:
        said = _FORGOTTEN.match(failure.message) if failure.type == "TypeError" else None
        if said is not None:
            function = called(said.group(1))
            found |= dict.fromkeys((function, name) for name in re.findall(r"'(\w+)'", said.group(2)))
    return tuple(found)


def _expected(tests: Mapping[str, str]) -> tuple[str, ...]:
    """Exception types that the tests wait for, by name."""
    return tuple(dict.fromkeys(name for text in tests.values() for name in _EXPECTED.findall(text)))


def _literals(tests: Mapping[str, str]) -> tuple[str, ...]:
    """Short strings that the tests contain, rarest kinds of text first come first."""
    found: dict[str, None] = {}
    for text in tests.values():
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and len(node.value) <= 30
                and "\n" not in node.value
            ):
                found[repr(node.value)] = None
    return tuple(found)[:100]
