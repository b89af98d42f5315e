"""The scripts behind `make`: a fresh machine is set up once, told clearly what it lacks, and left alone afterwards."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "images/python/requirements.txt")


class Machine:
    """A copy of the scripts in a folder of its own, with programs on PATH that only play their parts."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "programs"
        self.run = folder / "run"
        self.log = folder / "calls"
        for made in (self.checkout, self.programs, self.run / "docker" / "containerd"):
            made.mkdir(parents=True)
        shutil.copytree(CHECKOUT / "tools", self.checkout / "tools")
        for name in ("requirements.lock", "pyproject.toml"):
            shutil.copy(CHECKOUT / name, self.checkout)
        self.program("mmdebstrap", "exit 0")
        self.program("apt-get", "exit 0")
        self.program("systemctl", "exit 1")
        self.is_root(yes=True)

    def program(self, name: str, body: str) -> None:
        """A program that notes its call, then does *body*; `$seen` is a file of its own to leave marks in."""
        path = self.programs / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.log}"\nseen="{self.log}.seen"\n{body}\n')
        path.chmod(0o755)

    def is_root(self, *, yes: bool) -> None:
        self.program("id", f'[ "$1" = -u ] && echo {0 if yes else 1000} || echo somebody')

    def script(self, name: str, **env: str) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if key not in {"DOCKER_HOST", "DOCKER_CONTEXT"}}
        return subprocess.run(
            [self.checkout / "tools" / name],
            env={
                **kept,
                "PATH": f"{self.programs}:/usr/bin:/bin",
                "MENDBOX_ENGINE_RUN": str(self.run),
                "MENDBOX_ENGINE_WAIT": "3",
                **env,
            },
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def calls_of(self, name: str) -> list[str]:
        return [call for call in self.calls if call.split()[0] == name]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    for noted in tmp_path.glob("pid-*"):
        os.kill(int(noted.read_text()), signal.SIGKILL)


def answers_once_started(machine: Machine) -> None:
    machine.program("docker", '[ -e "$seen" ]')
    machine.program("dockerd", f'touch "$seen"; echo $$ > "{machine.log.parent}/pid-$$"; exec sleep 20')


def test_a_running_engine_is_left_alone(machine: Machine) -> None:
    """Nothing is installed or started, and nothing is said, where an engine answers."""
    machine.program("docker", "exit 0")
    machine.program("dockerd", "exit 0")

    done = machine.script("engine.sh")

    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert machine.calls_of("dockerd") == machine.calls_of("apt-get") == []


@pytest.mark.parametrize(
    "pid",
    [
        pytest.param("999999999", id="no such process"),
        pytest.param(str(os.getpid()), id="a process of another program"),
        pytest.param("", id="an empty file"),
    ],
)
@pytest.mark.parametrize("name", ["docker.pid", "docker/containerd/containerd.pid"])
def test_an_engine_is_started_over_a_pid_file_with_nobody_behind_it(machine: Machine, name: str, pid: str) -> None:
    """A machine that was switched off leaves numbers behind that now belong to nobody, or to somebody else."""
    answers_once_started(machine)
    (machine.run / name).write_text(pid)

    done = machine.script("engine.sh")

    assert done.returncode == 0, done.stderr
    assert not (machine.run / name).exists()
    assert len(machine.calls_of("dockerd")) == 1


def test_an_engine_that_is_still_starting_is_waited_for(machine: Machine, tmp_path: Path) -> None:
    """A live dockerd is never given a rival, and its pid file stays."""
    real = tmp_path / "dockerd"
    shutil.copy(shutil.which("sleep") or "/bin/sleep", real)
    starting = subprocess.Popen([real, "20"])
    machine.program("dockerd", "exit 1")
    machine.program("docker", 'echo x >> "$seen"; [ "$(wc -l < "$seen")" -gt 3 ]')
    (machine.run / "docker.pid").write_text(str(starting.pid))

    try:
        done = machine.script("engine.sh")
    finally:
        starting.kill()
        starting.wait()

    assert done.returncode == 0, done.stderr
    assert machine.calls_of("dockerd") == []
    assert (machine.run / "docker.pid").exists()


def test_an_engine_that_dies_shows_the_end_of_its_log_and_one_clear_line(machine: Machine) -> None:
    """The person sees why, and where the rest stands."""
    machine.program("docker", "exit 1")
    machine.program("dockerd", "echo the disk is on fire; exit 1")

    done = machine.script("engine.sh")

    assert done.returncode == 3
    assert "the disk is on fire" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("[setup] FAILED: the Docker Engine did not answer")


def test_an_engine_without_a_packet_filter_is_started_without_a_network(machine: Machine) -> None:
    """Boxes have no network, so a machine that cannot give the engine one is good enough."""
    answers_once_started(machine)
    started = (machine.programs / "dockerd").read_text()
    refuses = 'case "$*" in *--bridge=none*) ;; *) echo "failed to create NAT chain: iptables: denied"; exit 1;; esac\n'
    (machine.programs / "dockerd").write_text(started.replace("touch", refuses + "touch", 1))

    done = machine.script("engine.sh")

    assert done.returncode == 0, done.stderr
    assert machine.calls_of("dockerd")[-1] == "dockerd --iptables=false --ip6tables=false --bridge=none"


def test_the_engine_does_not_hold_its_callers_descriptors(machine: Machine) -> None:
    """A pipeline that started the set-up ends with it, not with the engine."""
    answers_once_started(machine)

    # `script` reads both streams to their end within 30 s; the played engine lives on for 20.
    done = machine.script("engine.sh")

    assert done.returncode == 0, done.stderr


def test_without_root_one_line_says_what_to_install(machine: Machine) -> None:
    """Nobody's machine is changed without the right to."""
    machine.is_root(yes=False)
    machine.program("docker", "exit 1")
    machine.program("dockerd", "exit 0")

    done = machine.script("engine.sh")

    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "[setup] FAILED: the Docker Engine does not run: sudo systemctl start docker (or run make as root once)"
    ]
    assert machine.calls_of("dockerd") == machine.calls_of("apt-get") == []


