"""The bundle for double clicks: valid by its form's own tool, complete, and the same from the same sources."""

from __future__ import annotations

import json
import tomllib
import zipfile
from pathlib import Path

from tests.conformance.peers import BUNDLER, ROOT, run
from tools.bundle import build, manifest, sources


async def test_the_manifest_is_valid_by_the_forms_own_tool(tmp_path: Path) -> None:
    """Every tool that the server lists, in step with the package's name and version, and no key."""
    told = await manifest()
    (tmp_path / "manifest.json").write_text(json.dumps(told))

    ended = await run(*BUNDLER, "validate", str(tmp_path / "manifest.json"))

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert ended.code == 0, ended
    assert (told["name"], told["version"]) == (project["name"], project["version"])
    assert {"auto_fix_code", "run_code"} <= {tool["name"] for tool in told["tools"]}
    assert all(value.startswith("${user_config.") for value in told["server"]["mcp_config"]["env"].values())


def test_equal_sources_give_equal_bundles_that_hold_all_of_them(tmp_path: Path) -> None:
    """What the wheel is made of is there, so that it can be made on the other side; and nothing of this machine."""
    first, second = build(tmp_path / "first"), build(tmp_path / "second")

    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
    assert {path.relative_to(ROOT).as_posix() for path in sources()} | {"manifest.json"} == names
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for wanted in (*wheel["only-include"], *wheel["force-include"], "pyproject.toml", "README.md"):
        assert any(name == wanted or name.startswith(f"{wanted}/") for name in names), wanted
    assert not any("/." in name or name.startswith((".", "/")) for name in names)


def test_the_image_of_the_server_is_built_from_all_that_is_installed() -> None:
    """The context of images/server/Dockerfile leaves out what is not named: what the wheel takes has to be."""
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]

    wanted = {*wheel["only-include"], *wheel["force-include"], "pyproject.toml", "README.md", "requirements.lock"}
    assert wanted <= let_in
    locked = (ROOT / "requirements.lock").read_text()
    left_out = (ROOT / "images/server/prepare.sh").read_text().partition("uninstall")[2].partition("cp ")[0]
    for name in left_out.replace("\\", " ").split():
        if not name.startswith("-"):
            assert f"\n{name.replace('_', '-')}==" in locked, name
