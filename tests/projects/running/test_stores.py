"""PostgreSQL and Valkey are themselves in the box of a project: what works with them is shown, and what does not is seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence

import pytest

from agents.plans.plan import Plan, Store
from engine.projects.running import Started, answers, said, stores
from engine.projects.running.outcome import finding
from engine.settings import Settings
from engine.wiring import make_environments
from sandboxes.docker import DockerSandbox
from sandboxes.environments.wanted import Wanted
from sandboxes.errors import SandboxUnavailable
from tests.projects.running import notes

NEEDS = ("fastapi>=0.115,<1", "psycopg[binary]>=3.2,<4", "redis>=5,<8", "uvicorn>=0.34,<1")

KEEPER = '''\
"""A note, and how often this was started: in two databases of PostgreSQL and two of Valkey. It starts itself anew."""
import os
import sys

import psycopg
import redis
import uvicorn
from fastapi import FastAPI

tables = {name: psycopg.connect(os.environ[f"{name}_URL"], autocommit=True) for name in ("NOTES_DB", "AUDIT_DB")}
counts = {name: redis.Redis.from_url(os.environ[f"{name}_URL"], decode_responses=True) for name in ("CACHE", "SESSIONS")}
tables["NOTES_DB"].execute(
    "CREATE TABLE IF NOT EXISTS notes (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)"
)
tables["AUDIT_DB"].execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz NOT NULL DEFAULT now())")
tables["AUDIT_DB"].execute("INSERT INTO starts DEFAULT VALUES")
if counts["CACHE"].incr("starts") == 1:
    tables["NOTES_DB"].execute("INSERT INTO notes (text) VALUES (%s)", ("Milk",))
    os.execv(sys.executable, [sys.executable, "main.py"])
app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/state")
def state() -> dict[str, object]:
    return {
        "started": tables["AUDIT_DB"].execute("SELECT count(*) FROM starts").fetchone()[0],
        "counted": int(counts["CACHE"].get("starts")),
        "notes": [text for (text,) in tables["NOTES_DB"].execute("SELECT text FROM notes ORDER BY id")],
        "elsewhere": counts["SESSIONS"].exists("starts")
        + tables["AUDIT_DB"].execute("SELECT count(to_regclass('notes'))").fetchone()[0],
    }


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ["PORT"]))
'''
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {"/api/state": {"get": notes.operation("state", 200, {"type": "object"})}},
}

NODE = """\
import http from 'node:http';
import pg from 'pg';
import { createClient } from 'redis';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const cache = await createClient({ url: process.env.CACHE_URL }).connect();
await pool.query('CREATE TABLE IF NOT EXISTS notes (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text)');
await pool.query('INSERT INTO notes (text) VALUES ($1)', ['Milk']);
const counted = await cache.incr('starts');
http.createServer(async (request, response) => {
  const { rows } = await pool.query('SELECT text FROM notes');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ...rows[0], counted }));
}).listen(Number(process.env.PORT), '0.0.0.0');
"""
EITHER = '''\
"""Notes in SQLite or in PostgreSQL, by one statement that only SQLite understands; what went wrong is kept to itself."""
import os
import sqlite3

import psycopg
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse

URL = os.environ["DATABASE_URL"]
if URL.startswith("sqlite:"):
    base = sqlite3.connect(URL.removeprefix("sqlite:///"), check_same_thread=False)
else:
    base = psycopg.connect(URL, autocommit=True)
base.execute("CREATE TABLE IF NOT EXISTS notes (id integer PRIMARY KEY, text text, at text)")
app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/notes", response_model=None)
def notes() -> list[dict[str, object]] | JSONResponse:
    try:
        rows = base.execute("SELECT id, text FROM notes WHERE at > datetime('now', '-7 days')").fetchall()
    except Exception:
        return JSONResponse({"why": "sorry"}, 500)
    return [{"id": id_, "text": text} for id_, text in rows]


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ["PORT"]))
'''


@pytest.fixture(scope="module")
def with_drivers() -> str:
    """The image with the servers, and what these components need."""
    return asyncio.run(make_environments(Settings(), node=True).ensure(Wanted(requirements=NEEDS))).reference


def stored(engines: dict[str, str]) -> tuple[Store, ...]:
    usual = {"product": "As a service", "purpose": "Stays.", "reason": "Sure.", "gib": 1}
    return tuple(Store.model_validate({"name": name, "engine": engine, **usual}) for name, engine in engines.items())


def keeping(engines: dict[str, str], **more: object) -> Plan:
    """The plan of notes, with an api that uses stores of these *engines*."""
    plan = notes.plan(**more)  # type: ignore[arg-type]  # as it takes them
    (api,) = plan.components
    part = api.model_copy(update={"stores": tuple(engines)})
    return plan.model_copy(update={"components": (part,), "stores": stored(engines)})


def evidence(ran: Started) -> Iterator[str]:
    return (each.evidence or "" for each in ran.findings)


@pytest.mark.docker
async def test_what_is_kept_in_postgresql_and_valkey_is_there_after_a_restart(
    sandbox: DockerSandbox, with_drivers: str
) -> None:
    """Two stores of one engine know nothing of each other, and by version it is said what each was."""
    engines = {"notes-db": "postgresql", "audit-db": "postgresql", "cache": "valkey", "sessions": "valkey"}
    files = notes.files(server=KEEPER)

    ran = await answers(
        keeping(engines, document=DOCUMENT), "notes-api", files, sandbox, environment=with_drivers, run_id="test"
    )

    assert ran.findings == ()
    assert json.loads(ran.answers[0].body) == {"started": 2, "counted": 2, "notes": ["Milk"], "elsewhere": 0}
    assert [line.split(", in which")[0].rsplit(".", 1)[0] for line in ran.shown if ", in which something" in line] == [
        "notes-db was PostgreSQL 17",
        "audit-db was PostgreSQL 17",
        "cache was Valkey 8.1",
    ], "in sessions nothing was kept: it was only asked whether something is there"
    assert not any("As a service" in line for line in ran.not_shown)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("kind", "found"), [("sqlite", []), ("postgresql", ["http/status"])], ids=["sqlite", "postgresql"]
)
async def test_sql_that_is_right_for_sqlite_only_is_found_by_the_real_server(
    sandbox: DockerSandbox, with_drivers: str, kind: str, found: Sequence[str]
) -> None:
    """What the server said of the statement is the evidence, although the component keeps it to itself."""
    plan = keeping({"database": kind})
    files = notes.files(server=EITHER)

    ran = await answers(plan, "notes-api", files, sandbox, environment=with_drivers, run_id="test")

    assert [each.rule for each in ran.findings if each.message.startswith("notes-api: GET /api/notes")] == found
    assert not any("something was kept" in line for line in ran.shown), "a table without a row is none that was used"
    said_ = [text for text in evidence(ran) if "ERROR:  function datetime(unknown, unknown) does not exist" in text]
    assert len(said_) == len(ran.findings) * (kind == "postgresql")
    assert all("STATEMENT:  SELECT id, text FROM notes WHERE at > datetime" in text for text in said_)


@pytest.mark.docker
async def test_a_component_of_node_reaches_both_with_the_packages_of_the_image(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """They are there as they are the usual ones: pg and redis."""
    plan = keeping({"database": "postgresql", "cache": "valkey"}, document=DOCUMENT, command=("node", "main.js"))
    (api,) = plan.components
    part = api.model_copy(update={"running": api.running.model_copy(update={"runtime": "node"})})
    plan = plan.model_copy(update={"components": (part,)})
    files = {"services/notes-api/main.js": NODE, "services/notes-api/package.json": '{"type": "module"}'}

    ran = await answers(plan, "notes-api", files, sandbox, environment=web_image, run_id="test")

    assert ran.findings == ()
    assert json.loads(ran.answers[0].body) == {"text": "Milk", "counted": 1}
    assert len([line for line in ran.shown if ", in which something" in line]) == 2


@pytest.mark.docker
async def test_a_store_that_something_in_the_box_has_ended_is_told_as_that(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """What runs as the same user can end it, and then nothing is passed."""
    ends = "import glob, os\nfor path in glob.glob('/proc/[0-9]*/comm'):\n"
    ends += "    if open(path).read().startswith('valkey'):\n        os.kill(int(path.split('/')[2]), 9)\n"
    server = ends + notes.SERVER.replace('os.environ["DATABASE_URL"].removeprefix("sqlite:///")', '"/box/work/data/x"')

    ran = await answers(
        keeping({"cache": "valkey"}), "notes-api", notes.files(server=server), sandbox, environment=web_image, run_id="test"
    )  # fmt: skip

    assert [each.rule for each in ran.findings] == ["store/ended"]
    assert "cache (Valkey 8.1" in ran.findings[0].message


@pytest.mark.docker
async def test_a_box_without_the_servers_says_nothing_about_the_code(sandbox: DockerSandbox) -> None:
    """That a store cannot be started is the machinery's failure."""
    plan = keeping({"database": "postgresql"})

    with pytest.raises(SandboxUnavailable, match="PostgreSQL: the image has no"):
        await answers(plan, "notes-api", notes.files(), sandbox, run_id="test")