def test_a_user_outside_the_docker_group_is_told_so(machine: Machine) -> None:
    """The engine runs; only the right to use it is missing."""
    machine.is_root(yes=False)
    machine.program("docker", "echo 'permission denied while trying to connect' >&2; exit 1")

    done = machine.script("engine.sh")

    assert "sudo usermod -aG docker somebody" in done.stderr


def test_a_distant_engine_that_is_silent_is_not_replaced_by_a_local_one(machine: Machine) -> None:
    """DOCKER_HOST is the person's choice."""
    answers_once_started(machine)

    done = machine.script("engine.sh", DOCKER_HOST="tcp://127.0.0.1:1")

    assert done.returncode == 3
    assert "DOCKER_HOST=tcp://127.0.0.1:1" in done.stderr
    assert machine.calls_of("dockerd") == []


def a_venv_that_notes_its_calls(machine: Machine) -> None:
    (machine.checkout / ".venv" / "bin").mkdir(parents=True)
    machine.program(
        "python-of-venv",
        f'case "$*" in *-e*) touch "{machine.checkout}/.venv/bin/mendbox"; chmod +x "{machine.checkout}/.venv/bin/mendbox";; esac',
    )
    (machine.checkout / ".venv" / "bin" / "python").symlink_to(machine.programs / "python-of-venv")


def pip_calls(machine: Machine) -> int:
    return sum(" -m pip " in call for call in machine.calls)


