"""A box that is prepared for an author's program before it is asked for, and what becomes of one that nobody takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.domain import Task
from engine.first_box import TellingFirst
from engine.harness import Mendbox
from engine.settings import Settings
from engine.workshop import BoxWorkshop
from sandboxes.base import Box, Limits, Sandbox
from sandboxes.docker import DockerSandbox
from sandboxes.errors import SandboxUnavailable
from tests.engine.made import PlayedSandbox

WAITING = {
    "start.py": (
        "import os, sys, time\n"
        "text = sys.stdin.read()\n"
        "fields = open('/proc/self/stat').read().rpartition(')')[2].split()\n"
        "started = int(fields[19]) / os.sysconf('SC_CLK_TCK')\n"
        "laid = time.clock_gettime(time.CLOCK_BOOTTIME) - (time.time() - os.stat('m.py').st_mtime)\n"
        "os.write(3, f'{text} {open(\"m.py\").read()} {laid - started > 0.05}\\n'.encode())\n"
    )
}
"""Says what it was given, and whether it was there before the file was."""
OTHER = {"start.py": "import os, sys\nsys.stdin.read()\nos.write(3, b'other\\n')\n"}
ARGV = ("python", "{tools}/start.py")


class Counting:
    """*sandbox*, and how many boxes it has opened and has open; the first *refused* times it has none."""

    def __init__(self, sandbox: Sandbox, *, refused: int = 0) -> None:
        self._sandbox = sandbox
        self._refused = refused
        self.opened = self.open_now = 0

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits) -> AsyncIterator[Box]:
        self.opened += 1
        if self.opened <= self._refused:
            raise SandboxUnavailable("docker", "no box", hint="try again")
        async with self._sandbox.open(run_id=run_id, limits=limits) as box:
            self.open_now += 1
            try:
                yield box
            finally:
                self.open_now -= 1


async def lines(workshop: BoxWorkshop, tools: dict[str, str]) -> tuple[str, ...]:
    files = {"m.py": "code"}
    found = await workshop.run(files=files, locked={}, tools=tools, argv=ARGV, stdin=b"job", seconds=10.0)
    return found.lines


@pytest.mark.docker
async def test_a_prepared_program_waits_in_the_box_that_the_next_run_takes(sandbox: DockerSandbox):
    """It has come as far as its input before the files are there, and then is given both."""
    boxes = Counting(sandbox)

    async with BoxWorkshop(boxes, limits=Limits(), run_id="test") as workshop:
        workshop.prepare(tools=WAITING, argv=ARGV)
        workshop.prepare(tools=WAITING, argv=ARGV)
        assert workshop._prepared is not None
        await asyncio.wait([workshop._prepared.opening])
        await asyncio.sleep(0.1)
        ahead = await lines(workshop, WAITING)
        then = await lines(workshop, WAITING)

    assert ahead == ("job code True",)
    assert then == ("job code False",)
    assert (boxes.opened, boxes.open_now) == (2, 0)


@pytest.mark.docker
async def test_a_box_that_was_prepared_for_something_else_is_left_and_given_back(sandbox: DockerSandbox):
    """Nothing of one program is ever met by another."""
    boxes = Counting(sandbox)

    async with BoxWorkshop(boxes, limits=Limits(), run_id="test") as workshop:
        workshop.prepare(tools=WAITING, argv=ARGV)
        found = await lines(workshop, OTHER)

    assert found == ("other",)
    assert (boxes.opened, boxes.open_now) == (2, 0)


@pytest.mark.docker
async def test_what_could_not_be_prepared_is_opened_when_it_is_needed(sandbox: DockerSandbox):
    """Only then somebody has to be told, and then it may be there again."""
    boxes = Counting(sandbox, refused=1)

    async with BoxWorkshop(boxes, limits=Limits(), run_id="test") as workshop:
        workshop.prepare(tools=OTHER, argv=ARGV)
        found = await lines(workshop, OTHER)

    assert found == ("other",)
    assert (boxes.opened, boxes.open_now) == (2, 0)


@pytest.mark.docker
async def test_leaving_while_it_is_prepared_leaves_no_box(sandbox: DockerSandbox):
    """However far it was."""
    for seconds in (0.0, 0.05, 0.4, 1.5):
        boxes = Counting(sandbox)

        async with BoxWorkshop(boxes, limits=Limits(), run_id="test") as workshop:
            workshop.prepare(tools=WAITING, argv=ARGV)
            await asyncio.sleep(seconds)

        assert boxes.open_now == 0


async def test_only_the_first_box_is_told_of():
    """Whoever waits for it begins once."""
    told: list[str] = []
    boxes = PlayedSandbox()
    sandbox = TellingFirst(Begun(boxes), lambda: told.append("opened"))

    await sandbox.begin(Limits())
    before = list(told)
    for _ in range(2):
        async with sandbox.open(run_id="r", limits=Limits()):
            within = list(told)

    assert (before, within) == ([], ["opened"])
    assert len(boxes.opened) == 2


class Begun:
    """*sandbox*, of which a box is always begun."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.open = sandbox.open

    def begin(self, limits: Limits) -> asyncio.Task[None]:
        return asyncio.create_task(asyncio.sleep(0))


@pytest.mark.docker
@pytest.mark.usefixtures("engine", "sandbox_image")
async def test_a_run_leaves_no_box_of_a_search_that_it_did_not_need(tmp_path: Path):
    """The search is started while the input is judged; where that is green, the box goes as the run ends."""
    wrong = Task(
        files={"add.py": "def add(a, b):\n    return a - b\n"},
        tests={"test_add.py": "from add import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"},
    )
    right = wrong.model_copy(update={"files": {"add.py": "def add(a, b):\n    return a + b\n"}})

    async with Mendbox(Settings(data_dir=tmp_path, pool=2)) as mendbox:
        healed = await mendbox.fix(wrong, author="offline")
        nothing_to_do = await mendbox.fix(right, author="offline")
        pool = await mendbox._premises.boxes._pool()
        in_use = len(pool.stock._used)

    assert (healed.outcome, nothing_to_do.outcome) == ("verified", "unverified")
    assert in_use == 0
