"""A build in a process of its own, which comes as far as the start of its component, says so, and goes no further."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from engine.journal import Journal
from tests.projects.building.doubles import Site
from tests.projects.building.undertaking import undertaken


async def main(folder: Path) -> None:
    site = Site()
    site.ground.held["answers"] = asyncio.Event()
    async with await Journal.open(folder) as journal:
        work = asyncio.create_task(undertaken(journal, site))
        await site.ground.reached.wait()
        print(len(site.company.asked), flush=True)
        await work


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
