"""The image holds the bytecode of our programs; it is taken for just the text that was compiled, and for no other."""

from __future__ import annotations

import pytest

from agents.offline.improving.toolbox import ARGV as IMPROVING
from agents.offline.improving.toolbox import tools as improving
from agents.offline.toolbox import ARGV as SEARCHING
from agents.offline.toolbox import tools as searching
from engine.wiring import box_programs
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits

COUNTING = """
import os
from importlib.machinery import SourceFileLoader
usual = SourceFileLoader.source_to_code
def compiling(self, data, path, **how):
    if "/mendbox_" in path:
        os.write(3, f"compiled {path}\\n".encode())
    return usual(self, data, path, **how)
SourceFileLoader.source_to_code = compiling
"""

PROGRAMS = [pytest.param(searching, SEARCHING, id="search"), pytest.param(improving, IMPROVING, id="improver")]


async def compiled(sandbox, tools, argv):
    """Paths of those of *tools* that a box compiles itself when the program is started there."""
    start = tools["launch.py"].replace("    from mendbox_", f"    exec({COUNTING!r})\n    from mendbox_", 1)
    workshop = BoxWorkshop(sandbox, limits=Limits(), run_id="test")
    # a job that is none: all that is needed has been imported by then
    findings = await workshop.run(
        files={}, locked={}, tools={**tools, "launch.py": start}, argv=argv, stdin=b"none", seconds=20.0
    )
    assert "JSONDecodeError" in findings.stderr
    return [line.removeprefix("compiled ") for line in findings.lines if line.startswith("compiled ")]


@pytest.mark.docker
@pytest.mark.parametrize(("tools", "argv"), PROGRAMS)
async def test_nothing_is_compiled_in_the_box(sandbox, tools, argv):
    """Some eighty modules would be, each time."""
    assert await compiled(sandbox, dict(tools()), argv) == []


@pytest.mark.docker
@pytest.mark.parametrize(("tools", "argv"), PROGRAMS)
async def test_a_changed_text_is_compiled_anew(sandbox, tools, argv):
    """Whatever stands in the image decides nothing."""
    path = next(path for path in tools() if path.endswith("/guard.py"))
    changed = {**tools(), path: tools()[path] + "\nCHANGED = True\n"}

    assert await compiled(sandbox, changed, argv) == [f"/box/tools/{path}"]


def test_the_image_is_named_by_the_programs_of_the_search_too():
    """An image with the bytecode of an older search is another one."""
    programs = box_programs()

    for tools in (searching(), improving()):
        packaged = {path: text.encode() for path, text in tools.items() if "/" in path}
        assert len(packaged) > 30
        assert packaged.items() <= programs.items()
    assert "session.py" in programs
