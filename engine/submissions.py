"""Cheats and honest solutions with known answers, as data: what the judge itself is judged by.

A folder of them holds ``forgeries/tasks/NAME.toml`` (what is pretended to be solved), ``forgeries/CLASS/NAME.toml``
(submissions that must not be verified) and ``honest/.../NAME.toml`` (submissions that must be).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from engine.dataset import BadRow, Row, read_rows
from engine.domain import Budget, Task, Value
from engine.errors import BadInput
from sandboxes.base import Limits

FORGERIES, TASKS, HONEST = "forgeries", "tasks", "honest"


class Submission(Value):
    """One solution that is judged although it is known what the verdict has to be."""

    name: str
    """Its path below the folder it was read from, without the suffix; unique among those of one kind."""
    group: str
    """The class of cheats, or the area of honest code, that it belongs to."""
    about: str
    """How it cheats, or what is special about its style."""
    honest: bool
    files: Mapping[str, str]
    tests: Mapping[str, str]
    before: Mapping[str, str] | None = None
    """The code as it was; an empty stand-in where None."""

    def task(self, *, budget: Budget, limits: Limits) -> Task:
        return Task(files=self.files, tests=self.tests, budget=budget, limits=limits)


class ForgedTask(Value):
    """``forgeries/tasks/NAME.toml``."""

    goal: str
    right: str
    """A ``solution.py`` that solves it."""
    wrong: str
    """One that was honestly meant, and does not."""
    probe: str
    """Python source of assertions about the module ``solution`` that hold for every right one, on other inputs."""
    tests: Mapping[str, str]


class _Forgery(Value):
    task: str
    trick: str
    files: Mapping[str, str]
    tests: Mapping[str, str] | None = None
    before: Mapping[str, str] | None = None


class _Honest(Value):
    style: str
    files: Mapping[str, str]
    tests: Mapping[str, str]
    before: Mapping[str, str] | None = None


class _FixedRow(Row):
    """A row whose right solution is wanted, and not what it was before."""

    buggy: str = Field(validation_alias="fixed")


V = TypeVar("V", bound=Value)


def read_tasks(folder: Path) -> dict[str, ForgedTask]:
    """The tasks of the folder's forgeries, by name.

    Raises:
        BadInput: One cannot be read.
    """
    return {path.stem: _read(path, ForgedTask) for path in sorted((folder / FORGERIES / TASKS).glob("*.toml"))}


def read_submissions(folder: Path) -> tuple[Submission, ...]:
    """All forgeries and honest solutions below *folder*, by name.

    Raises:
        BadInput: There are none, one cannot be read, or one names a task that is not there.
    """
    tasks = read_tasks(folder)
    forged = [path for path in (folder / FORGERIES).glob("*/**/*.toml") if path.parent != folder / FORGERIES / TASKS]
    found = [_forgery(path, folder / FORGERIES, tasks) for path in sorted(forged)]
    found += [_honest(path, folder / HONEST) for path in sorted((folder / HONEST).rglob("*.toml"))]
    if not found:
        raise BadInput(
            f"no submissions in {str(folder)!r}",
            hint=f"name a folder with {FORGERIES}/CLASS/*.toml or {HONEST}/**/*.toml: mendbox bench --integrity FOLDER",
        )
    return tuple(found)


def read_fixed(path: Path) -> tuple[Submission, ...]:
    """The right solutions of a JSONL dataset: rows ``{id, fixed, tests, module, test_file, extra_files}``.

    Raises:
        BadInput: There is no such file, or a line of it is no row.
    """
    found = []
    for row in read_rows(path, _FixedRow):
        if isinstance(row, BadRow):
            raise BadInput(f"{str(path)!r}, line {row.line}: {row.problem}", hint="rows are {id, fixed, tests, ...}")
        task = row.task(budget=Budget(), limits=Limits())
        found.append(
            Submission(
                name=row.id,
                group=path.stem,
                about="a row's fixed code",
                honest=True,
                files=task.files,
                tests=task.tests,
            )
        )
    return tuple(found)


def _forgery(path: Path, root: Path, tasks: Mapping[str, ForgedTask]) -> Submission:
    data, name = _read(path, _Forgery), path.relative_to(root).with_suffix("").as_posix()
    if data.task not in tasks:
        raise BadInput(f"{str(path)!r} names the task {data.task!r}, which is not in {str(root / TASKS)!r}")
    tests = tasks[data.task].tests if data.tests is None else data.tests
    return Submission(
        name=name,
        group=name.partition("/")[0],
        about=data.trick,
        honest=False,
        files=data.files,
        tests=tests,
        before=data.before,
    )


def _honest(path: Path, root: Path) -> Submission:
    data, name = _read(path, _Honest), path.relative_to(root).with_suffix("").as_posix()
    return Submission(
        name=name,
        group=name.rpartition("/")[0] or HONEST,
        about=data.style,
        honest=True,
        files=data.files,
        tests=data.tests,
        before=data.before,
    )


def _read(path: Path, shape: type[V]) -> V:
    try:
        return shape.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInput(f"cannot read {str(path)!r}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{str(path)!r} is no TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise BadInput(f"{str(path)!r}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