def test_packages_are_installed_once_and_again_only_when_the_lock_changes(machine: Machine) -> None:
    """A second `make` costs nothing; a new lock is taken up by itself."""
    a_venv_that_notes_its_calls(machine)

    first = machine.script("packages.sh")
    after_first = pip_calls(machine)
    second = machine.script("packages.sh")
    after_second = pip_calls(machine)
    with (machine.checkout / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    machine.script("packages.sh")

    assert first.returncode == 0, first.stderr
    assert after_first > 0
    assert (after_second, second.stderr) == (after_first, "")
    assert pip_calls(machine) == 2 * after_first


def test_a_failed_installation_is_one_clear_line_and_is_tried_again(machine: Machine) -> None:
    """No stamp is left for what did not work."""
    a_venv_that_notes_its_calls(machine)
    machine.program("python-of-venv", 'case "$*" in *pip*) echo "ERROR: no such package"; exit 1;; esac')

    done = machine.script("packages.sh")
    after_first = pip_calls(machine)
    machine.script("packages.sh")

    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith(
        "[setup] FAILED: the packages could not be installed: ERROR: no such package"
    )
    assert pip_calls(machine) == 2 * after_first > 0


def test_a_machine_without_a_new_enough_python_is_told_so(machine: Machine) -> None:
    """Every name is tried before giving up."""
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        machine.program(name, "exit 1")

    done = machine.script("packages.sh")

    assert done.returncode == 3
    assert "no Python 3.11 or newer found" in done.stderr
    assert len(machine.calls) == 4


def test_what_mendbox_imports_is_compiled_once(machine: Machine) -> None:
    """Where nothing else keeps bytecode, not every command has to compile the same sources again."""
    a_venv_that_notes_its_calls(machine)

    machine.script("packages.sh", PYTHONDONTWRITEBYTECODE="1")
    machine.script("packages.sh", PYTHONDONTWRITEBYTECODE="1")

    assert machine.calls.count("python-of-venv tools/bytecode.py") == 1


def test_what_cannot_be_compiled_costs_time_and_no_set_up(machine: Machine) -> None:
    """It is said, and tried again the next time."""
    a_venv_that_notes_its_calls(machine)
    works = (machine.programs / "python-of-venv").read_text().splitlines()[-1]
    machine.program("python-of-venv", f'case "$*" in *bytecode*) exit 1;; esac\n{works}')

    done = machine.script("packages.sh")
    again = machine.script("packages.sh")

    assert (done.returncode, again.returncode) == (0, 0)
    assert "every command will be slower" in done.stderr
    assert machine.calls.count("python-of-venv tools/bytecode.py") == 2


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_hashes_and_no_address(name: str) -> None:
    """It installs the same bytes from whatever index a machine is set to, and tells nothing of where it was made."""
    text = (CHECKOUT / name).read_text()

    requirements = re.findall(r"^(\S+)==(\S+)(.*(?:\n\s+--hash.*)*)", text, re.MULTILINE)

    assert len(requirements) >= 9
    assert [found[0] for found in requirements if "--hash=sha256:" not in found[2]] == []
    assert not re.search(r"://|--index|--extra|--find-links|--trusted-host|file:|/home/|/root/|/tmp/", text)


def test_the_box_runs_the_versions_the_host_reads() -> None:
    """The host reads reports, coverage data and findings that the same versions wrote inside the box."""
    host, box = (dict(re.findall(r"^(\S+)==(\S+)", (CHECKOUT / name).read_text(), re.MULTILINE)) for name in LOCKS)

    shared = {name: (host[name], box[name]) for name in ("pytest", "coverage", "ruff", "hypothesis")}

    assert {name: pair for name, pair in shared.items() if len(set(pair)) > 1} == {}


def test_ping_tells_whether_an_engine_answers_without_the_docker_command(tmp_path: Path) -> None:
    """A machine with only a socket handed in is not told to install an engine."""
    ping = [sys.executable, str(CHECKOUT / "tools" / "ping.py")]

    silent = subprocess.run(
        ping, env={"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}, capture_output=True, text=True, check=False
    )

    assert silent.returncode == 1
    assert "none.sock" in silent.stderr
