"""Values for the engine's tests, and doubles that keep its protocols: a judge, a record and a sandbox of this process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

from pydantic import BaseModel

from agents.base import Draft, Usage
from engine.case import Case
from engine.domain import (
    Attempt,
    Budget,
    Finding,
    Proof,
    Report,
    Run,
    Status,
    Task,
    TestEnd,
    TestResult,
    Verdict,
    hash_files,
)
from sandboxes.base import Command, Limits, Measured, Outcome, Place, Stream
from tests.one_by_one import OneByOne

T = TypeVar("T", bound=BaseModel)

WRONG = "def add(a, b):\n    return a - b\n"
RIGHT = "def add(a, b):\n    return a + b\n"
TEST = "from solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
NODE = "test_solution.py::test_add"
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


def task(**changes: object) -> Task:
    return Task.model_validate(
        {"files": {"solution.py": WRONG}, "tests": {"test_solution.py": TEST}, "budget": Budget(), **changes}
    )


def run(of: Task | None = None) -> Run:
    return Run(id="20260101-000000-0123456789abcdef", task=of or task())


def results(**ends: TestEnd) -> tuple[TestResult, ...]:
    """One result a test of ``test_solution.py``, by its function's name."""
    return tuple(TestResult(node_id=f"test_solution.py::{name}", ended=ended) for name, ended in ends.items())


def report(check: str = "tests", status: Status = "passed", *findings: Finding, **more: object) -> Report:
    return Report.model_validate({"check": check, "status": status, "findings": findings, **more})


def finding(
    message: str = "it is wrong", rule: str = "AssertionError", check: str = "tests", **more: object
) -> Finding:
    return Finding.model_validate({"check": check, "rule": rule, "message": message, **more})


def red(files: Mapping[str, str], message: str = "assert -1 == 3", rule: str = "AssertionError") -> Verdict:
    tests = report("tests", "failed", finding(f"{NODE}: {message}", rule), tests=results(test_add="failed"))
    return Verdict(files_sha256=hash_files(files), reports=(report("shape"), report("lint"), tests))


def green(files: Mapping[str, str], *unheld: str) -> Verdict:
    """Green, with all proofs held but those named."""
    names = ("tests passed", "red before", "changed lines ran", "repeat agrees")
    return Verdict(
        files_sha256=hash_files(files),
        reports=(report("shape"), report("lint"), report("tests", tests=results(test_add="passed"))),
        proofs=tuple(Proof(name=name, held=name not in unheld, detail=f"about {name}") for name in names),
        image="sha256:1",
        measured=MEASURED,
    )


def case(of: Task | None = None, *, baseline: Verdict | None = None, **more: object) -> Case:
    of = of or task()
    return Case.model_validate(
        {"task": of, "before": of.files, "tests": of.tests, "baseline": baseline or red(of.files), **more}
    )


def attempt(
    number: int = 1,
    files: Mapping[str, str] | None = None,
    verdict: Verdict | None = None,
    *,
    model: str | None = "a-model",
    usage: Usage | None = None,
    unusable: str = "",
) -> Attempt:
    files = files or {"solution.py": f"{WRONG}# {number}\n"}
    draft = Draft(files=files, author="somebody", model=model, usage=usage or Usage(), unusable=unusable)
    return Attempt(number=number, draft=draft, verdict=verdict or red(files), seconds=0.1)


def lines(*events: Mapping[str, object]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def outcome(report_bytes: bytes = b"", **more: object) -> Outcome:
    stream = Stream(head=report_bytes, total_bytes=len(report_bytes))
    return Outcome.model_validate({"ended": "exited", "exit_code": 0, "report": stream, **more})


class MemoryRecord:
    """A record that is gone with the process."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], BaseModel] = {}

    async def step(self, run_id: str, kind: str, inputs: str, effect: Callable[[], Awaitable[T]], model: type[T]) -> T:
        key = (run_id, kind, inputs)
        if key not in self.kept:
            self.kept[key] = await effect()
        kept = self.kept[key]
        assert isinstance(kept, model)
        return kept


Opinion = Callable[[Mapping[str, str], Case], Verdict]


class OpinionatedJudge:
    """A judge that thinks what it is told to think, and counts."""

    def __init__(self, opinion: Opinion) -> None:
        self._opinion = opinion
        self.asked = 0

    async def judge(self, files: Mapping[str, str], case: Case, *, run_id: str) -> Verdict:
        self.asked += 1
        return self._opinion(files, case)


def fair(files: Mapping[str, str], _case: Case) -> Verdict:
    """Right where `add` adds."""
    return green(files) if "a + b" in files.get("solution.py", "") else red(files)


class PlayedBox(OneByOne):
    """A box in which commands end as they were played beforehand; what it was handed is kept to be looked at."""

    id = "box"
    image = "sha256:1"
    measured = MEASURED

    def __init__(self, outcomes: Iterator[Outcome]) -> None:
        self._outcomes = outcomes
        self.commands: list[Command] = []
        self.files: dict[str, bytes] = {}
        self.written: list[tuple[str, bytes]] = []
        """All that was ever put into the work folder, in turn."""

    async def put(self, files: Mapping[str, bytes], *, place: Place = "work", locked: bool = False) -> None:
        self.written += files.items() if place == "work" else ()
        self.files |= {path if place == "work" else f"{place}:{path}": data for path, data in files.items()}

    async def clear(self, *, only: Place | None = None) -> None:
        def place_of(path: str) -> str:
            return "tools" if path.startswith("tools:") else "work"

        self.files = {path: data for path, data in self.files.items() if only not in {None, place_of(path)}}

    async def run(self, command: Command, *, on_report_line: Callable[[str], None] | None = None) -> Outcome:
        self.commands.append(command)
        ended = next(self._outcomes)
        if b'"nonce"' in command.stdin:
            nonce = json.loads(command.stdin)["nonce"].encode()
            head = b"".join(nonce + line for line in ended.report.head.splitlines(keepends=True))
            ended = ended.model_copy(update={"report": Stream(head=head, total_bytes=len(head))})
        for line in (ended.report.head + ended.report.tail).decode().splitlines() if on_report_line else ():
            on_report_line(line)
        return ended

    async def take(self, paths: tuple[str, ...]) -> Mapping[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}


class PlayedSandbox:
    """Opens boxes that play *outcomes*, one after another; raises *error* instead where there is one."""

    def __init__(self, *outcomes: Outcome, error: Exception | None = None) -> None:
        self._outcomes = iter(outcomes)
        self._error = error
        self.opened: list[PlayedBox] = []

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits) -> AsyncIterator[PlayedBox]:
        if self._error is not None:
            raise self._error
        self.opened.append(PlayedBox(self._outcomes))
        yield self.opened[-1]
