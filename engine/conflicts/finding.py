"""Finds two things in a task that no code can satisfy together, from the text of its frozen tests and its goal alone.

Nothing is run, and the work is bounded: where it is too much, what was not looked at is no conflict.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from engine.conflicts.claims import GOAL, PYTHON, Claim, Conflict
from engine.conflicts.closing import Scope
from engine.conflicts.collecting import Collected, collected
from engine.conflicts.effort import LONGEST_FILE, LONGEST_IN_ALL, MOST_ALIKE, Effort, TooMuch, Unknown
from engine.conflicts.evaluating import HOLE, evaluate
from engine.conflicts.fixtures import missing_fixtures, parameter_names
from engine.conflicts.following import Demand, Following
from engine.conflicts.goal import examples_in
from engine.conflicts.literals import Example
from engine.conflicts.opposing import by_an_object, never, opposed
from engine.conflicts.origins import Origins
from engine.conflicts.reading import Module, read_module
from engine.conflicts.rows import rows_of
from engine.conflicts.state import may_remember
from engine.conflicts.surroundings import Surroundings

Pair = tuple[Demand, Demand]


def find_conflict(
    *, goal: str, tests: Mapping[str, str], code: Collection[str], plugins: bool = False
) -> Conflict | None:
    """The first contradiction, or None; *code* is the paths of the code under test. With *plugins*, fixtures may come
    from one, which is there or which a draft may ask for.

    A contradiction between calls that may remember earlier ones, or that something else in the frozen files may
    change, is not one.
    """
    try:
        return next(_conflicts(goal, tests, code, Effort(), plugins=plugins), None)
    except (TooMuch, RecursionError, MemoryError):
        return None
    except Exception:  # noqa: BLE001 (the text is anybody's, and what is not understood here is still judged in a box)
        return None


def _conflicts(
    goal: str, tests: Mapping[str, str], code: Collection[str], effort: Effort, *, plugins: bool
) -> Iterator[Conflict]:
    modules, unread = _read(tests, effort)
    origins = Origins(code, tests)
    surroundings = Surroundings(modules, unread, origins)
    found = [test for module in modules if not module.path.endswith("conftest.py") for test in collected(module)]
    if not surroundings.hooked and not unread and not plugins:
        yield from missing_fixtures(found, modules)
    demands, changing = list[Demand](), set[str]()
    for test in found:
        for demand in _followed(test, surroundings, origins, effort, changing):
            if demand.call is None and demand.bound is None:
                yield from _with_python(demand, effort)
            elif demand.condition is not None and never(demand.condition, effort):
                yield _impossible(demand, "nothing is equal to a nan")
            demands.append(demand)
    yield from _of_one_value(demands, effort)
    by_call = _by_call(demands)
    changing |= _seen_to_change(by_call, effort)
    yield from _of_one_call(by_call, changing, effort)
    yield from _with_goal(examples_in(goal, effort), by_call, changing, effort)


def _read(tests: Mapping[str, str], effort: Effort) -> tuple[list[Module], list[str]]:
    """The frozen files that can be read, and the paths of those that cannot."""
    modules, unread, left = list[Module](), list[str](), LONGEST_IN_ALL
    for path, text in sorted(tests.items()):
        if not path.endswith(".py"):
            continue
        left -= len(text)
        module = read_module(path, text, effort) if len(text) <= LONGEST_FILE and left > 0 else None
        if module is None:
            unread.append(path)
        else:
            modules.append(module)
    return modules, unread


def _followed(
    test: Collected, surroundings: Surroundings, origins: Origins, effort: Effort, changing: set[str]
) -> Iterator[Demand]:
    """What *test* demands with each row of its parameters."""
    names = parameter_names(test.marks)
    if names is None or not surroundings.followed(test, names):
        return
    clean = surroundings.clean(test, names)
    blank = Scope(module=test.module, origins=origins, effort=effort)
    for number, row in enumerate(rows_of(test.marks, blank)):
        asked = (*test.asks_for, *([test.receiver] if test.receiver else ()))
        scope = Scope(module=test.module, origins=origins, effort=effort, local=dict.fromkeys(_own_names(test, asked)))
        scope.local.update(row.values)
        walk = Following(
            test, scope, name=f"{test.name}[{number}]", line=row.line, clean=clean, may_skip=surroundings.may_skip
        )
        try:
            yield from walk.demands()
        except (RecursionError, MemoryError):
            return
        changing |= walk.changing


def _own_names(test: Collected, asked: Sequence[str]) -> list[str]:
    arguments = test.function.args
    return [*asked, *(each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))]


def _with_python(demand: Demand, effort: Effort) -> Iterator[Conflict]:
    """Where a condition without any of the code under test is false."""
    if demand.condition is None or HOLE in ast.dump(demand.condition):
        return
    try:
        if not evaluate(demand.condition, effort):
            yield _impossible(demand, f"{demand.shown} is false")
    except Unknown:
        return
    except (ZeroDivisionError, IndexError, KeyError) as error:
        yield _impossible(demand, f"{demand.shown} raises {type(error).__name__}")
    except (TypeError, ValueError, AttributeError, OverflowError, LookupError):
        return


def _impossible(demand: Demand, says: str) -> Conflict:
    mine = Claim(where=demand.where, says=demand.shown)
    why = "that is so whatever the code under test does"
    return Conflict(between=(mine, Claim(where=PYTHON, says=says)), why=why)


def _of_one_value(demands: Sequence[Demand], effort: Effort) -> Iterator[Conflict]:
    """Where one test asks two things of a value, with nothing between that could change it."""
    groups = defaultdict[tuple[str, int], list[Demand]](list)
    for demand in demands:
        if demand.bound is not None:
            groups[demand.test, demand.bound.number].append(demand)
    for group in groups.values():
        for one, other in combinations(group[:MOST_ALIKE], 2):
            if one.bound and not one.bound.returned and by_an_object(one.condition, other.condition):
                continue
            if opposed(one.condition, other.condition, effort, one_value=True):
                yield _between(one, other, "both are asked of one value, and nothing happens to it in between")


def _by_call(demands: Sequence[Demand]) -> dict[str, list[Demand]]:
    groups = defaultdict[str, list[Demand]](list)
    for demand in demands:
        if demand.call is not None:
            groups[demand.call.key].append(demand)
    return groups


def _seen_to_change(by_call: Mapping[str, list[Demand]], effort: Effort) -> set[str]:
    """Functions that one test expects to answer the same call in two ways, one after the other."""
    found = set[str]()
    for group in by_call.values():
        by_test = defaultdict[str, list[Demand]](list)
        for demand in group:
            by_test[demand.test].append(demand)
        for alike in by_test.values():
            for one, other in combinations(alike[:MOST_ALIKE], 2):
                apart = one.statement != other.statement
                if one.call and apart and opposed(one.condition, other.condition, effort):
                    found.add(one.call.function)
    return found


def _of_one_call(by_call: Mapping[str, list[Demand]], changing: set[str], effort: Effort) -> Iterator[Conflict]:
    """Where two tests, or two conditions of one assertion, ask two things of the same call."""
    for group in by_call.values():
        telling = _distinct(demand for demand in group if _counts(demand, changing))
        for one, other in combinations(telling, 2):
            apart = one.test != other.test
            if one.call and one.call.made and by_an_object(one.condition, other.condition):
                continue
            if (apart or one.statement == other.statement) and opposed(one.condition, other.condition, effort):
                why = "one call either returns or raises" if None in (one.condition, other.condition) else ""
                yield _between(one, other, why or "the same call with the same arguments cannot give both")


def _distinct(group: Iterable[Demand]) -> list[Demand]:
    """Those of *group* that say something new, each as two tests say it, and no more than `MOST_ALIKE`."""
    said = defaultdict[str, list[Demand]](list)
    for demand in group:
        alike = said["" if demand.condition is None else ast.dump(demand.condition)]
        if not alike or (len(alike) == 1 and alike[0].test != demand.test):
            alike.append(demand)
    return [demand for alike in said.values() for demand in alike][:MOST_ALIKE]


def _counts(demand: Demand, changing: set[str]) -> bool:
    """Whether only the arguments can decide what this call gives."""
    if demand.call is None or demand.call.function in changing:
        return False
    if demand.call.made:
        return demand.first and (demand.condition is None or _asks_a_method(demand))
    return demand.first or (demand.alike and not may_remember(demand.call))


def _asks_a_method(demand: Demand) -> bool:
    """Whether the object itself is never compared, and something plain decides what its method gives."""
    nodes = list(ast.walk(demand.condition)) if demand.condition else []
    holes = sum(isinstance(node, ast.Name) and node.id == HOLE for node in nodes)
    asked = sum(isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) for node in nodes)
    given = any(isinstance(node, ast.Call) and (node.args or node.keywords) for node in nodes)
    return holes == asked and (given or bool(demand.call and demand.call.arguments))


def _with_goal(
    examples: Sequence[Example], by_call: Mapping[str, list[Demand]], changing: set[str], effort: Effort
) -> Iterator[Conflict]:
    """Where a test contradicts an example of the goal, which does not contradict another of them."""
    for example in examples:
        same = [each for each in examples if (each.function, each.arguments) == (example.function, example.arguments)]
        if any(opposed(example.condition, each.condition, effort) for each in same):
            continue
        effort.spend(len(by_call))
        told = [demand for group in by_call.values() if _is_meant(example, group[0]) for demand in group]
        if len({demand.call.function for demand in told if demand.call}) != 1:
            continue
        for demand in told:
            if _counts(demand, changing) and opposed(example.condition, demand.condition, effort):
                if example.printed and _wants_none(demand):
                    continue
                goal = Claim(where=GOAL, says=example.shown)
                why = "the same call with the same arguments cannot give both"
                yield Conflict(between=(Claim(where=demand.where, says=demand.shown), goal), why=why)


def _is_meant(example: Example, demand: Demand) -> bool:
    if demand.call is None or demand.call.arguments != example.arguments:
        return False
    return re.search(rf"(^|[./]){re.escape(example.function)}$", demand.call.function) is not None


def _wants_none(demand: Demand) -> bool:
    return demand.condition is not None and "value=None" in ast.dump(demand.condition)


def _between(one: Demand, other: Demand, why: str) -> Conflict:
    first, second = (Claim(where=each.where, says=each.shown) for each in (one, other))
    return Conflict(between=(first, second), why=why)
