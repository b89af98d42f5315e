"""A small project with a worker and a job: loans in a folder, marked as overdue at night, and reminded of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agents.plans.plan import Component, Interface, Plan, Requirement, Running, Store
from agents.plans.scenario import Scenario
from tests.projects.plans import smallest
from tests.projects.running.notes import operation, scenario

LOAN = {
    "type": "object",
    "required": ["id", "title", "days", "overdue", "reminded"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "days": {"type": "integer"},
        "overdue": {"type": "boolean"},
        "reminded": {"type": "boolean"},
    },
}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Loans", "version": "1"},
    "paths": {
        "/api/loans": {"post": operation("lend", 201, LOAN)},
        "/api/loans/{id}": {"get": {**operation("loan", 200, LOAN), "parameters": [_ID]}},
    },
}

SHELF = '''\
"""Loans as files of a folder, each written in one step."""
import json
import os
import pathlib
import uuid

FOLDER = pathlib.Path(os.environ["SHELF_URL"].removeprefix("file://"))
FOLDER.mkdir(parents=True, exist_ok=True)


def every():
    return [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]


def keep(loan):
    written = FOLDER / f"{uuid.uuid4().hex}.part"
    written.write_text(json.dumps(loan))
    written.replace(FOLDER / f"{loan['id']}.json")
    return loan
'''
SHELF_IN_VALKEY = '''\
"""Loans in a hash of Valkey, asked in its own words (RESP)."""
import json
import os
import socket
from urllib.parse import urlsplit

AT = urlsplit(os.environ["SHELF_URL"])


def asked(*words):
    with socket.create_connection((AT.hostname, AT.port)) as valkey, valkey.makefile("rb") as answer:
        said = [word.encode() for word in words]
        valkey.sendall(b"*%d\\r\\n" % len(said) + b"".join(b"$%d\\r\\n%s\\r\\n" % (len(word), word) for word in said))
        return read(answer)


def read(answer):
    line = answer.readline().rstrip()
    if line[:1] == b"*":
        return [read(answer) for _ in range(int(line[1:]))]
    return answer.read(int(line[1:]) + 2)[:-2] if line[:1] == b"$" else line


def every():
    return [json.loads(loan) for loan in asked("HVALS", "loans")]


def keep(loan):
    asked("HSET", "loans", loan["id"], json.dumps(loan))
    return loan
'''
API = '''\
"""Loans over HTTP."""
import json
import os
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import shelf


class Loans(BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, {"status": "ok"})
        found = [loan for loan in shelf.every() if self.path == f"/api/loans/{loan['id']}"]
        self.answer(*((200, found[0]) if found else (404, {})))

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        loan = {"id": uuid.uuid4().hex, **asked, "overdue": False, "reminded": False}
        self.answer(201, shelf.keep(loan))


ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Loans).serve_forever()
'''
JOB = '''\
"""Marks what is out for more than two weeks."""
import shelf

for loan in shelf.every():
    if loan["days"] > 14 and not loan["overdue"]:
        shelf.keep({**loan, "overdue": True})
        print("marked", loan["title"], flush=True)
print("done", flush=True)
'''
WORKER = '''\
"""Reminds whoever has what is overdue."""
import signal
import threading

import shelf

asked = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: asked.set())
while not asked.wait(0.1):
    for loan in shelf.every():
        if loan["overdue"] and not loan["reminded"]:
            shelf.keep({**loan, "reminded": True})
            print("reminded of", loan["title"], flush=True)
'''


def plan(engine: str = "objects") -> Plan:
    """An api, a job and a worker that share a store."""
    usual: dict[str, Any] = {"role": "backend", "purpose": "Works.", "stores": ("shelf",)}
    small: dict[str, Any] = {
        "runtime": "python",
        "command": ("python", "main.py"),
        "millicores": 100,
        "memory_mib": 128,
    }
    api = Component(
        name="loans-api",
        kind="api",
        requirements=("R1",),
        running=Running(**small, port=8_000, health="/health"),
        **usual,
    )
    job = Component(
        name="nightly", kind="job", requirements=("R2",), running=Running(**small, schedule="0 3 * * *"), **usual
    )
    worker = Component(name="reminder", kind="worker", requirements=("R3",), running=Running(**small), **usual)
    texts = "A loan is kept.", "Every night what is out too long is marked.", "Who has it is reminded."
    store = Store.model_validate(
        {"name": "shelf", "engine": engine, "product": "Files", "purpose": "Stays.", "reason": "Simple.", "gib": 1}
    )
    return smallest().model_copy(
        update={
            "requirements": tuple(Requirement(id=f"R{number}", text=text) for number, text in enumerate(texts, 1)),
            "components": (api, job, worker),
            "stores": (store,),
            "interfaces": (Interface(name="loans-http", owner="loans-api", document=json.dumps(DOCUMENT)),),
        }
    )


def files(*, api: str = API, job: str = JOB, worker: str = WORKER, shelf: str = SHELF) -> dict[str, str]:
    texts = {"loans-api": api, "nightly": job, "reminder": worker}
    return {
        f"services/{component}/{name}": text
        for component, main in texts.items()
        for name, text in {"main.py": main, "shelf.py": shelf}.items()
    }


def lent(title: str, days: int) -> Mapping[str, Any]:
    return {
        "do": "call",
        "interface": "loans-http",
        "method": "POST",
        "path": "/api/loans",
        "body": {"title": title, "days": days},
        "status": 201,
        "expects": [{"pointer": "/overdue", "value": False}],
        "keep": {"id": "/id"},
    }


def looked(field: str, value: Any) -> Mapping[str, Any]:
    expects = [{"pointer": f"/{field}", "value": value}]
    return {
        "do": "call",
        "interface": "loans-http",
        "method": "GET",
        "path": "/api/loans/{id}",
        "status": 200,
        "expects": expects,
    }


NIGHT = {"do": "run", "job": "nightly"}


def marked(title: str = "Emma", days: int = 30) -> Scenario:
    return scenario(f"{title} is marked at night", lent(title, days), NIGHT, looked("overdue", True), requirement="R2")


def reminded(title: str = "Persuasion") -> Scenario:
    """What the worker does with what the job has done, a moment later."""
    return scenario(f"Who has {title} is reminded", lent(title, 30), NIGHT, looked("reminded", True), requirement="R3")


def kept(title: str = "Sanditon") -> Scenario:
    return scenario(f"{title} is kept", lent(title, 1), looked("title", title), requirement="R1")
