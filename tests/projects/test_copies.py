"""A copy of a store that is a file is made while it is written to, and is brought back, by the commands that its owner is told."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from agents.plans.plan import Component, Plan
from engine.projects.deploying.copies import COPY, bringing_back, copying, told
from tests.conformance.peers import NODE
from tests.projects.plans import smallest, sound, spoilt


def inside(command: str, folder: Path) -> list[str]:
    """What the shell of *command* runs in the container, with *folder* in place of the container's own."""
    script = re.search(r"sh -c '(.*)' [<>] database\.db$", command)
    assert script is not None
    text = script[1].replace("/data/", f"{folder}/").replace(COPY, f"{folder}/copy")
    text = text.replace("python -c", f"{sys.executable} -c").replace("node -e", f"{NODE} -e")
    return ["sh", "-c", text]


def of_runtime(runtime: str) -> tuple[Plan, Component]:
    plan = spoilt(["components", 0, "running", "runtime"], runtime, plan=sound("api", "small"))
    return plan, plan.components[0]


@pytest.mark.parametrize("runtime", ["python", "node"])
def test_a_copy_has_what_was_committed_and_can_be_brought_back(tmp_path: Path, runtime: str) -> None:
    """Also what stands in the log beside the file, and without what was written after it."""
    plan, component = of_runtime(runtime)
    writer = sqlite3.connect(tmp_path / "database.db", isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE item (name TEXT)")
    writer.execute("INSERT INTO item VALUES ('Milk')")

    copied = subprocess.run(inside(copying(component, plan.stores[0]), tmp_path), capture_output=True, check=True)
    writer.execute("INSERT INTO item VALUES ('Bread')")
    again = subprocess.run(inside(copying(component, plan.stores[0]), tmp_path), capture_output=True, check=True)
    writer.close()
    stop, put, start = bringing_back(component, plan.stores[0])
    subprocess.run(inside(put, tmp_path), input=copied.stdout, check=True)

    found = sqlite3.connect(tmp_path / "database.db").execute("SELECT name FROM item").fetchall()
    assert found == [("Milk",)]
    assert b"Bread" in again.stdout
    assert (stop, start) == ("docker compose stop api", "docker compose start api")


def test_who_runs_it_is_told_where_the_data_is() -> None:
    """And nothing where it is in no file."""
    plan, component = of_runtime("python")

    where, how = told(plan)

    assert "in the volume `database-data`" in where
    assert how.count("\n$ ") == 4
    assert copying(component, plan.stores[0]) in how
    assert list(told(smallest())) == []
    job = component.model_copy(update={"kind": "job"})
    assert len(bringing_back(job, plan.stores[0])) == 1
