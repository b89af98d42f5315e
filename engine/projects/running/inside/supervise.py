"""Starts the components of a project inside a box, asks them over HTTP, and has the driver beside them take the pages.

Standard input: the JSON of `engine.projects.running.asked.Asked`. Report pipe: one JSON object a line, each behind the nonce.
This process loads nothing that was submitted, and no other process of its user can look into it.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

sys.dont_write_bytecode = True
# -I keeps the folder of this file off the path, on purpose: the package is named by hand, and the path left as it was.
_above = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, _above)
__package__ = os.path.basename(os.path.dirname(os.path.abspath(__file__)))
from .background import Background
from .component import Component
from .keeping import Keeping, compared
from .stores import Stores
from .web import ask

sys.path.remove(_above)

_SET_DUMPABLE = 4
_LOOK = 0.2
_MOST_BODIES = 2 << 20
_MOST_COUNTED = 100_000
_OURS_LAST = "300"
"""Of the memory killer's points, where what was submitted has a thousand: it goes first."""


class Report:
    """The report pipe."""

    def __init__(self, pipe: int, nonce: str) -> None:
        self._pipe = pipe
        self._nonce = nonce.encode()
        self._lock = threading.Lock()

    def say(self, **line: Any) -> None:
        self.pass_on(json.dumps(line).encode())

    def pass_on(self, line: bytes) -> None:
        rest = memoryview(self._nonce + line + b"\n")
        with self._lock:
            while rest:
                rest = rest[os.write(self._pipe, rest) :]


class Driver:
    """Our Node.js beside the components: what it says is passed on, and *run* is called for jobs that it asks for."""

    def __init__(
        self, argv: list[str], asked: dict[str, Any], report: Report, run: Callable[[str], dict[str, Any]]
    ) -> None:
        self._report = report
        self._run = run
        self._prepared = threading.Event()
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        self._words: list[bytes] = []
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._listen, self._overhear)]
        for thread in self._threads:
            thread.start()
        self._tell(json.dumps(asked))

    def prepared(self, seconds: float) -> bool:
        """Whether it has read all of its own, so that nothing that is started now can reach it."""
        return self._prepared.wait(seconds) and self.process.poll() is None

    def go(self) -> None:
        self._tell("go")

    def end(self, seconds: float) -> None:
        """Wait for it, and say how it ended."""
        try:
            code: int | None = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
            self.process.kill()
            self.process.wait()
        for thread in self._threads:
            thread.join(2)
        self._report.say(
            event="driver_ended", code=code, output=b"".join(self._words)[-4_000:].decode("utf-8", "replace")
        )

    def _tell(self, line: str) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            pass  # it has ended, which is told at its end

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(b'{"event":"run",'):
                self._tell(json.dumps(self._run(json.loads(line)["job"])))
                continue
            if line.endswith(b"\n"):
                self._report.pass_on(line.rstrip(b"\n"))
            if b'"event":"prepared"' in line[:40]:
                self._prepared.set()
        self._prepared.set()

    def _overhear(self) -> None:
        assert self.process.stderr is not None
        while piece := os.read(self.process.stderr.fileno(), 65_536):
            self._words = [b"".join([*self._words, piece])[-8_000:]]


def main() -> None:
    _go_later()
    # after it: the files below /proc of such a process belong to root
    ctypes.CDLL(None, use_errno=True).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    asked = json.load(sys.stdin)
    report = Report(int(os.environ.pop("MENDBOX_REPORT_FD")), asked["nonce"])
    full = threading.Event()
    threading.Thread(target=_watch_space, args=(full,), daemon=True).start()
    background = Background(asked, report.say)
    driver = None
    if asked["driver"]:
        try:
            driver = Driver(asked["driver"], asked["driven"], report, background.run)
        except OSError as error:
            report.say(event="driver_ended", code=None, output=f"{asked['driver'][0]}: {error}")
            report.say(event="done")
            return
        if not driver.prepared(asked["prepare_seconds"]):
            driver.end(0.1)
            report.say(event="done")
            return
    stores = Stores(asked["stores"], report.say)
    if not stores.start():
        stores.end()
        if driver is not None:
            driver.end(0.1)
        report.say(event="done")
        return
    components = [(Keeping if each["keeps"] else Component)(each, report.say) for each in asked["components"]]
    up = [component for component in components if component.start()]
    up = [component for component in up if component.answers()]
    _ask(up, report)
    whole = all(component in up and component.lives for component in components)
    if whole:
        background.begin()
    if driver is not None:
        if not whole:
            # which is all there is to tell
            driver.process.kill()
        driver.go()
        driver.end(asked["drive_seconds"])
    background.end()
    refused, killed = _refused(), _killed()
    _end(components, again=whole, driven=driver is not None)
    stores.tell_end()
    report.say(event="strained", refused=refused, killed=killed, full=full.is_set())
    report.say(event="done")


def _ask(up: list[Component], report: Report) -> None:
    """Ask all that is to be asked; bodies are kept as long as the report has room for them."""
    room = _MOST_BODIES
    for component in up:
        for each in component.gets:
            answer = ask(component.port, each["method"], each["path"])
            if answer["status"] is None:
                time.sleep(_LOOK)  # what ends has closed its connections before it has ended
            if isinstance(component, Keeping):
                component.first[each["path"]] = compared(answer)
            room -= len(answer["body"])
            if room < 0:
                answer |= {"body": "", "cut": True}
            report.say(event="answered", component=component.name, **each, **answer)


def _end(components: list[Component], *, again: bool, driven: bool) -> None:
    """Say how each has ended; where that was by us, and its data has to outlive it, whether it can begin *again* on it, and,
    where they were *driven*, what it has kept.
    """
    left = list(components)
    while left:
        # whoever calls another one is through before that one ends
        component = next((each for each in left if not any(other.calls(each) for other in left)), left[0])
        left.remove(component)
        if again and isinstance(component, Keeping) and component.lives:
            component.begin_again(driven=driven)
        else:
            component.tell_end()


def _refused() -> int:
    """Processes that the kernel has refused to make in this box."""
    return _counted("max", "pids.events", "pids/pids.events")


def _killed() -> int:
    """Processes that it has ended for want of memory."""
    return _counted("oom_kill", "memory.events", "memory/memory.oom_control")


def _counted(name: str, *paths: str) -> int:
    for path in paths:
        try:
            with open(f"/sys/fs/cgroup/{path}", encoding="ascii") as file:
                words = dict(line.split(" ", 1) for line in file if " " in line)
        except OSError:
            continue
        return min(int(words.get(name, 0)), _MOST_COUNTED)
    return 0


def _watch_space(full: threading.Event) -> None:
    """Set *full* once there is no block or no inode left: by the end there may be some again."""
    while not full.is_set():
        left = os.statvfs("/box")
        if left.f_bavail == 0 or left.f_favail == 0:
            full.set()
        time.sleep(_LOOK)


def _go_later() -> None:
    """Let the kernel, when it is out of memory, take what was submitted before it takes us."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write(_OURS_LAST)
    except OSError:
        pass  # then anybody is taken, and the box says that it was out of memory


if __name__ == "__main__":
    main()
    # threads that still wait for an answer are not waited for
    os._exit(0)
