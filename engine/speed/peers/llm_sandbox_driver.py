"""Drives llm-sandbox for the bench, in an environment that has it: JSON lines in, JSON lines out.

Run as: python llm_sandbox_driver.py session|pool
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SOURCE, WORK = "/sandbox", "/sandbox/work"


def main() -> None:
    out = sys.stdout
    sys.stdout = sys.stderr  # what the library prints must not be taken for an answer
    first = json.loads(sys.stdin.readline())
    try:
        driver = Driver(first["image"], first["labels"], pooled=sys.argv[1] == "pool")
    except Exception as error:  # noqa: BLE001  # whatever keeps it from starting is what is shown
        say(out, unavailable=f"{type(error).__name__}: {error}"[:300])
        return
    try:
        say(out, ready=True)
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                say(out, **driver.answer(asked["files"], asked["shell"]))
            except Exception as error:  # noqa: BLE001  # as above
                say(out, unavailable=f"{type(error).__name__}: {error}"[:300])
    finally:
        driver.close()


class Driver:
    """*pooled*: containers that are made beforehand and used again, as its pool does; else one for each request."""

    def __init__(self, image: str, labels: dict[str, str], *, pooled: bool) -> None:
        from llm_sandbox.pool import PoolConfig, create_pool_manager  # type: ignore[import-not-found]  # noqa: PLC0415

        self._options = {
            "lang": "python",
            "image": image,
            "skip_environment_setup": True,  # it would ask a package index for pip
            "workdir": SOURCE,
            "runtime_configs": {
                "labels": labels,
                "entrypoint": ["/bin/sleep"],
                "command": ["infinity"],
                "network_mode": "none",
                "stop_signal": "SIGKILL",  # else closing would take ten seconds
            },
        }
        self._pool = None
        if pooled:
            config = PoolConfig(max_pool_size=2, min_pool_size=2)
            self._pool = create_pool_manager(backend="docker", config=config, **self._options)
        self._number = 0

    def answer(self, files: dict[str, str], shell: str) -> dict[str, Any]:
        from llm_sandbox import SandboxSession  # type: ignore[import-not-found]  # noqa: PLC0415

        self._number += 1
        work = f"{WORK}-{self._number}"
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                target = Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            session = SandboxSession(pool=self._pool, lang="python") if self._pool else SandboxSession(**self._options)
            session.open()
            try:
                session.copy_to_runtime(folder, work)
                done = session.execute_command(f"sh -c '{shell}'", workdir=work)
                seconds = time.perf_counter() - started
            finally:
                session.close()
        return {"seconds": seconds, "exit_code": done.exit_code, "output": done.stdout + done.stderr}

    def close(self) -> None:
        if self._pool:
            self._pool.close()


def say(out: Any, **told: Any) -> None:  # noqa: ANN401  # a stream, and whatever is told
    out.write(json.dumps(told) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
