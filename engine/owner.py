"""Who is at work on a run: a process told apart from a later one with the same number."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

Life = Literal["alive", "dead", "unknown"]
"""`unknown`: it lives, or lived, where this process cannot look: another machine, boot or container."""

PROC = Path("/proc")


def this_process(proc: Path = PROC) -> str:
    """Identity of this process: ``pid:starttime:boot_id:pidns``, with ``-`` where the system does not tell."""
    pid = os.getpid()
    started = _started(pid, proc) or "-"
    return f"{pid}:{started}:{_boot(proc)}:{_namespace(proc)}"


def judge(owner: str, proc: Path = PROC) -> Life:
    """Whether the process that called itself *owner* is still there."""
    try:
        pid_text, started, boot, namespace = owner.split(":")
        pid = int(pid_text)
    except ValueError:
        return "unknown"
    if pid <= 0 or (boot, namespace) != (_boot(proc), _namespace(proc)):
        return "unknown"
    now = _started(pid, proc)
    if now is None:
        return "unknown" if _answers(pid) else "dead"
    if started == "-":
        return "unknown"
    return "alive" if now == started else "dead"


def _started(pid: int, proc: Path) -> str | None:
    """Clock ticks since boot at which *pid* started, "zombie" when it has ended; None where it cannot be seen."""
    try:
        stat = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The program's name stands in parentheses and may hold any character, parentheses included.
    fields = stat.rpartition(")")[2].split()
    if len(fields) < 20:
        return None
    return "zombie" if fields[0] in {"Z", "X"} else fields[19]


def _boot(proc: Path) -> str:
    try:
        return (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip() or "-"
    except OSError:
        return "-"


def _namespace(proc: Path) -> str:
    try:
        return (proc / "self/ns/pid").readlink().name.removeprefix("pid:[").rstrip("]")
    except OSError:
        return "-"


def _answers(pid: int) -> bool:
    # /proc may be missing, or hide the processes of others; signal 0 only asks.
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
