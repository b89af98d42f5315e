"""Writes chosen calls as a pytest file that somebody may want to read: a table for what is alike, a story for objects."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence

from .calls import Call, Maker, Ref
from .choosing import Candidate
from .performing import Outcome
from .spelling import Spelling
from .targets import Parameter, Target, split

_WIDTH = 110
_STAND = '''class Thing:
    """An object that has just the attributes it is given."""

    def __init__(self, **given):
        vars(self).update(given)
'''


def tidied(text: str) -> str:
    """*text* as ruff formats it, where ruff is there."""
    if shutil.which("ruff") is None:
        return text
    command = ("ruff", "format", "--isolated", "--no-cache", "--line-length", str(_WIDTH), "-")
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return text
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 and done.stdout else text


class _Name:
    """A reference, as the test calls the object."""

    def __init__(self, number: int) -> None:
        self.number = number


class Writer:
    """Writes one file."""

    def __init__(self, targets: Sequence[Target], makers: Mapping[int, Maker], project: frozenset[str]) -> None:
        self._targets = targets
        self._makers = makers
        self._project = project
        self._imports: set[tuple[str, str]] = set()
        self._pytest = False
        self._stands = False
        self._names: set[str] = set()

    def write(self, chosen: Sequence[Candidate]) -> str:
        """The whole file."""
        tests: list[str] = []
        for target in self._targets:
            groups: dict[tuple[object, ...], list[Candidate]] = defaultdict(list)
            stories: list[Candidate] = []
            for each in chosen:
                if each.call.target != target.number:
                    continue
                if each.call.objects or each.call.init is not None:
                    stories.append(each)
                else:
                    groups[_alike(each.outcome), len(each.call.args)].append(each)
            tests += [self._table(target, group) for group in groups.values()]
            tests += [self._story(target, each) for each in stories]
        head = [
            '"""What the code did when it was explored: each case kills a mutant, or takes a branch, that no other does."""',
            "",
        ]
        standard = sorted(name for name, what in self._imports if not what)
        head += [f"import {name}" for name in standard]
        if standard:
            head.append("")
        if self._pytest:
            head += ["import pytest", ""]
        exact = sorted(each for each in self._imports if each[0] in ("decimal", "fractions"))
        if exact:
            head[2:2] = [*(f"from {module} import {what}" for module, what in exact), ""]
            self._imports -= set(exact)
        by_module: dict[str, set[str]] = defaultdict(set)
        for module, what in self._imports:
            if what:
                by_module[module].add(what)
        head += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(by_module.items())]
        body = [*([_STAND.rstrip()] if self._stands else []), *tests]
        return "\n".join(head) + "\n\n\n" + "\n\n\n".join(body) + "\n"

    def _table(self, target: Target, group: Sequence[Candidate]) -> str:
        """One parametrised test, or a plain one for a single case."""
        outcome = group[0].outcome
        self._import(target, group)
        count = len(group[0].call.args)
        names = [_free(each.name) for each in target.parameters[:count]]
        what = _behaviour(outcome, target)
        name = self._name(f"test_{_word(target)}_{what}{_without(target, count)}")
        changed = [place for place, _ in outcome.changed]
        columns = [*names]
        asked = outcome.kind != "raises" and outcome.expected not in ("True", "False", "None")
        if asked:
            columns.append("expected")
        columns += [f"{names[place]}_afterwards" for place in changed]
        rows = [
            [
                *(self._spell(value) for value in each.call.args),
                *([str(each.outcome.expected)] if asked else []),
                *(text for _, text in each.outcome.changed),
            ]
            for each in group
        ]
        call = f"{target.shown}({_given(target.parameters, names)})"
        if len(rows) == 1 or not columns:
            values = dict(zip(columns, rows[0], strict=True))
            given = [
                f"    {column} = {values[column]}" for column in names if changed and names.index(column) in changed
            ]
            told = [name if changed and names.index(name) in changed else values[name] for name in names]
            call = f"{target.shown}({_given(target.parameters, told)})"
            after = [f"    assert {names[place]} == {text}" for place, text in outcome.changed]
            return "\n".join(
                [f"def {name}():", *given, *self._assert(target, call, outcome, outcome.expected or ""), *after]
            )
        self._pytest = True
        shown = f'"{columns[0]}"' if len(columns) == 1 else "(" + ", ".join(f'"{column}"' for column in columns) + ")"
        lines = [f"        {row[0] if len(columns) == 1 else '(' + ', '.join(row) + ')'}," for row in rows]
        after = [f"    assert {names[place]} == {names[place]}_afterwards" for place in changed]
        return "\n".join(
            [
                "@pytest.mark.parametrize(",
                f"    {shown},",
                "    [",
                *lines,
                "    ],",
                ")",
                f"def {name}({', '.join(columns)}):",
                *self._assert(target, call, outcome, "expected"),
                *after,
            ]
        )

    def _story(self, target: Target, each: Candidate) -> str:
        """A test of its own, with its objects made one after the other."""
        call, outcome = each.call, each.outcome
        self._import(target, [each])
        lines: list[str] = []
        name = f"test_{_word(target)}_{_behaviour(outcome, target)}"
        if call.objects:
            lines += self._objects(call)
            name += f"_among_{len(call.objects)}_objects"
        arguments = _given(target.parameters, [self._spell(value) for value in call.args])
        shown = f"{target.shown}({arguments})"
        if call.init is not None:
            subject = _free(_snake(target.owner))
            lines.append(
                f"    {subject} = {target.owner}({_given(target.init or (), [self._spell(value) for value in call.init])})"
            )
            lines += [
                f"    {subject}.{step.name}({_given(self._of(target, step.name), [self._spell(value) for value in step.args])})"
                for step in call.steps
            ]
            shown = f"{subject}.{target.name}({arguments})"
            if call.steps:
                name += "_after_" + "_".join(dict.fromkeys(step.name for step in call.steps))
        changed = []
        for place, text in outcome.changed:
            given = _free(target.parameters[place].name)
            spelt = self._spell(call.args[place])
            lines.append(f"    {given} = {spelt}")
            shown = shown.replace(spelt, given, 1)
            changed.append(f"    assert {given} == {text}")
        changed += [_is(f"node_{number}.{field}", text) for number, field, text in outcome.state]
        name = self._name(name)
        return "\n".join(
            [
                f"def {name}():",
                *lines,
                *([""] if lines else []),
                *self._assert(target, shown, outcome, outcome.expected or ""),
                *changed,
            ]
        )

    def _of(self, target: Target, method: str) -> Sequence[Parameter]:
        """Parameters of another method of the same class."""
        same = (target.path, target.owner, method)
        return next(each.parameters for each in self._targets if (each.path, each.owner, each.name) == same)

    def _objects(self, call: Call) -> list[str]:
        maker = self._makers[call.target]
        if maker.module:
            self._imports.add((maker.module, maker.name))
        else:
            self._stands = True
        kind = maker.name or "Thing"
        lines = [f"    node_{number} = {kind}()" for number in range(len(call.objects))]
        for number, attributes in enumerate(call.objects):
            lines += [
                f"    node_{number}.{field} = {self._spell(value)}"
                for field, value in attributes.items()
                if not (maker.module and value is None)
            ]
        return lines

    def _assert(self, target: Target, call: str, outcome: Outcome, expected: str) -> list[str]:
        if target.asynchronous:
            self._imports.add(("asyncio", ""))
            call = f"asyncio.run({call})"
        if outcome.kind == "raises":
            self._pytest = True
            match = (
                f", match={_quoted(_escaped(outcome.message))}"
                if outcome.message and len(outcome.message) < 120
                else ""
            )
            return [
                f"    with pytest.raises({outcome.error}{match}):",
                f"        {call}",
            ]
        if outcome.kind == "yields":
            call = f"list({call})"
        if outcome.expected in ("True", "False", "None") or outcome.same:
            return [f"    assert {call} is {outcome.expected}"]
        if outcome.rounded and _flat(str(outcome.expected)):
            self._pytest = True
            return [f"    assert {call} == pytest.approx({expected}, rel=1e-9)"]
        return [f"    assert {call} == {expected}"]

    def _import(self, target: Target, group: Sequence[Candidate]) -> None:
        self._imports.add((target.module, target.owner.split(".")[0] or target.name))
        for each in group:
            self._imports |= each.outcome.imports

    def _spell(self, value: object) -> str:
        spelling = Spelling({}, self._project)
        text = spelling.source(_named(value, spelling))
        self._imports |= spelling.imports
        return text

    def _name(self, name: str) -> str:
        found, number = name, 2
        while found in self._names:
            found, number = f"{name}_{number}", number + 1
        self._names.add(found)
        return found


def _named(value: object, spelling: Spelling) -> object:
    """*value* with the objects' names for references; *spelling* is told of them."""
    if isinstance(value, Ref):
        name = _Name(value.number)
        spelling.known = {**spelling.known, id(name): f"node_{value.number}"}
        _KEPT.append(name)
        return name
    if isinstance(value, (list, tuple, set, frozenset)) and type(value) in (list, tuple, set, frozenset):
        return type(value)(_named(inner, spelling) for inner in value)
    if isinstance(value, dict):
        return {_named(key, spelling): _named(inner, spelling) for key, inner in value.items()}
    return value


