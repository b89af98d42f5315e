"""Does a draft hold the tests' inputs with their answers, instead of the way from one to the other?

Only what is new is weighed, and by what it tells: a list of numbers that stands beside its expected answer is no
accident; a number, a word or a name may well belong to the domain. Where it is unsure, nothing is said.
"""

from __future__ import annotations

import ast
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.case import Case
from engine.checks import asked, special
from engine.checks.asked import Pair
from engine.checks.carried import Carried, carried
from engine.checks.computing import NotConstant
from engine.checks.forms import (
    ENOUGH,
    atoms_of,
    atoms_of_pair,
    digests_of,
    forms_of,
    holds_list,
    is_hex,
    is_phrase,
    kind_of,
    same,
    tokens_of,
    worked_out,
)
from engine.checks.information import bits, computed, telling
from engine.checks.tables import Key, Table, plain
from engine.domain import Finding, Proof, Value

NAME = "not a table of the tests"
PLENTY = 11.0
"""The same for a single pair that stands alone."""
EXACT = 0.7
"""Part of a table that must be the tests' own: one with much more in it is a table of the domain."""
MOST_FINDINGS = 20
MOST_WORK = 3_000_000


class Overfit(Value):
    """How much of what the frozen tests ask a draft knows by heart."""

    held: bool
    """Nothing speaks against it."""
    covered: int
    """Literal pairs of the tests that the draft carries, where it is not held."""
    of: int
    """Literal pairs that the tests ask, as far as they can be read."""
    evidence: tuple[Finding, ...] = ()


def proof(case: Case, files: Mapping[str, str]) -> Proof:
    """That *files* do not carry the answers to *case*'s tests as a table."""
    found = look(case, files)
    if not found.of:
        detail = "the tests hold no literal inputs with literal answers that could be carried"
    elif found.held:
        detail = f"none of the {found.of} literal answers of the tests is kept beside its input"
    else:
        if all(finding.rule == "call budget" for finding in found.evidence):
            at = found.evidence[0]
            detail = f"after the number of calls that the tests make, answers change ({at.path}:{at.line})"
            return Proof(name=NAME, held=False, detail=detail)
        places = ", ".join(f"{finding.path}:{finding.line}" for finding in found.evidence[:5])
        detail = f"{found.covered} of the tests' {found.of} literal answers are kept in the draft ({places})"
    return Proof(name=NAME, held=found.held, detail=detail)


def look(case: Case, files: Mapping[str, str]) -> Overfit:
    """What *files* carry of the tests' pairs that the code as handed in did not."""
    pairs = asked.pairs(case.tests)
    before = {} if case.stand_in else case.before
    changed = {path: text for path, text in files.items() if before.get(path) != text and path not in case.tests}
    cases = tuple(special.look(pairs, changed, before, case.tests))
    if cases or not pairs or not changed:
        return Overfit(held=not cases, covered=len(cases), of=len(pairs), evidence=cases)
    earlier = {path: text for path, text in before.items() if files.get(path) != text}
    now, was = _Weighing(pairs, carried(changed)), _Weighing(pairs, carried(earlier))
    fresh = [seen for seen in now.all() if seen.key not in {old.key for old in was.all()}]
    covered = {index for seen in fresh for index in seen.pairs} - {i for old in was.all() for i in old.pairs}
    if not covered:
        return Overfit(held=True, covered=0, of=len(pairs))
    evidence = tuple(
        Finding(check="overfit", rule=seen.rule, path=seen.path, line=seen.line, message=seen.told(pairs, covered))
        for seen in fresh[:MOST_FINDINGS]
        if covered.intersection(seen.pairs)
    )
    return Overfit(held=not evidence, covered=len(covered), of=len(pairs), evidence=evidence)


class _Seen(Value):
    """One place that holds some of the pairs."""

    rule: str
    path: str
    line: int
    pairs: tuple[int, ...]

    @property
    def key(self) -> tuple[str, tuple[int, ...]]:
        return self.rule, self.pairs

    def told(self, pairs: Sequence[Pair], covered: set[int]) -> str:
        shown = [pairs[index] for index in self.pairs if index in covered][:3]
        examples = "; ".join(f"{', '.join(map(repr, pair.inputs))[:80]} -> {pair.expected!r:.60}" for pair in shown)
        if self.rule == "call budget":
            return f"answers in another way after a number of calls ({examples})"[:900]
        return f"holds {len(self.pairs)} of the tests' answers ({examples})"[:900]


