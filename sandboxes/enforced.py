"""Controls fail closed: what was measured inside a box against what was asked for."""

from __future__ import annotations

from collections.abc import Iterator

from .base import Limits, Measured
from .errors import LimitNotEnforced


def require(measured: Measured, limits: Limits) -> None:
    """Raise `LimitNotEnforced`, naming every limit that is not in force."""
    wrong = tuple(weaker(measured, limits))
    if wrong:
        raise LimitNotEnforced(
            "docker",
            "this engine does not enforce what was asked: " + "; ".join(wrong),
            hint="the box was refused; `mendbox doctor` shows every limit as measured from inside",
        )


def weaker(measured: Measured, limits: Limits) -> Iterator[str]:
    """One phrase for each limit that is weaker than asked."""
    for broken, phrase in (
        (measured.uid == 0, "the box runs as root"),
        (measured.capabilities, f"capabilities are left (mask {measured.capabilities:#x})"),
        (not measured.no_new_privileges, "new privileges can be gained"),
        (not measured.seccomp, "system calls are not filtered by our profile"),
        (not measured.read_only_root, "the root file system can be written"),
        (measured.interfaces, f"there is a network ({', '.join(measured.interfaces)})"),
        (measured.dumpable, "the first process can be traced"),
        (measured.core_bytes, "core dumps are written"),
        (measured.swap_mib, f"{measured.swap_mib} MiB of swap can be used"),
    ):
        if broken:
            yield phrase
    for name, got, asked in (
        ("memory, MiB", measured.memory_mib, limits.memory_mib),
        ("processes", measured.processes, limits.processes),
        ("work folder, MiB", measured.work_mib, limits.work_mib),
        ("work files", measured.work_files, limits.work_files),
        ("largest file, MiB", measured.file_mib, limits.file_mib),
        ("open files", measured.open_files, limits.open_files),
    ):
        if not 0 < got <= asked:
            yield f"{name}: {asked} asked, {_amount(got)} in force"
    # the engine sets processor time in whole milliseconds of a period
    if not 0 < measured.cpus <= limits.cpus + 0.01:
        yield f"processor cores: {limits.cpus:g} asked, {_amount(measured.cpus)} in force"


def _amount(number: float) -> str:
    return f"{number:g}" if 0 < number < 1 << 40 else "no limit"
