"""What there is to test: the functions and methods that others may call, and what their source tells of their arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard, TypeVar

from .calls import Maker

T = TypeVar("T")
_BUILT_IN = frozenset(
    name for kind in (str, bytes, list, dict, set, frozenset, tuple, int, float, complex) for name in dir(kind)
) | frozenset({"appendleft", "popleft", "extendleft", "most_common", "elements", "heappush", "heappop"})
_MARKS = frozenset({"cache", "lru_cache", "contextmanager", "asynccontextmanager", "deprecated", "wraps"})
"""Decorators after which a function is called as it stands there."""
_OF_METHODS = frozenset({"staticmethod", "classmethod", "property", "cached_property", "override", "final"})
_DEEPEST = 5
_PLAIN_BASES = frozenset({"object", "ABC", "Generic", "Protocol"})
_PATHS = frozenset({"Path", "PurePath", "open"})
_PAIRS = (("incoming", "outgoing"), ("predecessors", "successors"), ("parents", "children"), ("prev", "next"))


@dataclass(frozen=True)
class Parameter:
    name: str
    annotation: ast.expr | None
    optional: bool
    """Whether it has a default."""
    keyword: bool = False
    """Whether it is only given by its name."""
    use: str = ""
    """number, row, path, or call with the number of arguments, where the code does with it what only those can; empty where
    that is not known."""
    star: bool = False
    """Whether it takes any number of arguments."""


@dataclass(frozen=True)
class Target:
    """A function, or a method of a class."""

    number: int
    path: str
    module: str
    owner: str
    """The class; empty for a function."""
    name: str
    parameters: tuple[Parameter, ...]
    init: tuple[Parameter, ...] | None
    """What the class is made with; None where no object is needed."""
    fields: frozenset[str]
    """Attributes that it looks at and that no built-in type has."""
    asynchronous: bool = False
    paired: bool = False
    """Whether pairs are taken apart in it, or made."""
    reads: bool = False
    """Whether it is an attribute, and no call."""
    shape: str = ""
    """generator or context, where what is called does its work only while that is gone through or entered."""

    @property
    def shown(self) -> str:
        return f"{self.owner}.{self.name}" if self.owner else self.name


def find(texts: Mapping[str, str], names: Mapping[str, str]) -> list[Target]:
    """All targets of the Python files *texts*."""
    found: list[Target] = []
    for path in sorted(texts):
        try:
            tree = ast.parse(texts[path])
        except (SyntaxError, ValueError, RecursionError):
            continue
        modules = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found += _of_class(node, path, names[path], len(found), modules, classes)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
                parameters = _used(_parameters(node.args), node)
                if all(_marks(mark) in _MARKS | own for mark in node.decorator_list):
                    found.append(
                        Target(
                            len(found),
                            path,
                            names[path],
                            "",
                            node.name,
                            parameters,
                            None,
                            _fields(node, modules),
                            isinstance(node, ast.AsyncFunctionDef),
                            _pairs(node),
                            shape=_shape(node),
                        )
                    )
    return found


def _of_class(  # noqa: PLR0917  # all that is known of a file
    node: ast.ClassDef, path: str, module: str, first: int, modules: set[str], classes: Mapping[str, ast.ClassDef]
) -> Iterator[Target]:
    methods = {each.name: each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))}
    init = _init(node, classes)
    number = first
    for name, method in methods.items():
        if name.startswith("_"):
            continue
        marks = {_marks(each) for each in method.decorator_list}
        if marks - _MARKS - _OF_METHODS:
            continue
        reads = bool(marks & {"property", "cached_property"})
        marks &= {"staticmethod", "classmethod"}
        parameters = _used(_parameters(method.args), method)
        if not marks and init is None:
            continue
        own = parameters if "staticmethod" in marks else parameters[1:]
        yield Target(
            number,
            path,
            module,
            node.name,
            name,
            own,
            None if marks else init,
            _fields(method, modules),
            isinstance(method, ast.AsyncFunctionDef),
            _pairs(method),
            reads,
            _shape(method),
        )
        number += 1


def _shape(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    if any(_marks(mark).endswith("contextmanager") for mark in node.decorator_list):
        return "context"
    return "generator" if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(node)) else ""


def _marks(mark: ast.expr) -> str:
    """The last name of a decorator; empty where it has none."""
    if isinstance(mark, ast.Call):
        mark = mark.func
    return mark.attr if isinstance(mark, ast.Attribute) else mark.id if isinstance(mark, ast.Name) else ""


def _init(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], depth: int = 0) -> tuple[Parameter, ...] | None:
    """What an object is made with; None where that is not known here."""
    init = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    if init is not None:
        return _used(_parameters(init.args)[1:], init)
    bases = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    names = [ast.unparse(base).rpartition(".")[2] for base in bases]
    inherited: tuple[Parameter, ...] = ()
    for name in names:
        if name in classes and depth < _DEEPEST:
            found = _init(classes[name], classes, depth + 1)
            if found is None:
                return None
            inherited += found
        elif name == "NamedTuple":
            return _declared(node, keyword=False)
        elif name not in _PLAIN_BASES:
            return None
    mark = next((ast.unparse(each) for each in node.decorator_list if "dataclass" in ast.unparse(each)), None)
    if mark is not None:
        return inherited + _declared(node, keyword="kw_only=True" in mark)
    return inherited


def _declared(node: ast.ClassDef, *, keyword: bool) -> tuple[Parameter, ...]:
    """The fields of a class that is written as a list of them."""
    return tuple(
        Parameter(each.target.id, each.annotation, each.value is not None and _has_default(each.value), keyword)
        for each in fields(node)
        if isinstance(each.target, ast.Name)
    )


def fields(node: ast.ClassDef) -> list[ast.AnnAssign]:
    """The fields of a dataclass that an object is made with."""
    return [
        each
        for each in node.body
        if isinstance(each, ast.AnnAssign)
        and "ClassVar" not in ast.unparse(each.annotation)
        and not (each.value is not None and "init=False" in ast.unparse(each.value))
    ]


def _has_default(value: ast.expr) -> bool:
    made = isinstance(value, ast.Call) and ast.unparse(value.func).endswith("field")
    return not made or any(each.arg in ("default", "default_factory") for each in getattr(value, "keywords", ()))


def _parameters(given: ast.arguments) -> tuple[Parameter, ...]:
    """Those that are given by place, then those by name."""
    named = [*given.posonlyargs, *given.args]
    required = len(named) - len(given.defaults)
    found = [Parameter(each.arg, each.annotation, place >= required) for place, each in enumerate(named)]
    if given.vararg is not None:
        found.append(Parameter(given.vararg.arg, given.vararg.annotation, optional=True, star=True))
    # those that may be left out come last, because what is left out is so from the end
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    for each, default in sorted(pairs, key=lambda pair: pair[1] is not None):
        found.append(Parameter(each.arg, each.annotation, default is not None, keyword=True))
    return tuple(found)


def split(parameters: Sequence[Parameter], args: Sequence[T]) -> tuple[list[T], dict[str, T]]:
    """*args*, which are in the order of *parameters*, as they are given: by place, and by name. What any number of is taken
    is one row of them among the *args*.
    """
    pairs = list(zip(parameters, args, strict=False))
    return [value for each, value in pairs if not each.keyword], {
        each.name: value for each, value in pairs if each.keyword
    }


def spread(parameters: Sequence[Parameter], args: Sequence[object]) -> tuple[list[object], dict[str, object]]:
    """As `split`, with the row of what any number of is taken as single ones."""
    found: list[object] = []
    for each, value in zip(parameters, args, strict=False):
        if each.star and isinstance(value, (list, tuple)):
            found += value
        elif not each.keyword:
            found.append(value)
    return found, {each.name: value for each, value in zip(parameters, args, strict=False) if each.keyword}


def _used(parameters: tuple[Parameter, ...], function: ast.AST) -> tuple[Parameter, ...]:  # noqa: C901  # a row of forms
    """*parameters* with what is done with them; an assignment to one ends what is known of it."""
    names = {each.name for each in parameters}
    numbers, rows, other, paths = set(), set(), set(), set()
    called: dict[str, int] = {}
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Name(id=given), *_]) if (
                name in _PATHS
            ):
                paths.add(given)
            case ast.Call(func=ast.Name(id=name), args=args) if name in names:
                called[name] = len(args)
            case ast.Attribute(value=ast.Name(id=name), attr="read_text" | "write_text" | "read_bytes" | "open"):
                paths.add(name)
            case ast.Call(func=ast.Name(id="range"), args=args):
                numbers |= {inner.id for each in args for inner in ast.walk(each) if _bare(inner, each)}
            case ast.Call(func=ast.Name(id="len" | "enumerate" | "sorted"), args=[ast.Name(id=name), *_]):
                rows.add(name)
            case ast.Subscript(value=ast.Name(id=name)) | ast.For(iter=ast.Name(id=name)):
                rows.add(name)
            case ast.comprehension(iter=ast.Name(id=name)):
                rows.add(name)
            case ast.BinOp(left=left, op=ast.Sub() | ast.FloorDiv() | ast.Div() | ast.Pow(), right=right):
                numbers |= {side.id for side in (left, right) if isinstance(side, ast.Name)}
            case ast.Assign(targets=targets):
                other |= {inner.id for each in targets for inner in ast.walk(each) if isinstance(inner, ast.Name)}

    def use(name: str) -> str:
        if name in paths:
            return "path"
        if name in called:
            return f"call {called[name]}"
        if name in other:
            return ""
        return "number" if name in numbers - rows else "row" if name in rows - numbers else ""

    return tuple(replace(each, use=use(each.name)) for each in parameters)


def _pairs(function: ast.AST) -> bool:
    for node in ast.walk(function):
        match node:
            case ast.Subscript(slice=ast.Tuple()):
                return True
            case ast.For(target=ast.Tuple()) | ast.comprehension(target=ast.Tuple()):
                return True
            case ast.Assign(targets=[ast.Tuple()], value=ast.Name() | ast.Subscript()):
                return True
    return False


def _bare(node: ast.AST, root: ast.AST) -> TypeGuard[ast.Name]:
    """A name that stands in *root* itself or in its sums, and not in a call or subscript."""
    inside = {
        id(inner) for each in ast.walk(root) if isinstance(each, (ast.Call, ast.Subscript)) for inner in ast.walk(each)
    }
    return isinstance(node, ast.Name) and id(node) not in inside


def _fields(node: ast.AST, modules: set[str]) -> frozenset[str]:
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and inner.attr not in _BUILT_IN and not inner.attr.startswith("__"):
            root: ast.expr = inner
            while isinstance(root, (ast.Attribute, ast.Call, ast.Subscript)):
                root = root.func if isinstance(root, ast.Call) else root.value
            if not (isinstance(root, ast.Name) and (root.id in modules or root.id in ("self", "cls"))):
                found.add(inner.attr)
    return frozenset(found)


def maker(target: Target, texts: Mapping[str, str], names: Mapping[str, str]) -> Maker | None:
    """How the objects are made that *target* wants; None where it wants none."""
    if not target.fields:
        return None
    trees = {path: ast.parse(text) for path, text in texts.items() if parses(text)}
    module = name = ""
    defaults: dict[str, ast.expr] = {}
    for path, tree in sorted(trees.items()):
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                init = next((e for e in node.body if isinstance(e, ast.FunctionDef) and e.name == "__init__"), None)
                has = {
                    t.attr
                    for e in ast.walk(node)
                    if isinstance(e, ast.Assign)
                    for t in e.targets
                    if isinstance(t, ast.Attribute)
                }
                given = _parameters(init.args) if init else None
                if init and given and has >= target.fields and all(each.optional for each in given[1:]):
                    module, name = names[path], node.name
                    defaults = {
                        arg.arg: value
                        for arg, value in zip(init.args.args[::-1], init.args.defaults[::-1], strict=False)
                    }
    plural = {each for each in target.fields if isinstance(defaults.get(each), (ast.List, ast.Tuple, ast.Set))}
    tree = trees[target.path]
    plural |= {each for each in _plural(tree) if each in target.fields}
    plain = {each for each in target.fields - plural if _is_plain(tree, each)}
    return Maker(module, name, frozenset(plural), target.fields - plural - plain, frozenset(plain))


def mirrored(name: str, others: frozenset[str]) -> str | None:
    """The attribute among *others* that says the same from the other side."""
    for one, other in _PAIRS:
        for here, there in ((one, other), (other, one)):
            if here in name and name.replace(here, there) in others:
                return name.replace(here, there)
    return None


def _plural(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        iterated = node.iter if isinstance(node, (ast.For, ast.comprehension)) else None
        if isinstance(iterated, ast.Attribute):
            yield iterated.attr
        if isinstance(node, ast.Call):
            for given in node.args:
                if isinstance(given, ast.Attribute):
                    yield given.attr


def _is_plain(tree: ast.AST, name: str) -> bool:
    for node in ast.walk(tree):
        sides = [node.left, node.right] if isinstance(node, ast.BinOp) else []
        if isinstance(node, ast.Compare) and not all(
            isinstance(op, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)) for op in node.ops
        ):
            sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Attribute) and side.attr == name for side in sides):
            return True
    return False


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True
