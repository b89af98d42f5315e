"""Writes cases as a file of tests for vitest: each part is made here of data, so that nothing of a box's text is in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from pydantic import JsonValue

from agents.vitest.lines import Case, Outcome, Step

FUNCTIONS: Mapping[str, str] = {
    "same": "(value) => value",
    "double": "(value) => value * 2",
    "more than two": "(value) => value > 2",
    "nothing": "() => undefined",
    "sum": "(left, right) => left + right",
    "less": "(left, right) => left - right",
    "second": "(left, right) => right",
}
_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity", "-0"})
_IDENTIFIER = re.compile(r"^[A-Za-z_$][\w$]*$")
_DATE = re.compile(r"^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
_DEEPEST = 12
_TITLE = 90
_GIVEN = 40


class Unwritable(ValueError):
    """What the box wrote is no value that a test may have."""


def source(value: JsonValue, depth: int = 0) -> str:  # noqa: PLR0911  # one way for each kind of value
    """*value* as an expression.

    Raises:
        Unwritable: It is none that is known here.
    """
    if depth > _DEEPEST:
        raise Unwritable("it is nested too deeply")
    if isinstance(value, list):
        return f"[{', '.join(source(each, depth + 1) for each in value)}]"
    if not isinstance(value, dict):
        return _text(value) if isinstance(value, str) else json.dumps(value)
    kind, inner = value.get("$"), value.get("v")
    if kind == "undefined":
        return "undefined"
    if kind == "number" and inner in _NUMBERS:
        return str(inner)
    if kind == "bigint" and isinstance(inner, str) and re.fullmatch(r"-?\d{1,400}", inner):
        return f"{inner}n"
    if kind == "date" and isinstance(inner, str) and _DATE.fullmatch(inner):
        return f'new Date("{inner}")'
    if kind == "function" and isinstance(inner, str) and inner in FUNCTIONS:
        return FUNCTIONS[inner]
    if isinstance(inner, list):
        return _of_parts(kind, inner, value.get("name"), depth)
    raise Unwritable(f"there is no value of the kind {kind!r}")


def _of_parts(kind: JsonValue, inner: list[JsonValue], name: JsonValue, depth: int) -> str:
    if kind == "set":
        return f"new Set({source(inner, depth + 1)})"
    if kind == "new" and isinstance(name, str) and _IDENTIFIER.fullmatch(name):
        return f"new {name}({', '.join(source(each, depth + 1) for each in inner)})"
    pairs = [each for each in inner if isinstance(each, list) and len(each) == 2]
    if len(pairs) == len(inner) and kind == "map":
        return f"new Map({source(inner, depth + 1)})"
    if len(pairs) == len(inner) and kind in ("object", "like"):
        told = [f"{_key(key)}: {source(each, depth + 1)}" for key, each in pairs]
        return f"{{ {', '.join(told)} }}" if told else "{}"
    raise Unwritable(f"there is no value of the kind {kind!r}")


def _key(key: JsonValue) -> str:
    if not isinstance(key, str):
        raise Unwritable("a name that is no text")
    if key == "__proto__":
        return '["__proto__"]'
    return key if _IDENTIFIER.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    return (
        json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False)
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


class Written:
    """One file of tests, of which single ones can be left out."""

    def __init__(self, cases: Sequence[Case], files: Mapping[str, str], path: str) -> None:
        """*path* is where it is to stand, below the root that *files* have."""
        self._files = files
        self._path = path
        self.tests: dict[str, tuple[Case, str]] = {}
        """Case and text of each test, by its title."""
        for case in cases:
            title, text = _test(case)
            whole, number = title, 2
            while whole in self.tests:
                whole, number = f"{title} ({number})", number + 1
            self.tests[whole] = (case, f"test({_text(whole)}, {text}")

    def text(self, without: frozenset[str] = frozenset()) -> str:
        """The file without the tests of these titles; empty where none is left."""
        kept = {title: each for title, each in self.tests.items() if title not in without}
        if not kept:
            return ""
        head = ['import { expect, test } from "vitest"', "", *self._imports([case for case, _ in kept.values()]), ""]
        return "\n".join(head) + "\n" + "\n\n".join(text for _, text in kept.values()) + "\n"

    def _imports(self, cases: Sequence[Case]) -> list[str]:
        named: dict[str, set[str]] = {}
        plain: set[tuple[str, str]] = set()
        required: dict[str, set[str]] = {}
        for case in cases:
            call = case.call
            if call.exported == "default":
                plain.add((call.path, call.name))
            else:
                (named if call.exported == "named" else required).setdefault(call.path, set()).add(call.name)
            for each in (*call.args, *call.made_with, *(arg for step in call.steps for arg in step.args)):
                (required if call.exported == "required" else named).setdefault(call.path, set()).update(_classes(each))
        lines = [f"import {name} from {_text(self._from(path))}" for path, name in sorted(plain)]
        lines += [
            f"import {{ {', '.join(sorted(names))} }} from {_text(self._from(path))}"
            for path, names in sorted(named.items())
            if names
        ]
        if required:
            lines = [
                'import { createRequire } from "node:module"',
                *lines,
                "",
                "const require = createRequire(import.meta.url)",
            ]
            lines += [
                f"const {{ {', '.join(sorted(names))} }} = require({_text(self._from(path))})"
                for path, names in sorted(required.items())
            ]
        return lines

    def _from(self, path: str) -> str:
        up = "../" * (len(PurePosixPath(self._path).parts) - 1) or "./"
        return up + re.sub(r"\.(ts|tsx|mts|cts)$", "", path)


def _classes(value: JsonValue) -> set[str]:
    if isinstance(value, list):
        return {name for each in value for name in _classes(each)}
    if isinstance(value, dict):
        own = {str(value["name"])} if value.get("$") == "new" and "name" in value else set()
        return own | _classes(value.get("v"))
    return set()


def _test(case: Case) -> tuple[str, str]:
    call, outcome = case.call, case.outcome
    if call.kind == "class":
        return _story(case)
    args = [source(each) for each in call.args]
    names = [_free(each) for each in case.names]
    lines = []
    for place, _ in outcome.changed:
        if place < len(args) and place < len(names) and _IDENTIFIER.fullmatch(names[place]):
            lines.append(f"  const {names[place]} = {args[place]}")
            args[place] = names[place]
    shown = f"{call.name}({', '.join(args)})"
    lines += _expected(shown, outcome)
    lines += [
        f"  expect({args[place]}).toEqual({source(value)})" for place, value in outcome.changed if place < len(args)
    ]
    begin = "async () => {" if outcome.kind in ("resolves", "rejects") else "() => {"
    given = ", ".join(source(each) for each in call.args).replace('"', "'")
    title = f"{call.name}({given if len(given) < _GIVEN else f'{given[:_GIVEN]}…'}) {_does(outcome)}"
    return title[:_TITLE], "\n".join([begin, *lines, "})"])


def _story(case: Case) -> tuple[str, str]:
    """An object that is made and used, each step with what it did."""
    call = case.call
    subject = call.name[0].lower() + call.name[1:]
    subject = subject if subject != call.name else "thing"
    lines = [f"  const {subject} = new {call.name}({', '.join(source(each) for each in call.made_with)})"]
    for step, outcome in zip(call.steps, case.outcome.steps, strict=False):
        lines += _expected(_stepped(subject, step), outcome)
    late = any(each.kind in ("resolves", "rejects") for each in case.outcome.steps)
    names = " ".join(dict.fromkeys(step.name for step in call.steps))
    said = "; ".join(f"{step.name} {_does(each)}" for step, each in zip(call.steps, case.outcome.steps, strict=False))
    title = f"{call.name}: {said}" if len(said) < _TITLE else f"{call.name}: {names}"
    return title[:_TITLE], "\n".join(["async () => {" if late else "() => {", *lines, "})"])


def _stepped(subject: str, step: Step) -> str:
    if step.reads:
        return f"{subject}.{step.name}"
    return f"{subject}.{step.name}({', '.join(source(each) for each in step.args)})"


def _expected(shown: str, outcome: Outcome) -> list[str]:
    said = f"({_text(outcome.message)})" if outcome.message else "()"
    if outcome.kind == "throws":
        return [f"  expect(() => {f'[...{shown}]' if outcome.iterated else shown}).toThrow{said}"]
    if outcome.kind == "rejects":
        return [f"  await expect({shown}).rejects.toThrow{said}"]
    if outcome.unspeakable:
        return [f"  await {shown}" if outcome.kind == "resolves" else f"  {shown}"]
    subject = {"resolves": f"await {shown}", "yields": f"[...{shown}]"}.get(outcome.kind, shown)
    return [f"  expect({subject}).{_matching(outcome.value)}"]


def _matching(value: JsonValue) -> str:
    if value is None or isinstance(value, (bool, int, float, str)):
        return "toBeNull()" if value is None else f"toBe({source(value)})"
    if isinstance(value, dict) and value.get("$") == "undefined":
        return "toBeUndefined()"
    if isinstance(value, dict) and value.get("$") in ("number", "bigint"):
        return f"toBe({source(value)})"
    if isinstance(value, dict) and value.get("$") == "like":
        return f"toMatchObject({source(value)})"
    return f"toEqual({source(value)})"


def _does(outcome: Outcome) -> str:
    if outcome.kind in ("throws", "rejects"):
        return f"{outcome.kind} {outcome.name}"
    if outcome.unspeakable:
        return "is called"
    shown = source(outcome.value).replace('"', "'")
    return (
        f"{outcome.kind if outcome.kind != 'resolves' else 'resolves to'} {shown if len(shown) < 30 else 'as it did'}"
    )


def _free(name: str) -> str:
    return f"{name}_" if name in {"expect", "test", "require"} else name
