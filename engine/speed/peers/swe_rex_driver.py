"""Drives SWE-ReX for the bench, in an environment that has it: JSON lines in, JSON lines out.

Run as: python swe_rex_driver.py new|kept
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def main() -> None:
    out = sys.stdout
    sys.stdout = sys.stderr  # what the library prints must not be taken for an answer
    os.environ.setdefault("SWE_REX_LOG_STREAM_LEVEL", "ERROR")
    asyncio.run(serve(out, kept=sys.argv[1] == "kept"))


async def serve(out: Any, *, kept: bool) -> None:  # noqa: ANN401  # a stream
    first = json.loads(sys.stdin.readline())
    driver = Driver(first["image"], first["labels"])
    try:
        try:
            # Also where none is kept: what cannot start is told before anything is asked.
            await driver.start()
            if not kept:
                await driver.stop()
            say(out, ready=True)
        except Exception as error:  # noqa: BLE001  # whatever keeps it from starting is what is shown
            say(out, unavailable=f"{type(error).__name__}: {error}"[:300])
            return
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            try:
                say(out, **await driver.answer(asked["files"], asked["shell"], kept=kept))
            except Exception as error:  # noqa: BLE001  # as above
                say(out, unavailable=f"{type(error).__name__}: {error}"[:300])
    finally:
        await driver.stop()


class Driver:
    """Deployments of one image."""

    def __init__(self, image: str, labels: dict[str, str]) -> None:
        self._image = image
        self._arguments = [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]
        self._deployment: Any = None
        self._number = 0

    async def start(self) -> None:
        from swerex.deployment.docker import DockerDeployment  # type: ignore[import-not-found]  # noqa: PLC0415

        deployment = DockerDeployment(
            image=self._image, pull="never", docker_args=self._arguments, startup_timeout=30.0
        )
        self._deployment = deployment
        await deployment.start()

    async def stop(self) -> None:
        deployment, self._deployment = self._deployment, None
        if deployment is not None:
            await deployment.stop()

    async def answer(self, files: dict[str, str], shell: str, *, kept: bool) -> dict[str, Any]:
        from swerex.runtime.abstract import Command, UploadRequest  # type: ignore[import-not-found]  # noqa: PLC0415

        self._number += 1
        work = f"/tmp/work-{self._number}"  # noqa: S108  # a path in the container
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            write(files, folder)
            if not kept:
                await self.start()
            try:
                runtime = self._deployment.runtime
                await runtime.upload(UploadRequest(source_path=folder, target_path=work))
                done = await runtime.execute(Command(command=["sh", "-c", shell], cwd=work, timeout=100))
                seconds = time.perf_counter() - started
            finally:
                if not kept:
                    await self.stop()
        return {"seconds": seconds, "exit_code": done.exit_code, "output": done.stdout + done.stderr}


def write(files: dict[str, str], folder: str) -> None:
    for path, text in files.items():
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def say(out: Any, **told: Any) -> None:  # noqa: ANN401  # a stream, and whatever is told
    out.write(json.dumps(told) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
