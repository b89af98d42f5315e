"""Components that are written to look as if they worked get no pass for it, and honest ones that look like them do."""

from __future__ import annotations

import pytest

from engine.projects.running import Pace, whole
from sandboxes.docker import DockerSandbox
from tests.projects.running import loans, notes
from tests.projects.running.test_keeping import BREAD
from tests.projects.running.test_stores import keeping

pytestmark = [pytest.mark.docker, pytest.mark.slow]
QUICK = Pace(start=8, step=2, empty_step=0.2, open=4, settle=0.5, drive=60, job=10, end=2)

BESIDE = notes.SERVER.replace('os.environ["DATABASE_URL"].removeprefix("sqlite:///")', '"/box/work/own.db"')
_HOLDING = '''\
"""Notes that a process of its own holds, which outlives the one that answers."""
import http.client
import os
import sys

HOLDER = 18_777
if "hold" in sys.argv:
    import http.server
    import json

    class Held(http.server.BaseHTTPRequestHandler):
        found = []

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if "text" in asked:
                self.found.append({"id": len(self.found) + 1, "text": asked["text"]})
            body = json.dumps(self.found).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    http.server.HTTPServer(("127.0.0.1", HOLDER), Held).serve_forever()

import subprocess
import time

subprocess.Popen(
    [sys.executable, __file__, "hold"], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
)
time.sleep(1)


def held(value):
    connection = http.client.HTTPConnection("127.0.0.1", HOLDER)
    connection.request("POST", "/", json.dumps(value), {"Content-Type": "application/json"})
    return json.loads(connection.getresponse().read())


'''
_BEGIN = notes.SERVER.index("PATH = ")
_END = notes.SERVER.index("class Notes")
HELD_BY_ANOTHER = (
    (notes.SERVER[:_BEGIN] + "\n" + notes.SERVER[_END:])
    .replace('"""Notes over HTTP, kept in SQLite."""\n', _HOLDING)
    .replace("        with sqlite3.connect(PATH) as base:\n            rows", "        if True:\n            rows")
    .replace(
        'base.execute("select id, text from notes order by id").fetchall()',
        '[(each["id"], each["text"]) for each in held({})]',
    )
    .replace("        with sqlite3.connect(PATH) as base:\n            id_", "        if True:\n            id_")
    .replace('base.execute("insert into notes (text) values (?)", (text,)).lastrowid', 'len(held({"text": text}))')
)
ONLY_STARTS = '''\
"""Ends at once, and leaves behind what does the work."""
import os
import signal
import sys
import time

if os.fork():
    os._exit(0)
os.setsid()
null = os.open(os.devnull, os.O_RDWR)
for fd in (0, 1, 2):
    os.dup2(null, fd)
import shelf

time.sleep(0.3)
for loan in shelf.every():
    if loan["days"] > 14 and not loan["overdue"]:
        shelf.keep({**loan, "overdue": True})
'''


@pytest.mark.parametrize(
    ("server", "rule"),
    [(BESIDE, "store/elsewhere"), (HELD_BY_ANOTHER, "store/lost")],
    ids=["in another file", "by another process"],
)
async def test_what_is_kept_anywhere_else_is_not_kept_in_the_file(
    sandbox: DockerSandbox, web_image: str, server: str, rule: str
) -> None:
    """A new container has the disk of the file, and nothing else of the old one."""
    ran = await whole(
        notes.plan(), notes.files(server=server), (BREAD,), sandbox, environment=web_image, run_id="test", pace=QUICK
    )

    assert [each.passed for each in ran.scenarios] == [True], ran
    assert [each.rule for each in ran.findings] == [rule], ran
    assert "database" not in ran.stores


async def test_what_a_job_leaves_behind_ends_with_it(sandbox: DockerSandbox, web_image: str) -> None:
    """As in its container: work that is done after it has ended is never done."""
    ran = await whole(
        loans.plan(),
        loans.files(job=ONLY_STARTS),
        (loans.marked(),),
        sandbox,
        environment=web_image,
        run_id="test",
        pace=QUICK,
    )

    assert [each.passed for each in ran.scenarios] == [False], ran
    assert ran.outcome == "failed"


async def test_that_a_second_run_changes_nothing_is_something_to_show(sandbox: DockerSandbox, web_image: str) -> None:
    """Where the first one did."""
    twice = loans.scenario(
        "What was marked stays marked",
        loans.lent("Emma", 30),
        loans.NIGHT,
        loans.looked("overdue", True),
        loans.NIGHT,
        loans.looked("overdue", True),
        requirement="R2",
    )

    ran = await whole(loans.plan(), loans.files(), (twice,), sandbox, environment=web_image, run_id="test", pace=QUICK)

    assert ran.findings == ()
    assert ran.scenarios[0].proves


async def test_what_a_plan_keeps_in_postgresql_is_lost_from_memory(sandbox: DockerSandbox, web_image: str) -> None:
    """A server of the store that nobody uses is none that keeps anything."""
    server = notes.SERVER.replace(
        'os.environ["DATABASE_URL"].removeprefix("sqlite:///")', '"file:notes?mode=memory&cache=shared"'
    )
    server = server.replace("sqlite3.connect(PATH)", "sqlite3.connect(PATH, uri=True)").replace(
        "with sqlite3.connect", "ALL = sqlite3.connect(PATH, uri=True)\nwith sqlite3.connect", 1
    )

    ran = await whole(
        keeping({"database": "postgresql"}),
        notes.files(server=server),
        (BREAD,),
        sandbox,
        environment=web_image,
        run_id="test",
        pace=QUICK,
    )

    assert [each.passed for each in ran.scenarios] == [True], ran
    assert [each.rule for each in ran.findings] == ["store/lost"], ran
    assert "in the database behind DATABASE_URL" in ran.findings[0].message
