"""When a file is database enough: one instance bears the load with room to grow, and one component alone writes."""

from __future__ import annotations

from agents.offline.architect.case import Case, Consequence
from agents.plans.plan import CostDriver, Safeguard

DATABASE = "database"


def writers(case: Case) -> tuple[str, ...]:
    """Components that cannot do without the database itself."""
    return tuple(part.name for part in case.profile.parts if DATABASE in part.stores)


def fits(case: Case) -> bool:
    """Whether *case*, whose load was worked out for one file, can be kept in one."""
    return len(writers(case)) == 1 and case.load["share_of_one_instance"] <= 1


def consequence(_: Case) -> Consequence:
    """What a plan has to say of its file, beside where it is."""
    return Consequence(
        costs=(
            CostDriver(
                what="The disk with the file, and its copies; a database server and its standby are saved.",
                figure="disk_gib",
                lever="Remove what is older than it has to be; keep fewer copies of last month.",
            ),
        ),
        security=(
            Safeguard(
                threat="A lost disk or a copied backup is read.",
                measure="Disk and copies are encrypted; the folder belongs to the component's own user, and no other part "
                "mounts it.",
                part=DATABASE,
            ),
        ),
    )
