"""How many programs that do not parse are brought back: `python -m tests.repairs.syntax` (3.13, as in the box).

Only the mending is measured, without tests and boxes: the right program is the one whose tree is that from before it
was broken, and it counts where it is among the first texts that are tried.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import random
import signal
import time
import tomllib
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from agents.offline.worker import syntax

from .breaking import BREAKERS, broken, parses

HERE = Path(__file__).parent
SEED = 3


def programs() -> Iterator[tuple[str, str]]:
    """Texts that parse, from this folder and from the honest solutions, by name."""
    folders = (HERE / "programs", HERE.parent / "honest")
    for file in sorted(path for folder in folders for path in folder.rglob("*.toml")):
        for name, text in tomllib.loads(file.read_text(encoding="utf-8")).get("files", {}).items():
            if name.endswith(".py") and len(text.splitlines()) > 8 and parses(text):
                yield f"{file.parent.name}/{file.stem}/{name}", text


def tree(text: str) -> str:
    """The program, but for how the text of its documentation is laid out."""
    parsed = ast.parse(text)
    for node in ast.walk(parsed):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = " ".join(node.value.value.split())
    return ast.dump(parsed)


def rank(text: str, whole: str, most: int, seconds: float) -> tuple[int | None, float]:
    """The place of the right text among those that parse, from 1, and the seconds until it came or was given up."""
    began = time.process_time()
    try:
        place = _place(text, tree(whole), most, seconds)
    except TimeoutError:
        place = None
    return place, time.process_time() - began


def _place(text: str, right: str, most: int, seconds: float) -> int | None:
    # the machine may be busy with other things, so that only work counts
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        found = itertools.islice(syntax.mend(text), most)
        return next((place for place, mended in enumerate(found, start=1) if tree(mended.text) == right), None)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _ring(*_: object) -> None:
    raise TimeoutError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", choices=sorted(BREAKERS), default=[])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--most", type=int, default=40, help="texts of each program that are looked at")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", action="store_true", help="print the edits of what was not brought back")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGVTALRM, _ring)
    texts = list(programs())
    random.Random(asked.seed).shuffle(texts)
    by_kind: dict[str, list[int | None]] = defaultdict(list)
    ranks: list[int | None] = []
    times: list[float] = []
    for (name, whole), number in zip(itertools.cycle(texts), range(asked.count), strict=False):
        kinds = tuple(asked.kinds) or (
            tuple(BREAKERS) if asked.faults > 1 else (list(BREAKERS)[number % len(BREAKERS)],)
        )
        case = broken(whole, asked.faults, f"{asked.seed}/{number}", kinds)
        if case is None:
            continue
        place, seconds = rank(case.text, whole, asked.most, asked.seconds)
        ranks.append(place)
        times.append(seconds)
        for kind in case.kinds:
            by_kind[kind].append(place)
        if asked.show and place is None:
            show(name, number, case.kinds, case.text, whole, seconds)
    report(by_kind, ranks, times)


def show(name: str, number: int, kinds: tuple[str, ...], text: str, whole: str, seconds: float) -> None:
    rows, old = text.splitlines(), whole.splitlines()
    print(f"--- {number} {name} {' '.join(kinds)} {seconds:.1f} s: {syntax.parse_error(text)}")
    head = next((at for at, (a, b) in enumerate(zip(rows, old, strict=False)) if a != b), 0)
    for row in old[max(0, head - 1) : head + 2]:
        print("  was:", row)
    for row in rows[max(0, head - 1) : head + 2]:
        print("  is: ", row)


def report(by_kind: dict[str, list[int | None]], ranks: list[int | None], times: list[float]) -> None:
    for kind, places in sorted(by_kind.items()):
        print(f"{kind:16} {sum(p is not None for p in places):4} of {len(places):4}   first {places.count(1):4}")
    times.sort()
    count = max(1, len(ranks))
    found = sum(place is not None for place in ranks)
    print(
        f"{found} of {len(ranks)} ({100 * found / count:.0f} %) brought back, {100 * ranks.count(1) / count:.0f} % by "
        f"the first text; seconds: median {times[len(times) // 2]:.2f}, 95 % {times[int(len(times) * 0.95)]:.2f}"
    )


if __name__ == "__main__":
    main()
