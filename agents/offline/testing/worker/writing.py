"""Writes chosen calls as a pytest file that somebody may want to read: a table for what is alike, a story for objects."""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Mapping, Sequence

from .calls import Call, Maker, Ref, Step, files
from .choosing import Candidate
from .outcomes import Outcome, Said
from .spelling import Spelling
from .targets import Target
from .wording import (
    arguments_of,
    behaviour_of,
    equality,
    free_name,
    is_flat,
    likeness,
    matching,
    snake,
    without_rest,
    word_for,
)

_STANDARD = frozenset({"decimal", "fractions", "contextlib", "io"})
_STAND = '''class Thing:
    """An object that has just the attributes it is given."""

    def __init__(self, **given):
        vars(self).update(given)
'''


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
                if _is_a_story(each):
                    stories.append(each)
                else:
                    groups[likeness(each.outcome), len(each.call.args)].append(each)
            tests += [self._table(target, group) for group in groups.values()]
            tests += [self._story(target, each) for each in stories]
        head = [
            '"""What the code did when it was explored: each case kills a mutant, or takes a branch, that no other does."""',
            "",
        ]
        standard = [f"import {name}" for name, what in sorted(self._imports) if not what]
        exact = sorted(each for each in self._imports if each[0] in _STANDARD and each[1])
        told: dict[str, list[str]] = defaultdict(list)
        for module, what in exact:
            told[module].append(what)
        standard += [f"from {module} import {', '.join(what)}" for module, what in told.items()]
        self._imports -= set(exact)
        head += [*standard, ""] if standard else []
        if self._pytest:
            head += ["import pytest", ""]
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
        names = [free_name(each.name) for each in target.parameters[:count]]
        what = behaviour_of(outcome, target)
        name = self._name(f"test_{word_for(target)}_{what}{without_rest(target, count)}")
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
        call = f"{target.shown}({arguments_of(target.parameters, names)})"
        if len(rows) == 1 or not columns:
            values = dict(zip(columns, rows[0], strict=True))
            given = [
                f"    {column} = {values[column]}" for column in names if changed and names.index(column) in changed
            ]
            told = [name if changed and names.index(name) in changed else values[name] for name in names]
            call = f"{target.shown}({arguments_of(target.parameters, told)})"
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
        if call.script:
            return self._script(target, each)
        self._import(target, [each])
        lines = self._laid(call)
        name = f"test_{word_for(target)}_{behaviour_of(outcome, target)}"
        if call.objects:
            lines += self._objects(call)
            name += f"_among_{len(call.objects)}_objects"
        arguments = arguments_of(target.parameters, [self._spell(value) for value in call.args])
        shown = target.shown if target.reads else f"{target.shown}({arguments})"
        if call.init is not None:
            subject = free_name(snake(target.owner))
            lines.append(
                f"    {subject} = {target.owner}({arguments_of(target.init or (), [self._spell(value) for value in call.init])})"
            )
            steps = [*call.steps, Step(target.name, call.args)] if call.whole else call.steps
            told = [self._stepped(target, subject, step) for step in steps]
            if call.whole:
                return self._whole(target, each, lines, told)
            lines += [f"    {step}" for step in told]
            shown = f"{subject}.{target.name}" + ("" if target.reads else f"({arguments})")
            if call.steps:
                name += "_after_" + "_".join(dict.fromkeys(step.name for step in call.steps))
        changed = []
        for place, text in outcome.changed:
            given = free_name(target.parameters[place].name)
            spelt = self._spell(call.args[place])
            lines.append(f"    {given} = {spelt}")
            shown = shown.replace(spelt, given, 1)
            changed.append(f"    assert {given} == {text}")
        changed += [equality(f"node_{number}.{field}", text) for number, field, text in outcome.state]
        if call.init is not None:
            changed += [equality(f"{free_name(snake(target.owner))}.{field}", text) for field, text in outcome.owner]
        changed += [
            f'    assert (tmp_path / "{path}").read_text(encoding="utf-8") == {text!r}' for path, text in outcome.files
        ]
        name = self._name(name)
        return "\n".join(
            [
                f"def {name}({'tmp_path' if 'tmp_path' in shown + ''.join([*lines, *changed]) else ''}):",
                *lines,
                *([""] if lines else []),
                *self._assert(target, shown, outcome, outcome.expected or ""),
                *changed,
            ]
        )

    @staticmethod
    def _laid(call: Call) -> list[str]:
        """The files of *call*, as the test makes them."""
        return [
            f'    (tmp_path / "{file.name}").write_text({file.text!r}, encoding="utf-8")'
            for file in files(call)
            if file.text is not None
        ]

    def _stepped(self, target: Target, subject: str, step: Step) -> str:
        """A method that is called on *subject*, or an attribute of it that is read."""
        other = next(
            each
            for each in self._targets
            if (each.path, each.owner, each.name) == (target.path, target.owner, step.name)
        )
        if other.reads:
            return f"{subject}.{step.name}"
        call = f"{subject}.{step.name}({arguments_of(other.parameters, [self._spell(value) for value in step.args])})"
        return self._awaited(other, call)

    def _awaited(self, target: Target, call: str) -> str:
        if not target.asynchronous:
            return call
        self._imports.add(("asyncio", ""))
        return f"asyncio.run({call})"

    def _whole(self, target: Target, each: Candidate, lines: list[str], steps: Sequence[str]) -> str:
        """All that an object did, one thing after the other."""
        subject = free_name(snake(target.owner))
        body = [line for step, said in zip(steps, each.outcome.said, strict=True) for line in self._told(step, said)]
        body += [equality(f"{subject}.{field}", text) for field, text in each.outcome.owner]
        names = dict.fromkeys([*(step.name for step in each.call.steps), target.name])
        name = self._name(f"test_{snake(target.owner)}_through_{'_'.join(names)}"[:90])
        given = "tmp_path" if "tmp_path" in "".join([*lines, *body]) else ""
        return "\n".join([f"def {name}({given}):", *lines, "", *body])

    def _told(self, step: str, said: Said) -> list[str]:
        """What one step of several did, as a test says it."""
        if said.kind == "raises":
            self._pytest = True
            return [f"    with pytest.raises({said.error}{matching(said.message)}):", f"        {step}"]
        if said.kind == "yields":
            return [f"    assert list({step}) == {said.expected}"]
        if said.kind == "views" and said.attributes:
            return [f"    found = {step}", *(equality(f"found.{name}", text) for name, text in said.attributes)]
        if said.kind in ("nothing", "views"):
            return [f"    {step}"]
        if said.expected in ("True", "False"):
            return [f"    assert {step} is {said.expected}"]
        return [f"    assert {step} == {said.expected}"]

    def _script(self, target: Target, each: Candidate) -> str:
        """Statements that stand in the code, in the same order."""
        self._imports |= each.outcome.imports
        bound, used = set[str](), set[str]()
        for source, _ in each.call.script:
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Name):
                    (bound if isinstance(node.ctx, ast.Store) else used).add(node.id)
        self._imports |= {(target.module, name) for name in used - bound if not hasattr(builtins, name)}
        body = [
            line
            for said in each.outcome.said
            for line in (
                self._told(said.source, said)
                if isinstance(ast.parse(said.source).body[0], ast.Expr)
                else [f"    {part}" for part in said.source.splitlines()]
            )
        ]
        what = "does_as_a_program" if "program" in each.call.origin else "does_what_its_examples_show"
        name = self._name(f"test_{target.module.rpartition('.')[2]}_{what}")
        return "\n".join([f"def {name}():", *body])

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
        if outcome.kind == "raises":
            self._pytest = True
            before, body = self._attempt(target, call)
            return [
                *before,
                f"    with pytest.raises({outcome.error}{matching(outcome.message)}):",
                *(f"        {line}" for line in body),
            ]
        before, call = self._answer(target, call, outcome)
        if outcome.kind == "enters":
            shown = self._compared("entered", outcome, expected)
            return [f"    with {call} as entered:", *(f"    {line}" for line in shown)]
        if outcome.printed:
            self._imports |= {("contextlib", "redirect_stdout"), ("io", "StringIO")}
            nothing = outcome.expected == "None"
            return [
                *before,
                "    with redirect_stdout(StringIO()) as printed:",
                f"        {call}" if nothing else f"        answer = {call}",
                *([] if nothing else self._compared("answer", outcome, expected)),
                f"    assert printed.getvalue() == {outcome.printed!r}",
            ]
        return [*before, *self._compared(call, outcome, expected)]

    def _attempt(self, target: Target, call: str) -> tuple[list[str], list[str]]:
        """What stands before a call that raises, and the call itself, as far as it has to be followed until it does."""
        if target.asynchronous and target.shape:
            self._imports.add(("asyncio", ""))
            gone = f"async with {call}:" if target.shape == "context" else f"async for _ in {call}:"
            return ["    async def followed():", f"        {gone}", "            pass", ""], ["asyncio.run(followed())"]
        if target.shape == "context":
            return [], [f"with {call}:", "    pass"]
        return [], [f"list({call})" if target.shape == "generator" else self._awaited(target, call)]

    def _answer(self, target: Target, call: str, outcome: Outcome) -> tuple[list[str], str]:
        """What stands before the answer is there, and the answer."""
        if outcome.kind == "yields":
            return [], f"list({call})"
        if outcome.kind == "streams":
            self._imports.add(("asyncio", ""))
            lines = ["    async def collected():", f"        return [each async for each in {call}]", ""]
            return lines, "asyncio.run(collected())"
        if outcome.kind == "enters later":
            self._imports.add(("asyncio", ""))
            lines = ["    async def entered():", f"        async with {call} as value:", "            return value", ""]
            return lines, "asyncio.run(entered())"
        return [], self._awaited(target, call)

    def _compared(self, call: str, outcome: Outcome, expected: str) -> list[str]:
        if outcome.viewed:
            table = ast.parse(str(outcome.expected), mode="eval").body
            pairs = zip(table.keys, table.values, strict=True) if isinstance(table, ast.Dict) else ()
            shown = [(str(key.value), ast.unparse(value)) for key, value in pairs if isinstance(key, ast.Constant)]
            return [f"    found = {call}", *(equality(f"found.{name}", text) for name, text in shown)]
        if outcome.expected in ("True", "False", "None") or outcome.same:
            return [f"    assert {call} is {outcome.expected}"]
        if outcome.rounded and is_flat(str(outcome.expected)):
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


def _is_a_story(each: Candidate) -> bool:
    """Whether it wants a test of its own, and is no row of a table."""
    call, outcome = each.call, each.outcome
    return bool(
        call.objects
        or call.init is not None
        or call.script
        or outcome.printed
        or outcome.files
        or outcome.viewed
        or outcome.kind not in {"returns", "raises", "yields"}
        or files(call)
    )


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
