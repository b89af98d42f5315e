"""A small project to build in tests: one program that greets over HTTP, with nothing but the standard library."""

from __future__ import annotations

import json

from agents.plans.plan import (
    Component,
    CostDriver,
    Decision,
    FailureMode,
    Figure,
    Interface,
    Plan,
    PlannedFile,
    Requirement,
    Running,
    Safeguard,
)
from agents.plans.scenario import Call, Expected, Scenario

FOLDER = "services/greeter"
CODE = f"{FOLDER}/greeter/__init__.py"
SERVER = f"{FOLDER}/greeter/__main__.py"
MANIFEST = f"{FOLDER}/pyproject.toml"
TESTS = f"{FOLDER}/tests/test_greeter.py"

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Greeter", "version": "1"},
    "paths": {
        "/api/greeting": {
            "get": {
                "operationId": "greeting",
                "responses": {
                    "200": {
                        "description": "A greeting.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["text"],
                                    "properties": {"text": {"type": "string"}},
                                }
                            }
                        },
                    }
                },
            }
        }
    },
}


def plan() -> Plan:
    """The smallest plan that can be built: an api with one operation, which meets one requirement."""
    running = Running(
        runtime="python",
        command=("python", "-m", "greeter"),
        port=8_000,
        health="/health",
        millicores=100,
        memory_mib=128,
    )
    component = Component(
        name="greeter", kind="api", role="backend", purpose="It greets.", requirements=("R1",), running=running
    )
    return Plan(
        title="A greeter",
        summary="Says hello over HTTP.",
        requirements=(Requirement(id="R1", text="Whoever asks is greeted."),),
        decisions=(Decision(choice="One program.", reason="Nothing else is needed."),),
        components=(component,),
        stores=(),
        interfaces=(Interface(name="greeter-http", owner="greeter", document=json.dumps(DOCUMENT)),),
        entities=(),
        files=(
            PlannedFile(path=MANIFEST, owner="greeter", role="backend", purpose="What it is."),
            PlannedFile(path=CODE, owner="greeter", role="backend", purpose="What is said."),
            PlannedFile(path=SERVER, owner="greeter", role="backend", purpose="Says it over HTTP."),
            PlannedFile(path=TESTS, owner="greeter", role="qa", purpose="Holds it to that."),
        ),
        figures=(Figure(name="requests_a_day", value=100, unit="requests", reason="Given."),),
        failures=(
            FailureMode(part="greeter", what="It stops.", effect="None.", noticed="Its health.", answer="Again."),
        ),
        costs=(CostDriver(what="Its time.", figure="requests_a_day", lever="Fewer."),),
        security=(Safeguard(threat="Too many ask.", measure="A limit.", part="greeter"),),
    )


def two_components() -> Plan:
    """The same greeter twice, under two names and at two ports."""
    one = plan()
    component = one.components[0]
    running = component.running.model_copy(update={"port": 8_001})
    other = component.model_copy(update={"name": "other", "running": running})
    said = one.interfaces[0].model_copy(update={"name": "other-http", "owner": "other"})
    files = tuple(
        file.model_copy(update={"path": file.path.replace(FOLDER, "services/other"), "owner": "other"})
        for file in one.files
    )
    failure = one.failures[0].model_copy(update={"part": "other"})
    return one.model_copy(
        update={
            "components": (component, other),
            "interfaces": (*one.interfaces, said),
            "files": (*one.files, *files),
            "failures": (*one.failures, failure),
        }
    )


GREETED = Scenario(
    name="Whoever asks is greeted",
    requirement="R1",
    steps=(
        Call(
            do="call",
            interface="greeter-http",
            method="GET",
            path="/api/greeting",
            status=200,
            expects=(Expected(pointer="/text", value="hello"),),
        ),
    ),
)

GOOD_CODE = '"""What is said."""\n\n\ndef greeting() -> str:\n    return "hello"\n'
GOOD_SERVER = '''"""Says it over HTTP."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from greeter import greeting


class Greeter(BaseHTTPRequestHandler):
    def do_GET(self):
        known = {"/health": {"status": "ok"}, "/api/greeting": {"text": greeting()}}
        said = known.get(self.path)
        body = json.dumps(said or {}).encode()
        self.send_response(200 if said else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    HTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))), Greeter).serve_forever()


if __name__ == "__main__":
    main()
'''
GOOD_MANIFEST = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "greeter"
version = "1.0.0"
requires-python = ">=3.11"

[tool.setuptools.packages.find]
include = ["greeter*"]
"""
GOOD_TESTS = '''from greeter import greeting


def test_whoever_asks_is_greeted():
    """R1: a greeting says hello."""
    assert greeting() == "hello"
'''
GOOD = {MANIFEST: GOOD_MANIFEST, CODE: GOOD_CODE, SERVER: GOOD_SERVER}
