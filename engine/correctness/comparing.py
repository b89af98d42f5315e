"""Compares a healed program with the right one: on the row's probe, on all of its tests, on inputs like theirs; in boxes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from importlib.resources import files as package_files
from typing import Protocol

from pydantic import ValidationError

from engine.dataset import SolvedRow
from engine.domain import Value
from engine.inputs.kinds import is_configuration
from sandboxes.base import Outcome

SEEDS = 150
SECONDS_A_SEED = 2.0
"""Of processor time, for each answer of each version."""
MEMORY_MIB = 192
SECONDS = 120.0
"""For all answers to a probe, or for the tests."""
SECONDS_OF_BEHAVIOUR = 20.0


class Correctness(Value):
    """Whether a healed program does what the right one does."""

    correct: bool | None
    """None where it could not be found out."""
    why: str = ""
    """What differed: the seed, the test or the input, and both answers; or why nothing was compared."""


class _Compared(Value):
    """What a program in the box says."""

    agree: bool | None
    compared: int
    seed: int | None = None
    input: str = ""
    answers: tuple[str, ...] = ()


class InBox(Protocol):
    """Runs a program next to files in a box of its own, as `engine.harness.Mendbox.run` does."""

    def __call__(
        self, files: Mapping[str, str], argv: tuple[str, ...], *, seconds: float, stdin: bytes = b""
    ) -> Awaitable[Outcome]: ...


class Comparing:
    """Compares in boxes that *in_box* opens; *behaviour* are the search's own programs by path, with which it compares inputs."""

    def __init__(self, in_box: InBox, *, behaviour: Mapping[str, str]) -> None:
        self._in_box = in_box
        self._behaviour = behaviour

    async def __call__(self, row: SolvedRow, healed: Mapping[str, str], *, judged: Mapping[str, str]) -> Correctness:
        """Whether *healed* is right; its verdict was on the tests *judged*, which may be a part of the row's.

        Raises:
            SandboxError: The machinery failed; nothing was learnt about the code.
        """
        if not row.right:
            return Correctness(correct=None, why="the right version is not known")
        if dict(judged) != dict(row.suite):
            tests = await self._tests(row, healed)
            if tests.correct is False:
                return tests
        return await (self._probe(row, healed) if row.probe else self._inputs(row, healed))

    async def _tests(self, row: SolvedRow, healed: Mapping[str, str]) -> Correctness:
        frozen = {path: text for path, text in row.extra_files.items() if is_configuration(path)}
        argv = ("python", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--tb=line", *row.suite)
        outcome = await self._in_box({**healed, **frozen, **row.suite}, argv, seconds=SECONDS)
        if outcome.ok:
            return Correctness(correct=True)
        said = outcome.stdout.text.strip().splitlines()
        named = next((line for line in said if line.startswith(("FAILED", "ERROR"))), said[-1] if said else "")
        return Correctness(
            correct=False, why=f"a test that it was not judged by is red: {named or outcome.ended}"[:500]
        )

    async def _probe(self, row: SolvedRow, healed: Mapping[str, str]) -> Correctness:
        files = _program("probed.py", "probed.py")
        files |= {f"right/{path}": text for path, text in row.right.items()}
        files |= {f"healed/{path}": text for path, text in healed.items()}
        asked = {"probe": row.probe, "seeds": SEEDS, "seconds": SECONDS_A_SEED, "memory_mib": MEMORY_MIB}
        outcome = await self._in_box(files, ("python", "probed.py"), seconds=SECONDS, stdin=json.dumps(asked).encode())
        return _read(outcome)

    async def _inputs(self, row: SolvedRow, healed: Mapping[str, str]) -> Correctness:
        frozen = {path: text for path, text in row.extra_files.items() if is_configuration(path)}
        tests = {**frozen, **row.suite}
        beside = {f"mendbox_tools/{path}": text for path, text in self._behaviour.items()}
        files = {**row.right, **tests, **beside, **_program("behaved.py", "mendbox_tools/behaved.py")}
        asked = {
            "right": dict(row.right),
            "healed": dict(healed),
            "tests": tests,
            "entry": row.entry,
            "seconds": SECONDS_OF_BEHAVIOUR,
        }
        argv = ("python", "mendbox_tools/behaved.py")
        outcome = await self._in_box(files, argv, seconds=SECONDS, stdin=json.dumps(asked).encode())
        return _read(outcome)


def _read(outcome: Outcome) -> Correctness:
    """What the program said; where it did not come so far, nothing is known."""
    said = outcome.report.text.strip()
    try:
        compared = _Compared.model_validate_json(said)
    except ValidationError:
        last = outcome.stderr.text.strip().splitlines()[-1:]
        return Correctness(correct=None, why=f"the comparison ended as {outcome.ended} {' '.join(last)}"[:500])
    if compared.agree is None:
        return Correctness(correct=None, why="there was nothing to compare")
    if compared.agree:
        return Correctness(correct=True, why=f"the same on {compared.compared} inputs")
    where = f"seed {compared.seed}" if compared.seed is not None else compared.input
    right, healed = (*compared.answers, "", "")[:2]
    return Correctness(correct=False, why=f"{where}: {healed} where the right version has {right}"[:1_000])


def _program(name: str, path: str) -> dict[str, str]:
    return {path: (package_files("engine.correctness") / "inside" / name).read_text(encoding="utf-8")}
