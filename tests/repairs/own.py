"""The right programs of this repository that bugs are planted in: those made for it, and the honest ones of one module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from engine.inputs.kinds import imported, is_configuration, is_test

HERE = Path(__file__).parent
HONEST = HERE.parent / "honest"
STYLES = ("plain_functions", "classes", "domain_logic", "llm_style", "test_styles")
LINES = range(20, 201)
"""How many lines a program has."""
TOUCH_THE_MACHINE = frozenset(
    "asyncio ctypes fcntl importlib mmap multiprocessing os pathlib resource runpy shutil signal socket sqlite3 subprocess sys tempfile threading urllib".split()
)
"""A planted bug may make anything of what a program does with these; programs that import them are left out."""

ASKS_THE_MODULE = """

_of_module = probe


def probe(import_module, random):
    return _of_module(import_module("solution"), random)
"""


@dataclass(frozen=True)
class Program:
    """A right program with its tests."""

    name: str
    code: str
    tests: Mapping[str, str]
    """Text by path; the first is the file that a row calls its test file."""
    module: str = "solution"
    extra_files: Mapping[str, str] = field(default_factory=dict)
    """Configuration of the tests."""
    probe: str = ""
    """Source that defines ``probe(import_module, random)``; empty where only the tests tell right from wrong."""

    @property
    def path(self) -> str:
        return self.module.replace(".", "/") + ".py"


def own_programs() -> list[Program]:
    """All of them, in an order that only their names decide."""
    return [*_made(), *_honest()]


def _made() -> Iterator[Program]:
    for file in sorted((HERE / "programs").glob("*.toml")):
        parts = tomllib.loads(file.read_text("utf-8"))
        if len(parts["code"].splitlines()) not in LINES:
            continue
        yield Program(
            name=f"programs/{file.stem}",
            code=parts["code"],
            tests={"test_solution.py": parts["tests"]},
            probe=parts["probe"] + ASKS_THE_MODULE,
        )


def _honest() -> Iterator[Program]:
    for style in STYLES:
        for file in sorted((HONEST / style).glob("*.toml")):
            parts = tomllib.loads(file.read_text("utf-8"))
            (path, code), *more = parts["files"].items()
            tests = {name: text for name, text in parts["tests"].items() if is_test(name, text)}
            others = {name: text for name, text in parts["tests"].items() if name not in tests}
            fits = not more and tests and path.endswith(".py") and all(map(is_configuration, others))
            modules = {name.split(".")[0] for text in (code, *parts["tests"].values()) for name in imported(text)}
            if fits and len(code.splitlines()) in LINES and not modules & TOUCH_THE_MACHINE:
                module = str(PurePosixPath(path).with_suffix("")).replace("/", ".")
                yield Program(name=f"{style}/{file.stem}", code=code, tests=tests, module=module, extra_files=others)