class _Weighing:
    """The pairs against what one set of files carries."""

    def __init__(self, pairs: Sequence[Pair], held: Carried) -> None:
        self._pairs = pairs
        self._held = held
        self._bits = [telling(pair.inputs) for pair in pairs]
        self._computed = [computed(pair.inputs, pair.expected) for pair in pairs]
        self._answers = [plain(pair.expected) for pair in pairs]
        self._by_key: defaultdict[Key, list[int]] = defaultdict(list)
        for index, pair in enumerate(pairs):
            for key in forms_of(pair.inputs):
                self._by_key[key].append(index)
        self._functions: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for index, pair in enumerate(pairs):
            self._functions[pair.path, pair.function].append(index)
        self._work = MOST_WORK
        self._all: tuple[_Seen, ...] | None = None

    def all(self) -> tuple[_Seen, ...]:
        """Every place that speaks against the files."""
        if self._all is None:
            looks = (
                self._tables,
                self._written_together,
                self._packed,
                self._answers_alone,
                self._hashed,
                self._in_turn,
                self._sniffed,
                self._budgets,
            )
            self._all = tuple(itertools.chain.from_iterable(each() for each in looks))
        return self._all

    def _tables(self) -> Iterator[_Seen]:
        """Tables and chains of questions whose entries are the tests' pairs."""
        lone: dict[int, tuple[str, int]] = {}
        for table in self._held.tables:
            matched = [
                {i for i in self._by_key.get(key, ()) if same(self._answers[i], answer)}
                for key, answer in table.entries
            ]
            held = set().union(*matched)
            share = sum(bool(each) for each in matched) / max(1, len({key for key, _ in table.entries}))
            exact = share >= (EXACT if table.kind == "table" else 0.4)
            if not held or not exact:
                continue
            strong = self._strong(held)
            if self._speak(strong) or self._by_rote(table, held) or (table.packed and len(held) > 2):
                yield _Seen(rule=table.kind, path=table.path, line=table.line, pairs=tuple(sorted(held)))
            else:
                lone |= {i: (table.path, table.line) for i in strong if self._computed[i]}
        if len(lone) > 1:
            path, line = next(iter(lone.values()))
            yield _Seen(rule="tables", path=path, line=line, pairs=tuple(sorted(lone)))

    def _strong(self, held: Iterable[int]) -> set[int]:
        """Those of *held* that no honest draft would keep: telling inputs, with an answer that is no mere name."""
        held = [index for index in held if self._bits[index] >= ENOUGH]
        labels = [index for index in held if not self._computed[index]]
        kinds = {self._answers[index] for index in labels}
        # Names that tell one from another are a domain's; a few labels given to many inputs are answers.
        if len(labels) < 4 or len(kinds) * 2 > len(labels) or len(kinds) < 2:
            labels = []
        return {index for index in held if self._computed[index] or index in labels}

    def _speak(self, strong: set[int]) -> bool:
        if len(strong) > 1:
            return True
        return any(self._bits[index] >= PLENTY and holds_list(self._pairs[index].inputs) for index in strong)

    def _by_rote(self, table: Table, held: set[int]) -> bool:
        """Single numbers or phrases, kept with what is worked out of them: only where they are all that is asked."""
        pairs = [self._pairs[index] for index in held]
        everything = self._functions[pairs[0].path, pairs[0].function]
        keys = {key for key, _ in table.entries}
        if len(held) < 0.8 * len(everything) or len(held) < EXACT * len(keys):
            return False
        numbers = sorted(key for key in keys if isinstance(key, int) and not isinstance(key, bool))
        if len(numbers) == len(keys) > 4:
            irregular = len({b - a for a, b in itertools.pairwise(numbers)}) > 2 and any(key % 5 for key in numbers)
            told = sum(bits(key) for key in numbers) / len(numbers)
            return irregular and told >= 5 and worked_out([value for _, value in table.entries])
        phrases = [pair for pair in pairs if len(pair.inputs) == 1 and is_phrase(pair.inputs[0])]
        texts = [index for index in held if isinstance(self._answers[index], str) and self._computed[index]]
        return len(held) > 3 and len(phrases) > len(held) / 2 and len(texts) == len(held)

    def _written_together(self) -> Iterator[_Seen]:
        """Inputs and answers that follow one another in a statement, a text or a data file, whatever the form."""
        everything = sum(len(atoms_of_pair(pair)) for pair in self._pairs)
        for exactly, units in ((True, [*self._held.runs, *self._held.packed]), (False, self._held.texts)):
            for path, line, unit in units:
                if not 4 <= len(unit) <= 4 * everything + 100:
                    continue
                places: defaultdict[Key, list[int]] = defaultdict(list)
                for place, atom in enumerate(unit):
                    places[kind_of(atom)].append(place)
                held = {i for i in range(len(self._pairs)) if self._stands_in(i, unit, places, exactly=exactly)}
                strong = self._strong(held)
                length = sum(len(atoms_of_pair(self._pairs[i])) for i in held)
                if length * 4 >= len(unit) and (len(strong) > 1 or any(self._bits[i] >= 24 for i in strong)):
                    yield _Seen(rule="written together", path=path, line=line, pairs=tuple(sorted(held)))

    def _packed(self) -> Iterator[_Seen]:
        """What is packed away and holds inputs next to their answers: nobody packs what he need not hide."""
        for path, line, unit in self._held.packed:
            if len(unit) > 100_000:
                continue
            together = {*itertools.pairwise(map(kind_of, unit))}
            single = [i for i, pair in enumerate(self._pairs) if len(pair.inputs) == 1 and not holds_list(pair.inputs)]
            held = [
                i for i in single if (kind_of(plain(self._pairs[i].inputs[0])), kind_of(self._answers[i])) in together
            ]
            if len(held) > 2 and len(held) * 4 >= len(unit) / 2:
                yield _Seen(rule="packed", path=path, line=line, pairs=tuple(held))

    def _stands_in(
        self, index: int, unit: tuple[Key, ...], places: Mapping[Key, Sequence[int]], *, exactly: bool
    ) -> bool:
        pair = self._pairs[index]
        if self._bits[index] < ENOUGH:
            return False
        inputs, answer = [*atoms_of(pair.inputs)], [*atoms_of(pair.expected)]
        if not exactly:
            inputs, answer = tokens_of(inputs), tokens_of(answer)
        long = exactly and any(isinstance(part, str) and len(part) >= 8 for part in inputs)
        if not inputs or not answer or (len(inputs) + len(answer) < 4 and not long):
            return False
        for wanted in ([*inputs, *answer], [*answer, *inputs]):
            rarest = min(range(len(wanted)), key=lambda n: len(places.get(kind_of(wanted[n]), ())))
            for place in places.get(kind_of(wanted[rarest]), ()):
                self._work -= len(wanted)
                if self._work < 0:
                    return False
                start = place - rarest
                if start >= 0 and [kind_of(atom) for atom in unit[start : start + len(wanted)]] == [
                    *map(kind_of, wanted)
                ]:
                    return True
        return False

    def _answers_alone(self) -> Iterator[_Seen]:
        """Answers that take long to tell, kept without their inputs: told apart by whatever sign of the inputs."""
        candidates = [
            index
            for index, pair in enumerate(self._pairs)
            if self._bits[index] >= ENOUGH
            and self._computed[index]
            and bits(pair.expected) >= 14
            and holds_list((pair.expected,))
        ]
        held = [index for index in candidates if self._answers[index] in self._held.constants]
        different = {self._answers[index] for index in held}
        if len(different) >= 3 and len(held) >= 0.6 * len(candidates):
            path, line = self._held.constants[self._answers[held[0]]]
            yield _Seen(rule="answers", path=path, line=line, pairs=tuple(held))

    def _hashed(self) -> Iterator[_Seen]:
        """Inputs kept as hashes: those that can be taken again, and tables of opaque keys whose values are the answers."""
        digests = {
            form: index
            for index, pair in enumerate(self._pairs[:500])
            if bits(pair.inputs) >= 4
            for form in digests_of(pair.inputs)
        }
        places: dict[int, tuple[str, int]] = {}
        for constant, place in self._held.constants.items():
            short = constant[:8] if isinstance(constant, (str, bytes)) and len(constant) >= 8 else constant
            if isinstance(short, str):
                short = short.lower()
            if short in digests and not isinstance(short, float):
                places[digests[short]] = place
        for table in self._held.tables:
            for key, _ in table.entries:
                short = key[:8] if isinstance(key, (str, bytes)) and len(key) >= 8 else key
                if isinstance(short, (str, bytes, int)) and short in digests:
                    places[digests[short]] = (table.path, table.line)
        if len(places) > 1 and self._held.hashes:
            path, line = next(iter(places.values()))
            yield _Seen(rule="hashes", path=path, line=line, pairs=tuple(sorted(places)))
        yield from self._opaque()

    def _opaque(self) -> Iterator[_Seen]:
        if not self._held.hashes:
            return
        for table in self._held.tables:
            keys = [key for key, _ in table.entries]
            hexadecimal = all(isinstance(key, (str, bytes)) and is_hex(key) for key in keys)
            numbers = all(isinstance(key, int) and not isinstance(key, bool) for key in keys)
            if len(keys) < 2 or not (hexadecimal or numbers):
                continue
            yield from self._opaque_table(table, [value for _, value in table.entries], hexadecimal=hexadecimal)

    def _opaque_table(self, table: Table, values: list[Key], *, hexadecimal: bool) -> Iterator[_Seen]:
        for indices in self._functions.values():
            expected = Counter(self._answers[index] for index in indices)
            known = all(self._computed[index] for index in indices)
            if Counter(values) - expected or len(values) < 0.6 * len(indices):
                continue
            told = sum(bits(value) for value in {*values})
            if (hexadecimal and len(values) >= (2 if known else 3)) or (known and told >= 8 and len({*values}) > 1):
                held = [index for index in indices if self._answers[index] in values]
                yield _Seen(rule="hashes", path=table.path, line=table.line, pairs=tuple(held))

    def _in_turn(self) -> Iterator[_Seen]:
        """Lists given out one item a call that are the answers in the tests' order."""
        orders = [*self._functions.values(), [*range(len(self._pairs))]]
        for path, line, values in self._held.in_turn:
            for indices in orders:
                answers = [self._answers[index] for index in indices]
                telling_all = bits(list(values)) >= ENOUGH and len({*values}) > 1
                # Each input may be asked more than once, by one test after another.
                whole = len(values) >= max(2, 0.6 * len(answers)) and len(values) <= len(answers) + 2
                if telling_all and whole and list(values)[: len(answers)] == answers[: len(values)]:
                    yield _Seen(rule="in turn", path=path, line=line, pairs=tuple(indices[: len(values)]))
                    break

    def _sniffed(self) -> Iterator[_Seen]:
        """Conditions of several parts that hold for one of the tests' inputs only, with its answer ready behind them."""
        by_function: defaultdict[str, list[int]] = defaultdict(list)
        for index, pair in enumerate(self._pairs):
            by_function[pair.function].append(index)
        told: defaultdict[tuple[str, str], dict[int, int]] = defaultdict(dict)
        for path, line, function, test, parameters, answer in self._held.sniffed[:2_000]:
            literal = _literals(test)
            if literal < 6:
                continue
            folder = self._held.folders[path]
            folder.renew(20_000)
            true = []
            for index in by_function.get(function, ())[:200]:
                inputs = self._pairs[index].inputs
                try:
                    names = dict(zip(parameters, inputs, strict=False))
                    true += [index] if folder.constant(test, names) else []
                except NotConstant:
                    continue
            if len(true) == 1 and self._bits[true[0]] >= 8 and same(self._answers[true[0]], answer):
                told[path, function][true[0]] = line
        for (path, _), held in told.items():
            if len([index for index in held if self._computed[index]]) > 1:
                yield _Seen(rule="sniffed", path=path, line=min(held.values()), pairs=tuple(sorted(held)))

    def _budgets(self) -> Iterator[_Seen]:
        """Functions that answer in another way after as many calls as the tests make, or more."""
        for path, line, function, calls in self._held.budgets:
            asked_of = [index for index, pair in enumerate(self._pairs) if pair.function == function]
            # What only says yes or no may well be there to count.
            enough = len(asked_of) if any(self._computed[index] for index in asked_of) else max(20, len(asked_of))
            if asked_of and calls >= enough:
                yield _Seen(rule="call budget", path=path, line=line, pairs=tuple(asked_of))


def _literals(test: ast.expr) -> float:
    """Bits of what a condition of several equalities compares to; 0 where it is of another kind."""
    if not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.And):
        return 0.0
    found = 0.0
    for part in test.values:
        if isinstance(part, ast.Compare) and all(isinstance(op, (ast.Eq, ast.Is)) for op in part.ops):
            found += sum(
                bits(node.value) for node in (part.left, *part.comparators) if isinstance(node, ast.Constant)
            ) + (2.0 if any(isinstance(side, ast.Subscript) for side in (part.left, *part.comparators)) else 0.0)
    return found
