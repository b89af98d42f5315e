"""How a project's suite ends outside a box, and how in one: test by test, and as counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from engine.domain import Value
from engine.harness import Mendbox
from engine.repository.healing import Plan, RepositoryHealing
from engine.repository.reading import read_project
from engine.repository.result import RepositoryResult
from engine.settings import Settings
from engine.wiring import make_environments
from tests.publics.listed import Public

PLUGIN = Path(__file__).parent / "outside"
SECONDS = 900.0
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


class Ended(Value):
    """One run of a suite."""

    tests: Mapping[str, str] = {}
    """How each ended, by node id."""
    seconds: float = 0.0
    said: str = ""
    """The end of what was written, where it did not come to its own end."""

    @property
    def counts(self) -> tuple[int, int, int]:
        """Green, red and skipped ones."""
        by_kind = Counter(map(kind, self.tests.values()))
        return by_kind["green"], by_kind["red"], by_kind["skipped"]


def kind(ended: str) -> str:
    """What counts as what: an expected failure is skipped, an unexpected pass is told of apart where it is not strict."""
    if ended in {"passed", "xpassed"}:
        return "green"
    return "skipped" if ended in {"skipped", "xfailed"} else "red"


def differing(outside: Ended, inside: Ended) -> dict[str, tuple[str, str]]:
    """Tests that ended otherwise, or were in one run only, with how in both."""
    names = sorted(outside.tests.keys() | inside.tests.keys())
    both = {name: (outside.tests.get(name, "absent"), inside.tests.get(name, "absent")) for name in names}
    return {name: pair for name, pair in both.items() if kind(pair[0]) != kind(pair[1]) or "absent" in pair}


class Outside:
    """A virtual environment of this Python with a project and what its suite needs."""

    def __init__(self, public: Public, tree: Path, folder: Path, *, in_this_environment: bool = False) -> None:
        self._public = public
        self.tree = tree
        self._python = Path(sys.executable) if in_this_environment else folder / "venv" / "bin" / "python"
        self._folder = folder

    def make(self) -> None:
        """Install everything; what is there already is taken.

        Raises:
            subprocess.CalledProcessError: pip could not.
        """
        done = self._folder / "installed"
        if done.exists():
            return
        subprocess.run((sys.executable, "-m", "venv", str(self._folder / "venv")), check=True)
        words = (f"pytest=={pytest.__version__}", *self._public.needs, "-e", str(self.tree))
        pip = (str(self._python), "-m", "pip", "install", "-q", "--disable-pip-version-check")
        subprocess.run((*pip, *words), check=True, timeout=SECONDS)
        done.touch()

    def run(self, more: Sequence[str] = (), *, seconds: float = SECONDS) -> Ended:
        """The suite as its developers run it; nothing in `tests` where it did not come to its end in time."""
        told = self._folder / "told.json"
        told.unlink(missing_ok=True)
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"PYTHONPATH": str(PLUGIN), "TELLING": str(told), "PYTHONDONTWRITEBYTECODE": "1"}
        command = (str(self._python), "-m", "pytest", "-q", "-p", "telling", "-p", "no:cacheprovider")
        options = ("--continue-on-collection-errors", *self._public.arguments, *more)
        began = time.monotonic()
        try:
            done = subprocess.run(
                (*command, *options),
                cwd=self.tree,
                env=environment | dict(self._public.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Ended(seconds=time.monotonic() - began, said=f"no end within {seconds:.0f} s")
        took = time.monotonic() - began
        if not told.exists():
            return Ended(seconds=took, said=done.stdout.decode(errors="replace")[-2_000:])
        return Ended(tests=json.loads(told.read_text("utf-8")), seconds=took)


async def look_inside(root: Path, data: Path) -> tuple[Ended, RepositoryResult]:
    """The suite of *root* in a box, as `mendbox ci --report-only` runs it; its journal is kept in *data*."""
    result = await mend(root, data, Plan(heal=False, budget=Settings().budget.model_copy(update={"seconds": SECONDS})))
    tests = {test.node_id: test.ended for test in result.before.tests}
    tests |= dict.fromkeys(result.before.broken, "error")
    said = "" if result.outcome in {"green", "red"} else f"{result.outcome}: {result.summary}"
    return Ended(tests=tests, seconds=result.before.seconds, said=said), result


async def mend(root: Path, data: Path, plan: Plan) -> RepositoryResult:
    """What `mendbox fix` makes of *root* with *plan*."""
    settings = Settings(data_dir=data, memory=False)
    async with Mendbox(settings) as mendbox:
        return await RepositoryHealing(mendbox, make_environments(settings), plan).heal(read_project(root))
