"""A process of its own that writes to a journal, and says on stdout what was acknowledged.

python journal_writer.py FOLDER NAME STEPS [BYTES THE LARGEST FILE MAY HAVE]
"""

import asyncio
import resource
import sys
from pathlib import Path

from agents.base import Draft
from engine.domain import Run, Task
from engine.errors import JournalUnavailable
from engine.journal import Journal
from engine.owner import this_process


async def write(folder: Path, name: str, steps: int) -> None:
    async with await Journal.open(folder) as journal:
        await journal.begin(Run(id=name, task=Task(files={"a.py": "a" * 2_000})), author="auto", owner=this_process())
        print("begun", flush=True)
        for number in range(steps):

            async def effect(number: int = number) -> Draft:
                return Draft(files={"a.py": f"# {name} {number}\n" * 500}, author=name)

            await journal.step(name, "author", str(number), effect, Draft)
            print(number, flush=True)
            shared = await journal.step("shared", "author", str(number), effect, Draft)
            print(f"shared {number} {shared.author}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 4:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
    try:
        asyncio.run(write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
    except JournalUnavailable as error:
        print(f"unavailable: {error}", flush=True)
        sys.exit(3)
