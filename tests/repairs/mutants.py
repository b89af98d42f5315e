"""Plants bugs in our own right programs: `python -m tests.repairs.mutants --seed 1 --count 300 --out mutants.jsonl`.

A mutant is kept when some test is red and some is still green, and when the tests end in time. The kinds that were kept
least often come first, so that all have an equal share as far as the programs and their tests let them.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .oracle import outcomes
from .own import Program, own_programs
from .planting import KINDS
from .planting.source import Code

MOST_OF_A_PROGRAM = 6
MOST_TRIED = 40
"""Of one program; its tests may kill little."""


class Bed:
    """A program with the bugs that can be planted in it, by kind, in an order that the seed decides."""

    def __init__(self, program: Program, seed: int) -> None:
        self.program = program
        self.kept = self.tried = 0
        self._trees = {ast.dump(ast.parse(program.code))}
        order = random.Random(f"{seed} {program.name}")
        self._code = Code(program.code)
        self._waiting = {kind: sorted(set(plant(self._code))) for kind, plant in KINDS.items()}
        for edits in self._waiting.values():
            order.shuffle(edits)

    def next_mutant(self, kept: Counter[str]) -> tuple[str, str] | None:
        """Kind and text of a mutant that parses and is none of the earlier ones, of a kind that was *kept* seldom."""
        for kind in sorted(self._waiting, key=lambda kind: (kept[kind], kind)):
            while self._waiting[kind]:
                text = self._code.with_edit(self._waiting[kind].pop())
                if self._is_new(text):
                    return kind, text
        return None

    @property
    def done(self) -> bool:
        return self.kept >= MOST_OF_A_PROGRAM or self.tried >= MOST_TRIED

    def _is_new(self, text: str) -> bool:
        try:
            compile(text, "mutant", "exec", dont_inherit=True)
            tree = ast.dump(ast.parse(text))
        except (SyntaxError, ValueError):
            return False
        if tree in self._trees:
            return False
        self._trees.add(tree)
        return True


def mutants(seed: int, count: int) -> Iterator[dict[str, object]]:
    """Rows for `mendbox bench`, until there are so many or no program has one left."""
    kept: Counter[str] = Counter()
    beds = [Bed(program, seed) for program in own_programs()]
    beds = [bed for bed in beds if (passed := outcomes(bed.program, bed.program.code)) and all(passed.values())]
    while beds and kept.total() < count:
        for bed in beds:
            if kept.total() < count and (row := _mutant(bed, kept)):
                kept[str(row["kind"])] += 1
                bed.kept += 1
                yield row | {"id": f"{bed.program.name}/{bed.kept}"}
        beds = [bed for bed in beds if not bed.done]


def true_lines(buggy: str, fixed: str) -> list[int]:
    """The lines of *buggy* that differ, counted from 1; where lines are missing, those around the gap."""
    wrong, right = buggy.splitlines(), fixed.splitlines()
    lines: set[int] = set()
    for what, start, end, _, _ in difflib.SequenceMatcher(None, wrong, right, autojunk=False).get_opcodes():
        if what == "insert":
            lines |= {line for line in (start, start + 1) if 1 <= line <= len(wrong)}
        elif what != "equal":
            lines |= set(range(start + 1, end + 1))
    return sorted(lines)


def _mutant(bed: Bed, kept: Counter[str]) -> dict[str, object] | None:
    """The next one of this program that its tests see, and see as one bug among what works."""
    while not bed.done:
        mutant = bed.next_mutant(kept)
        if mutant is None:
            bed.tried = MOST_TRIED
            break
        kind, text = mutant
        bed.tried += 1
        passed = outcomes(bed.program, text)
        if passed and not all(passed.values()) and (any(passed.values()) or len(passed) == 1):
            return _row(bed.program, kind, text)
    return None


def _row(program: Program, kind: str, buggy: str) -> dict[str, object]:
    first, *more = program.tests
    return {
        "id": program.name,
        "buggy": buggy,
        "fixed": program.code,
        "tests": dict(program.tests) if more else program.tests[first],
        "module": program.module,
        "test_file": first,
        "extra_files": dict(program.extra_files),
        "probe": program.probe,
        "kind": kind,
        "lines": true_lines(buggy, program.code),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    kinds: Counter[str] = Counter()
    with asked.out.open("w", encoding="utf-8") as out:
        for row in mutants(asked.seed, asked.count):
            kinds[str(row["kind"])] += 1
            out.write(json.dumps(row) + "\n")
    print(f"{kinds.total()} mutants in {asked.out}")
    for kind, number in sorted(kinds.items(), key=lambda entry: (-entry[1], entry[0])):
        print(f"{number:5}  {kind}")


if __name__ == "__main__":
    main()
