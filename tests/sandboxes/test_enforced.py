"""Controls fail closed."""

from __future__ import annotations

import pytest

from sandboxes.base import Limits, Measured
from sandboxes.enforced import require
from sandboxes.errors import LimitNotEnforced

MEASURED = Measured(
    uid=1000,
    capabilities=0,
    no_new_privileges=True,
    seccomp=True,
    read_only_root=True,
    interfaces=(),
    memory_mib=512,
    swap_mib=0,
    cpus=1.0,
    processes=128,
    work_mib=64,
    work_files=10_000,
    file_mib=64,
    open_files=256,
    core_bytes=0,
    cgroup="v2",
    dumpable=False,
    python="3.13.5",
)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        pytest.param("uid", 0, "root", id="root"),
        pytest.param("capabilities", 0x400, "0x400", id="capability"),
        pytest.param("no_new_privileges", False, "privileges", id="privileges"),
        pytest.param("seccomp", False, "system calls", id="calls"),
        pytest.param("read_only_root", False, "root file system", id="root-file-system"),
        pytest.param("interfaces", ("eth0",), "eth0", id="network"),
        pytest.param("dumpable", True, "traced", id="dumpable"),
        pytest.param("core_bytes", 1, "core", id="core"),
        pytest.param("swap_mib", 5, "5 MiB of swap", id="swap"),
        pytest.param("memory_mib", 1 << 42, "512 asked, no limit", id="memory"),
        pytest.param("processes", 0, "128 asked, no limit", id="processes"),
        pytest.param("work_mib", 65, "64 asked, 65", id="work"),
        pytest.param("work_files", 1 << 50, "10000 asked, no limit", id="files"),
        pytest.param("file_mib", 100, "64 asked, 100", id="file"),
        pytest.param("open_files", 1024, "256 asked, 1024", id="descriptors"),
        pytest.param("cpus", 0.0, "1 asked, no limit", id="cpus-none"),
        pytest.param("cpus", 2.0, "1 asked, 2", id="cpus-more"),
    ],
)
def test_a_limit_that_is_not_in_force_refuses_the_box(field: str, value: object, said: str):
    """Each one alone is enough, and is named."""
    require(MEASURED, Limits())
    weakened = MEASURED.model_copy(update={field: value})

    with pytest.raises(LimitNotEnforced, match=said):
        require(weakened, Limits())
