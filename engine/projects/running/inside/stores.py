"""PostgreSQL and Valkey in the box, as the image has them: started before anything of the project, and ended after it.

What is told of them at the end comes from processes that the project could reach: it is said on the receipt, and nothing is
passed for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from .postgresql import PostgreSQL
from .server import NotStarted, Refused, Server
from .valkey import Valkey


class Stores:
    """All that *asked* names; *say* writes a line of the report."""

    def __init__(self, asked: Sequence[dict[str, Any]], say: Callable[..., None]) -> None:
        self._say = say
        self._folder = tempfile.mkdtemp(prefix="stores-") if asked else ""
        databases = [each for each in asked if each["engine"] == "postgresql"]
        self._servers: list[Server] = [PostgreSQL(databases, self._made("postgresql"))] if databases else []
        self._servers += [Valkey([each], self._made(each["name"])) for each in asked if each["engine"] == "valkey"]

    def start(self) -> bool:
        """Begin all, and wait until they answer; where one does not, say so."""
        for step in (Server.begin, Server.wait):
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
                    used=_asked(server, store) if code is None else None,
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


def _asked(server: Server, store: dict[str, Any]) -> bool | None:
    try:
        return server.used(store)
    except (OSError, Refused, ValueError):
        return None
