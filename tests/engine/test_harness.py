"""The door to the engine, with boxes that play what they were told: starting, waiting, cancelling, taking up again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.domain import Budget
from engine.errors import RunGoesOn, UnknownAuthor, UnknownRun
from engine.events import AuthorAsked, BoxClosed, BoxOpened, Event, Inner, Preparing
from engine.harness import Mendbox, new_run_id
from engine.settings import Settings
from engine.wiring import OnDemand
from sandboxes.base import Box, Limits, Outcome
from tests.engine.made import RIGHT, WRONG, PlayedBox, PlayedSandbox, outcome, task
from tests.engine.test_judging import APART, CLEAN, SURVEYED, session

STAND_IN = [SURVEYED, CLEAN, session("failed")]
INPUT = [*STAND_IN, session("failed"), session("failed")]
"""What the boxes say of a wrong input, whose red tests are repeated twice to see whether they are flaky."""
DRAFT = [SURVEYED, CLEAN, session(), *APART]
"""What they say of a right draft."""
FIX = [*INPUT, *DRAFT]


class Played(OnDemand):
    """Boxes that play, in place of those of the Docker Engine; none opens before `go` is set."""

    def __init__(self, *outcomes: Outcome) -> None:
        super().__init__(Settings(), notify=lambda _: None)
        self._played = PlayedSandbox(*outcomes)
        self.tenants: list[str | None] = []
        self.go = asyncio.Event()
        self.go.set()

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits, tenant: str | None = None) -> AsyncIterator[Box]:
        self.tenants.append(tenant)
        await self.go.wait()
        async with self._played.open(run_id=run_id, limits=limits) as box:
            yield box

    async def image(self, environment: str = "") -> str:
        return PlayedBox.image


class PlayedMendbox(Mendbox):
    """A Mendbox whose boxes play *outcomes*."""

    def __init__(self, folder: Path, *outcomes: Outcome, healing: bool = True) -> None:
        super().__init__(Settings(data_dir=folder, healing=healing))
        self.boxes = self._premises.boxes = Played(*outcomes)


def script(folder: Path, *steps: Mapping[str, object]) -> str:
    path = folder / "script.json"
    path.write_text(json.dumps(steps))
    return f"scripted:{path}"


async def test_a_run_is_healed_and_kept(tmp_path: Path):
    """What `fix` hands back is what the journal has, by its id or a beginning of it."""
    told: list[Event] = []
    async with PlayedMendbox(tmp_path, *FIX) as mendbox:
        run = await mendbox.fix(task(), author=script(tmp_path, {"files": {"solution.py": RIGHT}}), watch=told.append)

        kept = await mendbox.get(run.id[:-3])
        (line,) = await mendbox.runs()
        steps = await mendbox.steps(run.id)

    assert run.outcome == "verified", run.summary
    assert kept == run
    assert (line.id, line.outcome) == (run.id, "verified")
    assert [step.kind for step in steps] == ["verdict", "draft by scripted", "verdict"]
    assert [event.event for event in told][-1] == "ended"


async def test_no_author_is_asked_where_healing_is_switched_off(tmp_path: Path):
    """What was to be mended is judged only, and the run says so in a reason and a sentence."""
    told: list[Event] = []
    async with PlayedMendbox(tmp_path, *STAND_IN, *INPUT, healing=False) as mendbox:
        mends = script(tmp_path, {"files": {"solution.py": RIGHT}})
        run = await mendbox.fix(task(), author=mends, watch=told.append)

        assert await mendbox.get(run.id) == run

    assert (run.outcome, run.reason) == ("no_fix", "red")
    assert "HEALING_ENABLED=false" in run.next_step
    assert run.files == task().files
    assert not [event for event in told if isinstance(event, AuthorAsked)]


async def test_a_listener_hears_what_goes_on_inside_of_every_run(tmp_path: Path):
    """Boxes beside what any watcher is told; watchers themselves hear nothing of it. A single command is heard too."""
    heard = dict[str, list[Event | Inner]]()
    told: list[Event] = []
    async with PlayedMendbox(tmp_path, *FIX, outcome("hello")) as mendbox:
        mendbox.observer = lambda run_id, *, principal="": heard.setdefault(run_id, []).append
        run = await mendbox.fix(task(), author=script(tmp_path, {"files": {"solution.py": RIGHT}}), watch=told.append)
        await mendbox.run({"solution.py": RIGHT}, ("python", "solution.py"))

    of_run, of_command = heard.values()
    assert next(iter(heard)) == run.id
    assert [event for event in of_run if event in told] == told
    assert of_run[0] == told[0]
    inner = [event for event in of_run if event not in told]
    assert {type(event) for event in inner} == {BoxOpened, BoxClosed}
    assert [type(event) for event in of_command] == [BoxOpened, BoxClosed]


async def test_a_draft_is_checked(tmp_path: Path):
    """With its earlier version or without; both are runs like any other."""
    async with PlayedMendbox(tmp_path, *STAND_IN, *DRAFT, *FIX) as mendbox:
        alone = await mendbox.check(task(files={"solution.py": RIGHT}))
        compared = await mendbox.check(task(files={"solution.py": RIGHT}), before={"solution.py": WRONG})

        assert len(await mendbox.runs()) == 2

    assert (alone.outcome, compared.outcome) == ("verified", "verified")
    assert compared.task.files == {"solution.py": WRONG}
    assert "+    return a + b" in compared.diff


async def test_a_program_is_just_run(tmp_path: Path):
    """Its outcome comes back as it is, and no run is kept."""
    async with PlayedMendbox(tmp_path, outcome(exit_code=7)) as mendbox:
        ended = await mendbox.run({"a.py": "x"}, ("python3", "a.py"), seconds=3, stdin=b"in")

        assert await mendbox.runs() == ()

    assert ended.exit_code == 7


async def test_a_run_in_the_background_is_waited_for(tmp_path: Path):
    """`wait` gives up after its seconds and hands back how the run stands; later it is ended."""
    async with PlayedMendbox(tmp_path, *FIX) as mendbox:
        mendbox.boxes.go.clear()
        run_id = mendbox.start(task(), author=script(tmp_path, {"files": {"solution.py": RIGHT}}))

        early = await mendbox.wait(run_id, seconds=0.05)
        await asyncio.sleep(0.2)
        with pytest.raises(RunGoesOn):
            await mendbox.resume(run_id)
        mendbox.boxes.go.set()
        ended = await mendbox.wait(run_id)
        again = await mendbox.wait(run_id)

    assert (early.status, early.outcome) == ("running", None)
    assert ended.outcome == again.outcome == "verified"


async def test_a_cancelled_run_goes_on_where_it_stopped(tmp_path: Path):
    """It keeps its attempts and what they cost; what the journal has is not judged again."""
    steps = [
        {"files": {"solution.py": WRONG + "# 1\n"}, "usage": {"calls": 1, "input_tokens": 5, "usd": 0.25}},
        {"files": {"solution.py": RIGHT}},
    ]
    author = script(tmp_path, *steps)
    async with PlayedMendbox(tmp_path, *INPUT, SURVEYED, CLEAN, session("failed"), *DRAFT) as mendbox:
        second_asked = asyncio.Event()

        def watch(event: Event) -> None:
            if isinstance(event, AuthorAsked) and event.number == 2:
                mendbox.boxes.go.clear()
                second_asked.set()

        run_id = mendbox.start(task(), author=author, watch=watch)
        await second_asked.wait()
        await asyncio.sleep(0.1)
        cancelled = await mendbox.cancel(run_id)
        once_more = await mendbox.cancel(run_id)
        mendbox.boxes.go.set()
        taken_up, turned_away = await asyncio.gather(
            mendbox.resume(run_id), mendbox.resume(run_id), return_exceptions=True
        )
        as_it_is = await mendbox.resume(run_id)

    assert (cancelled.outcome, once_more.outcome) == ("cancelled", "cancelled")
    assert (len(cancelled.attempts), cancelled.usage.usd, cancelled.seconds > 0) == (1, 0.25, True)
    assert not isinstance(taken_up, BaseException)
    assert taken_up.outcome == "verified", taken_up.summary
    assert isinstance(turned_away, RunGoesOn)
    assert as_it_is == taken_up


async def test_cancelling_the_call_cancels_the_run(tmp_path: Path):
    """Whoever gives up waiting for `fix` leaves no run behind."""
    async with PlayedMendbox(tmp_path, *FIX) as mendbox:
        mendbox.boxes.go.clear()
        going = asyncio.create_task(mendbox.fix(task(), author=script(tmp_path, {"unusable": "x"})))
        await asyncio.sleep(0.1)
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going

        (line,) = await mendbox.runs()

    assert line.outcome == "cancelled"


async def test_closing_cancels_what_goes_on(tmp_path: Path):
    """The journal has it as cancelled, for whoever opens it next."""
    async with PlayedMendbox(tmp_path, *FIX) as mendbox:
        mendbox.boxes.go.clear()
        run_id = mendbox.start(task(), author=script(tmp_path, {"unusable": "x"}))
        await asyncio.sleep(0.1)

    async with PlayedMendbox(tmp_path) as mendbox:
        assert (await mendbox.get(run_id)).outcome == "cancelled"


async def test_what_does_not_exist_is_said(tmp_path: Path):
    """No such author, no such run, and no engine before it is opened."""
    async with PlayedMendbox(tmp_path) as mendbox:
        with pytest.raises(UnknownAuthor, match="there is no author 'nobody'"):
            await mendbox.fix(task(), author="nobody")
        for ask in (mendbox.get, mendbox.cancel, mendbox.resume, mendbox.wait, mendbox.steps):
            with pytest.raises(UnknownRun):
                await ask("19990101-000000-0")

    with pytest.raises(RuntimeError, match="async with"):
        await Mendbox(Settings(data_dir=tmp_path)).runs()


async def test_preparations_are_told_to_every_run(tmp_path: Path):
    """An image that is built on first use is news for whoever waits for it."""
    told: list[Event] = []
    async with PlayedMendbox(tmp_path, *FIX) as mendbox:
        mendbox.boxes.go.clear()
        run_id = mendbox.start(task(), author=script(tmp_path, {"files": {"solution.py": RIGHT}}), watch=told.append)

        mendbox._premises.live.notify("sandbox image: step 1")
        mendbox.boxes.go.set()
        await mendbox.wait(run_id)

    assert Preparing(message="sandbox image: step 1") in told


async def test_a_run_that_waits_for_a_box_is_told_how_many_are_before_it(tmp_path: Path):
    """It alone: to the others it is no news."""
    told: dict[str, list[Event]] = {"first": [], "second": []}
    async with PlayedMendbox(tmp_path, *FIX, *FIX) as mendbox:
        mendbox.boxes.go.clear()
        author = script(tmp_path, {"files": {"solution.py": RIGHT}})
        first = mendbox.start(task(), author=author, watch=told["first"].append)
        mendbox.start(task(), author=author, watch=told["second"].append)

        mendbox._premises.live.tell_waiting(first, 3)
        mendbox._premises.live.tell_waiting("a run that has ended", 3)

    assert Preparing(message="waiting for a box: 3 before this one", before=3) in told["first"]
    assert not any(isinstance(event, Preparing) for event in told["second"])


async def test_the_time_in_which_a_run_waits_for_its_turn_is_not_its_own(tmp_path: Path):
    """Others cannot use up its budget, which is spent from when its turn has come."""
    async with PlayedMendbox(tmp_path, *FIX) as mendbox:
        mendbox.boxes.go.clear()
        short = task().model_copy(update={"budget": Budget(seconds=0.05)})
        run_id = mendbox.start(short, author=script(tmp_path, {"files": {"solution.py": RIGHT}}))
        mendbox._premises.live.tell_waiting(run_id, 3)

        waiting = await mendbox.wait(run_id, seconds=0.5)
        mendbox._premises.live.tell_waiting(run_id, None)
        ended = await mendbox.wait(run_id)

    assert waiting.status == "running"
    assert (ended.outcome, ended.reason) == ("no_fix", "budget")


async def test_every_box_of_a_run_is_asked_for_in_the_name_of_its_tenant(tmp_path: Path):
    """Healing, judging and just running; nobody's where none is named."""
    async with PlayedMendbox(tmp_path, *FIX, *DRAFT, outcome(b""), outcome(b"")) as mendbox:
        await mendbox.fix(task(), author=script(tmp_path, {"files": {"solution.py": RIGHT}}), tenant="ann")
        healed, mendbox.boxes.tenants = mendbox.boxes.tenants, []
        await mendbox.run({"solution.py": RIGHT}, ("python", "solution.py"), tenant="bob")
        await mendbox.run({"solution.py": RIGHT}, ("python", "solution.py"))

    assert set(healed) == {"ann"}
    assert mendbox.boxes.tenants == ["bob", None]


def test_ids_sort_by_time_and_cannot_be_guessed():
    """Two made in the same second differ."""
    first, second = new_run_id(), new_run_id()

    assert first != second
    assert len(first) == len("20260101-000000-") + 16
