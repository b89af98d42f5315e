"""The memory of a run: read before the author is asked, written when the run is verified, and no harm to either."""

from __future__ import annotations

from pathlib import Path

from engine.case import Case
from engine.domain import Run
from engine.errors import MemoryUnavailable
from engine.logs import get_log
from engine.memory.entry import Recalled
from engine.memory.learning import learn
from engine.memory.resembling import lessons
from engine.memory.shifting import shifts
from engine.memory.store import Store

RECENT = 500
"""Repairs that are looked at for one run: those before it count less than a thirtieth of the newest."""
log = get_log(__name__)


class Memory:
    """Remembers in *folder*. Where that cannot be done it says so once, in the log, and knows nothing from then on."""

    def __init__(self, folder: Path) -> None:
        self._store = Store(folder)
        self._told = False

    def recall(self, case: Case) -> Recalled:
        try:
            remembered = self._store.newest(RECENT)
        except MemoryUnavailable as error:
            self._tell(error)
            return Recalled()
        return Recalled(shifts=shifts(remembered), lessons=lessons(remembered, case))

    def learn(self, run: Run) -> None:
        learnt = learn(run)
        if learnt is None:
            return
        try:
            self._store.add(learnt)
        except MemoryUnavailable as error:
            self._tell(error)
        else:
            log.info("learnt", repair=learnt.id, templates=[mended.template for mended in learnt.mended])

    def _tell(self, error: MemoryUnavailable) -> None:
        if not self._told:
            self._told = True
            log.warning("memory_unavailable", error=error.what, hint=error.hint)
