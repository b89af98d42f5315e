"""Measures the offline tester: ``python -m tests.testers.measuring FILE.jsonl [NAME ...]``.

Each line of the file is a program with the fields `id`, `module`, `buggy`, `fixed` and `extra_files`. Tests are written for
the correct one; then it is seen whether they are red on the one with the bug, which the tester has not met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path

from engine.domain import Task, Value
from engine.harness import Mendbox
from engine.settings import load_settings
from engine.testing import Generated

SECONDS = 12.0
"""What the tester is given for one program; boxes and the judge come on top."""


class Measured(Value):
    """What came of one program."""

    name: str
    tested: Generated
    caught: bool
    """Whether a test is red on the program with the bug."""
    seconds: float


async def measure(mendbox: Mendbox, row: dict[str, object]) -> Measured:
    """Write tests for the correct program, and try them on the one with the bug."""
    settings = mendbox.settings
    module = f"{row['module']}.py"
    extra: dict[str, str] = row["extra_files"]
    files = {module: str(row["fixed"]), **extra}
    began = time.monotonic()
    task = Task(files=files, tests={}, budget=settings.budget, limits=settings.limits)
    tested = await mendbox.write_tests(task, seconds=SECONDS)
    spent = time.monotonic() - began
    caught = False
    if tested.text:
        changed = task.model_copy(
            update={"files": {**files, module: str(row["buggy"])}, "tests": {tested.path: tested.text}}
        )
        verdict = (await mendbox.look(changed)).baseline
        caught = verdict is not None and any(test.ended in {"failed", "error", "hung"} for test in verdict.tests)
    return Measured(name=str(row["id"]), tested=tested, caught=caught, seconds=spent)


def line(measured: Measured) -> str:
    tested = measured.tested
    return (
        f"{measured.name:38} {tested.cases:3} cases  mutants {tested.killed:3}/{tested.mutants:3}"
        f"  branches {tested.branches:2}/{tested.all_branches:2}  {tested.rate:6.0f}/s"
        f"  {'caught' if measured.caught else 'MISSED'}  {measured.seconds:5.1f} s"
        f"  {len(tested.suspects)} suspected  {tested.reason}"
    )


def summary(all_: list[Measured]) -> str:
    scores = [each.tested.mutation_score for each in all_]
    branches = [each.tested.branch_coverage for each in all_]
    return (
        f"{len(all_)} programs: mean mutation score {statistics.fmean(score or 0.0 for score in scores):.1%},"
        f" mean branch coverage {statistics.fmean(1.0 if part is None else part for part in branches):.1%},"
        f" {sum(each.caught for each in all_)} bugs caught,"
        f" median {statistics.median(each.seconds for each in all_):.1f} s,"
        f" at most {max(each.seconds for each in all_):.1f} s,"
        f" median {statistics.median(each.tested.rate for each in all_):.0f} mutants a second of a core"
    )


async def _main(rows: list[dict[str, str]], names: list[str]) -> None:
    found = []
    async with Mendbox(load_settings()) as mendbox:
        for row in rows:
            if names and row["id"].rpartition("/")[2] not in names:
                continue
            found.append(await measure(mendbox, row))
            print(line(found[-1]), flush=True)
    print(summary(found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    lines = given.file.read_text(encoding="utf-8").splitlines()
    asyncio.run(_main([json.loads(text) for text in lines if text.strip()], given.names))
