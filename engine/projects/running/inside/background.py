"""What nobody calls: workers, which go on until they are asked to end, and jobs, which are run again and again."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from .program import Output, Program

_LEAST = 3.0
"""Seconds that a worker is watched at least: what cannot work mostly ends within them."""
_HALF = 1_900
_MOST_TEXTS = 20
"""Runs of a job whose output is kept beside that of the last one."""


class Worker(Program):
    def start(self) -> bool:
        """Do what has to be done before, then begin; whether it has begun."""
        self._began = time.monotonic()
        return self.prepare() and self._begin(self._asked["argv"], self._output)

    def end(self) -> None:
        """Ask it to end, as whoever ships it does; say whether it lived until then, how long it took, and what it wrote."""
        if self._process is None:
            return
        if not self._told:
            code = self._waited(_LEAST - (time.monotonic() - self._began))
            took: float | None = None
            if code is None:
                asked = time.monotonic()
                self._process.terminate()
                if self._waited(self._asked["seconds"]) is not None:
                    took = round(time.monotonic() - asked, 3)
            self._say(event="worked", component=self.name, code=code, ended=took)
        self._kill()
        self._say(event="output", component=self.name, text=self._output.text)

    def _waited(self, seconds: float) -> int | None:
        assert self._process is not None
        try:
            return self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return None


class Job(Program):
    def __init__(self, asked: dict[str, Any], say: Callable[..., None]) -> None:
        super().__init__(asked, say)
        self._prepared: bool | None = None
        self._texts: list[str] = []
        self._one = threading.Lock()

    def run(self, occasion: str) -> dict[str, Any]:
        """Run it once, by its command alone; ``code`` is None where it did not end, or never began."""
        with self._one:
            return self._run(occasion)

    def _run(self, occasion: str) -> dict[str, Any]:
        if self._prepared is None:
            self._prepared = self.prepare()
        output = Output(_HALF)
        if not self._prepared or not self._begin(self._asked["argv"], output):
            # said once, whatever runs it after that
            self._prepared = False
            return {"code": None, "text": "it could not be started"}
        assert self._process is not None
        assert self._listening is not None
        began = time.monotonic()
        code: int | None
        try:
            code = self._process.wait(self._asked["seconds"])
        except subprocess.TimeoutExpired:
            code = None
        took = round(time.monotonic() - began, 3)
        self._kill()
        self._listening.join(1)
        text = output.text
        self._texts = [*self._texts[:_MOST_TEXTS], f"{occasion}:\n{text}"]
        self._say(event="job", component=self.name, occasion=occasion, code=code, seconds=took, text=text)
        return {"code": code, "text": text}

    def run_twice(self) -> None:
        """Run it, and once more where that was well."""
        if self.run("once")["code"] == 0:
            self.run("again")

    def tell_end(self) -> None:
        """Say what it wrote."""
        text = "\n\n".join(filter(None, [self._output.text, *self._texts]))
        self._say(event="output", component=self.name, text=text)


class Background:
    """All workers and jobs of a project."""

    def __init__(self, asked: dict[str, Any], say: Callable[..., None]) -> None:
        self._workers = [Worker(each, say) for each in asked["workers"]]
        self._jobs = {each["name"]: Job(each, say) for each in asked["jobs"]}
        self._begun = False

    def begin(self) -> None:
        """Start every worker."""
        self._begun = True
        for worker in self._workers:
            worker.start()

    def run(self, job: str) -> dict[str, Any]:
        """Run the *job* of that name, because a scenario says so."""
        known = self._jobs.get(job)
        return known.run("scenario") if known else {"code": None, "text": "there is no such job"}

    def end(self) -> None:
        """Run every job twice, ask the workers to end, and say what all of them wrote; nothing where they were not begun."""
        if not self._begun:
            return
        # now and not before: what a job brings is not to be there before a scenario has it run
        for job in self._jobs.values():
            job.run_twice()
        for worker in self._workers:
            worker.end()
        for job in self._jobs.values():
            job.tell_end()
