"""What values a draft carries: its tables, its chains of questions with ready answers, its lists, and what is packed in its texts."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.checks.computing import NotConstant
from engine.checks.folding import Folder
from engine.checks.packed import unpack
from engine.checks.source import MOST_DEPTH, Source, docstrings, read_all, unread
from engine.checks.tables import MOST_TOKENS, Key, Table, inside, of_lines, plain, tables_in, tokens
from engine.checks.values import atoms

STEPS_A_STATEMENT = 60_000
MOST_STATEMENTS = 20_000
MOST_BLOBS = 200
MOST_ATOMS = 100_000
"""Numbers and texts of one file that are looked at in every value they are part of: names may stand for one another."""
MOST_ATOMS_OF_ONE = 60
"""Of one value, once those are used up."""
_BLOB = re.compile(r"[A-Za-z0-9+/=_\-\s]{24,}|[\x21-\x7e]{24,}")
_HASHING = re.compile(
    r"^(hashlib\.\w+|hash|zlib\.(crc32|adler32)|binascii\.crc32|hmac\.\w+|pickle\.dumps|marshal\.dumps)$"
)


@dataclass
class Carried:
    """What all files of a draft carry."""

    tables: list[Table] = field(default_factory=list)
    constants: dict[Key, tuple[str, int]] = field(default_factory=dict)
    """Where each value stands that is more than a small number or word."""
    runs: list[tuple[str, int, tuple[Key, ...]]] = field(default_factory=list)
    """The numbers and texts of each statement or function, in the order in which they are written."""
    texts: list[tuple[str, int, tuple[Key, ...]]] = field(default_factory=list)
    """The numbers and words inside each text and each data file."""
    packed: list[tuple[str, int, tuple[Key, ...]]] = field(default_factory=list)
    """The numbers and texts of what had to be unpacked."""
    in_turn: list[tuple[str, int, tuple[Key, ...]]] = field(default_factory=list)
    """Lists whose items are given out one after another."""
    sniffed: list[tuple[str, int, str, ast.expr, tuple[str, ...], Key]] = field(default_factory=list)
    """Path, line, function, condition, names of its parameters, and what is answered where the condition holds."""
    budgets: list[tuple[str, int, str, int]] = field(default_factory=list)
    """Path, line, function, and the number of calls after which it answers in another way."""
    hashes: bool = False
    """Whether any file takes hashes."""
    folders: dict[str, Folder] = field(default_factory=dict)


def carried(files: Mapping[str, str]) -> Carried:
    """What *files* carry; what documents, tests or demonstrates them is left out."""
    found = Carried()
    python = {path: text for path, text in files.items() if path.endswith((".py", ".pyw"))}
    for source in read_all(python):
        _Reading(source, found).read()
    too_long = set(unread(python))
    data = [path for path in files if path not in python or path in too_long]
    for number, path in enumerate(sorted(data, key=lambda path: path in too_long)):
        _of_data(path, files[path], found, unpacking=number < MOST_BLOBS)
    return found


class _Reading:
    """One file of the draft."""

    def __init__(self, source: Source, found: Carried) -> None:
        self._source = source
        self._found = found
        self._folder = Folder(source)
        self._skipped = docstrings(source.tree) | _beside_the_point(source.tree)
        self._chains: defaultdict[str, Table] = defaultdict(lambda: Table(source.path, 0, "chain", []))
        self._written: defaultdict[str, Table] = defaultdict(lambda: Table(source.path, 0, "table", []))
        self._blobs = MOST_BLOBS
        self._atoms = MOST_ATOMS
        self._counters = _counted_up(source.tree)
        found.folders[source.path] = self._folder

    def read(self) -> None:
        units = [*self._units(self._source.tree.body)][:MOST_STATEMENTS]
        for unit in units:
            self._folder.renew(STEPS_A_STATEMENT if len(units) < 200 else STEPS_A_STATEMENT // 20)
            run: list[Key] = []
            for value, line in self._values(unit, 0):
                found = [plain(atom) for atom in atoms(value)]
                self._atoms -= len(found)
                if self._atoms > 0 or len(found) <= MOST_ATOMS_OF_ONE:
                    run += found
                    self._value(value, line)
            self._found.runs.append((self._source.path, unit.lineno, tuple(run)))
            self._structures(unit)
        self._found.tables += [table for table in (*self._chains.values(), *self._written.values()) if table.entries]

    def _units(self, body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
        for statement in body:
            if isinstance(statement, ast.ClassDef):
                yield from self._units(statement.body)
            elif id(statement) not in self._skipped:
                yield statement

    def _values(self, node: ast.AST, depth: int) -> Iterator[tuple[object, int]]:
        """The largest parts of *node* that are constant, in the order in which they are written."""
        if id(node) in self._skipped or depth > MOST_DEPTH * 3:
            return
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Name, ast.Attribute)):
            try:
                value = self._folder.constant(node)
            except NotConstant:
                pass
            else:
                yield value, node.lineno
                return
        for child in ast.iter_child_nodes(node):
            yield from self._values(child, depth + 1)

    def _value(self, value: object, line: int) -> None:
        path = self._source.path
        self._found.constants.setdefault(plain(value), (path, line))
        for inner in inside(value):
            self._found.constants.setdefault(plain(inner), (path, line))
            self._found.tables += tables_in(inner, path, line)
            if isinstance(inner, (str, bytes)) and len(inner) >= 6:
                self._text(inner, line)

    def _text(self, text: str | bytes, line: int) -> None:
        if isinstance(text, str) and any(sign.isdigit() or sign in "=:;|," for sign in text):
            self._found.texts.append((self._source.path, line, tokens(text)))
            self._found.tables += of_lines(text, self._source.path, line)
        if len(text) < 16 or not self._blobs:
            return
        self._blobs -= 1
        for value in unpack(text):
            if isinstance(value, str):
                self._found.texts.append((self._source.path, line, tokens(value)))
            else:
                self._found.packed.append((self._source.path, line, tuple(plain(atom) for atom in atoms(value))))
                for inner in inside(value):
                    self._found.constants.setdefault(plain(inner), (self._source.path, line))
                    for table in tables_in(inner, self._source.path, line):
                        table.packed = True
                        self._found.tables.append(table)

    def _structures(self, unit: ast.stmt) -> None:  # noqa: C901, PLR0912 (one arm a kind of structure)
        """Chains of questions, tables that are not constant as a whole or filled by statements, lists given out in turn."""
        for node in ast.walk(unit):
            if id(node) in self._skipped:
                continue
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._answers(node)
                case ast.If(test=test, body=body):
                    self._chain(test, _answer(body), unit)
                case ast.IfExp(test=test, body=answer) | ast.BoolOp(op=ast.And(), values=[test, answer]):
                    self._chain(test, answer, unit)
                case ast.BinOp(op=ast.Mult(), left=ast.Compare() as test, right=answer):
                    self._chain(test, answer, unit)
                case ast.BinOp(op=ast.Mult(), left=answer, right=ast.Compare() as test):
                    self._chain(test, answer, unit)
                case ast.match_case(pattern=pattern, body=body):
                    self._pattern(pattern, _answer(body), unit)
                case ast.Dict(keys=keys, values=values):
                    self._dict(node, keys, values)
                case ast.Assign(targets=[ast.Subscript(value=owner, slice=key)], value=value):
                    self._write(ast.unparse(owner), key, value)
                case ast.Call():
                    self._call(node)
                case ast.Subscript(value=values, slice=ast.Call(func=ast.Attribute(value=keys, attr="index"))):
                    self._parallel(keys, values, node.lineno)
                case ast.Subscript(value=values, slice=index):
                    self._counted(values, index, node.lineno)

    def _fold(self, node: ast.expr | None) -> Key | None:
        """The plain value of *node*; None where it has none, or none worth a look."""
        if node is None:
            return None
        if isinstance(node, ast.Lambda) and not node.args.args:
            node = node.body
        try:
            return plain(self._folder.constant(node))
        except NotConstant:
            return None

    def _chain(self, test: ast.expr, answer: ast.expr | None, unit: ast.stmt) -> None:
        value = self._fold(answer)
        if value is None:
            return
        table = self._chains[getattr(unit, "name", "")]
        table.line = table.line or test.lineno
        table.entries += [(key, value) for key in self._keys(test, 0)]

    def _keys(self, test: ast.expr, depth: int) -> list[Key]:
        """What *test* compares something to."""
        match test:
            case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
                key = self._fold(right)
                return [key] if key is not None else [key for key in [self._fold(left)] if key is not None]
            case ast.Compare(ops=[ast.In()], comparators=[others]):
                keys = self._fold(others)
                return [*keys] if isinstance(keys, (tuple, frozenset)) else []
            case ast.BoolOp(op=ast.And(), values=values) if depth < MOST_DEPTH:
                parts = [self._keys(value, depth + 1) for value in values]
                singles = [part[0] for part in parts if len(part) == 1]
                return [tuple(singles), *singles[:1]] if len(singles) > 1 else singles
            case ast.BoolOp(values=values) if depth < MOST_DEPTH:
                return [key for value in values for key in self._keys(value, depth + 1)]
        return []

    def _pattern(self, pattern: ast.pattern, answer: ast.expr | None, unit: ast.stmt) -> None:
        value = self._fold(answer)
        if value is not None:
            table = self._chains[getattr(unit, "name", "")]
            table.line = table.line or pattern.lineno
            table.entries += [(key, value) for key in self._matched(pattern, 0)]

    def _matched(self, pattern: ast.pattern, depth: int) -> list[Key]:
        match pattern:
            case ast.MatchValue(value=value):
                key = self._fold(value)
                return [key] if key is not None else []
            case ast.MatchOr(patterns=patterns) if depth < MOST_DEPTH:
                return [key for inner in patterns for key in self._matched(inner, depth + 1)]
            case ast.MatchSequence(patterns=patterns) if depth < MOST_DEPTH:
                parts = [self._matched(inner, depth + 1) for inner in patterns]
                return [tuple(part[0] for part in parts)] if all(parts) else []
            case ast.MatchAs(pattern=ast.pattern() as inner) if depth < MOST_DEPTH:
                return self._matched(inner, depth + 1)
        return []

    def _dict(self, node: ast.Dict, keys: list[ast.expr | None], values: list[ast.expr]) -> None:
        """The entries that are constant, of a table that is not, such as one of functions that give answers."""
        entries = [(self._fold(key), self._fold(value)) for key, value in zip(keys, values, strict=True)]
        known = [(key, value) for key, value in entries if key is not None and value is not None]
        if known and (len(known) < len(entries) or any(isinstance(value, ast.Lambda) for value in values)):
            self._found.tables.append(Table(self._source.path, node.lineno, "table", known))

    def _write(self, owner: str, key: ast.expr, value: ast.expr) -> None:
        folded, answer = self._fold(key), self._fold(value)
        if folded is not None and answer is not None:
            self._written[owner].entries.append((folded, answer))
            self._written[owner].line = self._written[owner].line or key.lineno

    def _call(self, node: ast.Call) -> None:
        called = self._folder.dotted(node.func)
        self._found.hashes |= bool(_HASHING.match(called)) or called.endswith(("digest", "__hash__"))
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if method in {"pop", "popleft", "__next__"} and isinstance(node.func, ast.Attribute):
            self._turn(node.func.value, node.lineno)
        elif called in {"next", "iter", "itertools.cycle", "collections.deque"} and node.args:
            self._turn(node.args[0], node.lineno)
        elif len(node.args) == 2:
            self._write(ast.unparse(node.func), *node.args)

    def _turn(self, values: ast.expr, line: int) -> None:
        value = self._fold(values)
        if isinstance(value, tuple) and len(value) > 1:
            self._found.in_turn += [(self._source.path, line, value), (self._source.path, line, value[::-1])]

    def _counted(self, values: ast.expr, index: ast.expr, line: int) -> None:
        """A list from which the next item is taken by a count."""
        if (isinstance(index, ast.Call) and self._folder.dotted(index.func) == "next") or (
            isinstance(index, (ast.Name, ast.Attribute, ast.Subscript)) and ast.unparse(index) in self._counters
        ):
            self._turn(values, line)
        elif isinstance(index, ast.BinOp) or (isinstance(index, ast.Call) and ast.unparse(index.func) == "len"):
            inner = {ast.unparse(part) for part in ast.walk(index) if isinstance(part, ast.expr)}
            if inner & self._counters:
                self._turn(values, line)

    def _parallel(self, keys: ast.expr, values: ast.expr, line: int) -> None:
        """Two lists, of which one is searched and the other answers."""
        one, other = self._fold(keys), self._fold(values)
        if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
            entries = list(zip(one, other, strict=True))
            self._found.tables.append(Table(self._source.path, line, "table", entries))

    def _budget(self, test: ast.expr) -> int:
        """The number of calls that *test* waits for; 0 where it counts none."""
        for node in ast.walk(test):
            match node:
                case ast.Call(func=ast.Name(id="next"), args=[ast.Name(id=name), _]) if name in self._source.once:
                    bound = _bound_by(self._source.once[name])
                    most = self._fold(bound)
                case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE() | ast.Lt() | ast.LtE()], comparators=[right]):
                    one, other = (left, right) if ast.unparse(left) in self._counters else (right, left)
                    most = self._fold(other) if ast.unparse(one) in self._counters else None
                case _:
                    continue
            if isinstance(most, int) and not isinstance(most, bool) and most > 1:
                return most
        return 0

    def _answers(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Conditions on the parameters of *function* after which it has its answer ready."""
        parameters = tuple(argument.arg for argument in function.args.args if argument.arg != "self")
        for node in ast.walk(function):
            if isinstance(node, (ast.If, ast.IfExp)):
                calls = self._budget(node.test)
                if calls and parameters and not (isinstance(node, ast.If) and isinstance(node.body[0], ast.Raise)):
                    self._found.budgets.append((self._source.path, node.lineno, function.name, calls))
                answer = _answer(node.body) if isinstance(node, ast.If) else node.body
                value = self._fold(answer)
                if value is not None:
                    place = (self._source.path, node.lineno, function.name)
                    self._found.sniffed.append((*place, node.test, parameters, value))


