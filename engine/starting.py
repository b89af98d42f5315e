"""How a run of code begins: who heals it, who judges it, and what is remembered of earlier ones, picked by the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from agents.base import Readying
from agents.borrowed import Ask
from engine.case import CALLER
from engine.casting import make_author
from engine.dependencies.languages import in_its_image
from engine.domain import Run, Task, Verdict, sha256
from engine.events import Watcher
from engine.fingerprint import fingerprint
from engine.first_box import TellingFirst
from engine.live import LiveRun, Relay
from engine.premises import Premises
from engine.summoning import Beginning, OnCall
from engine.workshop import BoxWorkshop
from sandboxes.base import Command

if TYPE_CHECKING:
    from engine.caching import CachingJudge
    from engine.conduct import Conductor
    from engine.memory import Remembering
    from engine.surroundings import Surroundings

_NOT_HEALED = (
    "Healing is switched off here (HEALING_ENABLED=false), so that this was only judged and no author was asked."
)


class Starting:
    """Begins runs in the background, on *premises*; each method gives the id of the run. See `engine.harness.Mendbox`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._memory: Remembering | None = None

    def heal(
        self,
        run: Run,
        author: str,
        watch: Watcher,
        *,
        fresh: bool,
        tenant: str | None = None,
        principal: str = "",
        caller: Ask | None = None,
        seen: Verdict | None = None,
    ) -> str:
        """Have *author* heal it; only judge it where no author may be asked. Raises `UnknownAuthor`."""
        premises = self._premises
        if not premises.settings.healing:
            return self._judge_instead(run, watch, fresh=fresh, tenant=tenant, principal=principal)
        live_watch = Relay()
        listener = premises.observer(run.id, principal=principal)
        task = run.task
        workshop = BoxWorkshop(
            premises.sandbox(tenant, listener),
            limits=task.limits,
            run_id=run.id,
            patience=task.budget.seconds,
            data=task.data,
            build=_build_of(task),
        )
        writer = make_author(
            author,
            premises.settings,
            workshop=workshop,
            watch=live_watch,
            steps=partial(premises.journal.step, run.id),
            listener=listener,
            caller=caller,
        )

        async def conduct(live: LiveRun) -> Run:
            live_watch.to = live
            make_ready = writer.make_ready if isinstance(writer, Readying) else None
            async with workshop:
                conductor = self._conductor(live, fresh=fresh, tenant=tenant, in_first_box=make_ready)
                return await conductor.fix(run, writer, seen=seen)

        return premises.begin(run, author, watch, conduct, listener=listener, principal=principal)

    def check(
        self,
        run: Run,
        files: Mapping[str, str],
        before: Mapping[str, str] | None,
        watch: Watcher,
        *,
        fresh: bool,
        tenant: str | None,
        principal: str,
    ) -> str:
        """Have *files* judged only, against *before*, or against empty stand-ins."""

        async def conduct(live: LiveRun) -> Run:
            return await self._conductor(live, fresh=fresh, tenant=tenant).check(run, files, before)

        return self._premises.begin(run, CALLER, watch, conduct, principal=principal)

    def look(self, run: Run, watch: Watcher, *, fresh: bool, tenant: str | None) -> str:
        """Have its files looked at as they are; nothing is proven of them."""

        async def conduct(live: LiveRun) -> Run:
            return await self._conductor(live, fresh=fresh, tenant=tenant).look(live.run)

        return self._premises.begin(run, CALLER, watch, conduct)

    def _judge_instead(self, run: Run, watch: Watcher, *, fresh: bool, tenant: str | None, principal: str) -> str:
        """Begin what `heal` does where no author may be asked."""

        async def conduct(live: LiveRun) -> Run:
            judged = await self._conductor(live, fresh=fresh, tenant=tenant).check(run, run.task.files, None)
            further = "Set it to true to have it mended." if judged.reason == "red" else judged.next_step
            return judged.model_copy(update={"next_step": f"{_NOT_HEALED} {further}".strip()})

        return self._premises.begin(run, CALLER, watch, conduct, principal=principal)

    def _conductor(
        self, live: LiveRun, *, fresh: bool, tenant: str | None, in_first_box: Callable[[], None] | None = None
    ) -> Conductor:
        """Whoever takes the run to its end. *in_first_box* is called when the judge has the first box that it needs."""
        # What only looks into the journal, or runs a program, need not know how code is judged.
        from engine.conduct import Conductor  # noqa: PLC0415

        premises = self._premises
        sandbox = premises.sandbox(tenant, live.listener)
        judge = self._judge(sandbox if in_first_box is None else TellingFirst(sandbox, in_first_box), fresh=fresh)
        return Conductor(
            sandbox=sandbox,
            judge=judge,
            record=premises.journal,
            watch=live,
            clock=live.clock,
            memory=self._memory_of(live.principal),
            settle=partial(in_its_image, image=premises.node),
        )

    def _memory_of(self, principal: str) -> Remembering | None:
        from engine.memory.remembering import Memory  # noqa: PLC0415 (as above)

        settings = self._premises.settings
        if not settings.memory:
            return None
        if principal:
            # What one has mended is nothing that another may be given to read.
            return Memory(settings.data_dir / "principals" / sha256(principal)[:32])
        self._memory = self._memory or Memory(settings.data_dir)
        return self._memory

    def _judge(self, sandbox: Beginning, *, fresh: bool) -> CachingJudge:
        from engine.caching import CachingJudge  # noqa: PLC0415 (as above)

        premises = self._premises
        return CachingJudge(
            OnCall(sandbox, self._surroundings),
            premises.journal,
            judged_by=f"{fingerprint()} in {premises.settings.runtime or 'the usual runtime'}",
            image=premises.boxes.image,
            fresh=fresh,
        )

    def _surroundings(self) -> Surroundings:
        from engine.dependencies.surroundings import ByManifests  # noqa: PLC0415 (only projects need it)

        return ByManifests(self._premises.environments, self._premises.live.notify)


def _build_of(task: Task) -> Command | None:
    if task.suite is None or not task.suite.build:
        return None
    from engine.checks.build import command_for  # noqa: PLC0415 (few tasks need it)

    return command_for(task)
