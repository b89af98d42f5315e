"""A pytest plugin for a run outside: how each test ended, as JSON in the file that ``TELLING`` names.

It is loaded into the project's own environment, so it needs nothing but pytest.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

ENDED: dict[str, str] = {}
WORSE = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")
"""Of two phases of a test, or of two of its subtests, the one that stands further back counts."""


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _note(report.nodeid.split("::")[0], "error")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if hasattr(report, "context") and not report.failed:
        return  # a subtest: only a red one says something about its test
    xfail = hasattr(report, "wasxfail")
    if report.failed:
        strict = isinstance(report.longrepr, str) and report.longrepr.startswith("[XPASS(strict)]")
        _note(report.nodeid, "xpassed" if strict else "failed" if report.when == "call" else "error")
    elif report.skipped:
        _note(report.nodeid, "xfailed" if xfail else "skipped")
    elif report.when == "call":
        _note(report.nodeid, "xpassed" if xfail else "passed")


def pytest_sessionfinish() -> None:
    Path(os.environ["TELLING"]).write_text(json.dumps(ENDED), encoding="utf-8")


def _note(node: str, ended: str) -> None:
    ENDED[node] = max(ENDED.get(node, ended), ended, key=WORSE.index)
