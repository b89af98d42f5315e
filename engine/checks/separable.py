"""Do frozen tests only pass data in and out, so that they can run in another process than the code? Decided by the tests
alone, before any of the code runs: a draft cannot choose the weaker tier.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from engine.domain import Value

UNDERSTOOD = frozenset(
    """__future__ abc array base64 bisect calendar cmath collections colorsys contextlib copy csv dataclasses datetime decimal
    difflib enum fractions functools hashlib heapq hmac html io ipaddress itertools json keyword logging math numbers operator
    os pathlib pprint pytest random re secrets shutil statistics string struct subprocess sys tempfile textwrap time tomllib
    types typing unicodedata unittest urllib uuid warnings zlib zoneinfo hypothesis""".split()
)
"""Top-level modules whose use in a test works from another process, or says for itself that it does not."""
_PARTS_NOT_UNDERSTOOD = frozenset(
    {
        ("sys", "modules"), ("sys", "path"), ("sys", "settrace"), ("sys", "setprofile"), ("sys", "_getframe"), ("sys", "getprofile"), ("sys", "gettrace"), ("sys", "stdin"),
        ("sys", "stdout"), ("sys", "stderr"), ("sys", "argv"), ("sys", "setrecursionlimit"), ("sys", "getrecursionlimit"),
        ("sys", "getrefcount"), ("sys", "exc_info"), ("sys", "monitoring"), ("sys", "getsizeof"),
        ("dataclasses", "asdict"), ("dataclasses", "astuple"), ("dataclasses", "fields"), ("dataclasses", "replace"),
        ("dataclasses", "is_dataclass"), ("typing", "get_type_hints"), ("os", "fork"), ("os", "kill"), ("os", "pipe"),
        ("unittest", "IsolatedAsyncioTestCase"), ("random", "seed"), ("random", "setstate"), ("unittest", "mock_open"),
        ("decimal", "getcontext"), ("decimal", "localcontext"), ("decimal", "setcontext"), ("logging", "getLogger"),
        ("types", "FunctionType"), ("types", "GeneratorType"), ("types", "CodeType"), ("types", "ModuleType"),
        ("types", "new_class"), ("hypothesis", "stateful"), ("io", "open"), ("contextlib", "redirect_stdout"),
        ("contextlib", "redirect_stderr"),
    }
)  # fmt: skip
"""Parts of them that look at, or change, the process that they are called in."""
_NAMES_NOT_UNDERSTOOD = frozenset({"exec", "eval", "compile", "globals", "locals", "__import__", "breakpoint"})
_FIXTURES = frozenset({"pytester", "testdir", "capfd", "capfdbinary", "recwarn"})
_MARKS = frozenset({"asyncio", "anyio", "trio"})


_PLAIN_MODULES = frozenset(
    """__future__ bisect cmath collections datetime decimal fractions heapq ipaddress itertools json math pytest re statistics
    string textwrap unicodedata unittest uuid zoneinfo""".split()
)
_PLAIN_NAMES = frozenset(
    """abs all any bool bytes chr complex dict divmod enumerate float frozenset int len list max min ord pow print range repr
    reversed round set sorted str sum tuple zip True False None AssertionError ValueError TypeError KeyError IndexError
    AttributeError ZeroDivisionError OverflowError ArithmeticError LookupError StopIteration RuntimeError OSError Exception
    FileNotFoundError NotImplementedError RecursionError UnicodeError self""".split()
)
_NOT_PLAIN = (ast.Lambda, ast.Yield, ast.YieldFrom, ast.Try, ast.Global, ast.Nonlocal, ast.GeneratorExp)
_FIXTURES_NOT_PLAIN = frozenset({"monkeypatch", "capsys", "caplog", "tmp_path", "request", "mocker"})


class Separable(Value):
    """What a separate run needs to know, or why there can be none."""

    why_not: str = ""
    plain_tests: tuple[str, ...] = ()
    """``path::Class::function`` of each test that is plain, whatever else stands in its file."""
    own_objects: bool = False
    """The test files keep objects of their own making from one test to the next, which may change."""
    plain: bool = False
    """The tests only call, compare and expect exceptions: nothing of that can end differently for being asked from
    another process, so what fails there is wrong. Elsewhere a failure there may be ours, and tells nothing."""
    tops: tuple[str, ...] = ()
    """Top-level names by which the tests can import the code."""


def examine(tests: Mapping[str, str], files: Mapping[str, str], folders: Iterable[str]) -> Separable:
    """Whether *tests* can be kept apart from the code in *files*, which is imported from *folders*."""
    own = _top_names(tests, {".", *folders, *(str(PurePosixPath(path).parent) for path in tests)})
    tops = tuple(sorted(_top_names(files, set(folders)) - own))
    for path, text in sorted(tests.items()):
        if path.endswith(".py"):
            why = _why_not(text, {*tops, *own})
            if why:
                return Separable(why_not=f"{path} {why}", tops=tops)
    if not tops:
        return Separable(why_not="the code has no module that the tests could import")
    imported = {*tops, *own}
    return Separable(
        tops=tops,
        plain=all(_is_plain(text, imported) for text in tests.values()),
        own_objects=any(_keeps_objects(text) for path, text in tests.items() if path.endswith(".py")),
        plain_tests=tuple(
            f"{path}::{name}"
            for path, text in tests.items()
            if path.endswith(".py")
            for name in _plain_in(text, imported)
        ),
    )


def _top_names(files: Mapping[str, str], folders: set[str]) -> set[str]:
    names = set()
    for path in files:
        pure = PurePosixPath(path)
        for folder in folders:
            if pure.suffix == ".py" and pure.is_relative_to(folder):
                names.add(pure.relative_to(folder).parts[0].removesuffix(".py"))
    return names


def _why_not(text: str, imported: set[str]) -> str:
    try:
        tree = ast.parse(text)
        nodes = list(ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "cannot be parsed here"
    aliases = _aliases(nodes)
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test")}
    if any(isinstance(node, ast.Constant) and type(node.value) is str and node.value in own for node in nodes):
        return "expects the name of a test of its own, so the code looks at who calls it"
    for node in nodes:
        why = _of_node(node, imported, aliases)
        if why:
            return f"{why} (line {getattr(node, 'lineno', 1)})"
    return ""


def _aliases(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Local names of whole modules."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
    return found


def _of_node(node: ast.AST, imported: set[str], aliases: Mapping[str, str]) -> str:  # noqa: PLR0911 (one case a kind of node)
    match node:
        case ast.Import(names=names):
            return next((f"imports {alias.name}" for alias in names if _strange(alias.name, imported)), "")
        case ast.ImportFrom(module=str(module), names=names, level=0):
            if _strange(module, imported):
                return f"imports {module}"
            parts = [alias.name for alias in names if _is_part(module, alias.name)]
            return f"uses {module}.{parts[0]}" if parts else ""
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if _is_part(aliases.get(name, ""), attr):
            return f"uses {name}.{attr}"
        case ast.Attribute(attr=attr) if attr in _MARKS:
            return f"has the mark {attr}"
        case ast.Name(id=name) if name in _NAMES_NOT_UNDERSTOOD:
            return f"uses {name}"
        case _:
            return _of_function(node)


def _of_function(node: ast.AST) -> str:
    match node:
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncWith() | ast.AsyncFor():
            return "has asynchronous code"
        case ast.arg(arg=name) if name in _FIXTURES:
            return f"uses the fixture {name}"
        case ast.FunctionDef(name=name) if name.startswith("pytest_"):
            return f"has the hook {name}"
        case _:
            return ""


def _is_part(module: str, name: str) -> bool:
    return (module, name) in _PARTS_NOT_UNDERSTOOD


def _strange(module: str, imported: set[str]) -> bool:
    top = module.split(".", maxsplit=1)[0]
    return top not in imported and (top not in UNDERSTOOD or module in {"unittest.runner", "hypothesis.stateful"})


def _keeps_objects(text: str) -> bool:
    return any(
        isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.For))
        and any(isinstance(node, ast.Call) for node in ast.walk(statement))
        for statement in ast.parse(text).body
    )


def _is_plain(text: str, imported: set[str]) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return True  # a data file
    names = _known_names(tree, imported)
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return all(_is_plain_import(node, imported) for node in imports) and all(
        _plain_node(node, names) for node in ast.walk(tree)
    )


def _plain_in(text: str, imported: set[str]) -> Iterator[str]:
    """Names of the test functions of a file that are plain by themselves."""
    tree = ast.parse(text)
    known = _known_names(tree, imported)
    strange = {
        target.id
        for statement in tree.body
        if isinstance(statement, ast.Assign) and not all(_plain_node(node, known) for node in ast.walk(statement))
        for target in ast.walk(statement)
        if isinstance(target, ast.Name)
    }
    names = known - strange
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    plain = {id(node) for node in functions if all(_plain_node(inner, names) for inner in ast.walk(node))}
    # what pytest gives to a test, or runs before it, is part of it
    given = {node.name for node in functions if id(node) not in plain and not node.name.startswith("test")}
    if any(name.startswith("setup") or name in {"setUp", "setUpClass"} for name in given) or "autouse" in text:
        return
    for prefix, node in _test_functions(tree.body, ""):
        if id(node) in plain and not given & {argument.arg for argument in node.args.args}:
            yield f"{prefix}{node.name}"


def _test_functions(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _test_functions(node.body, f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield prefix, node


def _known_names(tree: ast.Module, imported: set[str]) -> frozenset[str]:
    """Names that a plain test may use: assigned, defined, parameters, and imported from what is plain."""
    names = set(_PLAIN_NAMES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and _is_plain_import(node, imported):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return frozenset(names)


def _is_plain_import(node: ast.Import | ast.ImportFrom, imported: set[str]) -> bool:
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    mocks = any("mock" in name for name in (*modules, *(alias.name for alias in node.names)))
    return not mocks and all(module.split(".")[0] in {*_PLAIN_MODULES, *imported} for module in modules)


def _plain_node(node: ast.AST, names: frozenset[str] | set[str]) -> bool:  # noqa: PLR0911 (one case a kind of node)
    match node:
        case node if isinstance(node, _NOT_PLAIN):
            return False
        case ast.FunctionDef(args=arguments, name=name):
            return not any(arg.arg in _FIXTURES_NOT_PLAIN for arg in arguments.args) and not name.startswith("__")
        case ast.Attribute(attr=attr):
            return not attr.startswith("__") and attr not in {"warns", "mock", "importorskip", "MonkeyPatch"}
        case ast.Compare(ops=ops, comparators=others):
            return not any(
                isinstance(op, (ast.Is, ast.IsNot)) and not isinstance(other, ast.Constant)
                for op, other in zip(ops, others, strict=True)
            )
        case ast.With(items=items):
            return all(
                isinstance(item.context_expr, ast.Call)
                and isinstance(item.context_expr.func, ast.Attribute)
                and item.context_expr.func.attr in {"raises", "assertRaises", "assertRaisesRegex", "subTest"}
                for item in items
            )
        case ast.Name(id=name):
            return name in names
    return True
