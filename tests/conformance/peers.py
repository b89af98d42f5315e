"""The programs that tools/node.sh installs, and how one is run to its end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
NODE = ROOT / ".setup/node/node"
_MODULES = ROOT / ".setup/node/node_modules"
SUITE = (str(NODE), str(_MODULES / "@modelcontextprotocol/conformance/dist/index.js"))
INSPECTOR = (str(NODE), str(_MODULES / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"), "--cli")
BUNDLER = (str(NODE), str(_MODULES / "@anthropic-ai/mcpb/dist/cli/cli.js"))
HANDSHAKE = (str(ROOT / ".setup/handshake/bin/python"), "-I")
"""A Python with the SDK of before 2026."""


class Ended(NamedTuple):
    code: int
    out: str
    err: str


async def run(*argv: str, seconds: float = 120, **env: str) -> Ended:
    """Run *argv* in a bare environment with *env*. Ends it where it takes longer than *seconds*."""
    assert Path(argv[0]).exists(), f"{argv[0]} is not there: run tools/node.sh, as `make test` does"  # noqa: ASYNC240  # one look
    plain = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=ROOT,
        env=plain | env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), seconds)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode or 0, out.decode(), err.decode())
