"""Whether code can be told, from its own instructions, to leave nothing behind in the process that runs it.

What passes works on data that it made itself or was given copies of, and calls only built-ins, and functions and classes that
pass as well. It has no names or instructions for globals to set, classes to make, modules to import, or files. What it can reach
of what outlives it (a list of the module, a default, an attribute of a class) is noted, to be compared after each run. What does
not pass may be just as harmless; it is only not known to be.
"""

from __future__ import annotations

import abc
import base64
import binascii
import bisect
import builtins
import cmath
import collections
import copy
import dataclasses
import datetime as dt
import decimal
import dis
import enum
import fractions
import functools
import hashlib
import heapq
import inspect
import itertools
import json
import marshal
import math
import operator
import re
import statistics
import string
import struct
import textwrap
import typing
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CellType, CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any, Generic

from .trial import Reached

_WITHOUT_REFERENCES = 2
"""Version of `marshal` in which equal data is written equally, however often it is referred to."""
_LARGEST = 20_000
"""Bytes of packed data up to which it is compared after each run."""
_KNOWN = (
    "BEFORE_WITH", "BINARY_OP", "BINARY_SLICE", "BINARY_SUBSCR", "BUILD_CONST_KEY_MAP", "BUILD_LIST", "BUILD_MAP", "BUILD_SET",
    "BUILD_SLICE", "BUILD_STRING", "BUILD_TUPLE", "CACHE", "CALL", "CALL_FUNCTION_EX", "CALL_INTRINSIC_1", "CALL_KW",
    "CHECK_EXC_MATCH", "CLEANUP_THROW", "COMPARE_OP", "CONTAINS_OP", "CONVERT_VALUE", "COPY", "COPY_FREE_VARS", "DELETE_DEREF",
    "DELETE_ATTR", "DELETE_FAST", "DELETE_SUBSCR", "DICT_MERGE", "DICT_UPDATE", "END_FOR", "END_SEND", "EXTENDED_ARG", "FORMAT_SIMPLE",
    "FORMAT_WITH_SPEC", "FOR_ITER", "GET_ITER", "GET_LEN", "GET_YIELD_FROM_ITER", "IS_OP", "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_FORWARD", "LIST_APPEND", "LIST_EXTEND", "LOAD_ASSERTION_ERROR", "LOAD_ATTR", "LOAD_CONST",
    "LOAD_DEREF", "LOAD_FAST", "LOAD_FAST_AND_CLEAR", "LOAD_FAST_CHECK", "LOAD_FAST_LOAD_FAST", "LOAD_GLOBAL", "LOAD_SUPER_ATTR", "MAKE_CELL",
    "MAKE_FUNCTION", "MAP_ADD", "MATCH_KEYS", "MATCH_MAPPING", "MATCH_SEQUENCE", "NOP", "POP_EXCEPT", "POP_JUMP_IF_FALSE",
    "POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE", "POP_JUMP_IF_TRUE", "POP_TOP", "PUSH_EXC_INFO", "PUSH_NULL", "RAISE_VARARGS",
    "RERAISE", "RESUME", "RETURN_CONST", "RETURN_GENERATOR", "RETURN_VALUE", "SEND", "SET_ADD", "SET_FUNCTION_ATTRIBUTE",
    "SET_UPDATE", "STORE_ATTR", "STORE_DEREF", "STORE_FAST", "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST", "STORE_SLICE", "STORE_SUBSCR",
    "SWAP", "TO_BOOL", "UNARY_INVERT", "UNARY_NEGATIVE", "UNARY_NOT", "UNPACK_EX", "UNPACK_SEQUENCE", "WITH_EXCEPT_START",
    "YIELD_VALUE",
    # only before 3.13
    "FORMAT_VALUE", "JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP", "KW_NAMES", "LIST_TO_TUPLE", "LOAD_CLOSURE", "LOAD_METHOD",
    "POP_JUMP_BACKWARD_IF_FALSE", "POP_JUMP_BACKWARD_IF_NONE", "POP_JUMP_BACKWARD_IF_NOT_NONE", "POP_JUMP_BACKWARD_IF_TRUE",
    "POP_JUMP_FORWARD_IF_FALSE", "POP_JUMP_FORWARD_IF_NONE", "POP_JUMP_FORWARD_IF_NOT_NONE", "POP_JUMP_FORWARD_IF_TRUE",
    "PRECALL", "RETURN_GENERATOR", "UNARY_POSITIVE",
    # only since 3.14
    "LOAD_COMMON_CONSTANT", "LOAD_FAST_BORROW", "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_SMALL_INT", "LOAD_SPECIAL",
    "NOT_TAKEN", "POP_ITER",
)  # fmt: skip
_OPCODES = frozenset(dis.opmap[name] for name in _KNOWN if name in dis.opmap)
"""What passes. Not among it is what sets or deletes globals, imports, makes classes, or awaits."""
_PLAIN = (
    int,
    float,
    complex,
    bool,
    str,
    bytes,
    dt.date,
    dt.datetime,
    dt.time,
    dt.timedelta,
    decimal.Decimal,
    fractions.Fraction,
    type(None),
)
_TYPES = (*_PLAIN[:-1], bytearray, list, tuple, dict, set, frozenset, range, slice)
_BUILT_IN = frozenset(
    (
        "abs", "all", "any", "ascii", "bin", "callable", "chr", "divmod", "enumerate", "filter", "hash", "hex",
        "isinstance", "issubclass", "iter", "len", "map", "max", "min", "next", "oct", "ord", "pow", "repr", "reversed", "round",
        "sorted", "sum", "super", "type", "zip", "NotImplemented", "Ellipsis", "object", "property", "staticmethod", "classmethod",
    )
) | {kind.__name__ for kind in _TYPES} | {
    name for name, thing in vars(builtins).items() if isinstance(thing, type) and issubclass(thing, BaseException)
}  # fmt: skip
_WHOLE = (
    math,
    cmath,
    heapq,
    bisect,
    operator,
    string,
    statistics,
    textwrap,
    unicodedata,
    fractions,
    base64,
    binascii,
    hashlib,
    struct,
)
_MODULES = (*_WHOLE, itertools, functools, copy, re, collections, json, dt, decimal)
_LIBRARY = frozenset(
    id(thing)
    for thing in (
        *(thing for module in _WHOLE for name, thing in vars(module).items() if name[0] != "_" and callable(thing)),
        *(collections.deque, collections.defaultdict, collections.Counter, collections.OrderedDict),
        *(thing for name, thing in vars(itertools).items() if name[0] != "_" and isinstance(thing, type)),
        json.dumps, json.loads, json.JSONDecodeError, decimal.Decimal, *(vars(decimal)[name] for name in vars(decimal) if name.startswith("ROUND_")),
        *(thing for thing in vars(dt).values() if isinstance(thing, type)),
        functools.reduce, functools.cmp_to_key, functools.partial, copy.copy, copy.deepcopy, dataclasses.field,
        *(getattr(re, name) for name in ("sub", "subn", "split", "findall", "finditer", "match", "search", "fullmatch", "escape")),
        re.IGNORECASE, re.MULTILINE, *(getattr(typing, name) for name in typing.__all__),
    )
)  # fmt: skip
"""What works on what it is given alone, or keeps no more than a cache of that."""
_INSIDES = ("__", "gi_", "cr_", "ag_", "f_", "tb_", "co_")
"""How names begin by which code gets at frames, and with them at globals."""
_FORMATS = ("format", "format_map")
"""Methods that can ask for any attribute of what they are given."""
_SPECIAL = frozenset(
    (
        "__init__",
        "__name__",
        "__len__",
        "__eq__",
        "__lt__",
        "__str__",
        "__repr__",
        "__class__",
        "__contains__",
        "__post_init__",
    )
)
"""Names of that kind that lead no further than to an object's own class."""
_MADE = (
    "__dict__",
    "__weakref__",
    "__module__",
    "__qualname__",
    "__doc__",
    "__annotations__",
    "__match_args__",
    "__orig_bases__",
    "__parameters__",
    "__firstlineno__",
    "__static_attributes__",
    "__hash__",
    "__slots__",
    "__dataclass_fields__",
    "__dataclass_params__",
    "__abstractmethods__",
    "_abc_impl",
    "__annotate__",
    "__annotations_cache__",
    "__type_params__",
    "__replace__",
)
"""What a class has without anybody's writing it."""
_OF_TESTS = frozenset(
    (
        "@pytest_ar", "@py_builtins", "locals", "_saferepr", "_format_explanation", "_format_assertmsg", "_format_boolop",
        "_call_reprcompare", "_should_repr_global_name", "pytest", "raises", "approx", "skip", "fail",
    )
)  # fmt: skip
"""What pytest's rewritten assertions use, and what tests use of pytest."""


