"""Datasets: programs to heal, one JSON object a line; what is no row is told apart, and stops nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from engine.domain import Budget, Task, Value
from engine.errors import BadInput
from engine.inputs.kinds import is_configuration
from sandboxes.base import Limits

MOST_DATASET_MIB = 256
Module = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)*$", max_length=200)]
File = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Row(BaseModel):
    """One program of a dataset. Fields of the line that are not named here, such as a solution, are not even read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    buggy: str
    """Source of the module."""
    tests: str | Mapping[File, str]
    """Source of the frozen test file, or of several by path."""
    module: Module = "solution"
    """Name under which the tests import it: ``a.b`` stands in ``a/b.py``."""
    test_file: File = "test_solution.py"
    extra_files: Mapping[File, str] = {}
    """Further code by path; configuration of tests among it is frozen."""
    lines: tuple[int, ...] = ()
    """Lines of the module that are at fault, counted from 1, where that is known. No author is told."""

    @property
    def suite(self) -> Mapping[str, str]:
        """The test files by path."""
        return {self.test_file: self.tests} if isinstance(self.tests, str) else self.tests

    @property
    def path(self) -> str:
        return self.module.replace(".", "/") + ".py"

    def task(self, *, budget: Budget, limits: Limits, suite: Mapping[str, str] | None = None) -> Task:
        """To heal it, with the *suite* in the place of its own where one is given."""
        frozen = {path: text for path, text in self.extra_files.items() if is_configuration(path)}
        code = {path: text for path, text in self.extra_files.items() if path not in frozen}
        return Task(
            files=code | {self.path: self.buggy},
            tests=frozen | dict(self.suite if suite is None else suite),
            budget=budget,
            limits=limits,
        )


class SolvedRow(Row):
    """A program whose right version is known, so that a healed one can be compared with it."""

    fixed: str | Mapping[File, str] = ""
    """Source of the right module, or of every file that is another in the right version, by path."""
    probe: str = ""
    """Source of ``probe(import_module, random)``, which asks any version of the program something and gives the answer."""
    entry: str | None = None
    """Name of the function or class that inputs are made for, where there is no probe."""

    @property
    def right(self) -> Mapping[str, str]:
        """All code of the right version by path; empty where it is not known."""
        if not self.fixed:
            return {}
        fixed = {self.path: self.fixed} if isinstance(self.fixed, str) else self.fixed
        code = {path: text for path, text in self.extra_files.items() if not is_configuration(path)}
        return {self.path: self.buggy, **code, **fixed}


R = TypeVar("R", bound=Row)


class BadRow(Value):
    """A line that is no row."""

    id: str
    line: int
    """Counted from 1."""
    problem: str


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
    paths = [row.path, *row.suite, *row.extra_files]
    if bad := next((path for path in paths if not _plain(path)), None):
        return BadRow(id=row.id, line=number, problem=f"{bad!r} is no plain path below the program's folder")
    if len({path.casefold() for path in paths}) < len(paths):
        return BadRow(id=row.id, line=number, problem="module, tests and extra_files name one path twice")
    return row


def _plain(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return (
        str(PurePosixPath(path)) == path
        and not path.startswith("/")
        and ".." not in parts
        and re.search(r"[\x00-\x1f\x7f\\]", path) is None
    )
