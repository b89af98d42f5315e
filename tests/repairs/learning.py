"""How much the memory spares the search: a stream of bugs of recurring kinds, with the memory and without.

    python -m tests.repairs.learning [--each 10] [--out stream.json] [--svg docs/learning.svg]
    python -m tests.repairs.learning --read stream.json --svg docs/learning.svg

Each bug is a slip of `slips.py`, planted in another program. They come in rounds of one of each kind, the same each time.
Every search is one of the offline author's own, in a box; with the memory, each answer that is
the right program again is learnt before the next round comes. What is counted is the candidates that were tried up to the
first one with which all tests pass; the search ends there.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from agents.base import Allowance, Brief, Findings, Shift, Workshop
from agents.errors import NothingToOffer
from agents.offline.author import OfflineAuthor
from agents.offline.lines import Ended, Plausible, Suspects, read
from engine.memory.entry import Remembered
from engine.memory.learning import repair
from engine.memory.shifting import shifts
from engine.settings import load_settings
from engine.wiring import OnDemand
from engine.workshop import BoxWorkshop
from tests.repairs.learning_curve import draw
from tests.repairs.own import Program, own_programs
from tests.repairs.slips import SLIPS, Slip, slipped

SECONDS = 150.0
"""What a run would have left; the search takes its share of it."""
AT_ONCE = 4


@dataclass(frozen=True)
class Bug:
    slip: str
    program: Program
    code: str


@dataclass(frozen=True)
class Searched:
    """What one search came to."""

    red: bool
    """Whether some test failed at all."""
    found: bool
    first: int
    """Candidates tried when the first plausible one was found; all of them where none was."""
    right: bool
    """Whether that one is the right program again."""
    learnt: Remembered | None


@dataclass(frozen=True)
class Pair:
    """One bug of the stream, searched without the memory and with it."""

    slip: str
    program: str
    place: int
    """Which of its kind it is in the stream, from 1."""
    without: int
    taught: int
    found: bool
    """Whether both searches found something."""
    right_without: bool
    right_taught: bool


class Overheard:
    """A workshop that keeps what its program said, and ends it with the first plausible patch: rivals are not counted."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.said: tuple[str, ...] = ()

    async def run(
        self,
        *,
        files: Mapping[str, str],
        locked: Mapping[str, str],
        tools: Mapping[str, str],
        argv: tuple[str, ...],
        stdin: bytes,
        seconds: float,
        on_line: Callable[[str], None] | None = None,
    ) -> Findings:
        found = asyncio.Event()
        heard: list[str] = []

        def hear(line: str) -> None:
            heard.append(line)
            if isinstance(read(line), Plausible):
                found.set()

        program = asyncio.create_task(
            self._workshop.run(
                files=files, locked=locked, tools=tools, argv=argv, stdin=stdin, seconds=seconds, on_line=hear
            )
        )
        waiting = asyncio.create_task(found.wait())
        await asyncio.wait([program, waiting], return_when=asyncio.FIRST_COMPLETED)
        for task in (program, waiting):
            task.cancel()
        await asyncio.wait([program, waiting])
        self.said = tuple(heard)
        return Findings(lines=self.said) if program.cancelled() else program.result()


async def search(bug: Bug, workshop: Workshop, taught: Sequence[Shift] = ()) -> Searched:
    """One search for *bug*, with the shifts *taught*."""
    overheard = Overheard(workshop)
    files = {bug.program.path: bug.code}
    brief = Brief(
        goal="",
        files=files,
        tests={**bug.program.tests, **bug.program.extra_files},
        shifts=tuple(taught),
        allowance=Allowance(seconds=SECONDS),
    )
    learnt, right = None, False
    try:
        draft = await OfflineAuthor(overheard).write(brief)
    except NothingToOffer:
        pass
    else:
        right = _same(draft.files[bug.program.path], bug.program.code)
        learnt = repair(files, draft, run_id="stream", failure="") if right else None
    said = [line for line in map(read, overheard.said) if line is not None]
    first = next((line.tried for line in said if isinstance(line, Plausible)), None)
    everything = max((line.tried for line in said if isinstance(line, Ended)), default=0)
    red = any(isinstance(line, Suspects) and line.failure for line in said)
    return Searched(red, first is not None, everything if first is None else first, right, learnt)


def _same(one: str, other: str) -> bool:
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except SyntaxError:
        return False


