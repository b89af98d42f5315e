"""The limits in force, read from inside the box by its first process before anybody's code has run."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource

from .cgroup import Cgroup

BOX = "/box"
_GET_DUMPABLE, _SET_DUMPABLE = 3, 4
_IO_URING_SETUP = 425
_UP = 1

_libc = ctypes.CDLL(None, use_errno=True)


def set_dumpable(*, dumpable: bool) -> None:
    """Whether others of the same user may trace this process, open its memory, or look at its descriptors."""
    _libc.prctl(_SET_DUMPABLE, int(dumpable), 0, 0, 0)


def measure(cgroup: Cgroup) -> dict[str, object]:
    """What `sandboxes.base.Measured` holds, field by field."""
    status = _status()
    limits = cgroup.limits()
    folder = os.statvfs(BOX)
    return {
        "uid": os.geteuid(),
        "capabilities": _capabilities(status),
        "no_new_privileges": status.get("NoNewPrivs") == "1",
        "seccomp": status.get("Seccomp") == "2" and _io_uring_refused(),
        "read_only_root": bool(os.statvfs("/").f_flag & os.ST_RDONLY),
        "interfaces": _interfaces(),
        "memory_mib": int(limits["memory"]) >> 20,
        "swap_mib": -(-int(limits["swap"]) >> 20),
        "cpus": limits["cpus"],
        "processes": int(limits["processes"]),
        "work_mib": (folder.f_blocks * folder.f_frsize) >> 20,
        "work_files": folder.f_files,
        "file_mib": _hard(resource.RLIMIT_FSIZE) >> 20,
        "open_files": _hard(resource.RLIMIT_NOFILE),
        "core_bytes": _hard(resource.RLIMIT_CORE),
        "cgroup": cgroup.version,
        "dumpable": _libc.prctl(_GET_DUMPABLE, 0, 0, 0, 0) != 0,
        "python": platform.python_version(),
    }


def _hard(which: int) -> int:
    limit = resource.getrlimit(which)[1]
    return 1 << 62 if limit == resource.RLIM_INFINITY else limit


def _status() -> dict[str, str]:
    with open("/proc/self/status", encoding="utf-8", errors="replace") as file:
        return {key: value.strip() for key, _, value in (line.partition(":") for line in file)}


def _capabilities(status: dict[str, str]) -> int:
    union = 0
    for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
        # a set that cannot be read counts as full
        union |= int(status.get(name, "ffffffffffffffff"), 16)
    return union


def _io_uring_refused() -> bool:
    """Whether the filter is ours: the engine's own profile may let this call through to the kernel (EFAULT)."""
    ctypes.set_errno(0)
    answer = _libc.syscall(_IO_URING_SETUP, 1, None)
    return answer == -1 and ctypes.get_errno() in {errno.EPERM, errno.ENOSYS}


def _interfaces() -> list[str]:
    """Interfaces that are up, loopback left out. Kernels put tunnels that are down into every namespace."""
    names = []
    for name in os.listdir("/sys/class/net"):
        if name == "lo":
            continue
        try:
            with open(f"/sys/class/net/{name}/flags", encoding="ascii") as file:
                if int(file.read(), 16) & _UP:
                    names.append(name)
        except NotADirectoryError:
            continue  # bonding_masters and the like are files, not interfaces
    return sorted(names)
