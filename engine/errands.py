"""What is done in boxes for a caller who waits for it and is kept in no journal: a program that is run, tests that are
admitted or written, code that is improved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from agents.borrowed import Ask
from agents.improving import Kind
from engine.casting import make_improver, make_javascript_tester, make_tester
from engine.domain import Task
from engine.events import Watcher
from engine.inputs.text import encode_files
from engine.live import new_run_id
from engine.premises import Premises
from engine.summoning import OnCall
from engine.workshop import BoxWorkshop
from sandboxes.base import Command, Layer, Outcome, Sandbox

if TYPE_CHECKING:
    from agents.testing import Wanted
    from engine.admission import Admission
    from engine.improving import Improved
    from engine.testing import Generated


class Errands:
    """Runs them on *premises*. What each promises is said where it is asked for: in `engine.harness.Mendbox`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def run(
        self,
        files: Mapping[str, str],
        argv: tuple[str, ...],
        *,
        seconds: float,
        stdin: bytes,
        environment: str,
        watch: Watcher,
        tenant: str | None,
    ) -> Outcome:
        """As `Mendbox.run`."""
        premises = self._premises
        limits = premises.settings.limits.model_copy(update={"seconds": seconds + 60, "environment": environment})
        run_id = new_run_id()
        with premises.live.passing(run_id, watch):
            sandbox = premises.sandbox(tenant, premises.observer(run_id))
            async with sandbox.open(run_id=run_id, limits=limits) as box:
                await box.lay(Layer(files=encode_files(files)))
                return await box.run(Command(argv=argv, seconds=seconds, stdin=stdin))

    async def admit(self, task: Task, *, before: Mapping[str, str] | None) -> Admission:
        """As `Mendbox.admit`."""
        from engine.admission import admit  # noqa: PLC0415 (nothing else needs it)
        from engine.judging import JUDGE_OUTPUT_KIB  # noqa: PLC0415 (all the checks come with it)

        budget, limits = task.budget, task.limits
        output = max(limits.output_kib, JUDGE_OUTPUT_KIB)
        seconds = budget.seconds + 6 * budget.test_seconds + 120
        limits = limits.model_copy(update={"seconds": seconds, "output_kib": output})
        async with self._premises.boxes.open(run_id=new_run_id(), limits=limits) as box:
            return await admit(task, box, before=before)

    async def improve(self, task: Task, kinds: Sequence[Kind], *, watch: Watcher, tenant: str | None) -> Improved:
        """As `Mendbox.improve`."""
        from engine.improving import Improving  # noqa: PLC0415 (nothing else needs it)

        premises = self._premises
        run_id = new_run_id()
        sandbox = premises.sandbox(tenant, premises.observer(run_id))
        improver = make_improver(BoxWorkshop(sandbox, limits=task.limits, run_id=run_id), watch=watch)
        with premises.live.passing(run_id, watch):
            return await Improving(improver, OnCall(sandbox), run_id=run_id, watch=watch).improve(task, kinds)

    async def write_tests(
        self,
        task: Task,
        *,
        seconds: float,
        wanted: Wanted | None,
        author: str,
        watch: Watcher,
        tenant: str | None,
        caller: Ask | None,
    ) -> Generated:
        """As `Mendbox.write_tests`."""
        from engine.judging import JUDGE_OUTPUT_KIB  # noqa: PLC0415 (all the checks come with it)
        from engine.testing import write_tests  # noqa: PLC0415 (nothing else needs it)

        premises = self._premises
        run_id = new_run_id()
        listener = premises.observer(run_id)
        sandbox = premises.sandbox(tenant, listener)
        output = max(task.limits.output_kib, JUDGE_OUTPUT_KIB)
        limits = task.limits.model_copy(update={"output_kib": output})
        if wanted is not None and wanted.framework == "vitest":
            return await self._write_vitest(task, wanted, sandbox, run_id=run_id, seconds=seconds, watch=watch)
        tester = make_tester(
            author,
            premises.settings,
            workshop=BoxWorkshop(sandbox, limits=limits, run_id=run_id),
            watch=watch,
            listener=listener,
            caller=caller,
        )
        judging = limits.model_copy(update={"seconds": 2 * seconds + 8 * task.budget.test_seconds + 120})
        with premises.live.passing(run_id, watch):
            open_box = partial(sandbox.open, run_id=run_id, limits=judging)
            return await write_tests(task, tester, open_box, seconds=seconds, wanted=wanted)

    async def _write_vitest(
        self, task: Task, wanted: Wanted, sandbox: Sandbox, *, run_id: str, seconds: float, watch: Watcher
    ) -> Generated:
        from engine.vitest_tests import refuse, write_vitest  # noqa: PLC0415 (nothing else needs it)
        from sandboxes import web  # noqa: PLC0415 (as above)

        # before an image is made for it
        refuse(task.files, wanted)
        limits = web.LIMITS.model_copy(update={"environment": await self._premises.node()})
        tester = make_javascript_tester(BoxWorkshop(sandbox, limits=limits, run_id=run_id), watch=watch)
        judging = limits.model_copy(update={"seconds": 4 * task.budget.test_seconds + 240})
        with self._premises.live.passing(run_id, watch):
            open_box = partial(sandbox.open, run_id=run_id, limits=judging)
            return await write_vitest(task, tester, open_box, seconds=seconds, wanted=wanted)
