"""A small project to run: an api of the standard library, and a page without a framework."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agents.plans.plan import Component, Interface, Plan, Running, Store
from agents.plans.scenario import Scenario
from tests.projects.plans import smallest

NOTE = {
    "type": "object",
    "required": ["id", "text"],
    "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
}


def _answer(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def operation(name: str, status: int, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "responses": {str(status): _answer(schema)}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        "/health": {"get": operation("health", 200, {"type": "object"})},
        "/api/notes": {
            "get": operation("notes", 200, {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}),
            "post": operation("add", 201, {"$ref": "#/components/schemas/Note"}),
        },
        "/api/round": {"get": {"operationId": "round", "responses": {"302": {"description": "Round."}}}},
    },
    "components": {"schemas": {"Note": NOTE}},
}

SERVER = '''\
"""Notes over HTTP, kept in SQLite."""
import json
import os
import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
with sqlite3.connect(PATH) as base:
    base.execute("create table if not exists notes (id integer primary key, text text)")


class Notes(BaseHTTPRequestHandler):
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
        if self.path == "/api/round":
            self.send_response(302)
            self.send_header("Location", "/api/round")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        with sqlite3.connect(PATH) as base:
            rows = base.execute("select id, text from notes order by id").fetchall()
        self.answer(200, [{"id": id_, "text": text} for id_, text in rows])

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        with sqlite3.connect(PATH) as base:
            id_ = base.execute("insert into notes (text) values (?)", (text,)).lastrowid
        self.answer(201, {"id": id_, "text": text})

    def log_message(self, form, *words):
        print(form % words, flush=True)


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Notes).serve_forever()
'''

PAGE = """\
<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Notes</title></head>
  <body>
    <h1>Notes</h1>
    <label>Text <input id="text"></label> <button id="add">Add note</button>
    <ul id="notes"></ul>
    <script type="module" src="/src/main.js"></script>
  </body>
</html>
"""

SCRIPT = """\
const list = document.querySelector('#notes');

async function show() {
  const notes = await (await fetch('/api/notes')).json();
  list.replaceChildren(...notes.map(({ text }) => Object.assign(document.createElement('li'), { textContent: text })));
}

document.querySelector('#add').addEventListener('click', async () => {
  const text = document.querySelector('#text').value;
  await fetch('/api/notes', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text }) });
  await show();
});
await show();
"""


def plan(*pages: str, document: Mapping[str, Any] = DOCUMENT, command: Sequence[str] = ("python", "main.py")) -> Plan:
    """An api with a store, and *pages*."""
    running = Running(
        runtime="python", command=tuple(command), port=8_000, health="/health", millicores=100, memory_mib=128
    )
    static = Running(runtime="static", port=8_080, health="/health", millicores=100, memory_mib=64)
    shown = [
        Component(
            name=name, kind="page", role="frontend", purpose="Shows.", requirements=(f"R{number}",), running=static
        )
        for number, name in enumerate(pages, start=1)
    ]
    api = Component(
        name="notes-api",
        kind="api",
        role="backend",
        purpose="Keeps.",
        requirements=("R1",),
        stores=("database",),
        running=running,
    )
    kept = Store(name="database", engine="sqlite", product="A file", purpose="Stays.", reason="Sure.", gib=1)
    said = Interface(name="notes-http", owner="notes-api", document=json.dumps(document))
    return smallest().model_copy(update={"components": (api, *shown), "stores": (kept,), "interfaces": (said,)})


def calling(plan: Plan) -> Plan:
    """*plan* with pages that call its interface."""
    api, *pages = plan.components
    asking = (page.model_copy(update={"calls": ("notes-http",)}) for page in pages)
    return plan.model_copy(update={"components": (api, *asking)})


def files(*pages: str, server: str = SERVER, page: str = PAGE, script: str = SCRIPT) -> dict[str, str]:
    """The files of that plan, the same for each page."""
    found = {"services/notes-api/main.py": server}
    for name in pages:
        found |= {f"services/{name}/index.html": page, f"services/{name}/src/main.js": script}
    return found


def scenario(name: str, *steps: Mapping[str, Any], requirement: str = "R1") -> Scenario:
    return Scenario.model_validate({"name": name, "requirement": requirement, "steps": list(steps)})


VISIT = {"do": "visit", "path": "/"}


def added(text: str) -> Scenario:
    return scenario(
        f"{text} is listed once it was added",
        VISIT,
        {"do": "fill", "label": "Text", "text": text},
        {"do": "click", "role": "button", "name": "Add note"},
        {"do": "see", "text": text},
    )


def posted(text: str) -> Scenario:
    """By the interface, and then seen on the page."""
    call = {
        "do": "call",
        "interface": "notes-http",
        "method": "POST",
        "path": "/api/notes",
        "body": {"text": text},
        "status": 201,
        "expects": [{"pointer": "/text", "value": text}],
        "keep": {"it": "/text"},
    }
    return scenario(f"{text} that was posted is listed", call, VISIT, {"do": "see", "text": "{it}"})
