"""What an open engine has, for all that goes on in it: boxes, a journal, live runs, and who listens to what they do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.case import CALLER
from engine.domain import Run
from engine.events import Listener, Observer, Watcher, unobserved
from engine.fingerprint import fingerprint
from engine.journal import Journal
from engine.live import Conduct, LiveRun, LiveRuns
from engine.overheard import ToldSandbox
from engine.settings import Settings
from engine.tenancy import OnBehalf
from engine.wiring import OnDemand, make_environments

if TYPE_CHECKING:
    from sandboxes.environments.environments import Environments

_MORE_TO_CHECK, _MORE_TO_FIX = 2, 3
"""Boxes after a run's first: for the draft and for what is done apart; to fix, one for the search before them."""
_HEAD_START = 1.0
"""Seconds that the journal waits for a first box to be under way; where the image is being built it is longer."""


class Premises:
    """Opened and closed by `engine.harness.Mendbox`; nothing is had before it is opened."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.observer: Observer = unobserved
        self.live = LiveRuns()
        self.boxes = OnDemand(settings, notify=self.live.notify, waiting=self.live.tell_waiting)
        self._opened: Journal | None = None

    async def open(self, *, journal: bool, box_at_once: bool) -> None:
        """Open the journal, unless none is wanted, and begin the boxes that are kept ready, or the one *box_at_once*.

        Raises:
            JournalUnavailable: The journal cannot be written.
        """
        if box_at_once:
            # Both are mostly importing, which two threads do no faster than one: the engine comes first, for it can
            # start the box meanwhile.
            await asyncio.wait([self.boxes.begin(self.settings.limits)], timeout=_HEAD_START)
        if journal:
            try:
                self._opened = await Journal.open(self.settings.data_dir)
            except BaseException:
                await self.boxes.close()
                raise
            # Now, because the files may be replaced by another version's while a server goes on.
            fingerprint()
        if self.settings.pool:
            self.boxes.warm()

    async def close(self) -> None:
        """Cancel the runs that are still going, kill their boxes, close everything."""
        try:
            await self.live.cancel()
        finally:
            try:
                await self.boxes.close()
            finally:
                if self._opened is not None:
                    await self._opened.close()

    @property
    def journal(self) -> Journal:
        """The journal that is open."""
        if self._opened is None:
            raise RuntimeError("use it as: async with Mendbox() as mendbox; and not without its journal")
        return self._opened

    def sandbox(self, tenant: str | None, listener: Listener) -> ToldSandbox:
        """Boxes in the name of *tenant*, of each of which *listener* hears."""
        return ToldSandbox(OnBehalf(self.boxes, tenant), listener)

    def begin(
        self,
        run: Run,
        author: str,
        watch: Watcher,
        conduct: Conduct,
        *,
        principal: str = "",
        listener: Listener | None = None,
    ) -> str:
        """Begin *run*, which *conduct* takes to its end in the background; its id."""
        listener = listener or self.observer(run.id, principal=principal)
        live = LiveRun(run, watch, self.journal, principal, listener)
        self.boxes.expect(_MORE_TO_CHECK if author == CALLER else _MORE_TO_FIX)
        self.live.begin(live, author, conduct)
        return run.id

    async def get(self, run_id: str, *, principal: str | None = None) -> Run:
        """The run as it stands here or in the journal; see `engine.harness.Mendbox.get`."""
        live = self.live.get(run_id, principal)
        return live.run if live is not None else await self.journal.load(run_id, principal=principal)

    def environments(self, *, node: bool = False) -> Environments:
        """Images with the packages that projects need; with *node* over the one that has Node.js and a browser."""
        return make_environments(self.settings, node=node)

    async def node(self) -> str:
        """The image with Node.js; see `engine.harness.Mendbox.node`."""
        from engine.dependencies.ensuring import environment_for  # noqa: PLC0415 (30 ms, and Python needs it not)
        from sandboxes.environments.wanted import Wanted  # noqa: PLC0415 (as above)

        return (await environment_for(Wanted(), self.environments(node=True), self.live.notify)).reference
