"""PostgreSQL and Valkey in the box, as the image has them: started before anything of the project, and ended after it.

What is told of them at the end comes from processes that the project could reach: it is said on the receipt, and nothing is
passed for it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from .postgresql import Refused, Session
from .program import Output

_SECONDS = 60.0
_LOOK = 0.02
_TALK = 5.0
_HALF_LOG = 8 << 10
_POSTGRESQL = "/usr/lib/postgresql/17/bin/postgres"
_TEMPLATE = "/opt/mendbox/stores/postgresql"
_INTERLOCK = "/opt/mendbox/stores/interlock.so"
_VALKEY = "/usr/bin/valkey-server"
# Out of memory, the kernel takes them after what was submitted and before us.
_THEN_TO_GO = ("/bin/sh", "-c", 'echo 600 > /proc/self/oom_score_adj; exec "$@"', "sh")
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
_OF_A_CONNECTION = frozenset({"auth", "client", "command", "config", "echo", "hello", "info", "ping", "quit", "select"})
"""Commands of Valkey by which nothing is kept."""


class NotStarted(Exception):
    """Why."""


class _Server:
    """A program that serves one store or several, each as `engine.projects.running.asked.Store` has it."""

    program: str
    kind: str
    preloaded: str = ""
    logs_errors = False

    def __init__(self, stores: Sequence[dict[str, Any]], folder: str) -> None:
        self.stores = stores
        self.version = ""
        self._folder = folder
        self._port: int = stores[0]["port"]
        self._output = Output(_HALF_LOG)
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make its folder."""

    def command(self) -> tuple[str, ...]:
        raise NotImplementedError

    def version_of(self) -> str:
        """As it says itself; raises `OSError` and `Refused` while it does not answer."""
        raise NotImplementedError

    def used(self, store: dict[str, Any]) -> bool:
        """Whether anything was kept in *store*; raises the same."""
        raise NotImplementedError

    def begin(self) -> None:
        if not os.path.exists(self.program):
            raise NotStarted(f"the image has no {self.program}")
        self.prepare()
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LD_PRELOAD": self.preloaded}
        self._process = subprocess.Popen(
            (*_THEN_TO_GO, *self.command()),
            cwd=self._folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        threading.Thread(target=self._output.read, args=(self._process.stdout,), daemon=True).start()

    def wait(self) -> None:
        """Until it answers."""
        assert self._process is not None
        end = time.monotonic() + _SECONDS
        last = ""
        while time.monotonic() < end:
            if self._process.poll() is not None:
                time.sleep(_LOOK)  # what it wrote last is just being read
                raise NotStarted(f"it ended with {self._process.poll()}")
            try:
                self.version = self.version_of()
            except (OSError, Refused, ValueError) as error:
                last = f"{error}"
                time.sleep(_LOOK)
            else:
                return
        raise NotStarted(f"it did not answer within {_SECONDS:g} s: {last}"[:500])

    @property
    def log(self) -> str:
        return self._output.text

    @property
    def code(self) -> int | None:
        """None while it runs."""
        return self._process.poll() if self._process is not None else None

    def end(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class PostgreSQL(_Server):
    """One server with a database for each store."""

    program = _POSTGRESQL
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
        return Session(path, user="postgres", database=database, seconds=_TALK)


class Valkey(_Server):
    """One server for one store: what one keeps, another has never heard of."""

    program = _VALKEY
    kind = "Valkey"

    def command(self) -> tuple[str, ...]:
        settings = {"port": str(self._port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._folder}
        told = (word for name, value in settings.items() for word in (f"--{name}", value))
        return (self.program, *told, "--loglevel", "warning")

    def version_of(self) -> str:
        return self._told("INFO server").get("valkey_version", "")

    def used(self, store: dict[str, Any]) -> bool:  # noqa: ARG002  (it has one alone)
        commands = (name.removeprefix("cmdstat_") for name in self._told("INFO commandstats"))
        return any(name.split("|")[0] not in _OF_A_CONNECTION for name in commands)

    def _told(self, command: str) -> dict[str, str]:
        end = time.monotonic() + _TALK
        with socket.create_connection(("127.0.0.1", self._port), timeout=_TALK) as connection:
            connection.sendall(command.encode() + b"\r\n")
            found = b""
            while (length := _length(found)) is None or len(found) < length:
                connection.settimeout(max(0.001, end - time.monotonic()))
                piece = connection.recv(65_536)
                if not piece:
                    raise ConnectionError("it closed the connection")
                found += piece
        lines = found.decode("utf-8", "replace").split("\r\n")
        told = {name: value for name, mark, value in (line.partition(":") for line in lines) if mark}
        if not told:
            raise Refused(lines[0][:200])
        return told


def _length(answer: bytes) -> int | None:
    """Of the whole of an answer that begins so; None where that is not said yet."""
    first, mark, _ = answer[:64].partition(b"\r\n")
    if not mark:
        if len(answer) >= 64:
            raise Refused("what answers is not Valkey")
        return None
    size = int(first[1:]) if first[:1] == b"$" else 0
    if not 0 <= size <= 1 << 20:
        raise Refused("what answers is not Valkey")
    return len(first) + 2 + size


class Stores:
    """All that *asked* names; *say* writes a line of the report."""

    def __init__(self, asked: Sequence[dict[str, Any]], say: Callable[..., None]) -> None:
        self._say = say
        self._folder = tempfile.mkdtemp(prefix="stores-") if asked else ""
        databases = [each for each in asked if each["engine"] == "postgresql"]
        self._servers: list[_Server] = [PostgreSQL(databases, self._made("postgresql"))] if databases else []
        self._servers += [Valkey([each], self._made(each["name"])) for each in asked if each["engine"] == "valkey"]

    def start(self) -> bool:
        """Begin all, and wait until they answer; where one does not, say so."""
        for step in (_Server.begin, _Server.wait):
            for server in self._servers:
                try:
                    step(server)
                except (NotStarted, OSError, shutil.Error, subprocess.SubprocessError) as error:
                    name = server.stores[0]["name"]
                    self._say(event="no_store", name=name, why=f"{server.kind}: {error}"[:1_000], log=server.log)
                    return False
        return True

    def tell_end(self) -> None:
        """Say what became of them, and end them."""
        for server in self._servers:
            code = server.code
            for store in server.stores:
                self._say(
                    event="store",
                    name=store["name"],
                    server=f"{server.kind} {server.version}"[:100],
                    used=code is None and _asked(server, store),
                    code=code,
                    # of Valkey's, nothing is about what it was asked
                    log=server.log if code is not None or server.logs_errors else "",
                )
        self.end()

    def end(self) -> None:
        for server in self._servers:
            server.end()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _made(self, name: str) -> str:
        folder = f"{self._folder}/{name}"
        os.makedirs(folder)
        return folder


def _asked(server: _Server, store: dict[str, Any]) -> bool:
    try:
        return server.used(store)
    except (OSError, Refused, ValueError):
        return False  # said to be unused, which claims less
