"""What Mendbox does, told by what it does: real boxes, and an author whose answers stand in a file."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from docker import DockerClient

from engine.domain import Budget, Run, Task
from engine.events import AttemptEnded, AuthorAsked, Event, Watcher, nobody
from engine.harness import Mendbox
from engine.settings import Settings
from sandboxes.hardening import LABEL, OWNER_LABEL

pytestmark = pytest.mark.docker

GCD = "def gcd(a, b):\n    if b == 0:\n        return a\n    return gcd(a % b, b)\n"
TEST = "from gcd import gcd\n\n\ndef test_common():\n    assert gcd(12, 18) == 6\n\n\ndef test_none():\n    assert gcd(7, 0) == 7\n"
RIGHT = {"path": "gcd.py", "search": "gcd(a % b, b)", "replace": "gcd(b, a % b)"}
WRONG = {"path": "gcd.py", "search": "gcd(a % b, b)", "replace": "gcd(b, a // b)"}
BUDGET = Budget(attempts=4, seconds=300, test_seconds=60)


def task(**changes: object) -> Task:
    return Task.model_validate({"files": {"gcd.py": GCD}, "tests": {"test_gcd.py": TEST}, "budget": BUDGET, **changes})


async def healed(folder: Path, of: Task, *steps: dict[str, object], watch: Watcher = nobody) -> Run:
    """The run of *of*, by an author who answers with *steps*."""
    script = folder / "script.json"
    script.write_text(json.dumps(steps))
    async with Mendbox(Settings(data_dir=folder)) as mendbox:
        return await mendbox.fix(of, author=f"scripted:{script}", watch=watch)


async def test_a_wrong_draft_is_repaired_from_its_real_failure(tmp_path: Path):
    """The first draft fails in a box, the second passes; what is verified says by what it is."""
    told: list[Event] = []

    run = await healed(
        tmp_path, task(), {"edits": [WRONG]}, {"note": "the other way round", "edits": [RIGHT]}, watch=told.append
    )

    assert (run.outcome, run.status) == ("verified", "ended")
    assert "+    return gcd(b, a % b)" in run.diff
    first, second = run.attempts
    assert {finding.rule for finding in first.verdict.findings} == {"AssertionError"}
    assert [test.ended for test in second.verdict.tests] == ["passed", "passed"]
    assert second.draft.note == "the other way round"
    assert run.receipt is not None
    assert {proof.name for proof in run.receipt.proofs} == {
        "tests passed",
        "red before",
        "tests untouched",
        "changed lines ran",
        "no new lint finding",
        "not a table of the tests",
        "kept apart",
        "does not look for its judge",
        "repeat agrees",
    }
    assert run.receipt.tier == "separate-process"
    assert run.receipt.image.startswith("sha256:")
    assert run.receipt.measured is not None
    assert run.receipt.measured.interfaces == ()
    assert [event.event for event in told if event.event != "preparing"] == [
        "started",
        "input_judged",
        *["author_asked", "attempt_ended"] * 2,
        "ended",
    ]


async def test_the_tests_stay_as_they_were(tmp_path: Path):
    """An answer that edits a frozen test is worth nothing; nor is one that leaves the folder."""
    edited = {"files": {"test_gcd.py": "def test_common():\n    pass\n"}}
    escaping = {"files": {"../gcd.py": "x = 1\n"}}
    absolute = {"files": {"/etc/gcd.py": "x = 1\n"}}

    run = await healed(tmp_path, task(), edited, escaping, absolute)

    assert (run.outcome, run.files) == ("no_fix", {"gcd.py": GCD})
    assert all(not attempt.verdict.green for attempt in run.attempts)
    assert all(not attempt.verdict.box for attempt in run.attempts), "no box was needed to see it"
    assert not (tmp_path.parent / "gcd.py").exists()


async def test_an_error_alone_is_reproduced_and_mended(tmp_path: Path):
    """Without a test, running the program shows the reported failure; that it is gone becomes the test."""
    program = "print('start')\nprices = {'tea': 3}\nprint(prices['jam'])\n"
    of = task(files={"shop.py": program}, tests={}, error="KeyError: 'jam'")

    run = await healed(
        tmp_path, of, {"edits": [{"path": "shop.py", "search": "prices['jam']", "replace": "prices.get('jam', 0)"}]}
    )

    assert run.outcome == "verified", run.summary
    assert run.receipt is not None
    assert run.receipt.tests_from == "reproduction"


async def test_what_cannot_be_reproduced_is_unverified(tmp_path: Path):
    """The program runs without that failure: nobody is asked for a fix, and the person for a test."""
    of = task(files={"shop.py": "print('all is well')\n"}, tests={}, error="KeyError: 'jam'")

    run = await healed(tmp_path, of, {"files": {"shop.py": "x = 1\n"}})

    assert (run.outcome, run.attempts) == ("unverified", ())
    assert "could not be reproduced" in run.summary
    assert "pytest file" in run.next_step


async def test_leaving_early_does_not_mend_a_crash(tmp_path: Path):
    """A draft that stops before the place of the crash does not print what was printed before it."""
    of = task(files={"shop.py": "print('start')\nprint({}['jam'])\n"}, tests={}, error="KeyError: 'jam'")

    run = await healed(tmp_path, of, {"files": {"shop.py": "import sys\n\nsys.exit(0)\n"}})

    assert run.outcome == "no_fix"


async def test_an_infinite_loop_is_stopped_and_mended(tmp_path: Path):
    """The input does not end; a right draft does, and that is the proof."""
    loop = "def countdown(n):\n    seen = []\n    while n > 0:\n        seen.append(n)\n    return seen\n"
    test = "from loop import countdown\n\n\ndef test_countdown():\n    assert countdown(3) == [3, 2, 1]\n"
    of = task(files={"loop.py": loop}, tests={"test_loop.py": test})
    mended = {
        "path": "loop.py",
        "search": "        seen.append(n)\n",
        "replace": "        seen.append(n)\n        n -= 1\n",
    }

    run = await healed(tmp_path, of, {"edits": [mended]})

    assert run.outcome == "verified", run.summary
    assert run.baseline is not None
    assert not run.baseline.green


async def test_a_syntax_error_is_mended(tmp_path: Path):
    """The input does not even parse; the finding has its line."""
    run = await healed(
        tmp_path,
        task(files={"gcd.py": GCD.replace("0:", "0")}),
        {"files": {"gcd.py": GCD.replace("gcd(a % b, b)", "gcd(b, a % b)")}},
    )

    assert run.outcome == "verified", run.summary
    assert run.baseline is not None
    assert ("syntax", 2) in {(finding.check, finding.line) for finding in run.baseline.findings}


async def test_of_two_files_the_wrong_one_is_mended(tmp_path: Path):
    """Only it is in the diff, and the failure points into it."""
    files = {
        "shop/__init__.py": "",
        "shop/prices.py": "PRICES = {'tea': 3, 'jam': 4}\n\n\ndef price(name):\n    return PRICES[name.upper()]\n",
        "shop/basket.py": "from shop.prices import price\n\n\ndef total(names):\n    return sum(price(name) for name in names)\n",
    }
    test = "from shop.basket import total\n\n\ndef test_total():\n    assert total(['tea', 'Jam']) == 7\n"

    run = await healed(
        tmp_path,
        task(files=files, tests={"tests/test_basket.py": test}),
        {"edits": [{"path": "shop/prices.py", "search": "upper", "replace": "lower"}]},
    )

    assert run.outcome == "verified", run.summary
    assert run.baseline is not None
    assert run.baseline.findings[0].path == "shop/prices.py"
    assert "basket" not in run.diff


SLOW = "import time\n\ntime.sleep(2)\n\n\n" + GCD.replace("gcd(a % b, b)", "gcd(b, a % b)")
"""Right, and slow enough to be caught in its box."""


def boxes(engine: DockerClient, pid: int) -> int:
    """Containers that the process *pid* made."""
    owners = [box["Labels"].get(OWNER_LABEL, "") for box in engine.api.containers(all=True, filters={"label": LABEL})]
    return sum(owner.startswith(f"{pid}:") for owner in owners)


def until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether *holds* came true in time."""
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.05)
    return held


