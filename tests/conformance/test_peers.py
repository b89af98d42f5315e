"""What the peers of these tests are fetched by: locks with a hash for each package and no address, and a clear failure."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.conformance.peers import ROOT
from tests.test_setup import Machine

HERE = Path(__file__).parent


def test_the_locks_hold_a_hash_for_every_package_and_no_address() -> None:
    """Whatever registry a machine has, it gets what was locked."""
    locks = (HERE / "node/package-lock.json", ROOT / "tests/projects/node/package-lock.json")
    packages = {name: told for lock in locks for name, told in json.loads(lock.read_text())["packages"].items()}
    del packages[""]
    python = (HERE / "handshake/requirements.lock").read_text()

    assert [name for name, told in packages.items() if "resolved" in told] == []
    assert [name for name, told in packages.items() if "integrity" not in told and not told.get("inBundle")] == []
    assert "://" not in python
    assert all("--hash" in part for part in python.split("\n    # via")[0].split("==")[1:])


def test_peers_that_cannot_be_fetched_are_told_in_one_line_and_not_taken_for_installed(tmp_path: Path) -> None:
    """Npm's own words, where all of it stands, and another try the next time."""
    machine = Machine(tmp_path)
    shutil.copytree(HERE, machine.checkout / "tests/conformance", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests/projects/node", machine.checkout / "tests/projects/node")
    machine.program("npm", "echo 'npm error code E404' >&2; exit 1")
    python = machine.checkout / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(
        '#!/bin/sh\nmkdir -p .setup/handshake/bin; cp "$0" .setup/handshake/bin/python 2>/dev/null; exit 0\n'
    )
    python.chmod(0o755)

    done = machine.script("node.sh")

    assert done.returncode == 3
    assert "npm error code E404" in done.stderr
    assert ".setup/node.log" in done.stderr
    assert not (machine.checkout / ".setup/node/.done").exists()


def test_the_suite_is_the_one_whose_scenarios_are_explained() -> None:
    """The list of expected failures names a version, and that one is installed."""
    wanted = json.loads((HERE / "node/package.json").read_text())["dependencies"]

    assert wanted["@modelcontextprotocol/conformance"] in (HERE / "expected-failures.toml").read_text()
    assert (ROOT / "tools/test.sh").read_text().count("tools/node.sh") == 1