_KEPT: list[_Name] = []
"""Names are told apart by identity, so that none may be forgotten."""


def _alike(outcome: Outcome) -> tuple[object, ...]:
    changed = tuple(place for place, _ in outcome.changed)
    if outcome.kind == "raises":
        return "raises", outcome.error, outcome.message, changed
    return outcome.kind, _kind(outcome), changed, outcome.rounded


def _kind(outcome: Outcome) -> str:
    """What sort of answer it is, in words that fit into a name."""
    text = outcome.expected or "None"
    if text in ("True", "False", "None"):
        return {"True": "is_true", "False": "is_false", "None": "returns_nothing"}[text]
    if outcome.same:
        return "returns_what_it_was_given"
    if outcome.kind == "yields":
        return "yields"
    first = text[0]
    if first in "'\"":
        return "returns_text"
    if first in "-0123456789" or text.startswith("float("):
        return "returns_a_number"
    return {"[": "returns_a_list", "(": "returns_a_tuple", "{": "returns_a_set_or_dict"}.get(first, "returns_an_object")


def _behaviour(outcome: Outcome, target: Target) -> str:
    changed = "_and_".join(target.parameters[place].name for place, _ in outcome.changed)
    tail = f"_and_changes_{changed}" if changed else ""
    if outcome.kind == "raises":
        return f"raises_{_snake(outcome.error)}{tail}"
    kind = _kind(outcome)
    if kind == "returns_a_set_or_dict":
        kind = "returns_a_dict" if ":" in (outcome.expected or "") or outcome.expected == "{}" else "returns_a_set"
    return kind + tail


def _given(parameters: Sequence[Parameter], texts: Sequence[str]) -> str:
    """Arguments as they stand in a call."""
    placed, named = split(parameters, texts)
    return ", ".join([*placed, *(f"{name}={text}" for name, text in named.items())])


def _without(target: Target, count: int) -> str:
    left = [each.name for each in target.parameters[count:]]
    return f"_without_{'_and_'.join(left)}" if left else ""


def _word(target: Target) -> str:
    return f"{_snake(target.owner)}_{target.name}" if target.owner else target.name


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _free(name: str) -> str:
    """*name*, unless that would hide something that the test uses."""
    return f"{name}_" if name in {"pytest", "request", "expected", "list", "vars", "asyncio"} else name


def _escaped(text: str) -> str:
    """*text* as a regular expression that finds it; `re.escape` would escape blanks too."""
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)


def _quoted(text: str) -> str:
    return f'r"{text}"' if '"' not in text and "\n" not in text and not text.endswith("\\") else repr(text)


def _is(left: str, text: str) -> str:
    return f"    assert {left} {'is' if text == 'None' or text.startswith('node_') else '=='} {text}"


def _flat(text: str) -> bool:
    return sum(text.count(mark) for mark in "[({") <= 1 and "'" not in text and '"' not in text
