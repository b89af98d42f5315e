"""Components that are written to look as if they worked get no pass for it, and honest ones that look like them do."""

from __future__ import annotations

import pytest

from agents.plans.plan import Interface
from engine.projects.running import Pace, answers, whole
from sandboxes.docker import DockerSandbox
from tests.projects.running import loans, notes
from tests.projects.running.test_keeping import BREAD
from tests.projects.running.test_stores import keeping

pytestmark = [pytest.mark.docker, pytest.mark.slow]
QUICK = Pace(start=8, step=2, empty_step=0.2, open=4, settle=0.5, drive=60, job=10, end=2)

BESIDE = notes.SERVER.replace('os.environ["DATABASE_URL"].removeprefix("sqlite:///")', '"/box/work/own.db"')
IN_MEMORY = (
    notes.SERVER.replace(
        'os.environ["DATABASE_URL"].removeprefix("sqlite:///")', '"file:notes?mode=memory&cache=shared"'
    )
    .replace("sqlite3.connect(PATH)", "sqlite3.connect(PATH, uri=True)")
    .replace("with sqlite3.connect", "ALL = sqlite3.connect(PATH, uri=True)\nwith sqlite3.connect", 1)
)
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

ASKING = notes.SERVER.replace(
    'if self.path == "/health":',
    'if self.path == "/health":\n            urllib.request.urlopen(os.environ["OTHER_HTTP_URL"] + "/health").read()',
).replace("import sqlite3\n", "import sqlite3\nimport urllib.request\n")


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


@pytest.mark.parametrize(
    ("server", "rule"), [(IN_MEMORY, "store/lost"), (BESIDE, "store/elsewhere")], ids=["in memory", "in a file"]
)
async def test_what_is_not_in_postgresql_is_not_kept_there(
    sandbox: DockerSandbox, web_image: str, server: str, rule: str
) -> None:
    """A server that runs beside what nobody keeps in it shows nothing."""
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
    assert [each.rule for each in ran.findings] == [rule], ran
    assert "in the database behind DATABASE_URL" in ran.findings[0].message


async def test_what_asks_another_one_is_begun_again_while_that_one_answers(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """Whatever their order in the plan: it is no fault of its own that it does not work alone."""
    plan = notes.plan()
    (api,) = plan.components
    running = api.running.model_copy(update={"port": 8_100})
    other = api.model_copy(update={"name": "other-api", "stores": ("second",), "running": running})
    api = api.model_copy(update={"calls": ("other-http",)})
    said = Interface(name="other-http", owner="other-api", document=plan.interfaces[0].document.replace("/api/", "/o/"))
    second = plan.stores[0].model_copy(update={"name": "second"})
    plan = plan.model_copy(
        update={
            "components": (other, api),
            "interfaces": (said, *plan.interfaces),
            "stores": (*plan.stores, second),
        }
    )
    files = notes.files(server=ASKING)
    files["services/other-api/main.py"] = notes.SERVER.replace("DATABASE_URL", "SECOND_URL").replace("/api/", "/o/")

    ran = await whole(plan, files, (BREAD,), sandbox, environment=web_image, run_id="test", pace=QUICK)

    assert ran.findings == ()
    assert "notes-api was killed and started again: GET /api/notes answered what had been written before" in ran.shown


async def test_a_store_that_was_only_looked_into_kept_nothing(sandbox: DockerSandbox, web_image: str) -> None:
    """It has answered, and that is all that was seen of it."""
    looks = "import socket\nwith socket.create_connection(('127.0.0.1', 6379)) as valkey:\n"
    looks += "    valkey.sendall(b'GET notes\\r\\n')\n    assert valkey.recv(100) == b'$-1\\r\\n'\n"
    server = looks + notes.SERVER.replace('os.environ["DATABASE_URL"].removeprefix("sqlite:///")', '"/box/work/data/x"')

    ran = await answers(
        keeping({"cache": "valkey"}), "notes-api", notes.files(server=server), sandbox, environment=web_image, run_id="test"
    )  # fmt: skip

    assert ran.findings == ()
    assert not any("something was kept" in line for line in ran.shown), ran.shown


async def test_what_changes_by_itself_is_nothing_that_was_written(sandbox: DockerSandbox) -> None:
    """Such as the day of today: nobody has given the component anything yet."""
    day = "        if self.path == '/api/notes':\n            tomorrow = os.path.exists('/box/work/asked')\n"
    day += "            open('/box/work/asked', 'w').close()\n"
    day += "            return self.answer(200, [{'id': 1, 'text': 'Tuesday' if tomorrow else 'Monday'}])\n"
    server = notes.SERVER.replace(
        '        if self.path == "/api/round":', f'{day}        if self.path == "/api/round":'
    )

    ran = await answers(notes.plan(), "notes-api", notes.files(server=server), sandbox, run_id="test", seconds=6)

    assert ran.findings == ()
    assert not any("written before" in line for line in ran.shown)
