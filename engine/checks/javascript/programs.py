"""The programs of ours that a box that judges JavaScript holds, and the arguments they are started with."""

from __future__ import annotations

from importlib.resources import files as package_files

from sandboxes.base import TOOLS, Layer

INSIDE = (
    "preload.mjs objects.mjs telling.mjs session.mjs vitest.mjs beside.mjs mapping.mjs linting.mjs types.cjs components.d.ts "
    "survey.cjs asking.cjs expecting.cjs lines.cjs looking.cjs table.cjs typed.cjs walking.cjs"
).split()
_FOLDER = f"{TOOLS}/javascript"

SURVEY = ("node", "--expose-internals", "--experimental-vm-modules", "--no-warnings", f"{_FOLDER}/survey.cjs")
SESSION = ("node", "--no-warnings", f"{_FOLDER}/session.mjs")
VITEST = ("node", "--no-warnings", f"{_FOLDER}/vitest.mjs")
TYPES = ("node", "--no-warnings", f"{_FOLDER}/types.cjs")
LINTING = ("node", "--no-warnings", f"{_FOLDER}/linting.mjs")


def programs() -> Layer:
    """Their texts, as they are laid into the tools folder of a box."""
    folder = package_files("engine.checks.javascript") / "inside"
    texts = {f"javascript/{name}": folder.joinpath(name).read_bytes() for name in INSIDE}
    return Layer(files=texts, place="tools", locked=True)
