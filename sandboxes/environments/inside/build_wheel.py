"""Builds one wheel inside a box without network: ``python -I build_wheel.py require|build ARCHIVE``, in the work folder.

``wheels/`` holds the wheels of what the build needs. ``require`` asks the build backend what else it needs; ``build``
makes the wheel in ``made/``. Either writes one JSON line to the report pipe.
"""

import json
import os
import shutil
import site
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import import_module
from typing import Any

HERE = os.getcwd()
NEEDED = os.path.join(HERE, "needed")
SOURCE = os.path.join(HERE, "source")
MADE = os.path.join(HERE, "made")


def main(action: str, archive: str) -> None:
    _install_needed()
    root = _unpacked(archive)
    os.chdir(root)
    system = _build_system()
    sys.path[:0] = [os.path.join(root, folder) for folder in system.get("backend-path", ())]
    _add_needed()
    backend = _backend(system.get("build-backend", "setuptools.build_meta:__legacy__"))
    if action == "require":
        asked: Any = getattr(backend, "get_requires_for_build_wheel", list)()
        _report({"requires": [str(line) for line in asked]})
    else:
        os.makedirs(MADE, exist_ok=True)
        _report({"wheel": backend.build_wheel(MADE)})


def _install_needed() -> None:
    folder = os.path.join(HERE, "wheels")
    wheels = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".whl")]
    shutil.rmtree(NEEDED, ignore_errors=True)
    os.makedirs(os.path.join(NEEDED, "bin"))
    if wheels:
        options = ("--quiet", "--no-index", "--no-deps", "--no-warn-script-location", "--disable-pip-version-check")
        subprocess.run(
            [sys.executable, "-I", "-m", "pip", "install", *options, "--no-cache-dir", "--target", NEEDED, *wheels],
            check=True,
        )


def _add_needed() -> None:
    """Needed packages before the image's own, here and in the programs that a build starts."""
    before = len(sys.path)
    site.addsitedir(NEEDED)
    added = sys.path[before:]
    del sys.path[before:]
    sys.path[:0] = added
    os.environ["PYTHONPATH"] = NEEDED
    os.environ["PATH"] = os.path.join(NEEDED, "bin") + os.pathsep + os.environ["PATH"]


def _unpacked(archive: str) -> str:
    shutil.rmtree(SOURCE, ignore_errors=True)
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(SOURCE)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(SOURCE, filter="data")
    inside = os.listdir(SOURCE)
    return os.path.join(SOURCE, inside[0]) if len(inside) == 1 else SOURCE


def _build_system() -> dict[str, Any]:
    try:
        with open("pyproject.toml", "rb") as file:
            return dict(tomllib.load(file).get("build-system", {}))
    except FileNotFoundError:
        return {}


def _backend(name: str) -> Any:  # noqa: ANN401  (whatever a build names)
    module, _, path = name.partition(":")
    backend: Any = import_module(module)
    for part in filter(None, path.split(".")):
        backend = getattr(backend, part)
    return backend


def _report(answer: dict[str, Any]) -> None:
    with open(int(os.environ["MENDBOX_REPORT_FD"]), "w", encoding="utf-8", closefd=False) as pipe:
        pipe.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
