"""How a box is closed in, tried from inside."""

from __future__ import annotations

import json
import re

import pytest

from sandboxes.base import Box, Command, Limits, Sandbox

pytestmark = pytest.mark.docker

PROBE = """
import ctypes, errno, json, os, resource, socket, stat
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *args):
    ctypes.set_errno(0)
    return "done" if libc.syscall(number, *args) != -1 else errno.errorcode[ctypes.get_errno()]

def attempt(what):
    try: what()
    except OSError as error: return errno.errorcode[error.errno]
    except Exception as error: return type(error).__name__
    return "done"

status = dict(line.split(":", 1) for line in open("/proc/self/status"))
found = {
    "ids": [os.getresuid(), os.getresgid(), os.getgroups()],
    "status": {key: status[key].strip() for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")},
    "environment": sorted(os.environ),
    "descriptors": sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:-1],
    "host": socket.gethostname(),
    "interfaces": os.listdir("/sys/class/net"),
    "writable": sorted(p for p in {line.split()[1] for line in open("/proc/mounts")} if os.path.isdir(p) and os.access(p, os.W_OK)),
    "options": {line.split()[1]: line.split()[3] for line in open("/proc/mounts")},
    "setuid": [],
    "session": [os.getsid(0) == os.getpid(), open("/proc/self/oom_score_adj").read().strip()],
    "mask": os.umask(0),
    "calls": {
        "io_uring_setup": call(425, 1, None),
        "bpf": call(321, 0, None, 0),
        "perf_event_open": call(298, None, 0, -1, -1, 0),
        "userfaultfd": call(323, 0),
        "keyctl": call(250, 0, 0, 0, 0, 0),
        "add_key": call(248, None, None, None, 0, 0),
        "ptrace": call(101, 16, 1, 0, 0),
        "process_vm_readv": call(310, 1, None, 0, None, 0, 0),
        "process_vm_writev": call(311, 1, None, 0, None, 0, 0),
        "pidfd_getfd": call(438, 0, 0, 0),
        "mount": call(165, b"none", b"/box", b"tmpfs", 0, None),
        "fsopen": call(430, b"tmpfs", 0),
        "unshare": call(272, 0x10000000),
        "setns": call(308, 0, 0),
        "clone_newuser": call(56, 0x10000000 | 17, 0, 0, 0, 0),
        "clone3": call(435, None, 0),
        "reboot": call(169, 0, 0, 0, None),
        "shmget": call(29, 0, 4096, 0o1600),
        "prlimit_of_1": call(302, 1, 7, None, None),
        "setpriority_of_1": call(141, 0, 1, 19),
    },
    "attempts": {
        "write to root": attempt(lambda: open("/x", "w")),
        "write to usr": attempt(lambda: open("/usr/x", "w")),
        "write to opt": attempt(lambda: open("/opt/mendbox/guest/x", "w")),
        "memory of 1": attempt(lambda: open("/proc/1/mem", "r+b")),
        "environment of 1": attempt(lambda: open("/proc/1/environ").read()),
        "descriptors of 1": attempt(lambda: os.listdir("/proc/1/fd")),
        "score of 1": attempt(lambda: open("/proc/1/oom_score_adj", "w").write("1000")),
        "setuid": attempt(lambda: os.setuid(0)),
        "raw socket": attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
        "packet socket": attempt(lambda: socket.socket(17, socket.SOCK_RAW)),
        "netlink": attempt(lambda: socket.socket(16, socket.SOCK_RAW)),
        "crypto socket": attempt(lambda: socket.socket(38, socket.SOCK_SEQPACKET)),
        "internet": attempt(lambda: socket.create_connection(("1.1.1.1", 53), 1)),
        "node": attempt(lambda: os.mknod("/box/work/n", stat.S_IFBLK | 0o600, os.makedev(8, 0))),
        "cgroup": attempt(lambda: open("/sys/fs/cgroup/memory/memory.limit_in_bytes", "w").write("-1")),
        "sysctl": attempt(lambda: open("/proc/sys/kernel/core_pattern", "w").write("x")),
        "trigger": attempt(lambda: open("/proc/sysrq-trigger", "w")),
        "raise file limit": attempt(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))),
        "engine": attempt(lambda: os.stat("/var/run/docker.sock")),
        "large shm": attempt(lambda: open("/dev/shm/x", "wb").write(bytes(17 << 20))),
    },
    "limits": {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name))[1] for name in ("NOFILE", "FSIZE", "CORE", "MEMLOCK")},
}
os.path.exists("/dev/shm/x") and os.remove("/dev/shm/x")
for base, folders, names in os.walk("/", onerror=None):
    folders[:] = [f for f in folders if os.path.join(base, f) not in ("/proc", "/sys")]
    for name in names:
        mode = os.lstat(os.path.join(base, name)).st_mode
        if stat.S_ISREG(mode) and mode & 0o6000: found["setuid"].append(os.path.join(base, name))
# none of these may reach the first process
for number in list(range(1, 32)) + [34, 64]:
    attempt(lambda: os.kill(1, number))
    attempt(lambda: os.kill(-1, 0))
os.write(3, json.dumps(found).encode())
"""


