"""Code that a linter would not see: run from texts, packed constants and data files that the draft brings itself.

A text that stands there plainly is not hidden: it is given out to be linted like the rest (`Embedded`). What a
function is handed by its caller, and what is worked out of that, is no code of the draft's.
"""

from __future__ import annotations

import ast
import codecs
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from engine.checks.computing import DECODERS, NotConstant
from engine.checks.disguise import has_statements, holds_code, is_archive, is_blob, is_code, is_name, is_opaque
from engine.checks.flow import Flow
from engine.checks.packed import unpack
from engine.checks.source import docstrings, parse, read_all, unread
from engine.domain import Finding, Value

RULE = "hidden-code"
RUN_TEXT = frozenset({"exec", "eval", "compile"})
RUN_METHODS = frozenset({"runsource", "runcode"})
RUN_FILES = {
    "runpy.run_path": 0,
    "importlib.machinery.SourceFileLoader": 1,
    "importlib.util.spec_from_file_location": 1,
    "imp.load_source": 1,
}
RUN_OBJECTS = frozenset({"types.FunctionType", "types.CodeType", "marshal.loads", "marshal.load"})
START = ("subprocess.", "os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn", "asyncio.create_subprocess")
IMPORT = frozenset({"importlib.import_module", "__import__", "importlib.reload"})
READ = frozenset(
    {"open", "io.open", "pkgutil.get_data", "linecache.getlines", "linecache.getline", "inspect.getcomments"}
)
READ_METHODS = frozenset({"read_text", "read_bytes", "read", "readlines", "get_data", "open"})
MOST_CONSTANTS = 300
MOST_EMBEDDED = 200
MOST_FINDINGS = 50
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_RUNS = re.compile(r"(?<![.\w])(exec|eval|compile)\s*\(|\b(marshal|runpy|SourceFileLoader|__builtins__|builtins)\b")
_PLAIN_ENCODINGS = frozenset({"utf-8", "ascii", "iso8859-1", "utf-8-sig"})


class Embedded(Value):
    """Code that stands in a text of a draft's file, and is run from there."""

    path: str
    line: int
    """Where the text begins in the file."""
    text: str
    names: tuple[str, ...] = ()
    """Names of the file around it, which the text may use, and which may use what it defines."""
    program: bool = False
    """Whether it runs in a process of its own, and has only its own names."""


class Look(Value):
    """What a draft runs beside its modules."""

    findings: tuple[Finding, ...]
    embedded: tuple[Embedded, ...]


def embedded(draft: Mapping[str, str]) -> tuple[Embedded, ...]:
    """The plain texts of *draft* that it runs."""
    return look(draft).embedded


def look(draft: Mapping[str, str], changed: Iterable[str] | None = None) -> Look:
    """What *draft* hides, and what it runs from plain texts; only in the files *changed*, where they are named."""
    paths = set(draft) if changed is None else set(changed)
    python = {path: text for path, text in draft.items() if path in paths and is_python(path, text)}
    data = {path: text for path, text in draft.items() if not is_python(path, text)}
    files = [_File(Flow(source), data) for source in read_all(python)]
    runs = any(file.runs for file in files)
    findings = [finding for path, text in sorted(python.items()) for finding in _cookie(path, text)]
    findings += [finding for file in files for finding in file.findings(runs=runs)]
    findings += [
        _finding(path, 1, "is too long to be looked through, and runs code that it makes")
        for path in unread(python)
        if _RUNS.search(python[path])
    ]
    unique = {(finding.path, finding.line, finding.message): finding for finding in findings}
    texts = {(text.path, text.line, text.text): text for file in files for text in file.embedded}
    return Look(findings=tuple(unique.values())[:MOST_FINDINGS], embedded=tuple(texts.values())[:MOST_EMBEDDED])


def is_python(path: str, text: str) -> bool:
    """Whether *path* is Python by its name, or by its first line."""
    first = text[:200].split("\n", 1)[0]
    bare = "." not in PurePosixPath(path).name
    return path.endswith((".py", ".pyw")) or (bare and first.startswith("#!") and "python" in first)


