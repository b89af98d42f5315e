"""How much longer a command takes for a project's environment that is there already, found anew in a new process.

    .venv/bin/python -m tests.environments.measuring [ROUNDS]

Makes one environment with a wheel of its own and no index, then asks for it in ROUNDS (20) new processes, each of which has
loaded what any run of a project loads. Counted is what comes on top: a requirements.txt read, its key, the image found.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.environments.index import wheel

USE = """
import asyncio, time
import engine.harness, engine.wiring, engine.cli.dependencies, sandboxes.docker
from engine.settings import load_settings
import engine.dependencies.reading
settings = load_settings()
engine.wiring.image_reference(settings)
began = time.perf_counter()
from engine.dependencies.reading import read_wanted
from engine.wiring import make_environments
wanted = read_wanted({"requirements.txt": "measured-thing\\n"}).wanted
made = asyncio.run(make_environments(settings).ensure(wanted))
print(made.built, time.perf_counter() - began)
"""


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mendbox-measuring-") as folder:
        wheels = Path(folder) / "wheels"
        wheel(wheels, "measured-thing")
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_EXTRA_INDEX_URL": ""}
        first, *others = (_use({**os.environ, **offline}) for _ in range(rounds + 1))
    seconds = sorted(second for _, second in others)
    if any(built for built, _ in others):
        raise SystemExit("it was made more than once: something removed it meanwhile")
    print(f"first use: {first[1]:.1f} s ({'made' if first[0] else 'it was there'})")
    print(
        f"second use, {rounds} processes: least {seconds[0] * 1_000:.0f} ms, "
        f"median {statistics.median(seconds) * 1_000:.0f} ms, most {seconds[-1] * 1_000:.0f} ms"
    )


def _use(environ: dict[str, str]) -> tuple[bool, float]:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=root, env=environ, capture_output=True, text=True, check=True
    )
    built, seconds = done.stdout.split()
    return built == "True", float(seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