async def test_a_program_finds_nothing_to_hold_on_to(box: Box):
    """Every wall, tried by a program inside; and the first process outlives what it is sent."""
    await box.put({"probe.py": PROBE.encode()})
    for warm in (False, True):
        outcome = await box.run(Command(argv=("python", "probe.py"), warm=warm, seconds=60))
        assert outcome.ok, outcome.stderr.text
        nothing_is_open(json.loads(outcome.report.text))

    assert (await box.run(Command(argv=("true",)))).ok


def nothing_is_open(found) -> None:
    assert found["ids"] == [[1000] * 3, [1000] * 3, found["ids"][2]]
    assert set(found["ids"][2]) <= {1000}
    status = found["status"]
    assert {int(status[key], 16) for key in status if key.startswith("Cap")} == {0}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert found["environment"] == [
        "HOME", "LANG", "LOGNAME", "MENDBOX_REPORT_FD", "PATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR", "USER",
    ]  # fmt: skip
    assert found["descriptors"] == [0, 1, 2, 3]
    # drawn for each box: nothing that is submitted can know it
    assert re.fullmatch("[0-9a-f]{12}", found["host"])
    assert found["interfaces"] == ["lo"]
    assert found["writable"] == ["/box", "/dev/mqueue", "/dev/shm", "/tmp"]
    assert {"nosuid", "nodev"} <= set(found["options"]["/box"].split(","))
    assert {"nosuid", "nodev", "noexec"} <= set(found["options"]["/tmp"].split(","))
    assert found["options"]["/"].startswith("ro,")
    assert found["setuid"] == []
    assert found["session"] == [True, "1000"]
    assert found["mask"] == 0o022
    assert found["calls"].pop("clone3") == "ENOSYS"
    assert set(found["calls"].values()) == {"EPERM"}, found["calls"]
    refused = {"EPERM", "EACCES", "EROFS", "ENOENT", "ENETUNREACH", "ENOSPC"}
    # the file system is read-only and raising one's own limit is a ValueError in Python
    assert found["attempts"].pop("raise file limit") == "ValueError"
    assert set(found["attempts"].values()) <= refused, found["attempts"]
    assert found["limits"] == {"NOFILE": 256, "FSIZE": 64 << 20, "CORE": 0, "MEMLOCK": 65_536}


async def test_what_was_asked_is_what_is_measured(sandbox: Sandbox):
    """Limits other than the usual ones are all in force, as read by the first process from inside."""
    limits = Limits(memory_mib=200, cpus=0.5, processes=33, work_mib=7, work_files=300, file_mib=3, open_files=99)
    async with sandbox.open(run_id="measured", limits=limits) as box:
        measured = box.measured

    assert measured.model_dump(include=set(Limits.model_fields)) == limits.model_dump(
        exclude={"output_kib", "report_kib", "seconds", "environment"}
    )
    assert (measured.uid, measured.capabilities, measured.swap_mib, measured.core_bytes) == (1000, 0, 0, 0)
    assert (measured.no_new_privileges, measured.seccomp, measured.read_only_root) == (True, True, True)
    assert (measured.interfaces, measured.dumpable) == ((), False)
    assert measured.python.startswith("3.13")
    assert box.image.startswith("sha256:")


async def test_the_container_tells_whose_it_is(engine, box: Box):
    """Labels for the reaper; and as the engine sees it: no mount, no device, no log, no privilege."""
    found = engine.api.inspect_container(box.id)

    labels, host = found["Config"]["Labels"], found["HostConfig"]
    assert {"mendbox", "mendbox.owner", "mendbox.run", "mendbox.deadline"} <= set(labels)
    assert labels["mendbox.run"] == "test"
    assert (host["Binds"], host.get("Mounts"), host["Devices"]) == (None, None, None)
    assert (host["Privileged"], host["LogConfig"]["Type"], host["AutoRemove"]) == (False, "none", True)
    assert [mount for mount in found["Mounts"] if mount["Type"] != "tmpfs"] == []
    assert found["Config"]["StdinOnce"]
