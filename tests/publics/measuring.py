"""Measures real public projects: `make bench-publics`, or `python -m tests.publics.measuring --project boltons --bugs 10`.

Their suites are run outside and in a box and compared test by test; then bugs are planted, one at a time, and Mendbox is
asked where each is. What was measured is kept and taken again, unless `--fresh`. The table at the end is the README's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter

from tests.publics.counting import Ended, Outside, differing, kind, look_inside
from tests.publics.fetching import check_out, fetch
from tests.publics.listed import Public, publics
from tests.publics.planting import Bug, plant
from tests.publics.ranking import Localised, localise
from tests.publics.table import Measured, table

PATIENCE = 5.0
"""How many times as long as usual a suite may take with a bug planted; one that hangs is another kind of bug."""
LEAST_SECONDS = 10.0
_BUGS = TypeAdapter(list[Bug])


class Measuring:
    """Measures one project in a folder of its own, below *into*."""

    def __init__(self, public: Public, into: Path, *, seed: int, bugs: int) -> None:
        self._public = public
        self._seed = seed
        self._bugs = bugs
        self._tree = fetch(public, into)
        self._folder = self._tree.parent
        self._data = self._folder / "data"
        self._outside = Outside(public, self._copy_outside(), self._folder)

    async def measure(self) -> Measured:
        """The whole row."""
        _say(self._public, "the suite outside")
        self._outside.make()
        outside = self._outside.run()
        _say(self._public, f"{outside.counts} in {outside.seconds:.0f} s; the suite in a box")
        with tempfile.TemporaryDirectory() as folder:
            root = check_out(self._tree, Path(folder) / self._public.name)
            inside, result = await look_inside(root, self._data)
            files = {path: (root / path).read_text("utf-8") for path in result.before.executed}
        _say(self._public, f"{inside.counts} in {inside.seconds:.0f} s")
        found = Measured(
            project=f"{self._public.name} {self._public.version}",
            what=self._public.what,
            outside=outside.counts,
            inside=inside.counts,
            outside_seconds=outside.seconds,
            inside_seconds=inside.seconds,
            differing=differing(outside, inside),
            said=inside.said or outside.said,
        )
        if found.said or not self._bugs:
            return found
        bugs = self._planted(files, result.before.executed, outside)
        localised = [await self._localise(bug) for bug in bugs]
        return found.model_copy(update={"bugs": tuple(localised)})

    def _planted(self, files: dict[str, str], executed: dict[str, tuple[int, ...]], usual: Ended) -> list[Bug]:
        kept = self._folder / f"bugs-{self._seed}-{self._bugs}.json"
        if kept.exists():
            return _BUGS.validate_json(kept.read_bytes())
        patience = max(LEAST_SECONDS, PATIENCE * usual.seconds)
        green = {node for node, ended in usual.tests.items() if kind(ended) == "green"}

        def is_red(bug: Bug) -> bool:
            place = self._outside.tree / bug.path
            right = place.read_bytes()
            place.write_text(bug.text, encoding="utf-8", newline="")
            try:
                ended = self._outside.run(["-x"], seconds=patience)
            finally:
                place.write_bytes(right)
            return any(kind(how) == "red" and (node in green or "::" not in node) for node, how in ended.tests.items())

        _say(self._public, "planting")
        bugs = plant(files, executed, seed=f"{self._seed} {self._public.name}", count=self._bugs, is_red=is_red)
        kept.write_bytes(_BUGS.dump_json(bugs, indent=1))
        return bugs

    async def _localise(self, bug: Bug) -> Localised:
        with tempfile.TemporaryDirectory() as folder:
            planted = Path(folder) / "planted"
            shutil.copytree(self._tree, planted)
            (planted / bug.path).write_text(bug.text, encoding="utf-8", newline="")
            root = check_out(planted, Path(folder) / self._public.name)
            found = await localise(bug, root, self._data)
        _say(
            self._public,
            f"{bug.path}:{','.join(map(str, bug.lines))} ({bug.kind}): {found.rank or 'not told'}, {found.red} red, "
            f"{found.outcome}, {found.seconds:.0f} s",
        )
        return found

    def _copy_outside(self) -> Path:
        """Where the project is installed from, and left behind what installing it makes."""
        copy = self._folder / "outside" / self._public.name
        if not copy.exists():
            # in no repository: some take their version from its tags, and from what was published only without any
            shutil.copytree(self._tree, copy)
        return copy


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--project", metavar="NAME", action="append", help="only this one; may be said several times")
    parser.add_argument("--bugs", type=int, default=10, help="planted in each project; 0 compares the suites only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--into", type=Path, default=Path(".bench/publics"), help="where everything is kept")
    parser.add_argument("--fresh", action="store_true", help="measure again what was measured before")
    asked = parser.parse_args(words)
    chosen = [public for public in publics() if not asked.project or public.name in asked.project]
    if not chosen:
        parser.error(f"there are only {', '.join(public.name for public in publics())}")
    rows = []
    for public in chosen:
        kept = asked.into.resolve() / f"{public.name}-{public.version}" / f"measured-{asked.seed}-{asked.bugs}.json"
        if asked.fresh or not kept.exists():
            row = _measured(public, asked.into.resolve(), seed=asked.seed, bugs=asked.bugs)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(row.model_dump_json(indent=1), encoding="utf-8")
        rows.append(Measured.model_validate_json(kept.read_bytes()))
    (asked.into / "measured.json").write_text(json.dumps([row.model_dump(mode="json") for row in rows]), "utf-8")
    print(table(rows))


def _measured(public: Public, into: Path, *, seed: int, bugs: int) -> Measured:
    try:
        return asyncio.run(Measuring(public, into, seed=seed, bugs=bugs).measure())
    except (subprocess.SubprocessError, OSError) as error:
        return Measured(project=f"{public.name} {public.version}", what=public.what, said=f"not had: {error}")


def _say(public: Public, what: str) -> None:
    print(f"{public.name}: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
