"""The arrows between the packages, read from the imports: server -> serving -> engine -> agents | sandboxes."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("engine", "agents", "sandboxes", "serving")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MAY_IMPORT = {
    "agents": {"agents"},
    "sandboxes": {"sandboxes"},
    "engine": {"engine", "agents", "sandboxes"},
    "serving": {"serving", "engine", "agents", "sandboxes"},
    "server": {"server", "serving", "engine", "agents", "sandboxes"},
}
PICKS_CONCRETE = {"engine/wiring.py", "engine/casting.py"}
ABOUT_THE_MACHINE = {"engine/cli/images.py", "engine/cli/doctor.py", "engine/speed/engine_room.py"}
"""`mendbox images`, `mendbox doctor` and `mendbox bench --speed` speak of Docker itself, and of no run."""
MEASURES_ONE = {"engine/speed/candidates.py"}
"""What counts how many candidates the offline author tries asks that author, and no other."""
CONCRETE = {
    "sandboxes.docker",
    "sandboxes.images",
    "sandboxes.reaper",
    "agents.auto",
    "agents.coder",
    "agents.offline",
    "agents.scripted",
    "agents.providers",
}
PROGRAMS = {
    "engine/checks/inside/session.py",
    "engine/checks/inside/apart/session.py",
    "engine/projects/running/inside/supervise.py",
}
"""Started inside a box and never imported: they first find the programs that they share the tools folder with."""
SLOW = ("docker", "openai", "anthropic", "fastmcp", "sqlalchemy", "coverage", "hypothesis", "pytest", "ruff")


def imports_of(path: Path) -> Iterator[str]:
    """Dotted names that the module imports, wherever in it; those for type checkers alone are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unreal = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in unreal:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    "path", [*MODULES, ROOT / "server.py"], ids=lambda path: str(path.relative_to(ROOT)).replace("/", ".")
)
def test_arrows_point_one_way(path):
    """Agents and sandboxes know neither each other nor the engine; the engine knows no server."""
    package = path.relative_to(ROOT).parts[0].removesuffix(".py")

    ours = {name.split(".")[0] for name in imports_of(path)} & MAY_IMPORT.keys()

    if path.relative_to(ROOT).as_posix() == "engine/cli/serve.py":
        ours -= {"server"}  # `mendbox serve` is the one word of the command line that starts the server
    assert ours <= MAY_IMPORT[package]


def test_only_the_wiring_picks_concrete_classes():
    """Everything else in the engine speaks to protocols."""
    pickers = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if path.is_relative_to(ROOT / "engine")
        for name in imports_of(path)
        if any(name == concrete or name.startswith(f"{concrete}.") for concrete in CONCRETE)
    }

    assert pickers <= PICKS_CONCRETE | ABOUT_THE_MACHINE | MEASURES_ONE


def test_importing_does_nothing():
    """No socket, no process, no file written, and nothing slow, by importing every module of the engine's way in."""
    program = f"""
import sys
opened = []
def watch(event, arguments):
    if event in {{"socket.connect", "socket.bind", "subprocess.Popen", "os.fork", "os.posix_spawn", "sqlite3.connect"}}:
        opened.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        opened.append(str(arguments[0]))
sys.dont_write_bytecode = True
sys.addaudithook(watch)
import engine.cli
import engine.harness, engine.events, engine.domain
print(sorted(opened), sorted(set({SLOW!r}) & set(sys.modules)))
"""

    # Without the measuring of coverage, which imports and writes something itself.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=plain, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[] []"


def is_program(path: Path) -> bool:
    return path.name == "__main__.py" or path.relative_to(ROOT).as_posix() in PROGRAMS


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if not is_program(path)],
    ids=lambda path: str(path.relative_to(ROOT)).replace("/", "."),
)
def test_modules_only_define(path):
    """A module's own statements are definitions: nothing runs, prints or loops by being imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))

    acting = [
        ast.unparse(node)
        for node in tree.body
        if isinstance(node, (ast.For, ast.While, ast.With, ast.Try, ast.Delete))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
    ]

    assert acting == []