class Proof:
    """What is known of the functions that some tests reach, and all that they could change."""

    def __init__(self, tests: Sequence[Reached | None], *, modules: Iterable[ModuleType] = ()) -> None:
        """*tests* are what each of them runs, None for one of which that is not known; *modules* are those under repair."""
        self._functions: dict[int, bool] = {}
        self._classes: dict[int, bool] = {}
        self._names: dict[tuple[int, str], bool] = {}
        under_repair = tuple(modules)
        reached = [test for test in tests if test is not None]
        spaces = [vars(module) for module in under_repair]
        spaces += [getattr(one, "__globals__", {}) for test in reached for one in (test.test, *test.fixtures)]
        held = {id(value) for space in spaces for value in space.values() if isinstance(value, ModuleType)}
        self._modules = (*(module for module in _MODULES if id(module) in held), *under_repair)
        """Modules that can be got at, so that an attribute may be one of theirs."""
        self.held = Held()
        """What they could change and leave behind: to be looked at after each run."""
        self.holds = len(reached) == len(tests) and all(self._of_test(test) for test in reached)
        """Whether none of the tests can leave behind anything else."""

    def covers(self, code: CodeType, space: dict[str, object]) -> bool:
        """Whether *code*, as that of a function with these globals, leaves nothing behind either."""
        return self._of_code(code, space, frozenset())

    def _of_test(self, reached: Reached) -> bool:
        return all(plain(given) for given in reached.given.values()) and all(
            self._of_callable(one) for one in (reached.test, *reached.fixtures)
        )

    def _of_callable(self, test: Callable[..., object]) -> bool:
        if (
            isinstance(test, functools.partial) and len(test.args) == 2 and isinstance(test.args[0], type)
        ):  # a class and a name
            method = vars(test.args[0]).get(test.args[1])
            return (
                type(method) is FunctionType and self._of_function(method, _OF_TESTS) and self._of_class(test.args[0])
            )
        return type(test) is FunctionType and self._of_function(test, _OF_TESTS)

    def _of_function(self, function: FunctionType, extra: frozenset[str]) -> bool:
        if id(function) not in self._functions:
            self._functions[id(function)] = True  # one that calls itself is as harmless as the rest of it
            given = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
            cells = [cell.cell_contents for cell in function.__closure__ or () if _filled(cell)]
            self._functions[id(function)] = all(self._of_value(value) for value in (*given, *cells)) and self._of_code(
                function.__code__, function.__globals__, extra
            )
            self.held.keep_names(vars(function))
        return self._functions[id(function)]

    def _of_code(self, code: CodeType, space: dict[str, object], extra: frozenset[str]) -> bool:
        return (
            _OPCODES.issuperset(code.co_code[::2])
            and all(name in extra or self._of_name(name, space) for name in code.co_names)
            and all(self._of_code(const, space, extra) for const in code.co_consts if isinstance(const, CodeType))
        )

    def _of_name(self, name: str, space: dict[str, object]) -> bool:
        """Whether it is harmless as a global and as an attribute, whichever of the two it is used for."""
        known = self._names.get((id(space), name))
        if known is None:
            self._names[id(space), name] = True  # a class may name itself
            known = self._names[id(space), name] = self._of_global(name, space)
        return known

    def _of_global(self, name: str, space: dict[str, object]) -> bool:
        if name.startswith(_INSIDES):
            return name in _SPECIAL
        if name in space:
            return self._of_value(space[name])
        if hasattr(builtins, name) and name not in _BUILT_IN:
            return False
        # an attribute of an object of this closed world leads to nothing but what was looked at; one of a module may
        return name not in _FORMATS and all(self._of_value(vars(m)[name]) for m in self._modules if name in vars(m))

    def _of_value(self, value: object) -> bool:
        if type(value) is FunctionType:
            return id(value) in _LIBRARY or self._of_function(value, frozenset())
        if isinstance(value, type) and id(value) not in _LIBRARY and value not in _TYPES and value is not object:
            return self._of_class(value)
        if any(value is module for module in self._modules):
            self.held.keep_names(vars(value))
            return True
        return (
            constant(value)
            or id(value) in _LIBRARY
            or isinstance(value, (type, re.Pattern))
            or (plain(value) and self.held.keep(value))
        )

    def _of_class(self, owner: type) -> bool:
        if id(owner) not in self._classes:
            self._classes[id(owner)] = True
            self._classes[id(owner)] = (
                issubclass(owner, enum.Enum)
                if type(owner) is enum.EnumType
                else type(owner) in (type, abc.ABCMeta)
                and all(self._of_base(base) for base in owner.__bases__)
                and all(self._of_member(owner, name, value) for name, value in vars(owner).items())
            )
            self.held.keep_names(vars(owner))
        return self._classes[id(owner)]

    def _of_base(self, base: type) -> bool:
        return base in (object, Generic, abc.ABC, *_TYPES) or _is_exception(base) or self._of_class(base)

    def _of_member(self, owner: type, name: str, value: object) -> bool:
        if name in _MADE or type(value) in (MemberDescriptorType, GetSetDescriptorType):
            return True
        if isinstance(value, (staticmethod, classmethod)):
            return type(value.__func__) is FunctionType and self._of_function(value.__func__, frozenset())
        if isinstance(value, property):
            return all(
                type(f) is FunctionType and self._of_function(f, frozenset())
                for f in (value.fget, value.fset, value.fdel)
                if f
            )
        if type(value) is FunctionType and _is_generated(owner, value):
            return True
        return name != "__del__" and self._of_value(value)


