"""How each kind of part fails, how that is noticed, and what the design does about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from agents.plans.plan import FailureMode, Kind


class Failing(NamedTuple):
    what: str
    effect: str
    noticed: str
    answer: str

    def of(self, part: str) -> FailureMode:
        return FailureMode(part=part, what=self.what, effect=self.effect, noticed=self.noticed, answer=self.answer)


COMPONENTS: Mapping[Kind, Failing] = MappingProxyType(
    {
        "page": Failing(
            "A new version of the page is broken.",
            "People see an empty page.",
            "The errors that browsers report, and a check that opens the page every minute.",
            "The version before is still there under its own name: switch back to it.",
        ),
        "api": Failing(
            "A replica hangs or runs out of memory.",
            "Its requests fail until it is replaced.",
            "The readiness check, and the share of answers with 5xx.",
            "It gets no requests while it is not ready, and is restarted; one replica more than needed is there.",
        ),
        "worker": Failing(
            "A task fails again and again.",
            "It holds up those behind it.",
            "The age of the oldest task, and how many were set aside.",
            "It is tried again with growing pauses, five times, and is then set aside for a person.",
        ),
        "job": Failing(
            "A run fails, or takes longer than its time.",
            "Its result is that of the day before.",
            "The age of the last run that succeeded.",
            "A run can be repeated without harm; no second one starts while one goes on.",
        ),
    }
)
ONE_INSTANCE = Failing(
    "It hangs, runs out of memory, or is replaced by a new version.",
    "Nothing is answered until it is back: seconds for a start, minutes where its machine is lost and the disk has to move.",
    "The readiness check, and the share of answers with 5xx.",
    "It is started again with the same disk. There is no spare one: that is the price of a file, and a reason to move.",
)
"""Of what alone has the file."""
ONE_FILE = Failing(
    "The disk is lost, or the file is damaged.",
    "What was written since the last copy is gone.",
    "The age of the newest copy, and PRAGMA integrity_check on that copy, every day.",
    "The newest copy is put in its place while the component is stopped.",
)
STORES: Mapping[str, Failing] = MappingProxyType(
    {
        "database": Failing(
            "The primary fails.",
            "Writes fail for a minute or two; reads of replicas go on.",
            "Failed connections, and the lag of the standby.",
            "The standby takes over; components connect again with growing pauses. Restoring from a backup is practised "
            "every three months.",
        ),
        "cache": Failing(
            "It is empty, or gone.",
            "Every read reaches the database.",
            "The hit rate.",
            "Components answer without it; only one request works out a missing entry while the others wait.",
        ),
        "queue": Failing(
            "It takes no tasks.",
            "Work that was to be done later is not handed over.",
            "Failed hand-overs, and the length of the queue.",
            "Tasks are written into the database with the change that caused them, and handed over from there (outbox).",
        ),
        "objects": Failing(
            "It is slow, or not there.",
            "Files can be neither sent nor fetched; everything else goes on.",
            "The time of a small test file, every minute.",
            "Versions are kept for 30 days, so that what was removed by mistake comes back.",
        ),
        "search": Failing(
            "The index is behind, or lost.",
            "Searches find too little.",
            "The age of the newest entry.",
            "It is built again from the database; meanwhile the database's own text search answers.",
        ),
        "warehouse": Failing(
            "A load is half done.",
            "Counts of an hour are wrong.",
            "The counts of a day, compared from end to end.",
            "A batch is loaded under its own id and replaces what came of it before.",
        ),
    }
)
