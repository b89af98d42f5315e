"""A built project as files: written to a new or empty folder, whole or not at all; or packed."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from agents.plans.commission import Scale
from agents.plans.plan import Plan
from engine.errors import BadInput
from engine.projects.architecture import Architecture
from engine.projects.building.commands import makefile, readme
from engine.projects.building.outcome import Project
from engine.projects.building.receipt import receipt_json, receipt_page
from engine.projects.building.whole import PROJECT
from engine.projects.diagram import diagram
from engine.projects.running import delivered
from engine.projects.running.background import in_background

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same time in every archive, so that equal projects make equal ones."""
_MODE = 0o644
_PICTURE = re.compile(r"pictures/[a-z0-9-]{1,80}\.png")


def files_of(project: Project) -> dict[str, bytes]:
    """Everything that is written of *project*, by path.

    Raises:
        BadInput: It has no plan, so that there is nothing.
    """
    plan = project.plan
    if plan is None:
        raise BadInput(f"build {project.id} came to no plan: there is nothing to write", hint=project.next_step)
    ours = {
        **{path: text for path, text in _architecture(project, plan).files.items() if path not in project.files},
        **delivered(plan, project.scenarios),
        "README.md": readme(project),
        "Makefile": makefile(project),
        "receipt.md": receipt_page(project),
        "receipt.json": receipt_json(project),
        ".gitignore": "node_modules/\ndist/\n.venv/\n__pycache__/\n*.egg-info/\nbuild/\n.env\n",
    }
    texts = {**project.files, **ours}
    pictures = {path: picture for path, picture in project.pictures.items() if _PICTURE.fullmatch(path)}
    return dict(sorted({**{path: text.encode() for path, text in texts.items()}, **pictures}.items()))


def write_project(project: Project, folder: Path) -> tuple[str, ...]:
    """Write all of *project* to *folder*, which is new or empty; the paths of what was written.

    It is written beside it first and moved there in one step, so that a folder that is there is whole.

    Raises:
        BadInput: The folder is there and not empty, or cannot be written; nothing was.
    """
    files = files_of(project)
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{str(folder)!r} is there already, and not empty", hint=_elsewhere(project))
    made: str | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = tempfile.mkdtemp(prefix=f".{folder.name[:40]}-", dir=folder.parent)
        _lay(files, Path(made))
        Path(made).chmod(0o755)
        # takes the place of an empty folder too, and of nothing else
        Path(made).rename(folder)
    except OSError as error:
        raise BadInput(f"{str(folder)!r} cannot be written: {error.strerror}", hint=_elsewhere(project)) from error
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
    return tuple(files)


def _elsewhere(project: Project) -> str:
    return f"what was built is kept; write it to another folder: mendbox resume {project.id} --out DIR"


def zipped(project: Project) -> bytes:
    """All of *project* as a ZIP archive, the same for the same project. Raises `BadInput` as `files_of` does."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, content in files_of(project).items():
            entry = zipfile.ZipInfo(path, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = _MODE << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _lay(files: Mapping[str, bytes], folder: Path) -> None:
    for path, content in files.items():
        place = folder / PurePosixPath(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        place.chmod(_MODE)


def _architecture(project: Project, plan: Plan) -> Architecture:
    by = f"Planned by the model {project.model}" if project.model else f"Planned by {project.architect or 'somebody'}"
    return Architecture(
        project_type=None,
        scale=project.scale or Scale(name="not told", measure="users", amount=1_000),
        cloud=project.cloud,
        basis="model",
        architect=project.architect,
        model=project.model,
        made=f"{by}, checked by the contract of plans, and built.",
        refused=(),
        usage=project.usage,
        plan=plan,
        diagram=diagram(plan),
        deployment={},
        ran=_ran(project, plan),
    )


def _ran(project: Project, plan: Plan) -> Mapping[str, str]:
    """What each worker and each job of it was seen to do."""
    seen = {proof.name: proof.detail for part in project.parts if part.component == PROJECT for proof in part.proofs}
    return {each.name: seen.get(each.name, "unverified: it was not seen to work") for each in in_background(plan)}