CRASHING = """
import asyncio, sys
from pathlib import Path
from engine.domain import Task
from engine.harness import Mendbox
from engine.settings import Settings

def watch(event):
    if event.event == "author_asked":
        print(event.number, flush=True)
    if event.event == "started":
        print(event.run_id, flush=True)

async def main(folder, task):
    async with Mendbox(Settings(data_dir=folder)) as mendbox:
        await mendbox.fix(Task.model_validate_json(task), author=f"scripted:{folder}/script.json", watch=watch)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def killed_while_it_judges(folder: Path, engine: DockerClient) -> tuple[str, int]:
    """The id of a run, and the process that was killed while the run's second draft was judged."""
    command = [sys.executable, "-c", CRASHING, str(folder), task().model_dump_json()]
    dying = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert dying.stdout is not None
    run_id = dying.stdout.readline().strip()
    assert [dying.stdout.readline().strip() for _ in range(2)] == ["1", "2"]
    assert until(lambda: boxes(engine, dying.pid) > 0)
    dying.kill()
    dying.wait()
    dying.stdout.close()
    return run_id, dying.pid


async def test_a_run_survives_the_death_of_its_process(tmp_path: Path, engine: DockerClient):
    """Killed in the middle of a judgement: its boxes are gone once Mendbox has started again, and nothing is asked twice."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"edits": [WRONG]}, {"files": {"gcd.py": SLOW}}]))
    run_id, pid = killed_while_it_judges(tmp_path, engine)
    # Whoever is asked again now answers with something else.
    script.write_text(json.dumps([{"raise": "refused"}, {"files": {"gcd.py": SLOW}}]))
    asked: list[int] = []

    def watch(event: Event) -> None:
        if isinstance(event, AuthorAsked):
            asked.append(event.number)

    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        before = await mendbox.get(run_id)
        run = await mendbox.resume(run_id, watch=watch)
        steps = await mendbox.steps(run_id)

    assert before.status == "interrupted"
    assert (run.id, run.outcome) == (run_id, "verified"), run.summary
    assert [attempt.draft.files["gcd.py"] == SLOW for attempt in run.attempts] == [False, True]
    assert len([step for step in steps if step.kind == "draft by scripted"]) == 2
    assert until(lambda: boxes(engine, pid) == 0)


async def test_a_cancelled_run_leaves_no_box(tmp_path: Path, engine: DockerClient):
    """Its container is killed at once, and the run says that it was cancelled and can go on."""
    endless = "import time\n\ntime.sleep(50)\n"
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"files": {"gcd.py": endless}}]))

    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        asked = asyncio.Event()

        def watch(event: Event) -> None:
            if isinstance(event, AuthorAsked):
                asked.set()

        run_id = mendbox.start(task(), author=f"scripted:{script}", watch=watch)
        await asked.wait()
        assert await asyncio.to_thread(until, lambda: boxes(engine, os.getpid()) > 0)
        run = await mendbox.cancel(run_id)
        kept = await mendbox.get(run_id)

    assert (run.outcome, kept.outcome) == ("cancelled", "cancelled")
    assert "resume" in run.next_step
    assert boxes(engine, os.getpid()) == 0


async def test_a_missing_engine_is_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nothing was learnt about the code, no attempt was counted, and the next step is the doctor."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    told: list[Event] = []

    run = await healed(tmp_path, task(), {"edits": [RIGHT]}, watch=told.append)

    assert (run.outcome, run.attempts, run.files) == ("environment", (), {"gcd.py": GCD})
    assert "docker" in run.summary.lower()
    assert "doctor" in run.next_step or "Docker" in run.next_step
    assert not any(isinstance(event, AttemptEnded) for event in told)
