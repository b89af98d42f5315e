"""Calls that one argument makes safe: a time-out, a check, a filter, a word on what a hash is for."""

from __future__ import annotations

import ast

from ..program import Program
from .rewrite import Safer, call, dotted, keyword, with_keyword, without

TIMEOUT = 30
"""Seconds, where none was given: long for an answer, short for ever."""


def _timeout(program: Program, node: ast.AST) -> Safer:
    edit = with_keyword(program, call(node), "timeout", str(TIMEOUT))
    return Safer(
        (edit,), f"give up waiting after {TIMEOUT} s", f"raises a time-out where it would wait longer than {TIMEOUT} s"
    )


def _verify(program: Program, node: ast.AST) -> Safer:
    if isinstance(node, ast.keyword):
        node = program.parents[node]
    given = keyword(call(node), "verify")
    if given is None or not isinstance(given.value, ast.Constant):
        raise LookupError("it is not written here that nothing is checked")
    return Safer(
        (without(program, call(node), given),),
        "check the certificate",
        "refuses a server whose certificate is not valid",
    )


def _hash(program: Program, node: ast.AST) -> Safer:
    made = call(node)
    if not dotted(made.func).startswith("hashlib."):
        raise LookupError("not a call of hashlib")
    edit = with_keyword(program, made, "usedforsecurity", "False")
    return Safer(
        (edit,), "say that this hash protects nothing (if it does, only another hash helps, which changes every digest)"
    )


def _autoescape(program: Program, node: ast.AST) -> Safer:
    edit = with_keyword(program, call(node), "autoescape", "True")
    return Safer((edit,), "escape what goes into pages", "escapes <, >, & and quotes in values that go into a template")


def _unpack(program: Program, node: ast.AST) -> Safer:
    made = call(node)
    match made.func:
        case ast.Attribute(attr="extractall"):
            edit = with_keyword(program, made, "filter", '"data"')
            return Safer(
                (edit,),
                "let nothing be unpacked outside the folder",
                "refuses members that lead outside, and drops special files and owners",
            )
    raise LookupError("not a call of extractall")


ARGUMENTS = {"S113": _timeout, "S501": _verify, "S324": _hash, "S701": _autoescape, "S202": _unpack}
