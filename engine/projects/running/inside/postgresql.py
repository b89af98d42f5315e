"""PostgreSQL in the box: one server, with a database for each store."""

from __future__ import annotations

import os
import shutil
from typing import Any

from .postgresql_session import Session
from .server import TALK, Server

_PROGRAM = "/usr/lib/postgresql/17/bin/postgres"
_TEMPLATE = "/opt/mendbox/stores/postgresql"
_INTERLOCK = "/opt/mendbox/stores/interlock.so"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # nothing has to outlive the box
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "2MB",
    "max_wal_size": "32MB",
    "shared_buffers": "16MB",
    "huge_pages": "off",
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
    "log_min_messages": "error",
    "log_checkpoints": "off",
    "log_line_prefix": "%q%d: ",
}
# a table has no page until a row is written
_FILLED = """
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND pg_relation_size(pg_class.oid) > 0 AND nspname !~ '^pg_' AND nspname <> 'information_schema'
"""


class PostgreSQL(Server):
    program = _PROGRAM
    kind = "PostgreSQL"
    preloaded = _INTERLOCK
    logs_errors = True

    def prepare(self) -> None:
        data = f"{self._folder}/data"
        shutil.copytree(_TEMPLATE, data)
        os.chmod(data, 0o700)

    def command(self) -> tuple[str, ...]:
        settings = {**_SETTINGS, "port": str(self._port), "unix_socket_directories": self._folder}
        told = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
        return (self.program, "-D", f"{self._folder}/data", *told)

    def version_of(self) -> str:
        # whoever asks before leaves an error in the log
        with open(f"{self._folder}/data/postmaster.pid", encoding="utf-8") as file:
            if "ready" not in file.read():
                raise ConnectionError("it is starting")
        with self._session("app") as session:
            for store in self.stores:
                name = store["database"]
                if name != "app" and not session.ask(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
                    session.ask(f"CREATE DATABASE {name} OWNER app")
            return session.parameters.get("server_version", "").split(" ")[0]

    def used(self, store: dict[str, Any]) -> bool:
        with self._session(store["database"]) as session:
            return session.ask(_FILLED) not in ([], ["0"])

    def _session(self, database: str) -> Session:
        path = f"{self._folder}/.s.PGSQL.{self._port}"
        return Session(path, user="postgres", database=database, seconds=TALK)