class Held:
    """Data that outlives a run, as it was."""

    def __init__(self) -> None:
        self._values: dict[int, tuple[Any, bytes]] = {}
        self._names: dict[int, tuple[Mapping[str, object], dict[str, object]]] = {}

    def keep(self, value: Any) -> bool:  # noqa: ANN401  # any plain data
        """Whether *value*, plain data, is small enough to be compared after each run."""
        try:
            packed = marshal.dumps(value, _WITHOUT_REFERENCES)
        except ValueError:  # dates and the like
            return False
        if len(packed) > _LARGEST:
            return False
        self._values[id(value)] = (value, packed)
        return True

    def keep_names(self, space: Mapping[str, object]) -> None:
        """Compare to which things the names of *space* refer."""
        self._names[id(space)] = (space, dict(space))

    def unchanged(self) -> bool:
        return all(
            marshal.dumps(value, _WITHOUT_REFERENCES) == packed for value, packed in self._values.values()
        ) and all(
            len(space) == len(before) and all(space.get(name) is thing for name, thing in before.items())
            for space, before in self._names.values()
        )


def _filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018  # looking is the question
    except ValueError:
        return False
    return True


def _is_exception(kind: type) -> bool:
    return vars(builtins).get(kind.__name__) is kind and issubclass(kind, BaseException)


def _is_generated(owner: type, function: FunctionType) -> bool:
    """Whether `dataclasses` or `collections` has written it."""
    generated = dataclasses.is_dataclass(owner) or (issubclass(owner, tuple) and hasattr(owner, "_fields"))
    name = inspect.unwrap(function).__code__.co_filename
    return generated and (name.startswith("<") or name in (dataclasses.__file__, collections.__file__))


def constant(value: object) -> bool:
    """Whether it is plain data that nobody can change."""
    if type(value) in (tuple, frozenset):
        return all(constant(inner) for inner in value)  # type: ignore[attr-defined]  # its exact type was looked at
    return type(value) in _PLAIN


def plain(value: object) -> bool:
    """Whether it is data of built-in types alone, so that a copy of it has nothing in common with it."""
    if type(value) in (list, tuple, set, frozenset):
        return all(plain(inner) for inner in value)  # type: ignore[attr-defined]  # as above
    if type(value) is dict:
        return all(plain(key) and plain(inner) for key, inner in value.items())
    return type(value) in _PLAIN
