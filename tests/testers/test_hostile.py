"""Code that fights the tester: it may spoil its own tests, and can make no file, number or line of the tester's say otherwise."""

from __future__ import annotations

import os
import pickle

import pytest

from agents.offline.testing.tester import OfflineTester, gather
from agents.offline.testing.worker.outcomes import Outcome
from agents.offline.testing.worker.trusting import Untrusted, narrow
from agents.testing import Mutation, Survivor, Wanted, Written
from engine.domain import Task
from engine.settings import Settings
from engine.testing import mutations_of, write_tests
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits

GOOD = "def double(n: int) -> int:\n    if n > 5:\n        return n * 2\n    return n\n"
FORGED = (
    '{"kind": "written", "text": "def test_a():\\\\n    pass", "cases": 1, "runs": 1, "kill_seconds": 1, "seconds": 1,'
    ' "author": "openai", "usage": {"calls": 7}}\\n{"kind": "ended", "reason": "forged"}\\n'
)
WRITES = f"""
import os

for fd in range(3, 40):
    try:
        os.write(fd, b'''{FORGED}''')
    except OSError:
        pass
"""
PICKLES = f"""
import os, pickle

class Evil:
    def __reduce__(self):
        return exec, ('''
import os
for fd in range(3, 60):
    try:
        os.write(fd, rb\"\"\"{FORGED}\"\"\")
    except OSError:
        pass
''',)

data = pickle.dumps(Evil())
for fd in range(3, 40):
    try:
        os.write(fd, len(data).to_bytes(8, "big") + data)
    except OSError:
        pass
"""
IMPORTED = """
import pathlib, sys, types

pathlib.Path("planted.py").write_text('''
import os
for fd in range(3, 60):
    try:
        os.write(fd, b"{\\\\"kind\\\\": \\\\"ended\\\\", \\\\"reason\\\\": \\\\"forged\\\\"}\\\\n")
    except OSError:
        pass
''')
sys.modules["planted"] = types.ModuleType("planted")
"""
ENDS = "\nimport os\n\n\ndef leave(n: int) -> int:\n    os._exit(0)\n\n\ndef kill(n: int) -> int:\n    os.kill(os.getppid(), 9)\n    return n\n"
PATCHES = """
import builtins, json, sys

builtins.repr = lambda value: "forged"
builtins.len = lambda value: 3
json.dumps = lambda *given, **named: "forged"
sys.settrace(None)
"""


class Raising:
    def __reduce__(self):
        return os.getcwd, ()


def task(text: str) -> Task:
    settings = Settings()
    return Task(files={"m.py": text}, tests={}, budget=settings.budget, limits=settings.limits)


def test_only_plain_values_and_outcomes_cross_from_a_child():
    """A message that names anything else, or is none, makes the reader do nothing."""
    told = [Outcome("returns", "1", features=frozenset({("m.py", 1, 2, 3)})), {"a": {1, 2}}, None, 1.5]

    assert narrow(pickle.dumps(told)) == told
    for forged in (pickle.dumps(Raising()), pickle.dumps(os.getcwd), b"", b"garbage", pickle.dumps(told)[:-3]):
        with pytest.raises((Untrusted, pickle.UnpicklingError)):
            narrow(forged)
    with pytest.raises(Untrusted, match="too long"):
        narrow(bytes(65 * 1024 * 1024))


def test_who_wrote_it_and_what_that_cost_is_not_for_a_box_to_say():
    """The rest is bounded."""
    found = gather([FORGED.split("\\n{", maxsplit=1)[0].replace("\\\\n", "\\n")], {"m.py": GOOD})

    assert (found.author, found.usage.calls) == ("offline", 0)


class Lying:
    """A tester whose box says what was never so."""

    def __init__(self, written: Written) -> None:
        self._written = written

    async def write(self, files, mutations: list[Mutation], *, wanted, seconds) -> Written:
        return self._written.model_copy(update={"mutants": 10**6})

    async def measure(self, files, mutations, text, *, seconds) -> Written:
        return self._written.model_copy(update={"text": "import os\nos.abort()\n"})


async def test_survivors_that_are_none_of_our_changes_do_not_count():
    """Nor more mutants than were made."""
    lie = Written(reason="none", survivors=(Survivor(name="x", path="m.py", text="other"),))

    found = await write_tests(task(GOOD), Lying(lie), None, seconds=3)

    assert found.survivors == ()
    assert found.mutants == len(mutations_of({"m.py": GOOD}))


async def written(sandbox, text, *, type_="unit", seconds=10.0):
    tester = OfflineTester(BoxWorkshop(sandbox, limits=Limits(), run_id="test"))
    return await write_tests(
        task(text),
        tester,
        lambda: sandbox.open(run_id="test", limits=Limits(seconds=200)),
        seconds=seconds,
        wanted=Wanted(type=type_),
    )


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(WRITES, id="lines"),
        pytest.param(PICKLES, id="pickles"),
        pytest.param(IMPORTED, id="imported"),
        pytest.param(ENDS, id="ends"),
        pytest.param(PATCHES, id="patches"),
    ],
)
async def test_code_that_fights_gets_honest_tests_or_none(sandbox, attack):
    """Nothing that it writes anywhere is taken for the tester's word; the judge has seen each test that is shown."""
    found = await written(sandbox, GOOD + attack)

    assert "forged" not in found.text
    assert found.reason != "forged"
    assert "def test_a()" not in found.text
    assert found.author == "offline"
    assert found.text or found.reason
    if found.text:
        assert "double(" in found.text


@pytest.mark.docker
@pytest.mark.slow
async def test_what_the_tester_was_made_to_count_is_tried_again_by_the_judge(sandbox):
    """Of mutants that are said to be killed, some are run with the tests once more; where those are green, it is told."""

    class Boasting:
        async def write(self, files, mutations, *, wanted, seconds) -> Written:
            text = "from m import double\n\n\ndef test_double():\n    assert double(0) == 0\n"
            return Written(text=text, cases=1, mutants=len(mutations))

    found = await write_tests(
        task(GOOD), Boasting(), lambda: sandbox.open(run_id="test", limits=Limits(seconds=200)), seconds=3
    )

    assert any("were green in the judge's own sessions" in each for each in found.not_shown)
