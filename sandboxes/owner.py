"""Who made a box: told in a label so that another process can judge whether its maker still lives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from .base import Value

Judgement = Literal["alive", "dead", "unknown"]

_PROC = Path("/proc")


class Owner(Value):
    """One process, told from any other that ever had or will have its number."""

    pid: int
    started: int
    """Clock ticks between the machine's start and the process's."""
    boot: str
    """Id of this start of the machine."""
    namespace: str
    """Process namespace in which the number holds."""

    @property
    def label(self) -> str:
        return f"{self.pid}:{self.started}:{self.boot}:{self.namespace}"


def current(proc: Path = _PROC) -> Owner:
    """This process. Where there is no /proc its life cannot be judged by others: only the deadline of its boxes counts."""
    return Owner(
        pid=os.getpid(), started=_started(os.getpid(), proc) or 0, boot=_boot(proc), namespace=_namespace(proc)
    )


def parse(label: str) -> Owner | None:
    """The owner a label tells of; None where it is no label of ours."""
    try:
        pid, started, boot, namespace = label.split(":", 3)
        return Owner.model_validate({"pid": pid, "started": started, "boot": boot, "namespace": namespace})
    except (ValueError, ValidationError):
        return None


def judge(owner: Owner, proc: Path = _PROC) -> Judgement:
    """Whether *owner* lives. One on another machine, before a restart, or in another container is ``unknown``."""
    if not owner.boot or owner.boot != _boot(proc) or owner.namespace != _namespace(proc):
        return "unknown"
    return "alive" if _started(owner.pid, proc) == owner.started else "dead"


def _started(pid: int, proc: Path) -> int | None:
    try:
        stat = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # the name in parentheses may itself hold spaces and parentheses
    fields = stat.rpartition(")")[2].split()
    # a zombie has ended; it only waits for its parent
    return None if fields[0] == "Z" else int(fields[19])


def _boot(proc: Path) -> str:
    try:
        return (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _namespace(proc: Path) -> str:
    try:
        return str((proc / "self/ns/pid").readlink()).removeprefix("pid:").strip("[]")
    except OSError:
        return ""
