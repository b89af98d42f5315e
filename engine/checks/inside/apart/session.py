"""Runs the frozen tests in a process that the candidate's code never enters.

Standard input and report pipe are those of ``session.py``, with ``"sources": {path: text}`` of the frozen Python files
and of the other frozen files (empty files stand in their places on the disk), ``"tops": [name]`` of the modules that are
the candidate's, ``"environment": {name: value}`` for the candidate's process alone, ``"elsewhere": bool`` to run that
process on a copy of its files in another folder, and ``"again": int`` rounds of all tests when the session is over, ``"least": int`` of them
also where that takes long.
More events: ``{"event": "unseparable", "why": text}``, and ``{"event": "decided", "node": node id}`` where the candidate's
code has compared, or calculated with, a value that it was given by the test.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import sys
import types
from typing import Any

# Only the image's compiled files are looked at: nobody's may stand in for what was laid here.
sys.pycache_prefix = "/opt/mendbox/pyc"
HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.dirname(HERE)
sys.path.insert(0, TOOLS)

import pytest
import reporter as reporting
from apart import far, frozen, near, owner, peer, repeating, replacing, words

sys.path.remove(TOOLS)
# Running as a script put this program's own folder on the path.
sys.path[:] = [path for path in sys.path if path != HERE]

_SET_DUMPABLE = 4
_LOOK_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


class Candidate:
    """The other process."""

    def __init__(self, folders: list[str], environment: dict[str, str]) -> None:
        ours, theirs = socket.socketpair()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MENDBOX", "PYTEST"))}
        # The conversation is its standard input: it has no descriptor that another program would not have.
        self.pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", os.path.join(HERE, "candidate.py"), *folders],
            {**kept, **environment},
            file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)],
        )
        theirs.close()
        self.stream = ours
        self.allowed = float("inf")
        self.hang_seconds = 0.0

    def used(self) -> float:
        """Processor time of it and of what it has waited for, seconds."""
        try:
            with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return sum(int(ticks) for ticks in fields[11:15]) / _TICKS

    def give(self, seconds: float) -> None:
        """Let it use this much more."""
        self.hang_seconds = seconds
        self.allowed = self.used() + seconds

    def wait(self, descriptor: int) -> None:
        while not peer.ready(descriptor, _LOOK_SECONDS):
            if self.used() > self.allowed:
                self.end()
                raise reporting.Hung(f"used more than {self.hang_seconds:g} s of processor time")

    def end(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def elsewhere(here: str, environment: dict[str, str]) -> str:
    """A copy of the folder *here* where the candidate of this *environment* is at home."""
    there = os.path.join(environment.get("HOME") or os.environ["TMPDIR"], "project")
    shutil.copytree(here, there, symlinks=True)
    return there


class Separate(reporting.Reporter):  # type: ignore[misc]
    """Tells also which tests rest on a decision of the candidate's, and whether it can be kept apart at all."""

    def __init__(self, say: Any, asked: dict[str, Any], candidate: Candidate) -> None:
        super().__init__(say, asked)
        self.again = asked["again"]
        self.least = asked["least"]
        self.candidate = candidate
        self.decided = False
        self.whys: list[str] = []

    def note_decision(self) -> None:
        self.decided = True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Any:
        result = yield
        if self.again and not session.testsfailed and not session.shouldstop:
            self.candidate.give(self.hang_seconds)
            passed, failed = repeating.rounds(
                session, self.again, least=self.least, longest=self.hang_seconds * repeating.SHARE
            )
            if failed:
                self.say(event="changed", node=reporting.named(failed), late=repeating.is_late(passed))
        return result

    def note_deceit(self, what: str) -> None:
        self.say(event="deceived", what=what[:500])

    def note_hard(self, why: str) -> None:
        if why not in self.whys:
            self.whys.append(why)
            self.say(event="unseparable", why=why[:500])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.candidate.give(self.hang_seconds)
        self.decided = False
        result = yield from super().pytest_runtest_protocol(item)
        if self.decided:
            self.say(event="decided", node=reporting.named(item.nodeid))
        if self.whys:
            item.session.shouldstop = "the tests cannot be kept apart"
        return result


def main() -> None:
    # Nobody of the same user may read or write this process's memory, or see what it has open.
    ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    descriptor = int(os.environ.pop("MENDBOX_REPORT_FD"))
    os.set_inheritable(descriptor, False)
    pipe = os.fdopen(descriptor, "w", encoding="utf-8")
    asked = json.load(sys.stdin)
    here = os.getcwd()
    sys.dont_write_bytecode = True
    sys.modules["__main__"] = types.ModuleType("__main__")
    folders = [os.path.join(here, folder) if folder != "." else here for folder in asked["path"]]

    sources = {path: text for path, text in asked["sources"].items() if path.endswith(".py")}
    data = {path: text.encode() for path, text in asked["sources"].items() if not path.endswith(".py")}
    theirs = elsewhere(here, asked["environment"]) if asked["elsewhere"] else here
    candidate = Candidate([folder.replace(here, theirs, 1) for folder in folders], asked["environment"])
    exporter = near.Exporter()
    end = peer.Peer(candidate.stream, side="tests", export=exporter.export, permit=exporter.permit)
    end.wait, end.may_know = candidate.wait, exporter.may_know
    reporter = Separate(reporting.speaker(pipe, asked.pop("nonce")), asked, candidate)
    far.Side.hard, far.Side.decided, far.Side.deceived = (
        reporter.note_hard,
        reporter.note_decision,
        reporter.note_deceit,
    )
    said = words.Words({here: theirs}, asked["environment"])
    end.tell, end.hear = said.tell, said.hear
    said.end = end
    end.operations = {
        **owner.operations(end),
        "new function": lambda number, name, qualname, module, doc, _: far.FarFunction(
            end, number, str(name), str(qualname), str(module), doc if type(doc) is str else None
        ),
        "new module": lambda number, name: far.far_module(end, number, name),
    }
    kept = frozen.Frozen(here, sources, data, folders)
    finder = frozen.FrozenFinder(kept, exporter)
    sys.meta_path[:0] = [
        finder,
        frozen.FarFinder(frozenset(asked["tops"]), lambda name: end.ask("import", name)),
    ]
    frozen.serve_from_memory(kept)
    replacing.guard(finder, exporter, mocks="mock" in "".join(sources.values()))

    arguments = [
        *reporting.options(here, TOOLS),
        # what pytest looks at to explain a failed assertion would be looked at from afar
        "--assert=plain",
        *(word for plugin in asked["plugins"] for word in ("-p", plugin)),
        *([] if asked["conftest"] else ["--noconftest"]),
        *asked["tests"],
    ]
    code = int(pytest.main(arguments, plugins=[reporter]))
    candidate.end()
    reporter.say(event="done", exit_code=code)
    pipe.close()
    sys.exit(code)


if __name__ == "__main__":
    main()