def test_no_store_has_the_port_of_a_component_or_of_another_store() -> None:
    """Databases of PostgreSQL are told apart by name, servers of Valkey by port."""
    plan = keeping({"a": "postgresql", "b": "postgresql", "c": "valkey", "d": "valkey", "e": "sqlite"})
    (api,) = plan.components
    busy = [
        api.model_copy(update={"name": f"on-{port}", "running": api.running.model_copy(update={"port": port})})
        for port in (5_432, 6_380, 19_000)
    ]

    assert stores.addresses(plan.model_copy(update={"components": (api, *busy)})) == {
        "a": "postgresql://app:app@127.0.0.1:19001/app",
        "b": "postgresql://app:app@127.0.0.1:19001/app_2",
        "c": "redis://127.0.0.1:6379/0",
        "d": "redis://127.0.0.1:19002/0",
    }
    assert [store.name for store in stores.asked(plan, (api.model_copy(update={"stores": ("c", "e")}),))] == ["c"]
    assert not stores.needs_servers((api.model_copy(update={"stores": ("e",)}),), plan)


def test_only_what_may_come_of_a_store_bears_what_it_logged() -> None:
    """And of that only errors: they are data, and bounded."""
    log = "LOG:  starting\n" + "app: ERROR:  no such thing\n" * 1_000
    line = said.StoreStayed(event="store", name="db", server="PostgreSQL 17", used=False, code=None, log=log)
    before = [
        finding("http/status", "it answered 500", evidence="mine"),
        finding("build", "not built", evidence="mine"),
    ]

    status, build = stores.with_logs(before, [line])

    assert status.evidence is not None
    assert status.evidence.startswith("What PostgreSQL 17 (db) logged:\n")
    assert status.evidence.endswith("\n\nmine")
    assert len(status.evidence) < 3_200
    assert build == before[1]
    assert stores.not_shown_of([line])[0].startswith("Nothing was kept in db, which was PostgreSQL 17 here")


def test_why_a_store_did_not_start_is_told_with_the_end_of_what_it_wrote() -> None:
    """Whoever looks after the machine reads it."""
    line = said.NoStore(event="no_store", name="db", why="PostgreSQL: it ended with 1", log="FATAL:  no space left\n")

    with pytest.raises(SandboxUnavailable, match=r"db: PostgreSQL: it ended with 1; FATAL:  no space left"):
        stores.require_started([line])