class _File:
    """One file, and what it runs."""

    def __init__(self, flow: Flow, data: Mapping[str, str]) -> None:
        self._flow = flow
        self._path = flow.source.path
        self._data = data
        self._found: list[Finding] = []
        self.embedded: list[Embedded] = []
        self.runs = False
        """Whether it runs or imports anything by a way of its own."""
        for node in flow.nodes:
            if isinstance(node, ast.Call):
                self._call(node)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                for decorator in node.decorator_list:
                    if self._runner(decorator):
                        self._add(decorator, "runs text by a decorator")

    def findings(self, *, runs: bool) -> Iterator[Finding]:
        """All that is hidden; *runs* tells whether any file of the draft could run what this one only holds."""
        yield from self._found
        if runs:
            yield from self._packed_code()

    def _call(self, node: ast.Call) -> None:  # noqa: C901 (one arm a way of running)
        flow = self._flow
        called = flow.folder.dotted(node.func)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        handed = [*node.args, *(word.value for word in node.keywords)]
        if self._runner(node.func) or method in RUN_METHODS:
            self.runs = True
            if not isinstance(node.func, (ast.Name, ast.Attribute)) and not _named_plainly(node.func):
                self._add(node, f"runs text by a name that is put together: {called}")
            for argument in handed[:1]:
                self._text(argument, expression=called == "eval" or _in_eval_mode(node), alone=len(handed) > 1)
        elif any(self._runner(argument) for argument in handed):
            self.runs = True
            for argument in handed:
                if not self._runner(argument):
                    self._handed_along(argument)
        elif called in RUN_OBJECTS or (called == "pickle.loads" and node.args):
            self._object(node, called)
        elif called in RUN_FILES or method == "SourceFileLoader":
            self.runs = True
            place = RUN_FILES.get(called, 1)
            paths = node.args[place : place + 1] or [
                word.value for word in node.keywords if word.arg in {"path", "location"}
            ]
            for argument in paths:
                self._loaded(argument, "loads a module from")
        elif called.startswith(START):
            self._started(node)
        elif called in IMPORT or called in {"sys.path.append", "sys.path.insert"}:
            self.runs = True
            self._written()

    def _runner(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name) and node.id in self._flow.own:
            return False
        return isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)) and (
            self._flow.folder.dotted(node) in RUN_TEXT
        )

    def _text(self, node: ast.expr, *, expression: bool = False, alone: bool = False, program: bool = False) -> None:
        """What is run from the text *node*."""
        if isinstance(node, ast.Call) and self._runner(node.func):
            return  # compile() inside exec() is looked at by itself
        if isinstance(node, ast.Name) and node.id == "__doc__":
            text = ast.get_docstring(self._flow.source.tree, clean=False) or ""
            self._embed(text, 1, expression=False, alone=alone, program=False)
            return
        known = False
        for text, disguised, line in self._flow.texts(node):
            known = True
            if disguised and len(text) >= 4:
                self._add(node, "runs code that is kept in another form")
            else:
                self._embed(text, line, expression=expression, alone=alone, program=program)
        if not known:
            self._unknown(node)

    def _unknown(self, node: ast.expr) -> None:
        """A text that cannot be seen: is it made of what the draft carries?"""
        flow = self._flow
        origins = [*flow.origins(node)]
        reads = [part for part in origins if self._reads(part)]
        words = {part.value for part in origins if isinstance(part, ast.Constant) and isinstance(part.value, str)}
        if reads and any(isinstance(part, ast.Name) and part.id == "__file__" for part in origins):
            self._read_beside(node, words)
        elif reads:
            self._named(node, words, "runs code from")
        for part in origins:
            if isinstance(part, ast.Attribute) and part.attr == "__doc__":
                self._add(node, "runs documentation")
            elif self._disguised(part):
                self._add(node, "runs code that is kept in another form")
                return

    def _disguised(self, part: ast.expr) -> bool:
        """Whether *part* makes a text of something that is none, or is such a thing itself."""
        if isinstance(part, ast.Constant):
            unread = is_blob(part) and isinstance(part.value, bytes) and parse(part.value.decode("latin-1")) is None
            return unread or is_opaque(part.value)
        if isinstance(part, (ast.List, ast.Tuple)) and len(part.elts) >= 24:
            return all(isinstance(item, ast.Constant) and isinstance(item.value, int) for item in part.elts)
        backwards = (
            isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Slice) and part.slice.step is not None
        )
        if backwards or (isinstance(part, ast.Call) and self._decodes(part)):
            try:
                value = self._flow.folder.constant(part)
            except NotConstant:
                return False
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            return self._flow.folder.decoded and isinstance(text, str) and len(text) >= 12
        return False

    def _decodes(self, call: ast.Call) -> bool:
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        return self._flow.folder.dotted(call.func) in DECODERS or method in {"decode", "translate", "join", "fromhex"}

    def _reads(self, part: ast.expr) -> bool:
        if not isinstance(part, ast.Call):
            return False
        method = part.func.attr if isinstance(part.func, ast.Attribute) else ""
        return self._flow.folder.dotted(part.func) in READ or method in READ_METHODS

    def _read_beside(self, node: ast.expr, words: set[str]) -> None:
        """Code read from a file that is found by the place of this one: from itself, or from its neighbours."""
        if self._named(node, words, "runs code from"):
            return
        if any(word.endswith((".py", ".pyw")) for word in words):
            return
        code = [path for path, text in self._data.items() if holds_code(path, text)]
        if code:
            self._add(node, f"runs code from a file that is no module, such as {min(code)}")
        elif not any("/" in word or "." in word.strip(".") for word in words):
            self._add(node, "runs parts of its own text")

    def _named(self, node: ast.expr, words: set[str], what: str, *, any_text: bool = False) -> bool:
        """Whether one of *words* names a data file of the draft that holds code."""
        for path, text in sorted(self._data.items()):
            name = PurePosixPath(path).name
            named = any(word == name or (len(word) > 2 and word.endswith(f"/{name}")) for word in words)
            if named and (any_text or holds_code(path, text)):
                self._add(node, f"{what} {path}, which is no module")
                return True
        return False

    def _loaded(self, node: ast.expr, what: str) -> None:
        origins = [*self._flow.origins(node)]
        words = {part.value for part in origins if isinstance(part, ast.Constant) and isinstance(part.value, str)}
        if not self._named(node, words, what, any_text=True) and not any(word.endswith(".py") for word in words):
            code = [path for path, text in self._data.items() if holds_code(path, text)]
            if code and any(isinstance(part, ast.Name) and part.id == "__file__" for part in origins):
                self._add(node, f"{what} {min(code)}, which is no module")

    def _object(self, node: ast.Call, called: str) -> None:
        """Code objects, and pickles that call what runs code."""
        if called == "pickle.loads":
            for text, _, _ in self._flow.texts(node.args[0]):
                if re.search(r"\b(exec|eval|compile|system|popen)\b", text):
                    self._add(node, "loads a pickle that runs code")
            return
        self.runs = True
        for argument in node.args[:1]:
            if any(self._disguised(part) or is_blob(part) for part in self._flow.origins(argument)):
                self._add(node, "runs a code object that is kept as a constant")
                return

    def _handed_along(self, node: ast.expr) -> None:
        parts = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
        for part in parts:
            self._text(part)

    def _started(self, node: ast.Call) -> None:
        """Python started as a process: with a text, or on a file."""
        values = [*node.args, *(word.value for word in node.keywords if word.arg in {"args", "input"})]
        words: list[ast.expr] = []
        for value in values:
            words += self._words(value)
        python = next((at for at, word in enumerate(words) if self._is_python(word)), None)
        if python is None:
            return
        self.runs = True
        rest = words[python + 1 :]
        for at, word in enumerate(rest):
            if isinstance(word, ast.Constant) and word.value == "-c" and at + 1 < len(rest):
                self._text(rest[at + 1], program=True)
                return
            if isinstance(word, ast.Constant) and word.value == "-" and at + 1 < len(rest):
                self._text(rest[-1], program=True)
                return
        for word in rest[:3]:
            self._loaded(word, "runs")

    def _words(self, value: ast.expr) -> list[ast.expr]:
        if isinstance(value, ast.Name) and value.id in self._flow.source.once:
            value = self._flow.source.once[value.id]
        if isinstance(value, (ast.List, ast.Tuple)):
            return value.elts
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and "python" in value.value:
            try:
                return [ast.copy_location(ast.Constant(value=word), value) for word in shlex.split(value.value)]
            except ValueError:
                return [value]
        return [value]

    def _is_python(self, word: ast.expr) -> bool:
        if self._flow.folder.dotted(word) == "sys.executable":
            return True
        text = word.value if isinstance(word, ast.Constant) else ""
        return isinstance(text, str) and PurePosixPath(text).name.startswith("python")

    def _written(self) -> None:
        """Code that is written to a file, where the same file imports by a name or a folder of its own."""
        for node in self._flow.nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                if node.func.attr not in {"write", "write_text", "writelines", "write_bytes"}:
                    continue
                for text, disguised, line in self._flow.texts(node.args[0]):
                    tree = parse(text)
                    if tree is not None and has_statements(tree):
                        if disguised:
                            self._add(node, "writes code that is kept in another form, to import it")
                        else:
                            self._embed(text, line, expression=False, alone=True, program=True)

    def _packed_code(self) -> Iterator[Finding]:
        """Constants that are code once they are unpacked, whoever unpacks them."""
        documentation = docstrings(self._flow.source.tree)
        left = MOST_CONSTANTS
        for node in self._flow.nodes:
            if not isinstance(node, ast.Constant) or not is_opaque(node.value) or id(node) in documentation:
                continue
            left -= 1
            if left < 0:
                return
            for value in unpack(node.value) if isinstance(node.value, (str, bytes)) else ():
                archive = isinstance(value, str) and value.startswith("PK\x03\x04")
                if archive or (isinstance(value, str) and is_code(value)):
                    yield _finding(self._path, node.lineno, "keeps code in another form")
                    break
            else:
                if is_archive(node.value):
                    yield _finding(self._path, node.lineno, "keeps code in another form")

    def _embed(self, text: str, line: int, *, expression: bool, alone: bool, program: bool) -> None:
        tree = parse(text)
        if tree is None or not tree.body:
            return
        if expression or (len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)):
            text = f"_ = (\n{text.strip()}\n)\n"
        names = () if program else self._names(alone=alone)
        self.embedded.append(Embedded(path=self._path, line=line, text=text, names=names, program=program))

    def _names(self, *, alone: bool) -> tuple[str, ...]:
        found = {node.id for node in self._flow.nodes if isinstance(node, ast.Name)} | self._flow.own
        found |= set(self._flow.source.aliases)
        found |= {part.value for part in self._flow.nodes if isinstance(part, ast.Constant) and is_name(part.value)}
        found |= {"*"} if alone else set()
        return tuple(sorted(found))[:5_000]

    def _add(self, node: ast.expr, message: str) -> None:
        self._found.append(_finding(self._path, node.lineno, message))


def _named_plainly(node: ast.expr) -> bool:
    """Whether the name of what runs text stands in *node* as one word."""
    return any(isinstance(part, ast.Constant) and part.value in RUN_TEXT for part in ast.walk(node))


def _in_eval_mode(node: ast.Call) -> bool:
    return any(
        isinstance(part, ast.Constant) and part.value == "eval"
        for part in (*node.args[2:], *(w.value for w in node.keywords))
    )


def _cookie(path: str, text: str) -> Iterator[Finding]:
    """An encoding in which Python reads other text than everybody else."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n", 2)[:2], start=1):
        match = _COOKIE.match(line[:500])
        if match is None:
            continue
        try:
            name = codecs.lookup(match.group(1)).name
            read = (
                text.encode("utf-8", "surrogatepass").decode(name, "replace") if name not in _PLAIN_ENCODINGS else text
            )
        except (LookupError, ValueError, TypeError, AssertionError):
            continue
        if _ascii(read) != _ascii(text):
            yield _finding(path, number, f"is other code in the encoding that it declares: {name}")
        return


def _ascii(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii())


def _finding(path: str, line: int, message: str) -> Finding:
    return Finding(check="lint", rule=RULE, path=path, line=line, message=message[:300])
