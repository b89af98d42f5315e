"""What versions of the same files do on inputs like those of their tests: compared in child processes, within limits.

For a program in a box that wants to know whether two versions agree, the files and tests being laid into its folder::

    sys.path.insert(0, "/box/tools")
    from mendbox_search.behaviour import compare
    told = compare(right_files, other_files, tests, seconds=10.0)
    told.agree, told.compared, told.first      # bool or None, how many inputs, the first one they differ on

All paths are relative to the working folder. `compare` writes *original_files* there, and calls the code in children only.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from .calls import Recorder
from .documented import Check
from .guard import Steps, arm, disarm, limit_memory
from .inputs import MOST, more
from .job import Job
from .outcomes import Behaviour
from .processes import ask, hear, reap, spawn, sweep, tell
from .scripts import Script
from .session import arguments, settle
from .suite import Aside
from .trial import Trial
from .versions import Versions

DIED = Behaviour(())
"""Of a version that ended its process, or took too long."""
TEST_STEPS = 300_000
"""Steps that one test may take while its calls are recorded."""


@dataclass
class Recorded:
    """What the tests call."""

    scripts: list[Script] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)
    """The file of each module that was imported, of those under repair."""
    passed: set[str] = field(default_factory=set)


class _Listen:
    """The pytest plugin that runs the collected tests with a recorder on."""

    def __init__(self, names: Mapping[str, str], fd: int, end: float) -> None:
        self.names, self.fd, self.end = names, fd, end
        self.steps = Steps(frozenset(names))
        self.steps.start(TEST_STEPS)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        found = Recorded()
        recorder = Recorder(frozenset(self.names))
        recorder.start()
        for item in session.items:
            if time.process_time() > self.end:
                break
            recorder.test = item.nodeid
            self.steps.start(TEST_STEPS)
            try:
                Trial(item).run()
            except BaseException:  # noqa: BLE001, S112  # the test may raise anything at all
                continue
            if not self.steps.spent:
                found.passed.add(item.nodeid)
        recorder.stop()
        self.steps.start(1 << 62)
        found.scripts = recorder.found()
        for name, module in list(sys.modules.items()):
            path = self.names.get(str(getattr(module, "__file__", None)))
            if path is not None and name != "__main__":
                found.modules[name] = path
        disarm()
        tell(self.fd, found)
        os._exit(0)


def record(
    names: Mapping[str, str],
    arguments: Sequence[str],
    *,
    cpu: float,
    wall: float,
    aside: frozenset[str] = frozenset(),
) -> Recorded:
    """Run the tests on the files as they stand on disk, in a child, and note what they call.

    *names* gives the path of each file under repair for the names that its code may have; *arguments* are pytest's.
    Nothing is found where that takes more than *cpu* seconds of work, or *wall* seconds.
    """

    def work(fd: int) -> None:
        limit_memory()
        arm(cpu, wall)
        gc.disable()
        listen = _Listen(names, fd, time.process_time() + 0.6 * cpu)
        pytest.main([*arguments], plugins=[listen, Aside(aside)])

    found: Recorded | None = ask(work, wall + 0.2)
    return found or Recorded()


def observe(
    root: Path, modules: Mapping[str, str], versions: Sequence[Mapping[str, str]], scripts: Sequence[Script],
    checks: Sequence[Check] = (), *, cpu: float, wall: float,
) -> list[Behaviour | None]:  # fmt: skip
    """What each version does on the *scripts*; `DIED` for one that ended its process, None for those there was no time for.

    They run in one child after the other; one that dies costs itself only. They share *cpu* seconds of work, which is what
    decides how far each comes, and end after *wall* seconds.
    """
    end = time.monotonic() + wall
    found: list[Behaviour | None] = []
    while len(found) < len(versions) and time.monotonic() < end:
        work = partial(_each, root=root, modules=modules, versions=versions[len(found) :], scripts=scripts, checks=checks, cpu=cpu, end=end)  # fmt: skip
        child, fd = spawn(work)
        try:
            while len(found) < len(versions):
                found.append(hear(fd, end - time.monotonic() + 0.05))
        except EOFError:
            if time.monotonic() < end:
                found.append(DIED)
        finally:
            os.close(fd)
            reap(child)
    return [*found, *[None] * (len(versions) - len(found))]


def _each(  # noqa: PLR0917  # all that a child is told
    fd: int, root: Path, modules: Mapping[str, str], versions: Sequence[Mapping[str, str]], scripts: Sequence[Script],
    checks: Sequence[Check], cpu: float, end: float,
) -> None:  # fmt: skip
    limit_memory()
    gc.disable()
    names = frozenset(name for path in modules.values() for name in (str(root / path), path))
    runner = Versions(root, modules, Steps(names))
    began = time.process_time()
    for waiting, texts in zip(range(len(versions), 0, -1), versions, strict=True):
        left = max(0.02, began + cpu - time.process_time())
        share = left if waiting == 1 else min(left / 2, 3 * left / waiting)  # most need less than their part
        arm(share + 0.5, max(0.05, end - time.monotonic()) + 0.1)
        tell(fd, runner.run(texts, scripts, checks, until=time.process_time() + share))


@dataclass(frozen=True)
class Comparison:
    """Whether two versions do the same."""

    agree: bool | None
    """None where nothing could be compared: no test calls anything with data that can be copied."""
    compared: int = 0
    """Inputs."""
    differ: int = 0
    first: str = ""
    """The first input on which they differ, as source."""
    answers: tuple[str, str] = ("", "")
    """What each version answers to it."""


def compare(
    original_files: Mapping[str, str], other_files: Mapping[str, str], tests: Mapping[str, str],
    entry: str | None = None, *, seconds: float = 10.0, most: int = MOST, seed: int = 1, tools: Path | None = None,
) -> Comparison:  # fmt: skip
    """Whether *other_files* do what *original_files* do on the inputs of the *tests* and on changed ones.

    Inputs on which the original does not end, or raises what none of the tests' own inputs makes it raise, say nothing of
    what is right, and do not count. *entry* names one function or class to look at alone. The working folder is the root of all
    paths, and the tests stand there already. No Python older than 3.12.
    """
    root = Path.cwd()
    job = Job(files=dict(original_files), tests=dict(tests), seconds=seconds)
    names = {name: path for path in job.python for name in (str(root / path), path)}
    for path, text in original_files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="")
    settle(root, job)
    called = arguments(tools or Path(__file__).parents[1], job)
    recorded = record(names, called, cpu=0.4 * seconds, wall=0.5 * seconds)
    scripts = [s for s in recorded.scripts if entry is None or s.entry[1].split(".")[-1] == entry]
    scripts = more(scripts, seed=seed, most=most)
    versions = [original_files, {**original_files, **other_files}]
    right, other = observe(root, recorded.modules, versions, scripts, cpu=0.3 * seconds, wall=0.4 * seconds)
    if right is not None and not right.outcomes:
        # some input is too much for the right version too; at least the tests' own are not
        scripts = [script for script in scripts if script.test]
        right, other = observe(root, recorded.modules, versions, scripts, cpu=0.1 * seconds, wall=0.1 * seconds)
    sweep()
    if right is None or other is None or not right.outcomes or not scripts:
        return Comparison(agree=None)
    if not other.outcomes:
        return Comparison(agree=False, compared=len(scripts), differ=len(scripts), first=scripts[0].source)
    expected = {o.type for s, o in zip(scripts, right.outcomes, strict=True) if s.test and o.ended == "raises"}
    counted = [
        (script, one, two)
        for script, one, two in zip(scripts, right.outcomes, other.outcomes, strict=True)
        if one.ended == "value" or (one.ended == "raises" and (one.type in expected or script.test))
        if two.ended != "unasked"
    ]
    different = [(script, one, two) for script, one, two in counted if one != two]
    if not different:
        return Comparison(agree=True if counted else None, compared=len(counted))
    script, one, two = min(different, key=lambda found: len(found[0].source))
    return Comparison(
        agree=False, compared=len(counted), differ=len(different), first=script.source, answers=(one.words, two.words)
    )  # fmt: skip
