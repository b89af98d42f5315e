"""Reads the submitted files inside the box without running them: syntax, executable lines, names of the tests.

Standard input: a JSON object ``{"sources": [path], "tests": [path], "strict": bool, "lenient": [path]}``, relative to the
work folder. Ends with `STOP` where a file does not parse and this is strict, unless it is one of the lenient ones.
Report pipe: one JSON object a line. No submitted code has run in the box when this does, so what it says is its own.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import types
import warnings

STOP = 3


def executable_lines(code: types.CodeType) -> set[int]:
    """Lines of *code* and of everything defined in it that have an instruction of their own."""
    lines = {line for _, _, line in code.co_lines() if line}
    if code.co_name != "<module>":
        lines.discard(code.co_firstlineno)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            lines |= executable_lines(constant)
    return lines


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of an expression or of the callee of a call; empty for anything else."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def is_fixture(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(dotted(decorator).split(".")[-1] == "fixture" for decorator in function.decorator_list)


def always_skipped(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    return any(
        dotted(decorator).split(".")[-1] in {"skip", "skipif", "skipIf", "skipUnless", "xfail", "expectedFailure"}
        for decorator in node.decorator_list
    )


def may_skip(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the test itself has a way to skip itself while it runs."""
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(dotted(call).split(".")[-1] in {"skip", "skipTest", "importorskip"} for call in calls)


def self_skipping(body: list[ast.stmt], prefix: str = "") -> list[str]:
    """Names of the functions in *body*, and in its classes, that may skip themselves."""
    found: list[str] = []
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and may_skip(node):
            found.append(prefix + node.name)
        elif isinstance(node, ast.ClassDef):
            found += self_skipping(node.body, f"{prefix}{node.name}::")
    return found


def assigned_false(body: list[ast.stmt], name: str) -> bool:
    return any(
        isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in statement.targets)
        and isinstance(statement.value, ast.Constant)
        and statement.value.value is False
        for statement in body
    )


def module_skipped(tree: ast.Module) -> bool:
    """Whether the module marks all of its own tests, with ``pytestmark = pytest.mark.skip...``."""
    return any(
        isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in statement.targets)
        and any(word in ast.dump(statement.value) for word in ("'skip'", "'skipif'", "'xfail'"))
        for statement in tree.body
    )


def names_of_tests(body: list[ast.stmt], prefix: str, *, skipped: bool) -> list[tuple[str, bool]]:
    """(name, marked as skipped) of what pytest's default rules collect directly in *body*."""
    found: list[tuple[str, bool]] = []
    deleted = {
        target.id
        for node in body
        if isinstance(node, ast.Delete)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name in deleted:
            # ``del Base`` at the end is how a file keeps a base class from being collected by itself.
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name.startswith("test") and not is_fixture(node):
                found.append((prefix + node.name, skipped or always_skipped(node)))
        elif isinstance(node, ast.ClassDef):
            unittest_like = any(dotted(base).split(".")[-1].endswith("TestCase") for base in node.bases)
            own_init = any(
                isinstance(item, ast.FunctionDef) and item.name in {"__init__", "__new__"} for item in node.body
            )
            if (unittest_like or (node.name.startswith("Test") and not own_init)) and not assigned_false(
                node.body, "__test__"
            ):
                found += names_of_tests(node.body, f"{prefix}{node.name}::", skipped=skipped or always_skipped(node))
    return list(dict(found).items())


def main() -> int:
    """The exit code."""
    report = os.fdopen(int(os.environ["MENDBOX_REPORT_FD"]), "w", encoding="utf-8")
    asked = json.load(sys.stdin)

    def say(**event: object) -> None:
        report.write(json.dumps(event) + "\n")

    warnings.simplefilter("ignore")
    unparsable, lenient = False, frozenset(asked.get("lenient", ()))
    for path in (*asked["sources"], *asked["tests"]):
        with open(path, "rb") as file:
            source = file.read()
        try:
            tree = ast.parse(source, path)
            code = compile(tree, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            unparsable = unparsable or path not in lenient
            say(
                event="unparsable",
                path=path,
                line=getattr(error, "lineno", None) or 1,
                rule=type(error).__name__,
                message=str(getattr(error, "msg", None) or error)[:500],
                text=str(getattr(error, "text", None) or "")[:500],
            )
            continue
        if path in asked["tests"]:
            marked = module_skipped(tree)
            names = names_of_tests(tree.body, "", skipped=marked)
            say(
                event="names",
                path=path,
                names=[name for name, _ in names],
                marked=[name for name, mark in names if mark],
                may_skip=self_skipping(tree.body),
            )
        else:
            say(event="lines", path=path, executable=sorted(executable_lines(code)))
    ended = STOP if unparsable and asked["strict"] else 0
    say(event="done", exit_code=ended)
    report.flush()
    return ended


if __name__ == "__main__":
    sys.exit(main())
