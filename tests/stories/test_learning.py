"""What one repair teaches the next, in real boxes: the same slip in another program is mended sooner."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.domain import Budget, Run, Task
from engine.harness import Mendbox
from engine.memory.shifting import shifts
from engine.memory.store import Store
from engine.settings import Settings
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits
from sandboxes.docker import DockerSandbox
from tests.repairs.learning import Bug, search
from tests.repairs.own import Program

pytestmark = pytest.mark.docker

STAMPS = '''def stamped(letters, stamp):
    """The letters, each with the stamp, in groups of three."""
    groups = []
    group = []
    for letter in letters:
        group.append(letter + stamp)
        if len(group) == 3:
            groups.extend(group)
            group = []
    if group:
        groups.append(group)
    return groups
'''
STAMPS_TEST = """from stamps import stamped


def test_groups():
    assert stamped(["a", "b", "c", "d"], "!") == [["a!", "b!", "c!"], ["d!"]]


def test_none():
    assert stamped([], "!") == []
"""
DRAWERS = '''def sorted_away(socks, size):
    """Pairs of socks that are alike, with at most so many pairs in a drawer."""
    lonely = {}
    drawers = [[]]
    for colour, length in socks:
        if (colour, length) not in lonely:
            lonely[colour, length] = 1
            continue
        del lonely[colour, length]
        if len(drawers[-1]) >= size:
            drawers.append([])
        drawers[-1].extend((colour, length))
    return drawers, sorted(lonely)
'''
DRAWERS_TEST = """from drawers import sorted_away


def test_pairs():
    socks = [("red", 1), ("red", 1), ("blue", 2), ("grey", 1), ("blue", 2)]
    assert sorted_away(socks, 1) == ([[("red", 1)], [("blue", 2)]], [("grey", 1)])


def test_none():
    assert sorted_away([], 3) == ([[]], [])
"""


async def healed(folder: Path, *, memory: bool = True) -> Run:
    task = Task(files={"stamps.py": STAMPS}, tests={"test_stamps.py": STAMPS_TEST}, budget=Budget(seconds=300))
    async with Mendbox(Settings(data_dir=folder, memory=memory)) as mendbox:
        return await mendbox.fix(task, author="offline")


async def test_the_same_slip_in_another_program_is_mended_sooner(tmp_path: Path, sandbox: DockerSandbox) -> None:
    """A list's elements where the list was meant: what mended it once is tried among the first the next time."""
    right = Program(
        name="drawers",
        code=DRAWERS.replace("extend", "append"),
        tests={"test_drawers.py": DRAWERS_TEST},
        module="drawers",
    )
    bug = Bug(slip="extend for append", program=right, code=DRAWERS)
    workshop = BoxWorkshop(sandbox, limits=Limits(), run_id="test")

    run = await healed(tmp_path)
    learnt = Store(tmp_path).newest(5)
    alone, taught = await search(bug, workshop), await search(bug, workshop, shifts(learnt))

    assert run.outcome == "verified"
    assert [(made.old, made.new) for one in learnt for made in one.mended] == [("extend", "append")]
    assert alone.right
    assert taught.right
    assert 2 * taught.first <= alone.first


async def test_a_memory_that_is_switched_off_learns_nothing(tmp_path: Path) -> None:
    """Nothing is kept, and no file made."""
    run = await healed(tmp_path, memory=False)

    assert run.outcome == "verified"
    assert Store(tmp_path).newest(5) == ()
    assert list(tmp_path.glob("memory*")) == []  # noqa: ASYNC240  # a folder of three files
