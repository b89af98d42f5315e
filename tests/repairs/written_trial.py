"""Runs hand-written bugs, each in processes of its own: `python written_trial.py FOLDER...`.

A FOLDER holds `buggy` and `fixed`, each with its modules and tests, and `probe.py`; a JSON line is printed for each.
Every run is a fork of this process, which has imported pytest already: hundreds of runs cost seconds.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path

import pytest

CPU_SECONDS = 2
"""For one run of tests, or of a probe with all its seeds; a few of the bugs never come back.

Of the processor, for a busy machine is no bug; the right programs need a tenth of a second.
"""
MEMORY = 1 << 30
"""Bytes; a loop without an end may fill a list."""
SEEDS = 150


def apart(action: Callable[[], object], folder: Path) -> object:
    """What *action* gives in a fork that stands in *folder*; None when it was killed, or its time was over."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        quiet = os.open(os.devnull, os.O_RDWR)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os.write(write, pickle.dumps(action()))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(answer) if answer else None


def tests_pass() -> bool:
    return pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "--rootdir=."]) == pytest.ExitCode.OK


def answers(probe: str) -> list[tuple[str, object]]:
    """What the probe says of the present folder, seed for seed: its value, or the type of what was raised."""
    names: dict[str, Callable[..., object]] = {}
    exec(compile(probe, "probe.py", "exec"), names)
    said: list[tuple[str, object]] = []
    for seed in range(SEEDS):
        try:
            said.append(("value", names["probe"](import_module, random.Random(seed))))
        except Exception as error:  # noqa: BLE001 - whatever the program raises is its answer
            said.append(("raised", type(error).__name__))
    return said


def tried(case: Path) -> dict[str, object]:
    probe = (case / "probe.py").read_text(encoding="utf-8")
    right = apart(lambda: answers(probe), case / "fixed") or []
    return {
        "case": str(case),
        "fixed_is_green": apart(tests_pass, case / "fixed") is True,
        "buggy_is_red": apart(tests_pass, case / "buggy") is not True,
        "probe_values": sum(kind == "value" for kind, _ in right),
        "probe_repeats": apart(lambda: answers(probe), case / "fixed") == right,
        "probe_tells": apart(lambda: answers(probe), case / "buggy") != right,
    }


if __name__ == "__main__":
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with redirect_stdout(sys.stderr):
        pytest.main(["--version", "-q"])  # loads pytest's own plugins, once for all forks
    for name in sys.argv[1:]:
        print(json.dumps(tried(Path(name))), flush=True)
