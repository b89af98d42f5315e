"""Whether code can be told, from its own instructions, to leave nothing behind in the process that runs it.

What passes works on plain data that it made itself or was given copies of, and calls only built-ins and functions that pass as
well. It has no names or instructions for globals to set, attributes to set, classes to make, modules to import, or files. What
does not pass may be just as harmless; it is only not known to be.
"""

from __future__ import annotations

import builtins
import collections
import dis
import itertools
import math
from collections.abc import Callable, Iterable
from types import CodeType, FunctionType
from typing import Any

_KNOWN = (
    "BEFORE_WITH", "BINARY_OP", "BINARY_SLICE", "BINARY_SUBSCR", "BUILD_CONST_KEY_MAP", "BUILD_LIST", "BUILD_MAP", "BUILD_SET",
    "BUILD_SLICE", "BUILD_STRING", "BUILD_TUPLE", "CACHE", "CALL", "CALL_FUNCTION_EX", "CALL_INTRINSIC_1", "CALL_KW",
    "CHECK_EXC_MATCH", "CLEANUP_THROW", "COMPARE_OP", "CONTAINS_OP", "CONVERT_VALUE", "COPY", "COPY_FREE_VARS", "DELETE_DEREF",
    "DELETE_FAST", "DELETE_SUBSCR", "DICT_MERGE", "DICT_UPDATE", "END_FOR", "END_SEND", "EXTENDED_ARG", "FORMAT_SIMPLE",
    "FORMAT_WITH_SPEC", "FOR_ITER", "GET_ITER", "GET_LEN", "GET_YIELD_FROM_ITER", "IS_OP", "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_FORWARD", "LIST_APPEND", "LIST_EXTEND", "LOAD_ASSERTION_ERROR", "LOAD_ATTR", "LOAD_CONST",
    "LOAD_DEREF", "LOAD_FAST", "LOAD_FAST_AND_CLEAR", "LOAD_FAST_CHECK", "LOAD_FAST_LOAD_FAST", "LOAD_GLOBAL", "MAKE_CELL",
    "MAKE_FUNCTION", "MAP_ADD", "MATCH_KEYS", "MATCH_MAPPING", "MATCH_SEQUENCE", "NOP", "POP_EXCEPT", "POP_JUMP_IF_FALSE",
    "POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE", "POP_JUMP_IF_TRUE", "POP_TOP", "PUSH_EXC_INFO", "PUSH_NULL", "RAISE_VARARGS",
    "RERAISE", "RESUME", "RETURN_CONST", "RETURN_GENERATOR", "RETURN_VALUE", "SEND", "SET_ADD", "SET_FUNCTION_ATTRIBUTE",
    "SET_UPDATE", "STORE_DEREF", "STORE_FAST", "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST", "STORE_SLICE", "STORE_SUBSCR",
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
"""What passes. Not among it is what sets or deletes globals and attributes, imports, makes classes, or awaits."""
_PLAIN = (int, float, complex, bool, str, bytes, type(None))
_TYPES = (*_PLAIN[:-1], bytearray, list, tuple, dict, set, frozenset, range, slice)
_BUILT_IN = frozenset(
    (
        "abs", "all", "any", "ascii", "bin", "callable", "chr", "divmod", "enumerate", "filter", "hash", "hex",
        "isinstance", "issubclass", "iter", "len", "map", "max", "min", "next", "oct", "ord", "pow", "repr", "reversed", "round",
        "sorted", "sum", "zip", "NotImplemented", "Ellipsis",
    )
) | {kind.__name__ for kind in _TYPES} | {
    name for name, thing in vars(builtins).items() if isinstance(thing, type) and issubclass(thing, BaseException)
}  # fmt: skip
_LIBRARY: tuple[object, ...] = (
    math, *(thing for name, thing in vars(math).items() if not name.startswith("_")), collections.deque,
    collections.defaultdict, collections.Counter, itertools.chain, itertools.product, itertools.permutations,
    itertools.combinations, itertools.accumulate, itertools.groupby, itertools.islice, itertools.zip_longest,
)  # fmt: skip
_ATTRIBUTES = frozenset(
    name
    for thing in (*_TYPES, collections.deque, collections.defaultdict, collections.Counter, itertools.chain, math)
    for name in dir(thing)
    # a format can ask for any attribute of what it is given, and for the text of what it finds there
    if not name.startswith(("_", "format"))
)
_INSIDES = ("_", "gi_", "cr_", "ag_", "f_", "tb_", "co_")
"""How names begin by which code gets at frames, and with them at globals."""
_OF_TESTS = frozenset(
    (
        "@pytest_ar", "@py_builtins", "locals", "_saferepr", "_format_explanation", "_format_assertmsg", "_format_boolop",
        "_call_reprcompare", "_should_repr_global_name", "pytest", "raises", "approx", "skip", "fail",
    )
)  # fmt: skip
"""What pytest's rewritten assertions use, and what tests use of pytest."""


class Proof:
    """What is known of the functions that some tests reach."""

    def __init__(self, tests: Iterable[tuple[Callable[..., object], dict[str, Any]] | None]) -> None:
        """*tests* are functions and what they are called with; None for one that is run in another way."""
        self._functions: dict[int, bool] = {}
        self._names: dict[tuple[int, str], bool] = {}
        self.holds = all(
            test is not None
            and type(test[0]) is FunctionType
            and all(plain(given) for given in test[1].values())
            and self._of_function(test[0], _OF_TESTS)
            for test in tests
        )
        """Whether none of the tests leaves anything behind."""

    def covers(self, code: CodeType, space: dict[str, object]) -> bool:
        """Whether *code*, as that of a function with these globals, leaves nothing behind either."""
        return self._of_code(code, space, frozenset())

    def _of_function(self, function: FunctionType, extra: frozenset[str]) -> bool:
        if id(function) not in self._functions:
            self._functions[id(function)] = True  # one that calls itself is as harmless as the rest of it
            given = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
            self._functions[id(function)] = (
                function.__closure__ is None
                and all(constant(value) for value in given)
                and self._of_code(function.__code__, function.__globals__, extra)
            )
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
            known = self._names[id(space), name] = self._of_global(name, space)
        return known

    def _of_global(self, name: str, space: dict[str, object]) -> bool:
        if name.startswith(_INSIDES):
            return False
        if name in space:
            return self._of_value(space[name])
        return name in _BUILT_IN or (name in _ATTRIBUTES and not hasattr(builtins, name))

    def _of_value(self, value: object) -> bool:
        if type(value) is FunctionType:
            return self._of_function(value, frozenset())
        return constant(value) or any(value is known for known in _LIBRARY)


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
