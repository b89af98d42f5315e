"""Runs the frozen tests inside the box under pytest and tells, line by line, what became of each.

Standard input: a JSON object ``{"tests": [path], "path": [folder], "conftest": bool, "hang_seconds": float,
"stop_after_hangs": int, "reverse": bool, "watched": [path], "plugins": [module],
"nonce": text}``. Report pipe: one JSON object a line, each behind the nonce.
Everything this program needs is imported before the first submitted line runs.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import types

os.environ["COVERAGE_CORE"] = "sysmon"
# Only what was laid beside this is run: nobody's compiled files may stand in for it.
sys.pycache_prefix = os.path.join(os.devnull, "none")

import coverage
import pytest

TOOLS = os.path.dirname(os.path.abspath(__file__))


def ours(name: str) -> types.ModuleType:
    """The module *name* of our tools. They are on the path only now: submitted code must find nothing of ours by name."""
    sys.path.insert(0, TOOLS)
    try:
        importlib.import_module(name)
    finally:
        sys.path.remove(TOOLS)
    return sys.modules.pop(name)


reporting = ours("reporter")
ours("patched")

SPAWNING = frozenset({"os.fork", "os.forkpty", "os.posix_spawn", "subprocess.Popen", "os.exec"})


def main() -> None:
    pipe = os.fdopen(int(os.environ.pop("MENDBOX_REPORT_FD")), "w", encoding="utf-8")
    asked = json.load(sys.stdin)
    here = os.getcwd()
    sys.dont_write_bytecode = True
    # What is found under this name is not the program that reports.
    sys.modules["__main__"] = types.ModuleType("__main__")
    sys.path[:0] = [os.path.join(here, folder) if folder != "." else here for folder in asked["path"]]

    spawned: list[str] = []
    pid = os.getpid()

    def on_audit(name: str, _arguments: object) -> None:
        if name in SPAWNING and not spawned:
            spawned.append(name)

    sys.addaudithook(on_audit)
    watched = [os.path.join(here, path) for path in asked["watched"]]
    lines = coverage.Coverage(data_file=None, config_file=False, include=watched, messages=False) if watched else None
    reporter = reporting.Reporter(reporting.speaker(pipe, asked.pop("nonce")), asked)
    arguments = [
        *reporting.options(here, TOOLS),
        *(word for plugin in asked["plugins"] for word in ("-p", plugin)),
        *([] if asked["conftest"] else ["--noconftest"]),
        *asked["tests"],
    ]
    if lines is not None:
        lines.start()
    code = int(pytest.main(arguments, plugins=[reporter]))
    if os.getpid() != pid:
        # A forked copy of the session that returned instead of leaving: it has nothing to report.
        os._exit(code)
    if lines is not None:
        lines.stop()
        data = lines.get_data()
        for path in watched:
            reporter.say(event="executed", path=os.path.relpath(path, here), lines=sorted(data.lines(path) or ()))
    if spawned:
        reporter.say(event="spawned")
    reporter.say(event="done", exit_code=code)
    pipe.close()
    sys.exit(code)


if __name__ == "__main__":
    main()
