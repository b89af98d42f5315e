"""Say which image the server's is to be built upon, on an engine that reaches no registry: the boxes' own base."""

from __future__ import annotations

import asyncio
import platform
import tempfile
from pathlib import Path

import docker

from engine.settings import load_settings
from sandboxes.bases import find_base
from sandboxes.programs import Log
from sandboxes.recipe import NO_REGISTRY, read_recipe


async def main() -> None:
    settings = load_settings()
    with tempfile.TemporaryDirectory() as folder:
        base = await find_base(
            read_recipe(NO_REGISTRY),
            connect=docker.from_env,
            mirror=settings.debian_mirror,
            architecture={"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
            folder=Path(folder),
            log=Log(lambda _: None),
        )
    print(base.reference)  # noqa: T201  # the answer itself


if __name__ == "__main__":
    asyncio.run(main())
