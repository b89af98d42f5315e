"""Asks two versions of a program the same and says whether they answer the same.

Started as ``python probed.py``; on standard input ``{"probe": source, "seeds": n, "seconds": s, "memory_mib": m}``. The folders
``right`` and ``healed`` hold the versions. On the report pipe one JSON line: ``{"agree", "compared", "seed", "answers"}``.

Every answer comes from a process of its own, forked from one that stands in the version's folder and has run nothing.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import random
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

DEEPEST = 30
MOST_ITEMS = 5_000
SHOWN = 200
CLOCK = 4
"""How many times its processor time a process may take by the clock."""
ENDED_OTHERWISE = ["ended otherwise"]


def told(value: object, depth: int = 0) -> list[object]:  # noqa: C901, PLR0911  (anything may come)
    """*value* as plain lists, which are alike where the values are equal."""
    kind = type(value)
    if depth > DEEPEST:
        return ["deep"]
    if value is None or isinstance(value, str):
        return ["text", str(value), kind.__name__]
    if isinstance(value, (int, float)):  # True == 1 == 1.0
        return ["number", repr(float(value)) if isinstance(value, float) else str(int(value))]
    if isinstance(value, complex):
        return ["complex", told(value.real), told(value.imag)]
    if isinstance(value, (bytes, bytearray)):
        return ["bytes", value.hex()]
    if isinstance(value, dict):
        return ["dict", sorted(([told(k, depth + 1), told(v, depth + 1)] for k, v in value.items()), key=json.dumps)]
    if isinstance(value, (set, frozenset)):
        return ["set", sorted((told(item, depth + 1) for item in value), key=json.dumps)]
    if isinstance(value, (list, tuple, range)):
        name = "tuple" if isinstance(value, tuple) else kind.__name__
        return [name, [told(item, depth + 1) for item in islice(value, MOST_ITEMS)]]
    if isinstance(value, Iterator):
        return ["iterator", [told(item, depth + 1) for item in islice(value, MOST_ITEMS)]]
    if isinstance(value, BaseException):
        return ["exception", kind.__name__, [told(item, depth + 1) for item in value.args]]
    if getattr(kind, "__repr__", None) is not object.__repr__ and " at 0x" not in repr(value):
        return ["object", kind.__name__, repr(value)]
    kept = vars(value) if hasattr(value, "__dict__") else {}
    return ["object", kind.__name__, [[name, told(item, depth + 1)] for name, item in sorted(kept.items())]]


def alike(one: object, other: object) -> bool:
    """Whether both, as `told` gives them, are the same: numbers with a fraction to nine digits."""
    match one, other:
        case ["number", str() as a], ["number", str() as b]:
            return a == b or _close(a, b)
        case list(), list():
            return len(one) == len(other) and all(map(alike, one, other))
    return one == other


def _close(one: str, other: str) -> bool:
    if not any(mark in one + other for mark in ".en"):  # two whole numbers
        return False
    a, b = float(one), float(other)
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(a) and math.isnan(b))


def answer(probe: str, seed: int, folder: str) -> object:
    """What the version in *folder* says to one seed."""
    names: dict[str, object] = {"__name__": "probe"}
    exec(compile(probe, "probe.py", "exec"), names)  # noqa: S102  (a box is for running such things)
    sys.path.insert(0, folder)
    os.chdir(folder)
    try:
        drawn = random.Random(seed)  # noqa: S311 (no secret)
        return ["value", told(names["probe"](importlib.import_module, drawn))]  # type: ignore[operator]
    except MemoryError:
        return ENDED_OTHERWISE
    except BaseException as error:  # noqa: BLE001  (which one it is, is the answer)
        return ["raised", type(error).__name__]


def apart(probe: str, seed: int, folder: str, seconds: float, memory_mib: int) -> object:
    """The answer of a process of its own, within so many seconds of processor time."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            bytes_ = memory_mib << 20
            resource.setrlimit(resource.RLIMIT_DATA, (bytes_, bytes_))
            signal.setitimer(signal.ITIMER_PROF, seconds)  # nobody listens to these: they kill
            signal.setitimer(signal.ITIMER_REAL, CLOCK * seconds)
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            said = json.dumps(answer(probe, seed, folder)).encode()
            with os.fdopen(sending, "wb") as pipe:
                pipe.write(said)
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)  # what it may have started
    try:
        return json.loads(said)
    except ValueError:
        return ENDED_OTHERWISE


def compare(seeds: int, ask: Callable[[int, str], object]) -> dict[str, object]:
    """Seed after seed, until one is answered otherwise. Where the right version does not end, nothing is compared."""
    compared = 0
    here = Path.cwd()
    for seed in range(seeds):
        right = ask(seed, str(here / "right"))
        if right == ENDED_OTHERWISE:
            continue
        healed = ask(seed, str(here / "healed"))
        compared += 1
        if not alike(right, healed):
            shown = [json.dumps(each)[:SHOWN] for each in (right, healed)]
            return {"agree": False, "compared": compared, "seed": seed, "answers": shown}
    return {"agree": True if compared else None, "compared": compared, "seed": None, "answers": []}


if __name__ == "__main__":
    report = int(os.environ.pop("MENDBOX_REPORT_FD"))
    os.set_inheritable(report, False)  # noqa: FBT003 (it takes no name)
    asked = json.loads(sys.stdin.buffer.read())
    limits = asked["seconds"], asked["memory_mib"]
    sys.path.pop(0)
    found = compare(asked["seeds"], lambda seed, folder: apart(asked["probe"], seed, folder, *limits))
    with os.fdopen(report, "w") as pipe:
        pipe.write(json.dumps(found) + "\n")
