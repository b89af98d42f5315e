"""One look for tests inside a box: the task on standard input, what it finds on the report pipe."""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

import pytest

from ...worker.fence import adopt, hide
from ...worker.report import Reporter
from .killing import Children
from .looking import Look
from .targets import find, maker
from .task import Task


def main() -> None:
    began = time.monotonic()
    warnings.simplefilter("ignore")
    task = Task.read(sys.stdin.buffer.read().decode())
    reporter = Reporter.from_environment()
    reporter.say("ended", reason=_look(task, reporter, Path.cwd(), began))


def _look(task: Task, reporter: Reporter, root: Path, began: float) -> str:
    if not hasattr(pytest, "mark"):
        return "pytest is not what it should be"
    for path, text in task.python.items():
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError) as error:
            return f"{path} does not parse: {error}"[:300]
    targets = find(task.python, task.names)
    if not targets:
        return "there is no function or class that a test could call"
    makers = {target.number: made for target in targets if (made := maker(target, task.python, task.names))}
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    adopt()
    hide()
    children = Children(root, task, targets, makers)
    others, unimportable = children.others()
    if unimportable:
        return unimportable
    for name in others:
        # once, for all children; what does not like it is imported by each of them
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if task.type == "property" or "hypothesis" in task.text:
        _ready()
    gc.collect()
    gc.freeze()
    return Look(task, targets, makers, children, reporter=reporter, began=began).look()


def _ready() -> None:
    """Let hypothesis do once, for all children, what it does at its first use."""
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.mkdtemp()
    from hypothesis import given, settings, strategies  # noqa: PLC0415  # slow, and seldom needed

    @settings(derandomize=True, deadline=None, database=None, max_examples=5)
    @given(strategies.text(), strategies.lists(strategies.integers()), strategies.floats())
    def first(text: str, row: list[int], number: float) -> None:
        del text, row, number

    first()
