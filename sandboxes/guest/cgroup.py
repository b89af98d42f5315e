"""The control group of this box, read from inside: what it may use, and what has happened. Version 1 and version 2."""

from __future__ import annotations

import os

ROOT = "/sys/fs/cgroup"
UNLIMITED = 1 << 62
"""Version 1 writes "no limit" as a number near 2**63; anything this large is none."""

Numbers = dict[str, float]


class Cgroup:
    """Reads files that are missing or strange as *no limit* and *nothing counted*: the host then refuses the box."""

    def __init__(self, root: str = ROOT, proc: str = "/proc") -> None:
        self._root = root
        self._proc = proc
        self.version = "v2" if os.path.exists(f"{root}/cgroup.controllers") else "v1"
        self._own = self._own_paths()

    def limits(self) -> Numbers:
        """Keys ``memory`` and ``swap`` in bytes, ``cpus`` in cores, ``processes``; 0 processes or cores: no limit."""
        if self.version == "v2":
            memory = self._number("memory", "memory.max")
            swap = self._number("memory", "memory.swap.max")
            quota, _, period = self._text("cpu", "cpu.max").partition(" ")
            cpus = _divide(quota, period)
        else:
            memory = self._number("memory", "memory.limit_in_bytes")
            both = self._number("memory", "memory.memsw.limit_in_bytes")
            swap = None if both is None or memory is None else both - memory
            cpus = _divide(self._text("cpu", "cpu.cfs_quota_us"), self._text("cpu", "cpu.cfs_period_us"))
        return {
            "memory": UNLIMITED if memory is None else memory,
            # without a limit on swap, what can be swapped is what the machine has
            "swap": self._swap_of_machine() if swap is None else swap,
            "cpus": cpus,
            "processes": self._number("pids", "pids.max") or 0,
        }

    def counts(self) -> Numbers:
        """Since the box began: ``oom`` kills, ``refused`` forks, ``cpu`` seconds, ``peak`` bytes of memory."""
        if self.version == "v2":
            oom = self._field("memory", "memory.events", "oom_kill")
            cpu = self._field("cpu", "cpu.stat", "usage_usec") / 1e6
            peak = self._number("memory", "memory.peak") or 0
        else:
            oom = self._field("memory", "memory.oom_control", "oom_kill")
            cpu = (self._number("cpuacct", "cpuacct.usage") or 0) / 1e9
            peak = self._number("memory", "memory.max_usage_in_bytes") or 0
        return {"oom": oom, "refused": self._field("pids", "pids.events", "max"), "cpu": cpu, "peak": peak}

    def _own_paths(self) -> dict[str, str]:
        """Path of this process in each hierarchy, by controller; the key of version 2 is empty."""
        paths: dict[str, str] = {}
        for line in _read(f"{self._proc}/self/cgroup").splitlines():
            _, controllers, path = line.split(":", 2)
            for controller in controllers.split(","):
                paths[controller] = path
        return paths

    def _text(self, controller: str, name: str) -> str:
        mount = self._root if self.version == "v2" else f"{self._root}/{controller}"
        own = self._own.get("" if self.version == "v2" else controller, "/")
        # With a namespace of its own the box sees its group as the root; without, at its full path.
        return _read(f"{mount}{own.rstrip('/')}/{name}") or _read(f"{mount}/{name}")

    def _number(self, controller: str, name: str) -> int | None:
        text = self._text(controller, name)
        return int(text) if text.isdigit() and int(text) < UNLIMITED else None

    def _field(self, controller: str, name: str, key: str) -> int:
        for line in self._text(controller, name).splitlines():
            word, _, number = line.partition(" ")
            if word == key and number.strip().isdigit():
                return int(number)
        return 0

    def _swap_of_machine(self) -> int:
        for line in _read(f"{self._proc}/meminfo").splitlines():
            if line.startswith("SwapTotal:"):
                return int(line.split()[1]) * 1024
        return UNLIMITED


def _divide(quota: str, period: str) -> float:
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() and int(period) else 0.0


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""
