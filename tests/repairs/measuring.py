"""Measures the author without a model on everything here: `make bench-repair`, or `python -m tests.repairs.measuring`.

The datasets are made first, then `mendbox bench --correct` heals each and compares what it verified with the right
version; the planted bugs once more with half of their tests. The table at the end is the one of the README.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.bench import Total

from .mutants import mutants
from .rows import WRITTEN, rows

PLANTED = "planted"
HALF = "planted, half of the tests"
HEAD = (
    "set",
    "rows",
    "verified",
    "right",
    "over-fitted",
    "fault in first 5",
    "candidates",
    "median",
    "95 of 100 within",
)


def datasets(into: Path, *, seed: int, count: int) -> Iterator[tuple[str, Path, list[str]]]:
    """Name, file, and what else `mendbox bench` is told, of each; the planted bugs are made once only, which takes minutes."""
    planted = into / f"planted-{seed}-{count}.jsonl"
    if not planted.exists():
        _write(planted, list(mutants(seed, count)))
    yield PLANTED, planted, []
    yield HALF, planted, ["--half", str(seed)]
    for group in sorted(folder.name for folder in WRITTEN.iterdir() if any(folder.glob("*.toml"))):
        file = into / f"written-{group}.jsonl"
        _write(file, list(rows(group)))
        yield f"written: {group}", file, []


def healed(file: Path, more: Sequence[str], into: Path) -> Total:
    """What `mendbox bench` counts; its results stay beside the dataset."""
    out = into / f"{file.stem}{''.join(more)}.results.jsonl"
    command = [sys.executable, "-m", "engine.cli", "bench", str(file), "--author", "offline", "--correct", "--json"]
    done = subprocess.run([*command, "--out", str(out), *more], stdout=subprocess.PIPE, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.returncode)
    return Total.model_validate(json.loads(done.stdout)["total"])


def line(name: str, sums: Total) -> tuple[str, ...]:
    """The cells of one set; shares are of what they stand behind."""
    known = sums.correct + sums.overfitted
    return (
        name,
        str(sums.rows),
        f"{sums.verified} ({_share(sums.verified, sums.rows)})",
        f"{sums.correct} of {known}",
        f"{sums.overfitted} ({_share(sums.overfitted, known)})",
        f"{sums.located} of {sums.locatable}" if sums.locatable else "",
        str(sums.candidates),
        f"{sums.median_seconds:.1f} s",
        f"{sums.most_seconds:.1f} s",
    )


def table(lines: Sequence[Sequence[str]]) -> str:
    """As Markdown has it."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (HEAD, ["---"] * len(HEAD), *lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "others", metavar="FILE.jsonl", nargs="*", type=Path, help="further datasets with fixed programs"
    )
    parser.add_argument("--into", type=Path, default=Path(".bench"), help="where datasets and results stand")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300, help="bugs to plant")
    parser.add_argument("--limit", type=int, help="rows of each set")
    parser.add_argument("--jobs", type=int, default=1, help="rows at a time; with more than one the times say little")
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    same = ["--jobs", str(asked.jobs), *(["--limit", str(asked.limit)] if asked.limit else [])]
    made = datasets(asked.into, seed=asked.seed, count=asked.count)
    lines = []
    for name, file, more in [*((path.stem, path, []) for path in asked.others), *made]:
        print(f"{name}: {file}", file=sys.stderr)
        lines.append(line(name, healed(file, [*more, *same], asked.into)))
    print(table(lines))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "0 %"


def _write(file: Path, found: Sequence[dict[str, object]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in found), "utf-8")


if __name__ == "__main__":
    main()
