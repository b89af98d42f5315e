"""Whether a file of tests does nothing but call the code and compare: it was written in a box in which the code ran."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

_ANY = frozenset({"*"})
_MODULES: Mapping[str, AbstractSet[str]] = {
    "pytest": frozenset({"approx", "mark", "raises"}),
    "unittest": frozenset({"TestCase"}),
    "hypothesis": frozenset({"given", "settings", "strategies", "assume", "HealthCheck"}),
    "asyncio": frozenset({"run"}),
    "contextlib": frozenset({"redirect_stdout", "suppress"}),
    "io": frozenset({"StringIO"}),
    "pathlib": frozenset({"Path"}),
    "tempfile": frozenset({"TemporaryDirectory"}),
    "datetime": _ANY,
    "decimal": _ANY,
    "fractions": _ANY,
    "math": _ANY,
    "re": frozenset({"compile"}),
}
"""What may be imported, and which names of it may be used."""
_CALLED = frozenset(
    "list set frozenset float complex range vars dict tuple bytes len sorted sum min max all any zip abs str int bool"
    " isinstance type reversed enumerate Thing".split()
)


def is_plain(text: str, files: Mapping[str, str]) -> bool:
    """Whether *text* does nothing but call what it imports from *files*, and compare."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    own = {
        path[:-3].removeprefix("src/").removesuffix("/__init__").replace("/", ".")
        for path in files
        if path.endswith(".py")
    }
    if any(not _is_allowed(node, own) for node in ast.walk(tree)):
        return False
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    known = imported | _CALLED
    return all(_is_a_part(node) and _names_are_harmless(node, known) for node in tree.body)


def _is_allowed(node: ast.AST, own: AbstractSet[str]) -> bool:  # noqa: PLR0911  # a row of forms
    match node:
        case ast.Import(names=names):
            return all(alias.name in _MODULES and alias.asname is None for alias in names)
        case ast.ImportFrom(module=module, level=level, names=names):
            if level or module is None:
                return False
            if module in own:
                return all(alias.name != "*" for alias in names)
            wanted = _MODULES.get(module, frozenset())
            return wanted == _ANY or all(alias.name in wanted for alias in names)
        case ast.Attribute(attr=name) if name.startswith("__"):
            return False
        case ast.Attribute(value=ast.Name(id=module), attr=name) if module in _MODULES:
            return _MODULES[module] == _ANY or name in _MODULES[module]
        case ast.Call(func=ast.Name(id="Path"), args=args):
            # a path of its own folder, and no other place of this machine
            return [each.id for each in args if isinstance(each, ast.Name)] == ["folder"]
        case ast.Call(func=ast.Attribute(attr="unlink" | "rmdir" | "rename" | "chmod" | "symlink_to" | "open")):
            return False
    return True


def _is_a_part(node: ast.stmt) -> bool:
    """What a file of tests may be made of: imports, functions, classes, and a docstring."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef))


def _names_are_harmless(part: ast.AST, imported: AbstractSet[str]) -> bool:
    """Whether *part* uses no built-in function but those that a test may call; what it binds itself it may use."""
    bound = {node.arg for node in ast.walk(part) if isinstance(node, ast.arg)}
    bound |= {node.id for node in ast.walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    used = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
    return all(_is_harmless(name) for name in used - bound - imported)


def _is_harmless(name: str) -> bool:
    """A name of the file's own, or an exception."""
    found = getattr(builtins, name, Exception)
    return isinstance(found, type) and issubclass(found, BaseException)
