"""Candidates in one box, some of them hostile: each result is the candidate's own, and the search goes on."""

from __future__ import annotations

import json

import pytest

from agents.offline.toolbox import tools
from sandboxes.base import TOOLS, Command

pytestmark = pytest.mark.docker

CODE = "import os\nkept = []\n\ndef f(x):\n    return x - 1\n"
TESTS = """
import os
from m import f

def test_f():
    assert f(1) == 2

def test_zero():
    assert f(0) == 1

def test_nothing_is_here_that_was_not_here_before():
    assert sorted(os.listdir(".")) == ["m.py", "test_m.py"]
    assert sorted(os.listdir("/box")) == ["tmp", "tools", "work"]
    assert os.listdir("/box/tmp") + os.listdir("/tmp") == []
    assert "x - 1" in open("m.py").read()
"""
GOOD, BAD = "return x + 1", "return x + 2"
NEIGHBOURS = """
import json, marshal, os, sys, time
from pathlib import Path

sys.path.insert(0, "/box/tools")
from mendbox_search.baseline import measure
from mendbox_search.codes import by_name
from mendbox_search.job import Job
from mendbox_search.report import Reporter
from mendbox_search.search import Search
from mendbox_search.orders import Orders
from mendbox_search.workplace import Workplace

asked = json.load(sys.stdin)
reporter = Reporter.from_environment()
job = Job(files={"m.py": asked["code"]}, tests={"test_m.py": asked["tests"]}, seconds=100.0)
place = Workplace(job, reporter, Path.cwd(), Path("/box/tools"), time.monotonic() + 100.0)
search = Search(place, dict(job.files), place.end)
baseline = measure(place, search.sources, place.end)
batch = []
for body in asked["bodies"]:
    text = asked["code"].replace("return x - 1", body)
    codes = by_name(compile(text, "m.py", "exec"))
    batch.append(("m.py", marshal.dumps({where: code for where, code in codes.items() if where == ("f", 0)})))
orders = Orders(baseline.failing, baseline.passing, baseline.budgets, baseline.cpu, baseline.each, baseline.bare, False, 90.0)
scores = baseline.stage.ask("batch", batch, orders, seconds=95.0)
baseline.stage.close()
reporter.say("scores", status=[score.status for score in scores], bare=baseline.bare)
"""
RED, GREEN, SLOW, DIED = 1, 2, 3, 4
HOSTILE = [
    pytest.param("while True: pass", SLOW, id="never-ends"),
    pytest.param("os._exit(0)", DIED, id="leaves"),
    pytest.param("os.kill(os.getppid(), 9)", RED, id="kills-its-parent"),
    pytest.param("os.kill(-1, 9)", RED, id="kills-everybody"),
    pytest.param("os.killpg(os.getpgid(os.getppid()), 9)", RED, id="kills-a-group"),
    pytest.param("import fcntl; fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())", RED, id="has-its-parent-signalled"),
    pytest.param("while True: os.fork()", (RED, DIED), id="forks-and-forks"),
    pytest.param("return [0] * 10 ** 10", RED, id="takes-all-memory"),
    pytest.param("return 9 ** 9 ** 9", DIED, id="computes-for-ever-in-c"),
    pytest.param("import signal, time; signal.setitimer(signal.ITIMER_VIRTUAL, 0); time.sleep(99)", DIED, id="sleeps"),
    pytest.param("os.closerange(0, 256); return x + 1", DIED, id="closes-everything"),
    pytest.param("import builtins; builtins.sorted = None; f.__code__ = kept", RED, id="spoils-the-interpreter"),
    pytest.param("kept.append(x); f.__defaults__ = (1,); return 0", RED, id="keeps-what-it-was-given"),
    pytest.param("open('m.py', 'w').write('spoilt'); return 0", RED, id="writes-to-itself"),
    pytest.param("os.remove('test_m.py'); os.mkdir('new'); return 0", RED, id="removes-the-tests"),
    pytest.param("open('/box/tmp/left', 'w'); open('/tmp/left', 'w'); return 0", RED, id="leaves-files-elsewhere"),
    pytest.param("os.rename('/box/work', '/box/moved'); return 0", RED, id="moves-the-folder-away"),
    pytest.param(
        "import time\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(0.05)\n        open('late', 'w')\n"
        "        time.sleep(99)\n    return 0",
        RED, id="leaves-somebody-behind",
    ),
    pytest.param(
        "import gc, mmap\n    for m in gc.get_objects():\n        if type(m) is mmap.mmap:\n            m[:] = bytes(len(m))",
        DIED, id="looks-for-the-board",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), HOSTILE)
async def test_a_hostile_candidate_costs_only_itself(box, body, expected):
    """Before and after it stand a right and a wrong one, which are green and red; and the search lives to tell."""
    bodies = [GOOD, BAD, body, GOOD, BAD, body, GOOD]

    told, outcome = await try_all(box, bodies)

    neighbours = [status for index, status in enumerate(told["status"]) if index not in (2, 5)]
    assert outcome.ok, outcome.stderr.text
    assert neighbours == [GREEN, RED, GREEN, RED, GREEN]
    assert {told["status"][2], told["status"][5]} <= set(expected if isinstance(expected, tuple) else (expected,))
    assert told["bare"]
    assert await box.take(("m.py", "late", "new")) == {"m.py": CODE.encode()}


async def try_all(box, bodies):
    await box.put({"m.py": CODE.encode()})
    await box.put({"test_m.py": TESTS.encode()}, locked=True)
    await box.put({path: text.encode() for path, text in tools().items()}, place="tools")
    await box.put({"neighbours.py": NEIGHBOURS.encode()}, place="tools")
    asked = json.dumps({"code": CODE, "tests": TESTS, "bodies": bodies}).encode()
    outcome = await box.run(Command(argv=("python", f"{TOOLS}/neighbours.py"), stdin=asked, seconds=110.0, warm=True))
    lines = outcome.report.head.decode().splitlines()
    assert lines, outcome.stderr.text
    return json.loads(lines[-1]), outcome
