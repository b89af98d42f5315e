"""Runs the frozen tests inside the box under pytest and tells, line by line, what became of each.

``session.py [early]``: with *early*, pytest is made ready without a conftest and plugins before standard input is read.
Standard input: a JSON object ``{"tests": [path], "path": [folder], "conftest": bool, "hang_seconds": float,
"stop_after_hangs": int, "reverse": bool, "watched": [path], "plugins": [module],
"options": {name: value}, "arguments": [text], "aside": [node id], "start": [pattern], "contexts": bool,
"library": [module], "nonce": text}``. Report pipe: one JSON object a line, each behind the nonce.
With *start*, pytest begins there and looks into no other files than *tests*.
Everything this program needs is imported before the first submitted line runs.
"""

from __future__ import annotations

import glob
import importlib
import json
import os
import sys
import types
from typing import TYPE_CHECKING, Any, TextIO

os.environ["COVERAGE_CORE"] = "sysmon"
# Only the image's compiled files are looked at: nobody's may stand in for what was laid here.
sys.pycache_prefix = "/opt/mendbox/pyc"

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


if TYPE_CHECKING:
    import coverage

reporting = ours("reporter")
ours("patched")
reaching = ours("reaching")

SPAWNING = frozenset({"os.fork", "os.forkpty", "os.posix_spawn", "subprocess.Popen", "os.exec"})


def measuring(here: str) -> coverage.Coverage:
    """What says which lines below the folder *here* ran; it was started once, which is slow, and waits."""
    from coverage import Coverage  # noqa: PLC0415 (slow, and most sessions do without)

    lines = Coverage(data_file=None, config_file=False, include=[f"{here}/*"], messages=False)
    lines.start()
    lines.stop()
    return lines


class Session:
    """A plugin that begins with what is asked when pytest is about to collect: until then nothing depends on it."""

    def __init__(self, pipe: TextIO, stdin: TextIO, here: str) -> None:
        self.pipe = pipe
        self.stdin = stdin
        self.here = here
        self.pid = os.getpid()
        self.originals = reporting.originals()
        self.spawned: list[str] = []
        self.watched: list[str] = []
        self.lines = measuring(here) if "coverage" in sys.modules else None
        self.asked: dict[str, Any] | None = None

    def hear(self) -> dict[str, Any]:
        """Wait for what is asked, and make ready for it."""
        asked: dict[str, Any] = json.load(self.stdin)
        self.asked = asked
        here = self.here
        self.watched = [os.path.join(here, path) for path in asked["watched"]]
        if self.watched and self.lines is None:
            self.lines = measuring(here)
        # it may have been made anew while we waited
        os.chdir(here)
        sys.path[:0] = [os.path.join(here, folder) if folder != "." else here for folder in asked["path"]]
        sys.addaudithook(self.on_audit)
        self.originals.watch(asked["library"])
        self.originals.trust(asked["plugins"])
        say = reporting.speaker(self.pipe, asked.pop("nonce"))
        self.reporter = reporting.Reporter(say, asked, originals=self.originals)
        if asked.get("contexts"):
            reach = reaching.Reaching(here, self.watched)
            self.reporter.reach = reach if reach.start() else None
        if self.watched and self.lines is not None and self.reporter.reach is None:
            self.lines.start()
        return asked

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        if self.asked is None:
            session.config.args = self.hear()["tests"]
            session.config.pluginmanager.register(self.reporter)

    def on_audit(self, name: str, arguments: tuple[object, ...]) -> None:
        self.originals.on_audit(name, arguments)
        if name in SPAWNING and not self.spawned:
            self.spawned.append(name)

    def end(self, code: int) -> None:
        """Say what is known only now."""
        if self.reporter.reach is not None:
            self.tell_reached()
        elif self.watched and self.lines is not None:
            self.lines.stop()
            data = self.lines.get_data()
            for path in self.watched:
                executed = sorted(data.lines(path) or ())
                self.reporter.say(event="executed", path=os.path.relpath(path, self.here), lines=executed)
        if self.spawned:
            self.reporter.say(event="spawned")
        self.reporter.say(event="done", exit_code=code)
        self.pipe.close()

    def tell_reached(self) -> None:
        reach = self.reporter.reach
        reach.stop()
        say = self.reporter.say
        for path, lines in reach.ran.items():
            say(event="executed", path=path, lines=sorted(lines))
        for node, found in reach.red.items():
            for path, lines in found.items():
                say(event="reached", node=node, path=path, lines=lines)
        for path, counts in reach.beside().items():
            say(event="beside", path=path, lines=list(counts), tests=list(counts.values()))
        for files, nodes in reach.files.items():
            for start in range(0, len(nodes), 200):
                say(event="touched", files=sorted(files), nodes=nodes[start : start + 200])


def places(start: list[str]) -> list[str]:
    """The folders and files that the patterns *start* stand for; where there is none, the folder we are in, as pytest does."""
    found = [path for pattern in start for path in sorted(glob.iglob(pattern, recursive=True))]
    return found or ["."]


def main() -> None:
    pipe = os.fdopen(int(os.environ.pop("MENDBOX_REPORT_FD")), "w", encoding="utf-8")
    here = os.getcwd()
    sys.dont_write_bytecode = True
    # What is found under this name is not the program that reports.
    sys.modules["__main__"] = types.ModuleType("__main__")
    # pytest puts something else under the number of standard input
    session = Session(pipe, os.fdopen(os.dup(0), encoding="utf-8"), here)
    arguments = reporting.options(here, TOOLS)
    plugins: list[object] = [session]
    early = sys.argv[1:] == ["early"]
    # Code under test that reads its command line finds none, as in every other session.
    del sys.argv[1:]
    if early:
        arguments += ["--noconftest"]
    else:
        asked = session.hear()
        plugins.append(session.reporter)
        arguments += [
            *(word for plugin in asked["plugins"] for word in ("-p", plugin)),
            *([] if asked["conftest"] else ["--noconftest"]),
            *(word for name, value in asked["options"].items() for word in ("-o", f"{name}={value}")),
            *asked["arguments"],
            *(places(asked["start"]) if "start" in asked else asked["tests"]),
        ]
    code = int(pytest.main(arguments, plugins=plugins))
    if os.getpid() != session.pid:
        # A forked copy of the session that returned instead of leaving: it has nothing to report.
        os._exit(code)
    session.end(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
