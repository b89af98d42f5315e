"""What may hold of a function whatever it is given: proposed by the sorts of its arguments and answers, as hypothesis tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .exploring import Seen
from .outcomes import Outcome
from .strategies import LEVELS, Own, Strategies
from .targets import Target, split

SETTINGS = "@settings(derandomize=True, deadline=None, database=None, max_examples=100)"
_LONGEST = 110
_SORTS = ("str", "list", "tuple", "set", "dict", "bool", "int", "float")
_ROWS = frozenset({"list", "str", "tuple"})
_NUMBERS = frozenset({"int", "float"})


@dataclass(frozen=True)
class Domain:
    """What one function is given: a strategy for each argument."""

    target: Target
    given: tuple[tuple[str, str], ...]
    """Name and strategy of each."""
    imports: frozenset[tuple[str, str]] = frozenset()
    level: int = 0

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.given]

    def call(self, *args: str) -> str:
        """The call with *args*."""
        placed, named = split(self.target.parameters, args)
        return f"{self.target.shown}({', '.join([*placed, *(f'{name}={text}' for name, text in named.items())])})"


@dataclass(frozen=True)
class Property:
    """One test."""

    domain: Domain
    name: str
    body: tuple[str, ...]
    others: frozenset[tuple[str, str]] = frozenset()
    """What it calls beside."""

    @property
    def source(self) -> str:
        given = ", ".join(f"{name}={strategy}" for name, strategy in self.domain.given)
        lines = [f"    {line}" for line in self.body]
        return "\n".join([SETTINGS, f"@given({given})", f"def {self.name}({', '.join(self.domain.names)}):", *lines])

    @property
    def imports(self) -> frozenset[tuple[str, str]]:
        target = self.domain.target
        owner = target.owner.split(".")[0] or target.name
        return frozenset({(target.module, owner)}) | self.domain.imports | self.others


def file_of(properties: Sequence[Property]) -> str:
    """A file of tests."""
    head = ['"""What holds of the code whatever it is given: each test is red on a mutant on which no other is."""', ""]
    if any("pytest." in line for each in properties for line in each.body):
        head.append("import pytest")
    head += ["from hypothesis import given, settings", "from hypothesis import strategies as st", ""]
    by_module: dict[str, set[str]] = {}
    for each in properties:
        for module, name in each.imports:
            by_module.setdefault(module, set()).add(name)
    head += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(by_module.items())]
    return "\n".join(head) + "\n\n\n" + "\n\n\n".join(each.source for each in properties) + "\n"


def domains(target: Target, seen: Seen, own: Mapping[str, Own]) -> list[Domain]:
    """What *target* may take, widest first; none where what it takes has no strategy."""
    if target.init is not None or target.asynchronous or target.reads or not target.parameters or not seen.combinations:
        return []
    if any(each.star for each in target.parameters):
        return []
    required = [each for each in target.parameters if not each.optional]
    wanted = required or list(target.parameters[:1])
    found = []
    for level in range(LEVELS):
        imports = set[tuple[str, str]]()
        writing = Strategies(own, level, imports)
        for combination in seen.combinations:
            told = [
                (each.name, writing.of(each, draw))
                for each, draw in zip(target.parameters, combination, strict=False)
                if each in wanted
            ]
            given = tuple((name, said) for name, said in told if said is not None)
            if len(given) == len(wanted):
                found.append(Domain(target, given, frozenset(imports), level))
    return list({(each.given): each for each in found}.values())


def answers_at_all(domain: Domain, number: int) -> Property:
    """It answers, whatever it is given."""
    return Property(domain, f"test_domain_{number}", (f"{domain.call(*domain.names)}",))


def sort_of(outcomes: Sequence[Outcome]) -> str:
    """The one type that all answers are of; empty where there are several, or others."""
    sorts = set()
    for outcome in outcomes:
        try:
            value = ast.literal_eval(outcome.expected or "...")
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return ""
        sorts.add(type(value).__name__)
    if sorts == {"int", "float"}:
        return "float"
    return sorts.pop() if len(sorts) == 1 and sorts <= set(_SORTS) else ""


def proposed(domain: Domain, seen: Seen, others: Sequence[tuple[Domain, str]]) -> list[Property]:
    """What may hold; *others* are the functions beside, each with the sort of its answers."""
    answered = [outcome for _, outcome in seen.calls if outcome.kind == "returns"]
    if any(outcome.changed for outcome in answered):
        return []
    sort = sort_of(answered)
    word = domain.target.name if not domain.target.owner else f"{domain.target.owner.lower()}_{domain.target.name}"
    # what says most comes first
    found = [*_there_and_back(domain, others, word), *_errors(domain, seen, word)]
    found += [
        Property(domain, f"test_{word}_{name}", tuple(body))
        for name, body in [
            *_of_one_row(domain, sort),
            *_of_one_number(domain, sort),
            *_of_itself(domain, sort),
            *_of_two(domain, sort),
            *_of_the_answer(domain, sort),
        ]
    ]
    return list({each.name: each for each in found}.values())


def _kind(strategy: str) -> str:
    """What sort of values a strategy makes."""
    starts = {
        "st.lists": "list",
        "st.text": "str",
        "st.integers": "int",
        "st.floats": "float",
        "st.sets": "set",
        "st.dictionaries": "dict",
        "st.booleans": "bool",
        "st.tuples": "tuple",
    }
    if " | " in strategy or ").map(tuple)" in strategy:
        return ""
    return next((kind for start, kind in starts.items() if strategy.startswith(f"{start}(")), "")


def _of_one_row(domain: Domain, sort: str) -> Iterator[tuple[str, list[str]]]:
    """What holds between a row or text that is given and the answer."""
    call = domain.call(*domain.names)
    for name, strategy in domain.given:
        kind = _kind(strategy)
        if kind not in _ROWS | {"set", "dict"}:
            continue
        if sort in _ROWS and kind in _ROWS:
            yield f"gives_what_sorting_{name}_gives", [f"assert {call} == sorted({name})"]
            yield f"gives_{name}_backwards", [f"assert {call} == {name}[::-1]"]
            yield f"rearranges_{name}", [f"assert sorted({call}) == sorted({name})"]
            yield f"keeps_the_length_of_{name}", [f"assert len({call}) == len({name})"]
            yield f"is_no_longer_than_{name}", [f"assert len({call}) <= len({name})"]
            yield f"has_the_members_of_{name}", [f"assert set({call}) == set({name})"]
            yield f"has_only_members_of_{name}", [f"assert set({call}) <= set({name})"]
            yield f"leaves_{name}_as_it_is", [f"assert {call} == {name}"]
        if sort in _NUMBERS | {"int"}:
            yield f"gives_the_length_of_{name}", [f"assert {call} == len({name})"]
            yield f"is_at_most_the_length_of_{name}", [f"assert {call} <= len({name})"]
            if kind != "str":
                yield f"gives_the_sum_of_{name}", [f"assert {call} == sum({name})"]
                for word, least in (("largest", "max"), ("least", "min")):
                    yield f"gives_the_{word}_of_{name}", [f"assert {call} == {least}({name})"]
                yield f"lies_between_the_ends_of_{name}", [f"assert min({name}) <= {call} <= max({name})"]
                yield f"is_one_of_{name}", [f"assert {call} in {name}"]
        if kind in _ROWS and sort:
            turned = domain.call(*(f"{each}[::-1]" if each == name else each for each in domain.names))
            yield f"is_the_same_for_{name}_backwards", [f"assert {turned} == {call}"]
            if kind == "list":
                ordered = domain.call(*(f"sorted({each})" if each == name else each for each in domain.names))
                yield f"does_not_depend_on_the_order_of_{name}", [f"assert {ordered} == {call}"]
            twice = domain.call(*(f"{each} + {each}" if each == name else each for each in domain.names))
            yield f"is_the_same_for_{name}_twice", [f"assert {twice} == {call}"]
            if sort in _ROWS | _NUMBERS:
                yield f"doubles_where_{name}_is_doubled", [f"assert {twice} == {call} + {call}"]


def _of_one_number(domain: Domain, sort: str) -> Iterator[tuple[str, list[str]]]:
    if sort not in _NUMBERS | {"bool", "list"}:
        return
    call = domain.call(*domain.names)
    for name, strategy in domain.given:
        if _kind(strategy) not in _NUMBERS:
            continue
        more = domain.call(*(f"{each} + 1" if each == name else each for each in domain.names))
        if sort == "list":
            yield f"gives_as_many_as_{name}", [f"assert len({call}) == {name}"]
            yield f"begins_with_what_less_{name}_gives", [f"assert {more}[: len({call})] == {call}"]
            continue
        less = domain.call(*(f"-{each}" if each == name else each for each in domain.names))
        yield f"grows_with_{name}", [f"assert {call} <= {more}"]
        yield f"falls_with_{name}", [f"assert {call} >= {more}"]
        yield f"is_the_same_for_minus_{name}", [f"assert {less} == {call}"]
        yield f"changes_its_sign_with_{name}", [f"assert {less} == -{call}"]
        if sort in _NUMBERS:
            yield f"is_at_least_{name}", [f"assert {call} >= {name}"]
            yield f"is_at_most_{name}", [f"assert {call} <= {name}"]
            yield f"divides_{name}", [f"assert {name} % {call} == 0"]
            yield f"is_a_multiple_of_{name}", [f"assert {call} % {name} == 0"]


def _of_itself(domain: Domain, sort: str) -> Iterator[tuple[str, list[str]]]:
    """What holds where the answer is given to it again."""
    first, strategy = domain.given[0]
    if _kind(strategy) != sort:
        return
    call = domain.call(*domain.names)
    again = domain.call(call, *domain.names[1:])
    yield "does_nothing_the_second_time", [f"assert {again} == {call}"]
    yield "undoes_itself", [f"assert {again} == {first}"]


def _of_two(domain: Domain, sort: str) -> Iterator[tuple[str, list[str]]]:
    if len(domain.given) < 2:
        return
    (one, first), (two, second) = domain.given[:2]
    rest = domain.names[2:]
    call = domain.call(*domain.names)
    if _kind(first) == _kind(second):
        turned = domain.call(two, one, *rest)
        yield f"is_the_same_for_{one}_and_{two}_exchanged", [f"assert {turned} == {call}"]
        if sort in _NUMBERS:
            yield f"changes_its_sign_where_{one}_and_{two}_are_exchanged", [f"assert {turned} == -{call}"]
            yield f"is_nothing_for_the_same_{one}", [f"assert {domain.call(one, one, *rest)} == 0"]
        yield f"is_true_of_the_same_{one}", [f"assert {domain.call(one, one, *rest)} is True"]
        yield f"gives_{one}_for_the_same_twice", [f"assert {domain.call(one, one, *rest)} == {one}"]
        if sort in _NUMBERS:
            for word, sign in (("sum", "+"), ("difference", "-"), ("product", "*")):
                yield f"gives_the_{word}", [f"assert {call} == {one} {sign} {two}"]
            yield "gives_the_larger_one", [f"assert {call} == max({one}, {two})"]
            yield "gives_the_smaller_one", [f"assert {call} == min({one}, {two})"]
        if sort in _ROWS:
            yield "joins_both", [f"assert {call} == {one} + {two}"]
            yield "joins_and_sorts_both", [f"assert {call} == sorted({one} + {two})"]
            yield "has_the_length_of_both", [f"assert len({call}) == len({one}) + len({two})"]
    if sort == "bool":
        yield f"tells_whether_{two}_is_in_{one}", [f"assert {call} == ({two} in {one})"]
        yield f"tells_whether_{one}_is_in_{two}", [f"assert {call} == ({one} in {two})"]


def _of_the_answer(domain: Domain, sort: str) -> Iterator[tuple[str, list[str]]]:
    call = domain.call(*domain.names)
    if sort in _NUMBERS:
        yield "is_never_negative", [f"assert {call} >= 0"]
        yield "is_always_positive", [f"assert {call} > 0"]
    if sort == "list":
        yield "is_sorted", [f"found = {call}", "assert found == sorted(found)"]
        yield "holds_nothing_twice", [f"found = {call}", "assert len(set(found)) == len(found)"]
        yield "is_never_empty", [f"assert len({call}) > 0"]
    if sort == "str":
        yield "is_in_lower_case", [f"found = {call}", "assert found == found.lower()"]
        yield "is_in_upper_case", [f"found = {call}", "assert found == found.upper()"]
        yield "has_no_blanks_at_its_ends", [f"found = {call}", "assert found == found.strip()"]
        yield "has_no_blanks", [f'assert " " not in {call}']
        yield "is_never_empty", [f'assert {call} != ""']
        yield "holds_letters_of_one_sort", [f"assert all(each.isalnum() or each in '-_' for each in {call})"]
    if sort:
        yield f"always_gives_{'an' if sort == 'int' else 'a'}_{sort}", [f"assert isinstance({call}, {sort})"]


def _there_and_back(domain: Domain, others: Sequence[tuple[Domain, str]], word: str) -> Iterator[Property]:
    """What another function makes of the answer is what was given."""
    if len(domain.given) != 1:
        return
    first, strategy = domain.given[0]
    for other, sort in others:
        if other.target.number == domain.target.number or len(other.given) != 1 or sort != _kind(strategy):
            continue
        owner = other.target.owner.split(".")[0] or other.target.name
        yield Property(
            domain,
            f"test_{other.target.name}_undoes_{word}",
            (f"assert {other.call(domain.call(first))} == {first}",),
            frozenset({(other.target.module, owner)}),
        )


def _errors(domain: Domain, seen: Seen, word: str) -> Iterator[Property]:
    """What it refuses, all of it."""
    raised = {(each.error, each.imports) for _, each in seen.calls if each.kind == "raises"}
    for error, imports in sorted(raised, key=lambda each: each[0]):
        for name, strategy in domain.given:
            if _kind(strategy) != "int":
                continue
            for told, wrong in (("below_zero", "st.integers(max_value=-1)"), ("of_zero", "st.just(0)")):
                given = tuple((each, wrong if each == name else said) for each, said in domain.given)
                body = (f"with pytest.raises({error}):", f"    {domain.call(*domain.names)}")
                narrowed = replace(domain, given=given)
                yield Property(narrowed, f"test_{word}_refuses_{name}_{told}", body, imports)
