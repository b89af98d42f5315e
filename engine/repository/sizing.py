"""How large the boxes of a project have to be."""

from __future__ import annotations

from engine.repository.project import Project
from sandboxes.base import Limits

MIB = 2**20
ROOM = 3
"""How many times over a project fits its box: its tests write, and some of its files are copied."""
PACKAGES_MIB = 256
"""Memory that a project's packages take beside what is usual, MiB."""


def limits_for(project: Project, limits: Limits) -> Limits:
    """*limits*, with as much room as *project* needs and none of them lower than it was."""
    texts = sum(
        len(text.encode("utf-8", "surrogatepass"))
        for files in (project.files, project.tests)
        for text in files.values()
    )
    size = (texts + sum(len(text) * 3 // 4 for text in project.data.values())) // MIB + 1
    count = len(project.files) + len(project.tests) + len(project.data)
    work = max(limits.work_mib, ROOM * size + 32)
    return limits.model_copy(
        update={
            "work_mib": work,
            "work_files": max(limits.work_files, ROOM * count + 4_000),
            "file_mib": max(limits.file_mib, min(work, 64)),
            # the work folder counts as memory
            "memory_mib": limits.memory_mib
            + work
            - limits.work_mib
            + (PACKAGES_MIB if project.wanted.requirements else 0),
            "open_files": max(limits.open_files, 1_024),
        }
    )
