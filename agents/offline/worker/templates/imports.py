"""Imports: the one that is missing, or the one that was meant."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from ..edits import Edit, Rewrite
from ..site import Site, Template
from .names import close

KNOWN: dict[str, tuple[str, ...]] = {
    "collections": ("defaultdict", "Counter", "OrderedDict", "deque", "namedtuple", "ChainMap"),
    "collections.abc": (
        "Iterable",
        "Iterator",
        "Mapping",
        "Sequence",
        "Callable",
        "Generator",
        "Hashable",
        "MutableMapping",
    ),
    "typing": (
        "Any",
        "Optional",
        "Union",
        "List",
        "Dict",
        "Tuple",
        "Set",
        "Protocol",
        "TypeVar",
        "NamedTuple",
        "Generic",
        "Literal",
        "cast",
        "TYPE_CHECKING",
    ),
    "dataclasses": ("dataclass", "field", "asdict", "astuple", "replace"),
    "functools": (
        "reduce",
        "lru_cache",
        "cache",
        "partial",
        "wraps",
        "total_ordering",
        "cmp_to_key",
        "cached_property",
        "singledispatch",
    ),
    "itertools": (
        "chain",
        "combinations",
        "permutations",
        "product",
        "accumulate",
        "groupby",
        "islice",
        "count",
        "cycle",
        "repeat",
        "zip_longest",
        "takewhile",
        "dropwhile",
        "starmap",
        "pairwise",
        "tee",
    ),
    "math": (
        "sqrt",
        "ceil",
        "floor",
        "log",
        "log2",
        "log10",
        "pi",
        "gcd",
        "lcm",
        "inf",
        "sin",
        "cos",
        "hypot",
        "factorial",
        "comb",
        "isclose",
        "isqrt",
        "prod",
    ),
    "pathlib": ("Path", "PurePath", "PurePosixPath"),
    "datetime": ("datetime", "timedelta", "date", "timezone"),
    "decimal": ("Decimal", "ROUND_HALF_UP", "getcontext"),
    "fractions": ("Fraction",),
    "enum": ("Enum", "IntEnum", "auto", "Flag", "StrEnum"),
    "abc": ("ABC", "abstractmethod"),
    "contextlib": ("contextmanager", "suppress", "closing", "ExitStack", "redirect_stdout", "nullcontext"),
    "heapq": ("heappush", "heappop", "heapify", "heapreplace", "nlargest", "nsmallest"),
    "bisect": ("bisect_left", "bisect_right", "insort"),
    "operator": ("itemgetter", "attrgetter", "mul", "methodcaller"),
    "copy": ("deepcopy",),
    "string": ("ascii_lowercase", "ascii_uppercase", "ascii_letters", "digits", "punctuation", "Template"),
    "statistics": ("mean", "median", "stdev", "variance"),
    "random": ("randint", "choice", "shuffle", "sample"),
    "io": ("StringIO", "BytesIO"),
    "queue": ("Queue", "PriorityQueue", "LifoQueue", "Empty"),
    "threading": ("Thread", "Lock", "RLock", "Event"),
    "concurrent.futures": ("ThreadPoolExecutor", "ProcessPoolExecutor", "as_completed"),
    "urllib.parse": ("urlparse", "urljoin", "urlencode", "quote", "parse_qs"),
    "textwrap": ("dedent", "wrap", "indent"),
    "time": ("sleep", "perf_counter", "monotonic"),
    "tempfile": ("TemporaryDirectory", "NamedTemporaryFile"),
    "types": ("SimpleNamespace", "MappingProxyType"),
    "uuid": ("uuid4", "UUID"),
    "hashlib": ("sha256", "md5", "sha1"),
    "warnings": ("warn",),
    "weakref": ("WeakValueDictionary", "WeakKeyDictionary"),
    "inspect": ("signature",),
    "pprint": ("pprint",),
}
"""Well-known names of the standard library, by module."""
_SHORT = {"np": "numpy", "pd": "pandas", "dt": "datetime", "plt": "matplotlib.pyplot"}
STANDARD = frozenset(name for name in sys.stdlib_module_names if not name.startswith("_"))


def place(site: Site) -> int:
    """Where a new import goes: after the last one, else after the module's docstring."""
    source = site.source
    last = None
    for node in source.tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            last = node
        elif not (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        ):
            break
    first = source.tree.body[0] if source.tree.body else None
    if last is not None:
        return source.rows(last.lineno, last.end_lineno or last.lineno)[1]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return source.rows(first.lineno, first.end_lineno or first.lineno)[1]
    return 0


def add(site: Site) -> Iterator[Rewrite]:
    """An import for a name that nothing defines."""
    node, source = site.node, site.source
    if not isinstance(node, ast.Module):
        return
    missing = {
        n.id
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and not source.knows(n.id, n)
    }
    at = place(site)
    lead = "\n" if at and not source.text[:at].endswith("\n") else ""
    trail = "\n\n" if at == 0 else ""
    for name in sorted(missing | (set(site.hints.names) - set(source.global_names))):
        for line, cost in wanted(site, name):
            yield Rewrite((Edit(at, at, f"{lead}{line}\n{trail}"),), f"new `{line}`", cost)


def wanted(site: Site, name: str) -> Iterator[tuple[str, float]]:
    """Import lines that would define *name*, likeliest first."""
    dotted = {
        n.attr
        for n in ast.walk(site.source.tree)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == name
    }
    if name in STANDARD:
        yield f"import {name}", 0.0 if dotted else 2.0
    for module, names in KNOWN.items():
        if name in names:
            yield f"from {module} import {name}", 1.0 if dotted and name in STANDARD else 0.0
    if name in _SHORT:
        yield f"import {_SHORT[name]} as {name}", 0.0
    for module in site.hints.module_names:
        if module == name:
            yield f"import {name}", 0.0
        elif module.rpartition(".")[2] != name:
            yield f"from {module} import {name}", 2.0


def correct(site: Site) -> Iterator[Rewrite]:
    """The module or name that was meant by an import that fails."""
    node, source = site.node, site.source
    if isinstance(node, ast.ImportFrom) and node.module:
        yield from _module(site, node, node.module)
        for alias in node.names:
            begin, _ = source.span(alias)
            pool = [*KNOWN.get(node.module, ()), *site.hints.attributes.get(alias.name, ())]
            for rank, name in enumerate(close(alias.name, [n for n in pool if n != alias.name])):
                edits = [Edit(begin, begin + len(alias.name), name)]
                if not alias.asname:
                    uses = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == alias.name]
                    edits += [Edit(*source.span(n), name) for n in uses]
                yield Rewrite(tuple(edits), f"import of `{alias.name}` → `{name}`", rank * 0.5)
            for module, names in KNOWN.items():
                if alias.name in names and module != node.module and len(node.names) == 1:
                    at = source.text.find(node.module, source.span(node)[0])
                    yield Rewrite((Edit(at, at + len(node.module), module),), f"`{alias.name}` from `{module}`", 0.5)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield from _module(site, alias, alias.name)


def _module(site: Site, node: ast.AST, module: str) -> Iterator[Rewrite]:
    if module in STANDARD or module in site.hints.module_names:
        return
    at = site.source.text.find(module, site.source.span(node)[0])
    for rank, name in enumerate(close(module, [*site.hints.module_names, *sorted(STANDARD)])):
        if name != module:
            yield Rewrite((Edit(at, at + len(module), name),), f"module `{module}` → `{name}`", rank * 0.5)


TEMPLATES = (
    Template("add-import", 0.0, add),
    Template("fix-import", 0.5, correct),
)