async def stream(each: int, workshop: Workshop, tell: Callable[[str], None]) -> list[Pair]:
    """So many rounds of one bug of each kind, each searched both ways; what a round teaches is known to the next."""
    pairs: list[Pair] = []
    remembered: list[Remembered] = []
    queues = {slip.name: _bugs(slip) for slip in SLIPS}
    at_once = asyncio.Semaphore(AT_ONCE)
    for place in range(1, each + 1):
        taught = shifts(reversed(remembered))

        async def both(slip: Slip, place: int = place, taught: tuple[Shift, ...] = taught) -> Remembered | None:
            for bug in queues[slip.name]:
                async with at_once:
                    plain = await search(bug, workshop)
                    if not plain.red:
                        continue
                    after = await search(bug, workshop, taught) if taught else plain
                pairs.append(_pair(bug, place, plain, after))
                tell(f"{place:3} {slip.name:18} {plain.first:6} {after.first:6}  {bug.program.name}")
                return after.learnt
            return None

        learnt = await asyncio.gather(*map(both, SLIPS))
        remembered += [one for one in learnt if one is not None]
    return sorted(pairs, key=lambda pair: (pair.place, pair.slip))


def _pair(bug: Bug, place: int, plain: Searched, after: Searched) -> Pair:
    return Pair(
        slip=bug.slip,
        program=bug.program.name,
        place=place,
        without=plain.first,
        taught=after.first,
        found=plain.found and after.found,
        right_without=plain.right,
        right_taught=after.right,
    )


def _bugs(slip: Slip) -> Iterator[Bug]:
    """One bug of each program that has a place for the slip; not of those whose tests make up new inputs each time."""
    programs = [p for p in own_programs() if not any("hypothesis" in text for text in p.tests.values())]
    random.Random(slip.name).shuffle(programs)
    for program in programs:
        code = next(slipped(program.code, slip), None)
        if code is not None:
            yield Bug(slip.name, program, code)


def told(pairs: Sequence[Pair]) -> Iterator[str]:
    """The table, in words."""
    counted = [pair for pair in pairs if pair.found]
    yield f"{len(pairs)} bugs, {len(counted)} mended both ways; candidates to the first plausible one, medians"
    yield f"{'':18} {'without the memory':>20} {'with it':>10}"
    groups = (
        ("first of its kind", [p for p in counted if p.place == 1]),
        ("second", [p for p in counted if p.place == 2]),
        ("later", [p for p in counted if p.place > 2]),
        ("second and later", [p for p in counted if p.place > 1]),
    )
    for name, group in groups:
        if group:
            yield f"{name:18} {median(p.without for p in group):20g} {median(p.taught for p in group):10g}"
    for slip in dict.fromkeys(p.slip for p in counted):
        later = [p for p in counted if p.slip == slip and p.place > 1]
        if later:
            yield f"  {slip:16} {median(p.without for p in later):20g} {median(p.taught for p in later):10g}"
    right = sum(p.right_without for p in pairs), sum(p.right_taught for p in pairs)
    yield f"the first plausible one is the right program again: {right[0]} without, {right[1]} with"


async def measure(each: int) -> list[Pair]:
    sandbox = OnDemand(load_settings(), notify=print)
    try:
        workshop = BoxWorkshop(sandbox, limits=load_settings().limits, run_id="learning")
        return await stream(each, workshop, lambda line: print(line, flush=True))
    finally:
        await sandbox.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=10, help="bugs of each kind (default 10)")
    parser.add_argument("--out", type=Path, help="write every bug's counts, as JSON")
    parser.add_argument("--svg", type=Path, help="draw the curve")
    parser.add_argument("--read", type=Path, help="measure nothing: tell of, and draw, what --out wrote")
    arguments = parser.parse_args()
    if arguments.read:
        pairs = [Pair(**pair) for pair in json.loads(arguments.read.read_text(encoding="utf-8"))]
    else:
        pairs = asyncio.run(measure(arguments.each))
    print("\n".join(told(pairs)))
    if arguments.out:
        arguments.out.write_text(json.dumps([asdict(pair) for pair in pairs], indent=1) + "\n", encoding="utf-8")
    if arguments.svg:
        arguments.svg.write_text(draw([pair for pair in pairs if pair.found]), encoding="utf-8")


if __name__ == "__main__":
    main()
