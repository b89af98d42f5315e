"""Healing every row of a dataset, several at a time; one that goes wrong does not stop the rest."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from statistics import median
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from engine.domain import Budget, Ending, Reason, Run, Task, Value
from engine.errors import BadInput, MendboxError
from engine.inputs.kinds import is_configuration
from sandboxes.base import Limits
from sandboxes.errors import SandboxError

MOST_DATASET_MIB = 256
Module = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)*$", max_length=200)]
File = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Row(BaseModel):
    """One program of a dataset. Fields of the line that are not named here, such as a solution, are not even read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    buggy: str
    """Source of the module."""
    tests: str
    """Source of the frozen test file."""
    module: Module = "solution"
    """Name under which the tests import it: ``a.b`` stands in ``a/b.py``."""
    test_file: File = "test_solution.py"
    extra_files: Mapping[File, str] = {}
    """Further code by path; configuration of tests among it is frozen."""

    @property
    def path(self) -> str:
        return self.module.replace(".", "/") + ".py"

    def task(self, *, budget: Budget, limits: Limits) -> Task:
        frozen = {path: text for path, text in self.extra_files.items() if is_configuration(path)}
        code = {path: text for path, text in self.extra_files.items() if path not in frozen}
        return Task(
            files=code | {self.path: self.buggy},
            tests=frozen | {self.test_file: self.tests},
            budget=budget,
            limits=limits,
        )


R = TypeVar("R", bound=Row)


class BadRow(Value):
    """A line that is no row."""

    id: str
    line: int
    """Counted from 1."""
    problem: str


class RowResult(Value):
    """What came of one row: one JSON line of ``bench --out``."""

    id: str
    outcome: Ending | None
    """None where the line is no row."""
    reason: Reason | None = None
    summary: str = ""
    files: Mapping[str, str] = {}
    """The mended code, or the code as it was; by path."""
    run: str = ""
    """Id in the journal."""
    seconds: float = 0.0
    candidates: int = 0
    attempts: int = 0
    tokens: int = 0
    usd: float = 0.0


class Total(Value):
    """All rows together."""

    rows: int
    outcomes: Mapping[str, int]
    """How many rows ended how; ``bad_row`` counts the lines that are none."""
    verified: int
    seconds: float
    """Sum over the rows, which may have been healed side by side."""
    median_seconds: float
    candidates: int
    tokens: int
    usd: float


Heal = Callable[[Task], Awaitable[Run]]


def read_dataset(path: Path) -> tuple[Row | BadRow, ...]:
    """Every line of *path* that is not blank.

    Raises:
        BadInput: There is no such file, it is too large or no text, or no line in it is a row.
    """
    return read_rows(path, Row)


def read_rows(path: Path, shape: type[R]) -> tuple[R | BadRow, ...]:
    """As `read_dataset`, with rows of this *shape*."""
    try:
        if path.stat().st_size > MOST_DATASET_MIB * 1024 * 1024:
            raise BadInput(f"{str(path)!r} is larger than {MOST_DATASET_MIB} MiB", hint="cut it into several")
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise BadInput(f"cannot read the dataset {str(path)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{str(path)!r} is no UTF-8 text", hint="a dataset has one JSON object per line") from error
    entries: dict[str, R | BadRow] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            entry = _read_row(line, number, shape)
            if entry.id in entries:
                entry = BadRow(id=f"line {number}", line=number, problem=f"a second row with the id {entry.id!r}")
            entries[entry.id] = entry
    if all(isinstance(entry, BadRow) for entry in entries.values()):
        first = next((entry.problem for entry in entries.values() if isinstance(entry, BadRow)), "it is empty")
        raise BadInput(
            f"no row in {str(path)!r}: {first}",
            hint=f"rows are {{id, {_code_of(shape)}, tests, module, test_file, extra_files}}",
        )
    return tuple(entries.values())


async def bench(
    entries: Sequence[Row | BadRow],
    heal: Heal,
    *,
    budget: Budget,
    limits: Limits,
    jobs: int,
    on_end: Callable[[RowResult], None],
) -> tuple[RowResult, ...]:
    """Heal every row with *heal*, *jobs* at a time; *on_end* is told of each as it ends, in that order.

    Raises:
        BadInput: What was asked fits no row, such as an author that does not exist.
    """
    slots = asyncio.Semaphore(jobs)

    async def one(entry: Row | BadRow) -> RowResult:
        async with slots:
            result = await _heal_row(entry, heal, budget=budget, limits=limits)
        on_end(result)
        return result

    tasks = [asyncio.create_task(one(entry), name=f"row {entry.id}") for entry in entries]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def total(results: Sequence[RowResult]) -> Total:
    words = [result.outcome or "bad_row" for result in results]
    return Total(
        rows=len(results),
        outcomes={word: words.count(word) for word in sorted(set(words))},
        verified=words.count("verified"),
        seconds=round(sum(result.seconds for result in results), 3),
        median_seconds=round(median(result.seconds for result in results), 3) if results else 0.0,
        candidates=sum(result.candidates for result in results),
        tokens=sum(result.tokens for result in results),
        usd=sum(result.usd for result in results),
    )


async def _heal_row(entry: Row | BadRow, heal: Heal, *, budget: Budget, limits: Limits) -> RowResult:
    if isinstance(entry, BadRow):
        return RowResult(id=entry.id, outcome=None, summary=f"line {entry.line}: {entry.problem}")
    started = asyncio.get_running_loop().time()
    task = entry.task(budget=budget, limits=limits)
    try:
        run = await heal(task)
    except BadInput:
        raise
    except (SandboxError, MendboxError) as error:
        took = asyncio.get_running_loop().time() - started
        return RowResult(id=entry.id, outcome="environment", summary=str(error), files=task.files, seconds=took)
    return RowResult(
        id=entry.id,
        outcome=run.outcome or "cancelled",
        reason=run.reason,
        summary=run.summary,
        files=run.files or task.files,
        run=run.id,
        seconds=round(run.seconds or asyncio.get_running_loop().time() - started, 3),
        candidates=run.candidates,
        attempts=len(run.attempts),
        tokens=run.usage.tokens,
        usd=run.usage.usd,
    )


def _code_of(shape: type[Row]) -> str:
    """What a line calls the source of the module."""
    return str(shape.model_fields["buggy"].validation_alias or "buggy")


def _read_row(line: str, number: int, shape: type[R]) -> R | BadRow:
    try:
        row = shape.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return BadRow(id=f"line {number}", line=number, problem=f"{where}: {first['msg']}" if where else first["msg"])
    paths = [row.path, row.test_file, *row.extra_files]
    if bad := next((path for path in paths if not _plain(path)), None):
        return BadRow(id=row.id, line=number, problem=f"{bad!r} is no plain path below the program's folder")
    if len({path.casefold() for path in paths}) < len(paths):
        return BadRow(id=row.id, line=number, problem="module, test_file and extra_files name one path twice")
    return row


def _plain(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return (
        str(PurePosixPath(path)) == path
        and not path.startswith("/")
        and ".." not in parts
        and re.search(r"[\x00-\x1f\x7f\\]", path) is None
    )
