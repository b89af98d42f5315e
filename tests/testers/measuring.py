"""Measures the offline tester: ``python -m tests.testers.measuring [--peer pynguin] FILE.jsonl [NAME ...]``.

Each line of the file is a program with the fields `id`, `module`, `buggy`, `fixed` and `extra_files`. Tests are written for
the correct one; then it is seen whether they are red on the one with the bug, which the tester has not met.

With ``--peer pynguin`` that tool writes tests for the same programs, with as long to search; what they are worth is measured
by our mutants and in our box. It runs on this machine, and so only on programs that may: ``python -m venv .peers/pynguin &&
.peers/pynguin/bin/python -m pip install pynguin`` installs it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from agents.offline.testing.tester import OfflineTester
from agents.testing import Mutation
from engine.domain import Task, Value
from engine.harness import Mendbox
from engine.settings import load_settings
from engine.testing import Generated, mutations_of
from engine.workshop import BoxWorkshop

SECONDS = 12.0
"""What the tester is given for one program; boxes and the judge come on top."""


PYNGUIN = Path(".peers/pynguin/bin/pynguin")
PEER_SECONDS = 180.0
"""Wall clock of a peer for one program; its search has `SECONDS` of that."""
PEER_MEMORY = 4 << 30
"""Bytes."""


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
    tested = await mendbox.write_tests(task, seconds=SECONDS, author="offline")
    spent = time.monotonic() - began
    caught = False
    if tested.text:
        changed = task.model_copy(
            update={"files": {**files, module: str(row["buggy"])}, "tests": {tested.path: tested.text}}
        )
        verdict = (await mendbox.look(changed)).baseline
        caught = verdict is not None and any(test.ended in {"failed", "error", "hung"} for test in verdict.tests)
    return Measured(name=str(row["id"]), tested=tested, caught=caught, seconds=spent)


def by_pynguin(files: dict[str, str], module: str) -> tuple[str, str]:
    """The file of tests that pynguin writes for *module*; why there is none, if so."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (PEER_MEMORY, PEER_MEMORY))

    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            (Path(folder) / path).write_text(text, encoding="utf-8")
        command = [str(PYNGUIN.absolute()), "--project-path", folder, "--module-name", module, "--output-path"]
        command += [f"{folder}/out", "--maximum-search-time", f"{SECONDS:.0f}", "--seed", "1", "--no-rich"]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env={"PATH": os.environ["PATH"], "HOME": folder, "PYNGUIN_DANGER_AWARE": "1", "PYTHONHASHSEED": "0"},
                preexec_fn=limit,
                capture_output=True,
                text=True,
                timeout=PEER_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "", f"not done after {PEER_SECONDS:.0f} s"
        written = sorted((Path(folder) / "out").glob("test_*.py"))
        if not written:
            return "", f"it wrote no file: {(done.stderr or done.stdout).strip()[-200:]}"
        return written[0].read_text(encoding="utf-8"), ""


async def measure_peer(mendbox: Mendbox, row: dict[str, object]) -> Measured:
    """What pynguin's tests of the correct program are worth by our mutants; the one with the bug is one mutant more."""
    module = f"{row['module']}.py"
    extra: dict[str, str] = row["extra_files"]
    files = {module: str(row["fixed"]), **extra}
    began = time.monotonic()
    text, why = await asyncio.to_thread(by_pynguin, files, str(row["module"]))
    spent = time.monotonic() - began
    mutations = mutations_of(files)
    bug = Mutation(path=module, line=0, name="the bug", text=str(row["buggy"]))
    tester = OfflineTester(
        BoxWorkshop(mendbox._premises.boxes, limits=mendbox.settings.limits, run_id="peer")
    )  # of ours
    written = await tester.measure(files, [*mutations, bug], text or "def test_nothing():\n    pass\n", seconds=60.0)
    alive = [each for each in written.survivors if each.text != bug.text]
    tested = Generated(
        path="",
        author="pynguin",
        text=text,
        cases=written.cases if text else 0,
        lines=written.lines,
        all_lines=written.all_lines,
        branches=written.branches,
        all_branches=written.all_branches,
        mutants=len(mutations),
        survivors=tuple({"name": each.name, "diff": ""} for each in alive),
        reason=why or written.reason or "; ".join(written.red)[:200],
    )
    return Measured(name=str(row["id"]), tested=tested, caught=len(alive) == len(written.survivors), seconds=spent)


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


async def _main(rows: list[dict[str, str]], names: list[str], peer: str) -> None:
    found, peers = [], []
    async with Mendbox(load_settings()) as mendbox:
        for row in rows:
            if names and row["id"].rpartition("/")[2] not in names:
                continue
            found.append(await measure(mendbox, row))
            print(line(found[-1]), flush=True)
            if peer:
                peers.append(await measure_peer(mendbox, row))
                print(f"  pynguin: {line(peers[-1])}", flush=True)
    print(summary(found))
    if peers:
        print(f"pynguin: {summary(peers)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=("pynguin",), default="")
    parser.add_argument("file", type=Path)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    lines = given.file.read_text(encoding="utf-8").splitlines()
    asyncio.run(_main([json.loads(text) for text in lines if text.strip()], given.names, given.peer))