def _counted_up(tree: ast.Module) -> set[str]:
    """What is counted up and outlives a call: names declared global or nonlocal, attributes, items."""
    outside = {name for node in ast.walk(tree) if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names}
    return {
        ast.unparse(node.target)
        for node in ast.walk(tree)
        if isinstance(node, ast.AugAssign)
        and isinstance(node.op, ast.Add)
        and (not isinstance(node.target, ast.Name) or node.target.id in outside)
    }


def _bound_by(node: ast.expr) -> ast.expr | None:
    """What `range` is given in ``iter(range(n))``."""
    match node:
        case ast.Call(func=ast.Name(id="iter"), args=[ast.Call(func=ast.Name(id="range"), args=[bound])]):
            return bound
    return None


def _answer(body: list[ast.stmt]) -> ast.expr | None:
    """What the first statement of *body* answers."""
    match body[0] if body else None:
        case ast.Return(value=value) | ast.Assign(value=value) | ast.Expr(value=ast.Yield(value=value)):
            return value
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[value])):
            return value
    return None


def _beside_the_point(tree: ast.Module) -> set[int]:
    """Ids of what a file holds to be read or tried out: its own assertions, and what runs only as a program."""
    return {
        id(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
        or (isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) and "__main__" in ast.unparse(node.test))
    }


def _of_data(path: str, text: str, found: Carried, *, unpacking: bool) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        found.texts.append((path, 1, tokens(text)))
        found.tables += of_lines(text, path, 1)
        for packed in unpack(text) if unpacking else ():
            if isinstance(packed, str):
                found.texts.append((path, 1, tokens(packed)))
            else:
                found.tables += tables_in(packed, path, 1)
        return
    found.runs.append((path, 1, tuple(plain(atom) for atom in itertools.islice(atoms(value), MOST_TOKENS))))
    for inner in inside(value):
        found.constants.setdefault(plain(inner), (path, 1))
        found.tables += tables_in(inner, path, 1)
